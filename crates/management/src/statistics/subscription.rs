//! Figures of one subscription over an hour, a day, a week and 30 days: deliveries by type, requests by status.
//!
//! What ended some minutes ago is counted in the journal by hour ([`storage::Journal::delivery_counts`]); the last minutes come from
//! the figures in memory and from the newest deliveries. All together are approximate: a day begins at the start of an hour, and
//! the last minutes before a restart are missing until they are counted.

use std::{collections::BTreeMap, time::Duration};

use model::{Actor, SubscriptionId, Timestamp};
use storage::journal::{DeliveryCounts, TypeCount};

use super::{CLASSES, Counts, Request, Step, Subject};
use crate::{Error, Management};

/// Most of the newest deliveries whose types are read.
const NEWEST: u32 = 2_000;

/// How long deliveries wait to be counted: what is written later is counted again with its whole hour.
const DELAY: Duration = Duration::from_mins(5);

/// A period that ends now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// An hour.
    Hour,
    /// 24 hours.
    Day,
    /// 7 days.
    Week,
    /// 30 days.
    Month,
}

impl Period {
    /// All of them, shortest first.
    pub const ALL: [Self; 4] = [Self::Hour, Self::Day, Self::Week, Self::Month];

    /// How long it is.
    pub const fn duration(self) -> Duration {
        match self {
            Self::Hour => Duration::from_hours(1),
            Self::Day => Duration::from_hours(24),
            Self::Week => Duration::from_hours(7 * 24),
            Self::Month => Duration::from_hours(30 * 24),
        }
    }
}

/// The figures of one period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeriodFigures {
    /// The period.
    pub period: Period,
    /// Deliveries that the sink accepted.
    pub delivered: u64,
    /// Deliveries that ended as a dead letter.
    pub failed: u64,
    /// Requests by the class of their answer, as in [`Counts::attempts`].
    pub requests: [u64; CLASSES],
    /// Requests by the status of their answer, ascending, 0 for none. Those of the last minutes are not in it.
    pub statuses: Vec<(u16, u64)>,
    /// Deliveries by type, most first.
    pub types: Vec<TypeCount>,
    /// Whether types of the last minutes are missing, because there are too many deliveries to read.
    pub lacks_types: bool,
    /// From when on the figures are complete, when that is within the period.
    pub since: Option<Timestamp>,
}

/// What happened after the journal was counted.
struct Recent {
    counts: Counts,
    types: Vec<TypeCount>,
    lacks_types: bool,
    since: Timestamp,
}

/// The moment until which deliveries are counted at `now`: the start of a minute.
pub(crate) fn countable(now: Timestamp) -> Timestamp {
    super::ring::start_of(super::ring::minute_of(now - DELAY))
}

impl Management {
    /// The figures of a subscription, for those who may see it; each reads a bounded number of rows.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a subscription of another client.
    pub async fn read_subscription_figures(
        &self,
        actor: &Actor,
        id: SubscriptionId,
    ) -> Result<[PeriodFigures; 4], Error> {
        self.visible_subscription(actor, id)?;
        let now = self.clock.now();
        let hour = self.recent(actor, id, now - Period::Hour.duration()).await?;
        let mut figures = Period::ALL.map(|period| sum(period, now, DeliveryCounts::default(), &hour));
        let mut last = None;
        for own in figures.iter_mut().skip(1) {
            let from = now - own.period.duration();
            let counted = self.journal.delivery_counts(id, from).await?;
            let recent = match last.take() {
                Some(recent) => recent,
                None => self.recent(actor, id, counted.until.unwrap_or(from).max(now - Period::Day.duration())).await?,
            };
            *own = sum(own.period, now, counted, &recent);
            last = Some(recent);
        }
        Ok(figures)
    }

    async fn recent(&self, actor: &Actor, id: SubscriptionId, from: Timestamp) -> Result<Recent, Error> {
        let from = from.min(self.clock.now());
        let request = Request { subject: Subject::Subscription(id), step: Step::Minute, from: Some(from) };
        let figures = self.read_statistics(actor, &request)?;
        let mut counts = Counts::default();
        figures.steps.iter().for_each(|(_, step)| counts.add(step));
        let found = self.journal.recent_types(id, from, NEWEST).await?;
        Ok(Recent { counts, types: found.types, lacks_types: !found.is_complete, since: figures.since })
    }
}

fn sum(period: Period, now: Timestamp, counted: DeliveryCounts, recent: &Recent) -> PeriodFigures {
    let mut types: BTreeMap<String, [u64; 2]> = BTreeMap::new();
    let (mut delivered, mut failed) = (recent.counts.delivered.into(), recent.counts.failed.into());
    for count in &counted.types {
        delivered += count.delivered;
        failed += count.failed;
    }
    for count in counted.types.into_iter().chain(recent.types.iter().cloned()) {
        let sum = types.entry(count.kind).or_default();
        *sum = [sum[0] + count.delivered, sum[1] + count.failed];
    }
    let of_type = |(kind, [delivered, failed]): (String, [u64; 2])| TypeCount { kind, delivered, failed };
    let mut types: Vec<TypeCount> = types.into_iter().map(of_type).collect();
    types.sort_by_key(|count| std::cmp::Reverse(count.delivered + count.failed));
    let mut requests = recent.counts.attempts.map(u64::from);
    for (status, number) in &counted.statuses {
        let class = if *status == 0 { CLASSES - 1 } else { usize::from(status / 100).clamp(2, 5) - 2 };
        requests[class] += number;
    }
    let start = now - period.duration();
    let since = match period {
        Period::Hour => Some(recent.since),
        Period::Day | Period::Week | Period::Month => counted.since.or(Some(recent.since)),
    };
    PeriodFigures {
        period,
        delivered,
        failed,
        requests,
        statuses: counted.statuses,
        types,
        lacks_types: recent.lacks_types,
        since: since.filter(|since| *since > start),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    fn named(kind: &str, delivered: u64, failed: u64) -> TypeCount {
        TypeCount { kind: kind.to_owned(), delivered, failed }
    }

    #[test]
    fn what_was_counted_and_the_last_minutes_are_added() {
        let counted = DeliveryCounts {
            since: Some(NOW - Duration::from_hours(48)),
            until: Some(NOW),
            types: vec![named("a", 10, 2), named("", 1, 0)],
            statuses: vec![(0, 1), (204, 11), (302, 1), (422, 2), (999, 4)],
        };
        let counts = Counts { delivered: 3, failed: 1, attempts: [3, 0, 1, 0, 0], ..Counts::default() };
        let types = vec![named("b", 20, 0), named("a", 3, 1)];
        let recent = Recent { counts, types, lacks_types: false, since: NOW };
        let figures = sum(Period::Week, NOW, counted.clone(), &recent);
        assert_eq!((figures.delivered, figures.failed, figures.requests), (14, 3, [14, 1, 3, 4, 1]));
        assert_eq!(figures.types, [named("b", 20, 0), named("a", 13, 3), named("", 1, 0)]);
        assert_eq!(figures.since, Some(NOW - Duration::from_hours(48)));
        assert_eq!(sum(Period::Day, NOW, counted, &recent).since, None, "complete");
    }

    #[test]
    fn deliveries_are_countable_some_minutes_later() {
        assert_eq!(countable(NOW + Duration::from_secs(59)), NOW - Duration::from_mins(5));
    }
}
