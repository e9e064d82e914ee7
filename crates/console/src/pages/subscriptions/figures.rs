//! The figures of a subscription: four periods beside each other, and one of them by type and by status.

use management::statistics::{Period, PeriodFigures};
use model::{SubscriptionId, Timestamp};

use crate::{Console, View, text::Texts};

/// The parameter with the period whose types and statuses are shown.
const PARAMETER: &str = "periode";

/// The figures as the page shows them.
pub struct Figures {
    /// The periods, shortest first.
    pub periods: Vec<PeriodRow>,
    /// Links to the periods.
    pub links: Vec<PeriodLink>,
    /// The types of the chosen period.
    pub types: Vec<TypeRow>,
    /// The statuses of the chosen period: their text, and the number of requests.
    pub statuses: Vec<(String, u64)>,
    /// The heading of the types.
    pub by_type: String,
    /// The heading of the statuses.
    pub by_status: String,
    /// Whether types of the last minutes are missing.
    pub lacks_types: bool,
}

/// A period in the table.
pub struct PeriodRow {
    /// Its name.
    pub name: &'static str,
    /// Deliveries that the sink accepted.
    pub delivered: u64,
    /// Deliveries that ended as a dead letter.
    pub failed: u64,
    /// The failed ones in percents of all; `None` without any.
    pub share: Option<u64>,
    /// Requests by class of status.
    pub requests: [u64; 5],
    /// From when on it is complete, when that is later than its start.
    pub since: Option<Timestamp>,
}

/// A link to the types and statuses of a period.
pub struct PeriodLink {
    /// Its name.
    pub name: &'static str,
    /// The query of the page.
    pub query: String,
    /// Whether the page shows it.
    pub is_current: bool,
}

/// A type in the table.
pub struct TypeRow {
    /// The type; empty for those without a name.
    pub kind: String,
    /// Deliveries that the sink accepted.
    pub delivered: u64,
    /// Deliveries that ended as a dead letter.
    pub failed: u64,
    /// The failed ones in percents of all.
    pub share: Option<u64>,
}

/// The figures; `None` for who may not see them, and while the journal cannot be read.
pub async fn figures(console: &Console, view: &View, subscription: SubscriptionId) -> Option<Figures> {
    let found = console.management.read_subscription_figures(&view.actor, subscription).await.ok()?;
    let asked = view.parameter(PARAMETER);
    let chosen = Period::ALL.into_iter().find(|period| asked.as_deref() == Some(word(*period))).unwrap_or(Period::Day);
    let text = view.text;
    let detail = found.iter().find(|own| own.period == chosen)?;
    let types = detail.types.iter().map(|count| TypeRow {
        kind: count.kind.clone(),
        delivered: count.delivered,
        failed: count.failed,
        share: share(count.delivered, count.failed),
    });
    let status = |(status, number): &(u16, u64)| match status {
        0 => (text.charts.no_answer.to_owned(), *number),
        status => (status.to_string(), *number),
    };
    let link = |period: Period| PeriodLink {
        name: name(period, text),
        query: format!("{PARAMETER}={}", word(period)),
        is_current: period == chosen,
    };
    let shown = name(chosen, text).to_lowercase();
    Some(Figures {
        types: types.collect(),
        statuses: detail.statuses.iter().map(status).collect(),
        by_type: (text.charts.by_type)(&shown),
        by_status: (text.charts.by_status)(&shown),
        lacks_types: detail.lacks_types,
        links: Period::ALL.map(link).into(),
        periods: found.iter().map(|own| row(own, text)).collect(),
    })
}

fn row(own: &PeriodFigures, text: &Texts) -> PeriodRow {
    PeriodRow {
        name: name(own.period, text),
        delivered: own.delivered,
        failed: own.failed,
        share: share(own.delivered, own.failed),
        requests: own.requests,
        since: own.since,
    }
}

fn share(delivered: u64, failed: u64) -> Option<u64> {
    (failed * 100).checked_div(delivered + failed)
}

/// The period in an address.
const fn word(period: Period) -> &'static str {
    match period {
        Period::Hour => "uur",
        Period::Day => "dag",
        Period::Week => "week",
        Period::Month => "maand",
    }
}

const fn name(period: Period, text: &Texts) -> &'static str {
    match period {
        Period::Hour => text.common.last_hour,
        Period::Day => text.common.last_day,
        Period::Week => text.common.last_week,
        Period::Month => text.common.last_month,
    }
}
