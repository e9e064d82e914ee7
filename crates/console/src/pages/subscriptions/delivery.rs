//! One delivery: each attempt with its answer and why it was classified so, and how the delivery ended.

use std::time::Duration;

use askama::Template;
use axum::extract::{Path, State};
use management::{
    Right,
    journal::{DeadLetterQuery, DeliveryRow, Page},
    waiting::Continuation,
};
use model::{
    KanaalName, Partition, Position, Timestamp,
    outcome::{Attempt, AttemptResult, DeliveryKey, Outcome},
    run::RunId,
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use web::Problem;

use super::id_of;
use crate::{
    Console, View,
    page::{PageResult, page},
    text::delivery::badge,
};

/// The placeholders of the path: subscription, kanaal, partition, position.
pub type Parts = (String, String, u32, u64);

#[derive(Template)]
#[template(path = "delivery.html")]
struct Delivery<'a> {
    view: &'a View,
    row: &'a DeliveryRow,
    path: String,
    subscription: String,
    outcome: &'static str,
    rule: &'static str,
    badge: &'static str,
    attempts: Vec<AttemptRow>,
    lacks_attempts: bool,
    may_redeliver: bool,
    dead_letter: Option<String>,
    next_attempt: Option<Timestamp>,
    waiting_for: Option<&'static str>,
}

/// An attempt in words.
struct AttemptRow {
    number: u32,
    at: Timestamp,
    duration: String,
    result: String,
    why: &'static str,
    /// What the answer asked for with `Retry-After`.
    asked: Option<String>,
    technical: Option<String>,
    excerpt: String,
    /// The transaction id that an FSC Outway got.
    fsc: Option<String>,
}

/// The page.
pub async fn handler(State(console): State<Console>, Path(parts): Path<Parts>, view: View) -> PageResult {
    let key = key_of(&parts, &view)?;
    let management = &console.management;
    let own = management.find_subscription(&view.actor, key.subscription)?;
    let (row, continuation) = management.read_delivery(&view.actor, &key).await?;
    let next = match continuation {
        Continuation::Attempt(next) => Some(next),
        Continuation::None | Continuation::OtherNode => None,
    };
    let text = &view.text.delivery;
    let (outcome, rule) = row.outcome.map_or((text.busy, text.busy_why), |outcome| (text.of)(outcome));
    let dead_letter = if row.outcome.is_some_and(Outcome::is_dead_letter) && view.may(Right::SeeEvents) {
        let record = Some((key.partition, key.position));
        let query = DeadLetterQuery {
            subscription: Some(key.subscription),
            kanaal: Some(key.kanaal.clone()),
            record,
            ..DeadLetterQuery::default()
        };
        let (letters, _) = management.list_dead_letters(&view.actor, query, Page { offset: 0, limit: 1 }).await?;
        let link = |at: &management::journal::DeadLetter| format!("/beheer/dead-letters?nummer={}", at.id);
        letters.first().map(link)
    } else {
        None
    };
    page(&Delivery {
        path: path_of(&key),
        subscription: super::path_of(key.subscription),
        outcome,
        rule,
        badge: badge(row.outcome),
        attempts: row.attempts.iter().map(|(number, attempt)| attempt_row(&view, *number, attempt)).collect(),
        lacks_attempts: row.attempts.len() < row.attempts_made as usize,
        may_redeliver: view.actor.may_manage(&own.owner) && view.may(Right::Resend),
        dead_letter,
        next_attempt: next.and_then(|next| next.at),
        waiting_for: next.map(|next| (text.waiting)(next.waiting_for)),
        row: &row,
        view: &view,
    })
}

fn attempt_row(view: &View, number: u32, attempt: &Attempt) -> AttemptRow {
    let text = &view.text.delivery;
    let (result, why, technical) = match &attempt.result {
        AttemptResult::Code(code) => ((text.answered)(*code), (text.why)(*code), None),
        AttemptResult::Failure(reason) => (text.no_answer.to_owned(), (text.failure)(reason), Some(reason.clone())),
    };
    AttemptRow {
        number,
        at: attempt.at,
        duration: duration(view, attempt),
        result,
        why,
        asked: attempt.retry_after_seconds.map(|seconds| asked(view, attempt, seconds)),
        technical,
        excerpt: attempt.excerpt.to_string(),
        fsc: attempt.fsc_transaction.map(|id| id.to_string()),
    }
}

/// What `Retry-After` asked for, and until when.
fn asked(view: &View, attempt: &Attempt, seconds: u32) -> String {
    let answered = attempt.at + Duration::from_micros(attempt.duration_micros);
    let until = view.moment(answered + Duration::from_secs(seconds.into())).text;
    (view.text.delivery.asked_to_wait)(u64::from(seconds), &view.number(seconds), &until)
}

/// The duration of an attempt in words.
pub(super) fn duration(view: &View, attempt: &Attempt) -> String {
    let milliseconds = view.number(attempt.duration_micros.div_ceil(1_000));
    (view.text.delivery.milliseconds)(&milliseconds)
}

/// The delivery that a path and the parameter `run` name.
///
/// # Errors
/// 404 when they name none.
pub(super) fn key_of((subscription, kanaal, partition, position): &Parts, view: &View) -> Result<DeliveryKey, Problem> {
    let unknown = || Problem::not_found("There is no such delivery.");
    let run = match view.parameter("run") {
        Some(run) => Some(RunId(run.parse().map_err(|_| unknown())?)),
        None => None,
    };
    Ok(DeliveryKey {
        subscription: id_of(subscription)?,
        kanaal: KanaalName::new(kanaal).ok_or_else(unknown)?,
        partition: Partition(*partition),
        position: Position(*position),
        run,
    })
}

/// The path of the page of a delivery.
pub fn path_of(key: &DeliveryKey) -> String {
    let kanaal = utf8_percent_encode(key.kanaal.as_str(), NON_ALPHANUMERIC);
    let run = key.run.map(|run| format!("?run={run}")).unwrap_or_default();
    format!("/beheer/bezorgingen/{}/{kanaal}/{}/{}{run}", key.subscription, key.partition.0, key.position.0)
}
