//! `GET` and `PUT /v1/people/kanalen/{naam}/sending`: pauses what a kanaal sends to people, resumes it, or tries it on a test list
//! (CH-132). The addresses are in the body only, and in no answer.

use axum::{
    Json,
    extract::{Path, State},
};
use model::mailing::{MAX_TRIAL_ADDRESSES, SendingChange, SendingState};
use people::administration::{Administration, KanaalSending};
use serde::Serialize;
use utoipa::ToSchema;
use web::{body::Payload, problem::Problem};

use super::{administration, moment};
use crate::{
    Api,
    members::{self, Faults, Members},
};

/// The states by their words.
const STATES: [(&str, SendingState); 3] =
    [("open", SendingState::Open), ("paused", SendingState::Paused), ("trial", SendingState::Trial)];

/// The body.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; it is read member by member")]
pub struct SendingSet {
    /// `open`, `paused` or `trial`.
    #[schema(pattern = "^(open|paused|trial)$")]
    state: String,
    /// The e-mail addresses and mobile numbers of a trial, 1 to 100; only with `trial`.
    addresses: Option<Vec<String>>,
}

/// How a kanaal sends messages about its events to people.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Sending)]
pub struct SendingView {
    /// The kanaal.
    pub kanaal: String,
    /// `open`: to everybody. `paused`: to nobody, and everything waits. `trial`: events from now on go to the test list only, and
    /// those of before wait.
    #[schema(pattern = "^(open|paused|trial)$")]
    pub state: &'static str,
    /// Since when; null when it was never changed.
    #[schema(format = "date-time")]
    pub since: Option<String>,
    /// The number of addresses on the test list of a trial.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub addresses: Option<usize>,
}

impl SendingView {
    fn new(own: KanaalSending) -> Self {
        Self {
            kanaal: own.kanaal.to_string(),
            state: own.state.label(),
            since: own.since.map(moment),
            addresses: own.addresses,
        }
    }
}

/// Shows how a kanaal sends to people.
#[utoipa::path(
    get, path = "/v1/people/kanalen/{naam}/sending", tag = "people", operation_id = "readSending",
    params(("naam" = String, Path, description = "The kanaal")),
    responses((status = 200, description = "How it sends", body = SendingView), (status = 404, description = "No such kanaal")),
)]
pub async fn read(State(api): State<Api>, Path(naam): Path<String>) -> Result<Json<SendingView>, Problem> {
    let kanaal = api.management.find_kanaal(&naam)?.naam.clone();
    Ok(Json(SendingView::new(administration(&api)?.sending(&kanaal).await?)))
}

/// Pauses what a kanaal sends to people, resumes it, or tries it on a test list.
///
/// Nothing is lost by it: what waits is sent when it is `open` again. An event that is published during a trial goes to the test list
/// only, also later; everybody else is counted as skipped. Codes, links and acknowledgements that people asked for are still sent.
#[utoipa::path(
    put, path = "/v1/people/kanalen/{naam}/sending", tag = "people", operation_id = "setSending",
    params(("naam" = String, Path, description = "The kanaal")),
    request_body = SendingSet,
    responses(
        (status = 200, description = "It is so, and durable", body = SendingView),
        (status = 400, description = "A member breaks a rule"),
        (status = 404, description = "No such kanaal"),
    ),
)]
pub async fn set(
    State(api): State<Api>,
    Path(naam): Path<String>,
    Payload(body): Payload,
) -> Result<Json<SendingView>, Problem> {
    let kanaal = api.management.find_kanaal(&naam)?.naam.clone();
    let administration = administration(&api)?;
    let change = change(administration, &body)?;
    Ok(Json(SendingView::new(administration.change_sending(&kanaal, change).await?)))
}

fn change(administration: &Administration, body: &[u8]) -> Result<SendingChange, Problem> {
    let object = members::object(body, false)?;
    let faults = Faults::default();
    let top = Members::new(&object, &faults);
    top.only(&["state", "addresses"]);
    let state = top.required("state").and_then(|_| top.word("state", &STATES));
    let addresses = top.texts("addresses", MAX_TRIAL_ADDRESSES);
    let change = match state {
        Some(SendingState::Trial) => match administration.trial_list(addresses) {
            Ok(list) => SendingChange::Trial(list),
            Err(fault) => {
                top.fault("addresses", fault.to_string());
                SendingChange::Pause
            }
        },
        other => {
            if top.value("addresses").is_some() {
                top.fault("addresses", "is for a trial only");
            }
            if other == Some(SendingState::Open) { SendingChange::Open } else { SendingChange::Pause }
        }
    };
    faults.check(change)
}
