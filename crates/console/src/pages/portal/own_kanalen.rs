//! The kanalen of a publisher: volumes of the last 24 hours and by day, requests for approval, findings by rule with example events,
//! and types that are not in the catalogue. The page about one kanaal is in the console too.

use askama::Template;
use axum::extract::{Path, State};
use management::{
    Error, Resource,
    kanalen::{ApprovalFilter, KanaalStatistics, RuleFindings, UndeclaredType},
    statistics::{Counts, Figures, Request, Step, Subject},
};
use model::{Kanaal, Timestamp};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use web::{Problem, language::Language};

use crate::{
    Console, View, days, moment,
    page::{PageResult, page},
    pages::{events, kanalen},
    paging::{self, Paging},
};

/// The path of the list.
pub const PATH: &str = "/portaal/mijn-kanalen";

/// The path of one kanaal in the portal.
pub const ONE: &str = "/portaal/mijn-kanalen/{naam}";

/// The days whose volumes are shown.
const DAYS: i64 = 7;

/// The height of the tallest bar of the chart.
const HEIGHT: u64 = 100;

#[derive(Template)]
#[template(path = "portal_own_kanalen.html")]
struct List<'a> {
    view: &'a View,
    rows: Vec<Row>,
    paging: Paging,
}

/// A kanaal in the list.
struct Row {
    path: String,
    naam: String,
    accepted: u64,
    delivered: u64,
    failed: u64,
    subscriptions: usize,
    awaiting: usize,
}

/// The kanalen of the person.
pub async fn list(State(console): State<Console>, view: View) -> PageResult {
    let management = &console.management;
    let mut own = management.list_kanalen();
    own.retain(|kanaal| kanaal.owner.as_deref().is_some_and(|owner| view.actor.may_manage(owner)));
    let mut part = paging::part(&view, own);
    let paging = Paging::of(&view, &mut part);
    let mut rows = Vec::with_capacity(part.len());
    for kanaal in part {
        let naam = kanaal.naam.as_str();
        let (accepted, delivered, failed) = sums(&figures(&console, &view, &kanaal)?);
        let of = |filter| management.list_subscriptions_of_kanaal(&view.actor, naam, filter).map(|(_, own)| own.len());
        rows.push(Row {
            path: path_of(&view, naam),
            naam: naam.to_owned(),
            accepted,
            delivered,
            failed,
            subscriptions: of(None)?,
            awaiting: of(Some(ApprovalFilter::Awaiting))?,
        });
    }
    page(&List { view: &view, rows, paging })
}

#[derive(Template)]
#[template(path = "portal_own_kanaal.html")]
struct Detail<'a> {
    view: &'a View,
    naam: String,
    path: String,
    sums: (u64, u64, u64),
    since: Timestamp,
    /// The same, when it is within the 24 hours.
    counted_since: Option<Timestamp>,
    bars: Vec<Bar>,
    awaiting: usize,
    /// The days with the number of events, oldest first; `None` while the log does not answer.
    days: Option<Vec<DayRow>>,
    checked: usize,
    rules: Vec<RuleRow>,
    undeclared: Vec<TypeRow>,
    /// How many types are not in the catalogue.
    undeclared_types: usize,
}

/// The volume of a day.
struct DayRow {
    at: Timestamp,
    day: String,
    accepted: u64,
}

/// A type that is not in the catalogue.
struct TypeRow {
    kind: String,
    events: usize,
    newest: Timestamp,
    /// The path of the newest event, and its id.
    example: (String, String),
}

/// The figures of an hour.
struct Bar {
    /// The place of the bar in the chart, from the left.
    x: usize,
    y: u64,
    height: u64,
    at: Timestamp,
    accepted: u64,
    delivered: u64,
    failed: u64,
}

/// A rule that events do not follow.
struct RuleRow {
    rule: &'static str,
    text: String,
    events: usize,
    /// The path and the id of each example.
    examples: Vec<(String, String)>,
}

