//! The deliveries of a subscription, newest first, with filters by outcome, event, run and period.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use http::StatusCode;
use management::{
    Right,
    journal::{DeliveryQuery, DeliveryRow, Page},
};
use model::{
    Subscription, Timestamp,
    outcome::{AttemptResult, Outcome},
    run::RunId,
};
use web::{
    Problem,
    csv::{self, Form},
};

use super::{delivery, id_of, path_of};
use crate::{
    Console, View,
    choice::Choice,
    curl,
    list_file::{self, Files},
    page::{PageResult, page_with},
    pages::events,
    paging::{self, Paging},
    sink_text::sink_text,
    text::delivery::badge,
};

#[derive(Template)]
#[template(path = "deliveries.html")]
struct Deliveries<'a> {
    view: &'a View,
    path: String,
    receiver: String,
    outcomes: Vec<Choice>,
    event: String,
    run: String,
    from: String,
    until: String,
    is_filtered: bool,
    faults: Vec<(&'static str, String)>,
    rows: Vec<Row>,
    paging: Paging,
    /// Whether rows can be chosen to be delivered again.
    may_resend: bool,
    curl: String,
    files: Files,
}

/// A delivery in a table.
pub(super) struct Row {
    pub path: String,
    /// The value of its check box; `None` while the delivery goes on.
    pub place: Option<String>,
    pub event: String,
    pub kanaal: String,
    pub outcome: &'static str,
    pub badge: &'static str,
    pub attempts: u32,
    pub answer: String,
    pub duration: String,
    pub at: Timestamp,
}

impl Row {
    pub(super) fn new(row: &DeliveryRow, view: &View) -> Self {
        let text = &view.text.delivery;
        let last = row.attempts.last().map(|(_, attempt)| attempt);
        let answer = last.map_or(view.text.common.none.to_owned(), |attempt| match &attempt.result {
            AttemptResult::Code(code) => code.to_string(),
            AttemptResult::Failure(_) => text.no_answer.to_owned(),
        });
        let duration = last.map(|attempt| delivery::duration(view, attempt));
        Self {
            path: delivery::path_of(&row.delivery),
            place: row.outcome.map(|_| {
                let key = &row.delivery;
                events::place_text(&(key.kanaal.clone(), key.partition, key.position))
            }),
            event: row.event_id.clone().unwrap_or_else(|| text.unknown_event.to_owned()),
            kanaal: row.delivery.kanaal.to_string(),
            outcome: row.outcome.map_or(text.busy, |outcome| (text.of)(outcome).0),
            badge: badge(row.outcome),
            attempts: row.attempts_made,
            answer,
            duration: duration.unwrap_or_else(|| view.text.common.none.to_owned()),
            at: row.at,
        }
    }
}

/// The page.
pub async fn handler(State(console): State<Console>, Path(id): Path<String>, view: View) -> PageResult {
    let management = &console.management;
    let own: Arc<Subscription> = management.find_subscription(&view.actor, id_of(&id)?)?;
    let text = &view.text.delivery;
    let asked = |name: &str| view.parameter(name).unwrap_or_default();
    let (outcome, event, run) = (asked("uitkomst"), asked("event"), asked("run"));
    let (from, until) = (asked("van"), asked("tot"));
    let mut faults = Vec::new();
    let mut moment = |name: &'static str, typed: &str| {
        let at = view.read_moment(typed);
        if at.is_none() && !typed.is_empty() {
            faults.push((name, text.moment_wrong.to_owned()));
        }
        at
    };
    let (since, before) = (moment("van", &from), moment("tot", &until));
    let run_id = run.trim().parse().ok().map(RunId);
    if run_id.is_none() && !run.is_empty() {
        faults.push(("run", text.run_wrong.to_owned()));
    }
    let query = DeliveryQuery {
        subscription: Some(own.id),
        event_id: Some(event.clone()).filter(|event| !event.is_empty()),
        outcome: Outcome::from_label(&outcome),
        run: run_id,
        from: since,
        until: before,
    };
    if let Some(form) = list_file::form(&view)? {
        if !faults.is_empty() {
            return Err(Problem::invalid(vec![]));
        }
        return file(console.clone(), view, form, query).await;
    }
    let mut found = Vec::new();
    if faults.is_empty() {
        found = management.list_deliveries(&view.actor, own.id, query, paging::page(&view)).await?;
    }
    let paging = Paging::of(&view, &mut found);
    let is_filtered = [&outcome, &event, &run, &from, &until].into_iter().any(|text| !text.is_empty());
    let rfc3339 = |at: Option<Timestamp>| at.map(Timestamp::to_rfc3339).unwrap_or_default();
    let (since, before) = (rfc3339(since), rfc3339(before));
    let parameters = [
        ("event", event.as_str()),
        ("outcome", outcome.as_str()),
        ("run", run.as_str()),
        ("from", since.as_str()),
        ("until", before.as_str()),
    ];
    let curl = curl::command(&view, &format!("/v1/subscriptions/{}/deliveries", own.id), &parameters);
    let choices = Outcome::ALL.map(|outcome| (outcome.label(), (text.of)(outcome).0));
    let any = ("", view.text.subscriptions.any);
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page_with(
        status,
        &Deliveries {
            view: &view,
            path: path_of(own.id),
            receiver: own.name.clone().unwrap_or_else(|| sink_text(&own.sink)),
            outcomes: Choice::list([any].into_iter().chain(choices), &outcome),
            may_resend: view.may(Right::Resend) && view.actor.may_manage(&own.owner),
            curl,
            files: Files::of(&view),
            is_filtered,
            event,
            run,
            from,
            until,
            faults,
            rows: found.iter().map(|(row, _)| Row::new(row, &view)).collect(),
            paging,
        },
    )
}

/// The columns of the file; headings are those of the native API.
const COLUMNS: [&str; 10] =
    ["subscription", "kanaal", "partition", "position", "run", "event", "outcome", "attempts", "status", "at"];

/// The list as a file. Deliveries that end meanwhile do not move the others.
async fn file(console: Console, view: View, form: Form, query: DeliveryQuery) -> PageResult {
    let Some(id) = query.subscription else { return Err(Problem::internal()) };
    let query = DeliveryQuery { until: query.until.or(Some(view.now)), ..query };
    let fetch = move |offset: u64, limit: u32| {
        let (console, view, query) = (console.clone(), view.clone(), query.clone());
        async move {
            let page = Page { offset, limit };
            let found = console.management.list_deliveries(&view.actor, id, query, page).await?;
            Ok(found.iter().map(|(row, _)| cells(row)).collect())
        }
    };
    csv::answer_as(form, "bezorgingen", &COLUMNS, fetch).await
}

fn cells(row: &DeliveryRow) -> csv::Row {
    let key = &row.delivery;
    let status = row.attempts.last().and_then(|(_, attempt)| match &attempt.result {
        AttemptResult::Code(code) => Some(code.to_string()),
        AttemptResult::Failure(_) => None,
    });
    vec![
        key.subscription.to_string(),
        key.kanaal.to_string(),
        key.partition.0.to_string(),
        key.position.0.to_string(),
        key.run.map(|run| run.to_string()).unwrap_or_default(),
        row.event_id.clone().unwrap_or_default(),
        row.outcome.map(|outcome| outcome.label().to_owned()).unwrap_or_default(),
        row.attempts_made.to_string(),
        status.unwrap_or_default(),
        row.at.to_rfc3339(),
    ]
}
