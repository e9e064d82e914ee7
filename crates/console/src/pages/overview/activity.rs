//! What happened lately: dead letters since yesterday, runs under way, findings of the configuration check, and the newest lines of
//! the audit trail. Each is for who may see the page that it links to; all of them read a bounded number of rows.

use std::time::Duration;

use management::{Error, Right, audit::Line, configuration::Verdict, journal::Page, runs::RunFilter};
use model::Timestamp;
use tokio::time::{Instant, timeout_at};

use crate::{
    Console, View,
    pages::runs::{self, Row},
    presets,
};

/// Most runs in the list.
const RUNS: u32 = 5;

/// Most lines of the audit trail.
const LINES: usize = 10;

/// How long reading all of it may take.
const MAX_WAIT: Duration = Duration::from_secs(3);

/// A part of the page.
pub enum Part<T> {
    /// The person may not see it.
    Hidden,
    /// It cannot be read now.
    Unknown,
    /// What it shows.
    Known(T),
}

/// What happened lately.
pub struct Activity {
    /// Dead letters since yesterday.
    pub dead_letters: Part<DeadLetters>,
    /// The newest runs that go on.
    pub runs: Part<Runs>,
    /// The findings of the configuration check.
    pub findings: Part<Findings>,
    /// The newest lines of the audit trail.
    pub lines: Part<Vec<Line>>,
}

/// Dead letters since yesterday.
pub struct DeadLetters {
    /// How many there are at least.
    pub count: u64,
    /// Whether there are not more.
    pub is_all: bool,
    /// The page that lists them.
    pub path: String,
}

/// Runs that go on.
pub struct Runs {
    /// The newest ones, each with how far it is.
    pub rows: Vec<(Row, String)>,
    /// Whether there are more.
    pub has_more: bool,
}

/// The findings of the last check of the configuration.
pub struct Findings {
    /// When it was checked.
    pub at: Timestamp,
    /// What does not work.
    pub wrong: usize,
    /// What does not work for long, or not well.
    pub warnings: usize,
}

/// Reads it.
pub async fn read(console: &Console, view: &View) -> Activity {
    let (management, actor) = (&console.management, &view.actor);
    let end = Instant::now() + MAX_WAIT;
    let yesterday = presets::yesterday(view);
    let from = view.read_moment(&yesterday).unwrap_or(view.now);
    let counted = part(view, Right::SeeEvents, end, management.count_recent_dead_letters(actor, from)).await;
    let filter = RunFilter { subscription: None, running: Some(true) };
    let page = Page { offset: 0, limit: RUNS + 1 };
    let active = part(view, Right::SeeSubscriptions, end, management.list_runs(actor, filter, page)).await;
    let lines = part(view, Right::SeeAudit, end, management.newest_audit(actor, LINES)).await;
    Activity {
        dead_letters: counted.map(|(count, is_all)| DeadLetters {
            count,
            is_all,
            path: format!("/beheer/dead-letters?van={yesterday}"),
        }),
        runs: active.map(|mut found| {
            let has_more = found.len() > RUNS as usize;
            found.truncate(RUNS as usize);
            let row = |run| {
                let row = runs::row(console, view, run);
                let [done, total, percent] = [row.done, row.total, row.percent()].map(|number| view.number(number));
                let progress = (view.text.overview.progress)(&done, &total, &percent);
                (row, progress)
            };
            Runs { rows: found.into_iter().map(row).collect(), has_more }
        }),
        findings: findings(console, view),
        lines,
    }
}

fn findings(console: &Console, view: &View) -> Part<Findings> {
    if !view.may(Right::SeeConfiguration) {
        return Part::Hidden;
    }
    let Some(report) = console.management.recent_configuration_report() else { return Part::Unknown };
    let number = |verdict| report.checks.iter().filter(|check| check.verdict == verdict).count();
    Part::Known(Findings { at: report.at, wrong: number(Verdict::Wrong), warnings: number(Verdict::Warning) })
}

/// A part that is read until `end` by who has the right.
async fn part<T>(view: &View, right: Right, end: Instant, read: impl Future<Output = Result<T, Error>>) -> Part<T> {
    if !view.may(right) {
        return Part::Hidden;
    }
    match timeout_at(end, read).await {
        Ok(Ok(found)) => Part::Known(found),
        Ok(Err(_)) | Err(_) => Part::Unknown,
    }
}

impl<T> Part<T> {
    fn map<U>(self, change: impl FnOnce(T) -> U) -> Part<U> {
        match self {
            Self::Hidden => Part::Hidden,
            Self::Unknown => Part::Unknown,
            Self::Known(found) => Part::Known(change(found)),
        }
    }
}
