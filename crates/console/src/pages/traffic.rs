//! Figures of what passed the gateway, as the pages show them: bars on the overview, a line of failures beside a subscription.
//! Not a page of its own.

use management::statistics::{Counts, Figures, Request, Step, Subject};
use model::{SubscriptionId, Timestamp};
use web::Problem;

use crate::{
    Console, View,
    chart::{Bars, Sparkline, bars::Period},
};

/// Minutes that one pair of bars of the last hour covers.
const MINUTES: usize = 5;

/// A chart with what is written around it.
pub struct Chart {
    /// The id of its heading.
    pub id: &'static str,
    /// The id of its table.
    pub table_id: &'static str,
    /// Its title.
    pub title: &'static str,
    /// The name of the filled bars.
    pub first: &'static str,
    /// The name of the outlined bars.
    pub second: &'static str,
    /// What it shows, in words.
    pub summary: String,
    /// The bars.
    pub bars: Bars,
}

/// The traffic of the last hour and the last 24 hours.
pub struct Traffic {
    /// The charts.
    pub charts: [Chart; 2],
    /// From when on figures are complete, when that is within the time that is shown.
    pub since: Option<Timestamp>,
}

/// Accepted events and deliveries; for who sees only some subscriptions their deliveries and failures.
pub fn traffic(console: &Console, view: &View) -> Result<Traffic, Problem> {
    let read = |step| {
        let request = Request { subject: Subject::Everything, step, from: None };
        console.management.read_statistics(&view.actor, &request)
    };
    let (hour, day) = (read(Step::Minute)?, read(Step::Hour)?);
    let text = &view.text.charts;
    let since = console.management.incomplete_before();
    let hour = chart(view, ("uur", "uur-tabel", text.hour), grouped(&hour));
    let day = chart(view, ("dag", "dag-tabel", text.day), day.steps);
    Ok(Traffic { charts: [hour, day], since })
}

/// The minutes of an hour, some together.
fn grouped(figures: &Figures) -> Vec<(Timestamp, Counts)> {
    let sum = |minutes: &[(Timestamp, Counts)]| {
        let mut sum = Counts::default();
        for (_, counts) in minutes {
            sum.add(counts);
        }
        minutes.first().map(|(start, _)| (*start, sum))
    };
    figures.steps.chunks(MINUTES).filter_map(sum).collect()
}

fn chart(
    view: &View,
    (id, table_id, title): (&'static str, &'static str, &'static str),
    steps: Vec<(Timestamp, Counts)>,
) -> Chart {
    let text = &view.text.charts;
    let sees_all = view.actor.sees_all();
    let (first, second) = if sees_all { (text.accepted, text.delivered) } else { (text.delivered, text.failed) };
    let period = |(from, counts): (Timestamp, Counts)| {
        let numbers = if sees_all { (counts.accepted, counts.delivered) } else { (counts.delivered, counts.failed) };
        Period { from, first: numbers.0.into(), second: numbers.1.into() }
    };
    let bars = Bars::new(steps.into_iter().map(period).collect());
    let number = |number: u64| view.number(number);
    let summary = (text.summary)([&number(bars.first), first], [&number(bars.second), second], &number(bars.highest));
    Chart { id, table_id, title, first, second, summary, bars }
}

/// The failures of a subscription in the last 24 hours.
pub struct Failures {
    /// How many deliveries failed, of how many that ended in success or failure.
    pub text: String,
    /// The line, and what it shows in words; `None` without failures.
    pub line: Option<(Sparkline, String)>,
}

/// The failures of a subscription that the person may see.
pub fn failures(console: &Console, view: &View, subscription: SubscriptionId) -> Result<Failures, Problem> {
    let request = Request { subject: Subject::Subscription(subscription), step: Step::Hour, from: None };
    let figures = console.management.read_statistics(&view.actor, &request)?;
    let failed: Vec<u64> = figures.steps.iter().map(|(_, counts)| counts.failed.into()).collect();
    let delivered: u64 = figures.steps.iter().map(|(_, counts)| u64::from(counts.delivered)).sum();
    let sum: u64 = failed.iter().sum();
    let text = &view.text.charts;
    let percent = (sum * 100).checked_div(sum + delivered).map(|percent| view.number(percent));
    let most = view.number(failed.iter().copied().max().unwrap_or_default());
    Ok(Failures {
        text: (text.failed_of)(&view.number(sum), &view.number(sum + delivered), percent.as_deref()),
        line: Sparkline::new(&failed).map(|line| (line, (text.most_in_an_hour)(&most))),
    })
}