/// A kanaal of the person. A kanaal of others is not there.
pub async fn detail(State(console): State<Console>, Path(naam): Path<String>, view: View) -> PageResult {
    let management = &console.management;
    let kanaal = management.find_own_kanaal(&view.actor, &naam).map_err(not_there)?;
    let awaiting = Some(ApprovalFilter::Awaiting);
    let awaiting = management.list_subscriptions_of_kanaal(&view.actor, &naam, awaiting)?.1.len();
    let figures = figures(&console, &view, &kanaal)?;
    let starts = days::last(&view, DAYS);
    let KanaalStatistics { volumes, findings: found } =
        management.kanaal_statistics(&view.actor, &naam, &starts).await?;
    page(&Detail {
        path: kanalen::path_of(&naam),
        naam,
        sums: sums(&figures),
        since: figures.since,
        counted_since: management.incomplete_before(),
        bars: bars(&figures),
        awaiting,
        days: volumes.map(|volumes| starts.iter().zip(volumes).map(|day| day_row(&view, day)).collect()),
        checked: found.checked,
        rules: found.rules.into_iter().map(|rule| rule_row(&view, rule)).collect(),
        undeclared: found.undeclared.into_iter().map(type_row).collect(),
        undeclared_types: found.undeclared_types,
        view: &view,
    })
}

fn not_there(error: Error) -> Problem {
    match error {
        Error::Forbidden(_) => Error::NotFound(Resource::Kanaal).into(),
        other => other.into(),
    }
}

/// The path of the page about one kanaal, which is in both areas.
pub fn path_of(view: &View, naam: &str) -> String {
    if view.is_portal() {
        return format!("{PATH}/{}", utf8_percent_encode(naam, NON_ALPHANUMERIC));
    }
    format!("{}/cijfers", kanalen::path_of(naam))
}

fn figures(console: &Console, view: &View, kanaal: &Kanaal) -> Result<Figures, Problem> {
    let request = Request { subject: Subject::Kanaal(kanaal.naam.clone()), step: Step::Hour, from: None };
    Ok(console.management.read_statistics(&view.actor, &request)?)
}

/// How many events were accepted, delivered and failed.
fn sums(figures: &Figures) -> (u64, u64, u64) {
    figures.steps.iter().fold((0, 0, 0), |(accepted, delivered, failed), (_, counts)| {
        (
            accepted + u64::from(counts.accepted),
            delivered + u64::from(counts.delivered),
            failed + u64::from(counts.failed),
        )
    })
}

fn bars(figures: &Figures) -> Vec<Bar> {
    let most = figures.steps.iter().map(|(_, counts)| u64::from(counts.accepted)).max().unwrap_or(0).max(1);
    let bar = |(place, (at, counts)): (usize, &(Timestamp, Counts))| {
        let height = (u64::from(counts.accepted) * HEIGHT).div_ceil(most);
        Bar {
            x: place * 12,
            y: HEIGHT - height,
            height,
            at: *at,
            accepted: counts.accepted.into(),
            delivered: counts.delivered.into(),
            failed: counts.failed.into(),
        }
    };
    figures.steps.iter().enumerate().map(bar).collect()
}

fn day_row(view: &View, (at, accepted): (&Timestamp, u64)) -> DayRow {
    DayRow { at: *at, day: moment::day(*at, view.time_zone(), view.language), accepted }
}

fn type_row(found: UndeclaredType) -> TypeRow {
    let UndeclaredType { kind, events, newest, example: (source, id) } = found;
    TypeRow { kind, events, newest, example: (events::path_of(&source, &id), id) }
}

fn rule_row(view: &View, found: RuleFindings) -> RuleRow {
    let text = match view.language {
        Language::Dutch => found.finding.text_nl.to_string(),
        Language::English => found.finding.text_en.to_string(),
    };
    let examples = found.examples.into_iter().map(|(source, id)| (events::path_of(&source, &id), id));
    RuleRow { rule: found.finding.rule, text, events: found.events, examples: examples.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tallest_bar_fills_the_chart_and_no_event_is_invisible() {
        let counts = |accepted| Counts { accepted, ..Counts::default() };
        let steps = [0, 1, 1_000].map(|number| (Timestamp::from_seconds(0), counts(number))).to_vec();
        let figures = Figures { since: Timestamp::from_seconds(0), steps };
        let heights: Vec<_> = bars(&figures).iter().map(|bar| (bar.x, bar.y, bar.height)).collect();
        assert_eq!(heights, [(0, 100, 0), (12, 99, 1), (24, 0, 100)]);
        assert_eq!(sums(&figures), (1_001, 0, 0));
    }
}
