//! `POST /v1/people/mailings/{id}/resends`: sends the event of a mailing again to those who failed (CH-94), or counts them only.

use std::collections::{BTreeMap, BTreeSet};

use axum::{
    Extension, Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::StatusCode;
use model::mailing::{Failure, MailingId};
use people::administration::{ResendCount, ResendRefusal, ResendRequest, Resent};
use serde::Serialize;
use utoipa::ToSchema;
use web::{
    audit::Unrecorded,
    body::Payload,
    problem::{Problem, ProblemType},
};

use super::{administration, mailings::MailingView};
use crate::{
    Api,
    members::{self, Faults, Members},
};

/// The highest number that a count may be said to have.
const MAX_COUNT: u64 = 1_000_000_000;

/// The body.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; it is read member by member")]
#[schema(rename_all = "camelCase")]
pub struct MailingResend {
    /// Whose last outcome is one of `permanent-failure`, `temporary-failure`, `technical-failure`, `in-doubt`; these may get it twice.
    outcomes: Vec<String>,
    /// Whether to count only.
    dry_run: Option<bool>,
    /// How many they were when they were counted: when they are another number now, nothing is sent.
    count: Option<u64>,
}

/// To how many people an event can be sent again.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MailingResendCount {
    /// How many have one of the outcomes that were asked for, and are still subscribed with the same address.
    pub count: u64,
    /// The same by outcome, also by those that were not asked for; without zeros.
    pub outcomes: BTreeMap<String, u64>,
}

/// What a resend does.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MailingResent {
    /// How many people it is for.
    pub count: u64,
    /// The mailing that sends the event again.
    pub mailing: MailingView,
}

/// What was asked.
struct Wanted {
    failures: BTreeSet<Failure>,
    is_dry_run: bool,
    count: Option<u64>,
}

/// Sends the event of a mailing that has ended again to those who failed.
///
/// It becomes a mailing with a number of its own. Who has left meanwhile gets nothing. While it goes on, no other starts.
#[utoipa::path(
    post, path = "/v1/people/mailings/{id}/resends", tag = "people", operation_id = "resendMailing",
    params(("id" = u64, Path, description = "The number of the mailing")),
    request_body = MailingResend,
    responses(
        (status = 200, description = "Counted (dry run)", body = MailingResendCount),
        (status = 202, description = "Started", body = MailingResent),
        (status = 400, description = "A member breaks a rule"),
        (status = 404, description = "No such mailing"),
        (status = 409, description = "It goes on, its event is gone or expired, or nobody or another number failed so"),
    ),
)]
pub async fn handler(
    State(api): State<Api>,
    Path(id): Path<String>,
    Payload(body): Payload,
) -> Result<Response, Problem> {
    let wanted = read(&body)?;
    let id = MailingId(id.parse().map_err(|_| refused(ResendRefusal::Unknown))?);
    let administration = administration(&api)?;
    if wanted.is_dry_run {
        let counted = administration.count_resend(id).await?.map_err(refused)?;
        return Ok((Extension(Unrecorded), Json(shown(&counted, &wanted.failures))).into_response());
    }
    let request = ResendRequest { id, failures: wanted.failures, counted: wanted.count };
    let Resent { mailing, addressees } = administration.resend(request).await?.map_err(refused)?;
    let resent = MailingResent { count: addressees, mailing: MailingView::new(mailing) };
    Ok((StatusCode::ACCEPTED, Json(resent)).into_response())
}

fn shown(counted: &ResendCount, failures: &BTreeSet<Failure>) -> MailingResendCount {
    let outcomes = counted.addressees.iter().map(|(failure, count)| (failure.label().to_owned(), *count));
    MailingResendCount { count: counted.of(failures), outcomes: outcomes.collect() }
}

fn read(body: &[u8]) -> Result<Wanted, Problem> {
    let object = members::object(body, false)?;
    let faults = Faults::default();
    let top = Members::new(&object, &faults);
    top.only(&["outcomes", "dryRun", "count"]);
    let mut failures = BTreeSet::new();
    for text in top.texts("outcomes", Failure::ALL.len()) {
        if let Some(failure) = Failure::ALL.into_iter().find(|failure| failure.label() == text) {
            failures.insert(failure);
        } else {
            let known = Failure::ALL.map(Failure::label).join(", ");
            top.fault("outcomes", format!("must be a list of these: {known}"));
        }
    }
    if top.value("outcomes").is_none_or(|value| value.as_array().is_some_and(Vec::is_empty)) {
        top.fault("outcomes", "is required, with at least one outcome");
    }
    let is_dry_run = top.boolean("dryRun").unwrap_or(false);
    let count = top.integer("count", 1, MAX_COUNT);
    faults.check(Wanted { failures, is_dry_run, count })
}

fn refused(refusal: ResendRefusal) -> Problem {
    let detail = match refusal {
        ResendRefusal::Unknown => return Problem::not_found("There is no such mailing."),
        ResendRefusal::Open => "The mailing goes on, or is being sent again already.",
        ResendRefusal::Expired => "The event of the mailing has expired.",
        ResendRefusal::EventRemoved => "The event of the mailing is not on the log any more.",
        ResendRefusal::NotHere => "Nothing is sent by the channel of the mailing: it is not configured.",
        ResendRefusal::Nobody => "Nobody who is still subscribed failed so.",
        ResendRefusal::Collected => {
            "People got the event in one mail with others, daily or weekly. Such a mail is not sent again."
        }
        ResendRefusal::CountChanged => "The number of people has changed since it was counted.",
    };
    Problem::new(ProblemType::MailingNotResent, detail)
}
