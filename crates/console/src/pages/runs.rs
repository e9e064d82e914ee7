//! The runs: replays and redrives, by whom and how far, and the button that stops one.

use askama::Template;
use axum::extract::{Path, State};
use management::{
    Right,
    journal::Page,
    runs::{RunFilter, RunState},
};
use model::{
    Timestamp,
    run::{RunId, RunKind},
};
use web::{
    Problem,
    csv::{self, Form},
};

use super::subscriptions;
use crate::{
    Console, View,
    choice::Choice,
    curl,
    list_file::{self, Files},
    number,
    page::{PageResult, page, see_other},
    paging::{self, Paging},
    sink_text::sink_text,
};

/// The path of the list.
pub const LIST: &str = "/beheer/runs";

/// The value of `stand` for active runs.
const ACTIVE: &str = "bezig";

/// The value of `stand` for runs that ended.
const ENDED: &str = "klaar";

#[derive(Template)]
#[template(path = "runs.html")]
struct Runs<'a> {
    view: &'a View,
    states: Vec<Choice>,
    /// The id of the subscription whose runs are listed.
    subscription: String,
    is_filtered: bool,
    rows: Vec<Row>,
    paging: Paging,
    curl: String,
    /// The stop of each active run of the page, and its command.
    commands: Vec<(String, String)>,
    files: Files,
}

/// A run in a table.
pub struct Row {
    /// Its id.
    pub id: String,
    /// What it delivers.
    pub kind: &'static str,
    /// Where it delivers.
    pub receiver: String,
    /// The page of its subscription, while there is one.
    pub subscription: Option<String>,
    /// The page of its deliveries, while there is a subscription.
    pub deliveries: Option<String>,
    /// Who asked for it.
    pub asked_by: String,
    /// When it was started.
    pub created: Timestamp,
    /// Whether it goes on.
    pub is_active: bool,
    /// Events that need nothing more.
    pub done: u64,
    /// Events that it reads.
    pub total: u64,
    /// Deliveries that succeeded.
    pub delivered: u64,
    /// Deliveries that failed.
    pub failed: u64,
    /// Events that it did in a second, with one decimal.
    pub speed: Option<String>,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// When it ends if it goes on as fast.
    pub expected_end: Option<Timestamp>,
    /// Where the form that stops it is posted to.
    pub stop: Option<String>,
}

impl Row {
    /// The part that is done, in percents.
    pub fn percent(&self) -> u64 {
        (self.done.min(self.total) * 100).checked_div(self.total).unwrap_or(100)
    }
}

/// The page.
pub async fn handler(State(console): State<Console>, view: View) -> PageResult {
    let state = view.parameter("stand").unwrap_or_default();
    let running = match state.as_str() {
        ACTIVE => Some(true),
        ENDED => Some(false),
        _ => None,
    };
    let subscription = view.parameter("abonnement").map(|text| text.trim().to_owned()).unwrap_or_default();
    let of = match subscription.as_str() {
        "" => None,
        id => Some(subscriptions::id_of(id)?),
    };
    let filter = RunFilter { subscription: of, running };
    if let Some(form) = list_file::form(&view)? {
        return file(console, view, form, filter).await;
    }
    let mut found = console.management.list_runs(&view.actor, filter, paging::page(&view)).await?;
    let paging = Paging::of(&view, &mut found);
    let text = &view.text.runs;
    let states = [("", view.text.subscriptions.any), (ACTIVE, text.active), (ENDED, text.ended)];
    let running = running.map(|running| running.to_string()).unwrap_or_default();
    let rows: Vec<Row> = found.into_iter().map(|run| row(&console, &view, run)).collect();
    let stop = |row: &Row| {
        let path = format!("/v1/runs/{}", row.id);
        ((text.stop_one)(&row.id), curl::action(&view, "DELETE", &path))
    };
    page(&Runs {
        commands: rows.iter().filter(|row| row.stop.is_some()).map(stop).collect(),
        curl: curl::command(
            &view,
            "/v1/runs",
            &[("subscription", subscription.as_str()), ("running", running.as_str())],
        ),
        states: Choice::list(states, &state),
        is_filtered: !state.is_empty() || !subscription.is_empty(),
        files: Files::of(&view),
        rows,
        paging,
        subscription,
        view: &view,
    })
}

/// The columns of the file; headings are those of the native API.
const COLUMNS: [&str; 13] = [
    "id",
    "subscription",
    "kind",
    "created",
    "askedBy",
    "running",
    "total",
    "done",
    "delivered",
    "failed",
    "eventsPerSecond",
    "expectedEnd",
    "ended",
];

/// The list as a file.
async fn file(console: Console, view: View, form: Form, filter: RunFilter) -> PageResult {
    let fetch = move |offset: u64, limit: u32| {
        let (console, view) = (console.clone(), view.clone());
        async move {
            let runs = console.management.list_runs(&view.actor, filter, Page { offset, limit }).await?;
            Ok(runs.into_iter().map(cells).collect())
        }
    };
    csv::answer_as(form, "runs", &COLUMNS, fetch).await
}

fn cells(run: RunState) -> csv::Row {
    let progress = run.row.progress;
    let moment = |at: Option<Timestamp>| at.map(Timestamp::to_rfc3339).unwrap_or_default();
    vec![
        progress.id.to_string(),
        progress.subscription.to_string(),
        match progress.kind {
            RunKind::Replay => "replay".to_owned(),
            RunKind::Records => "records".to_owned(),
        },
        progress.created.to_rfc3339(),
        progress.asked_by,
        run.running.to_string(),
        progress.total.to_string(),
        progress.done.to_string(),
        run.row.delivered.to_string(),
        run.row.failed.to_string(),
        run.tenths_per_second.map(|tenths| (f64::from(tenths) / 10.0).to_string()).unwrap_or_default(),
        moment(run.expected_end),
        moment(progress.ended.filter(|_| !run.running)),
    ]
}

/// Stops a run.
pub async fn stop(State(console): State<Console>, Path(id): Path<String>, view: View) -> PageResult {
    let id = id.parse().map(RunId).map_err(|_| Problem::not_found("There is no such run."))?;
    console.management.stop_run(&view.actor, id).await?;
    Ok(see_other(&view, LIST, "run-gestopt"))
}

/// The row of a run.
pub fn row(console: &Console, view: &View, run: RunState) -> Row {
    let (text, progress) = (&view.text.runs, run.row.progress);
    let own = console.management.find_subscription(&view.actor, progress.subscription).ok();
    let is_own = own.as_ref().is_some_and(|own| view.actor.may_manage(&own.owner));
    let path = own.as_ref().map(|own| subscriptions::path_of(own.id));
    Row {
        kind: match progress.kind {
            RunKind::Replay => text.replay,
            RunKind::Records => text.records,
        },
        receiver: own.map_or_else(|| view.text.dead_letters.deleted.to_owned(), |own| sink_text(&own.sink)),
        deliveries: path.as_ref().map(|path| format!("{path}/bezorgingen?run={}", progress.id)),
        subscription: path,
        asked_by: progress.asked_by,
        created: progress.created,
        is_active: run.running,
        done: progress.done,
        total: progress.total,
        delivered: run.row.delivered,
        failed: run.row.failed,
        speed: run.tenths_per_second.map(|tenths| number::tenths(view.language, tenths.into())),
        ended: progress.ended.filter(|_| !run.running),
        expected_end: run.expected_end,
        stop: (run.running && is_own && view.may(Right::Resend)).then(|| format!("{LIST}/{}/stoppen", progress.id)),
        id: progress.id.to_string(),
    }
}
