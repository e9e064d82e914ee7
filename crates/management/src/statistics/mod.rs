//! Figures over the last 24 hours: accepted events, deliveries by how they ended, and requests by status, per minute.
//!
//! They are counted from the entries that became searchable in the journal of this node, so they cost nothing where events are
//! accepted and delivered, and they cover every node on Kafka, since each node with the role beheer follows the journal of all.
//! They are approximate: entries that the journal dropped are missing, entries that it applied again after a failure count twice,
//! and everything is forgotten when the node stops. Exact counts are in the metrics of each node.

mod failures;
mod last_delivered;
mod read;
mod ring;
mod subscription;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use model::{
    Clock, KanaalName, SubscriptionId, Timestamp,
    outcome::{Attempt, AttemptResult, Outcome},
};
use storage::journal::Entry;

use self::ring::Ring;
pub(crate) use self::subscription::countable;
pub use self::{
    failures::Failures,
    read::{Figures, Request, Step, Subject},
    ring::{CLASSES, Counts},
    subscription::{Period, PeriodFigures},
};
use ring::{Series, minute_of};

/// The figures of this node.
pub struct Statistics {
    ring: Mutex<Ring>,
    clock: Arc<dyn Clock>,
}

impl Statistics {
    /// No figures yet.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { ring: Mutex::new(Ring::new(clock.now())), clock }
    }

    /// Counts entries that became searchable.
    pub fn count(&self, entries: &[Entry]) {
        let mut sums: HashMap<(Concerned<'_>, i64), (Timestamp, Counts)> = HashMap::new();
        for entry in entries {
            let Some((concerned, at, counts)) = counts_of(entry) else { continue };
            sums.entry((concerned, minute_of(at))).or_insert((at, Counts::default())).1.add(&counts);
        }
        let now = self.clock.now();
        let mut ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
        for (((kanaal, subscription), _), (at, counts)) in sums {
            ring.add(Series::All, at, &counts, now);
            ring.add(Series::Kanaal(kanaal.clone()), at, &counts, now);
            if let Some(subscription) = subscription {
                ring.add(Series::Subscription(subscription), at, &counts, now);
            }
        }
    }
}

/// The kanaal of an entry, and the subscription if it is about one.
type Concerned<'a> = (&'a KanaalName, Option<SubscriptionId>);

/// What an entry counts for, when it happened, and what it counts. `None`: the deliveries of a run count by themselves.
fn counts_of(entry: &Entry) -> Option<(Concerned<'_>, Timestamp, Counts)> {
    let mut counts = Counts::default();
    Some(match entry {
        Entry::Event(row) => {
            counts.accepted = 1;
            ((&row.kanaal, None), row.appended, counts)
        }
        Entry::Attempt { delivery, attempt, .. } => {
            counts.attempts[class(attempt)] = 1;
            ((&delivery.kanaal, Some(delivery.subscription)), attempt.at, counts)
        }
        Entry::Settled { delivery, outcome, last, at, .. } => {
            match outcome {
                Outcome::Delivered => counts.delivered = 1,
                Outcome::Refused | Outcome::RetriesExhausted | Outcome::Untranslatable => counts.failed = 1,
                Outcome::Duplicate | Outcome::Expired | Outcome::Ended => counts.other = 1,
            }
            // Other outcomes are not the result of the last request, which is an entry of its own.
            if let (Outcome::Delivered | Outcome::Refused | Outcome::RetriesExhausted, Some(last)) = (outcome, last) {
                counts.attempts[class(last)] = 1;
            }
            ((&delivery.kanaal, Some(delivery.subscription)), *at, counts)
        }
        Entry::SettledRange { subscription, kanaal, from, until, at, .. } => {
            counts.other = u32::try_from(until.0.saturating_sub(from.0)).unwrap_or(u32::MAX);
            ((kanaal, Some(*subscription)), *at, counts)
        }
        Entry::Run(_) => return None,
    })
}

/// The index of the class of an answer in [`Counts::attempts`].
fn class(attempt: &Attempt) -> usize {
    match attempt.result {
        AttemptResult::Code(code) => usize::from(code / 100).clamp(2, 5) - 2,
        AttemptResult::Failure(_) => CLASSES - 1,
    }
}

#[cfg(test)]
mod tests {
    use model::{Mark, Partition, Position, clock::ManualClock, outcome::DeliveryKey};
    use uuid::Uuid;

    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    fn attempt(result: AttemptResult) -> Attempt {
        Attempt {
            at: NOW,
            duration_micros: 1,
            result,
            excerpt: "".into(),
            fsc_transaction: None,
            retry_after_seconds: None,
        }
    }

    fn delivery() -> DeliveryKey {
        DeliveryKey {
            subscription: SubscriptionId(Uuid::nil()),
            kanaal: KanaalName::new("zaken").unwrap(),
            partition: Partition(0),
            position: Position(0),
            run: None,
        }
    }

    fn settled(outcome: Outcome, code: Option<u16>) -> Entry {
        let last = code.map(|code| attempt(AttemptResult::Code(code)));
        Entry::Settled { delivery: delivery(), outcome, attempts: 1, last, at: NOW }
    }

    #[test]
    fn each_entry_counts_once_and_a_request_by_its_answer() {
        let request = |result| Entry::Attempt { delivery: delivery(), number: 1, attempt: attempt(result) };
        let range = Entry::SettledRange {
            subscription: SubscriptionId(Uuid::nil()),
            kanaal: KanaalName::new("zaken").unwrap(),
            partition: Partition(0),
            from: Mark(2),
            until: Mark(9),
            outcome: Outcome::Expired,
            at: NOW,
        };
        for (entry, [delivered, failed, other], attempts) in [
            (settled(Outcome::Delivered, Some(204)), [1, 0, 0], [1, 0, 0, 0, 0]),
            (settled(Outcome::Refused, Some(422)), [0, 1, 0], [0, 0, 1, 0, 0]),
            (settled(Outcome::RetriesExhausted, Some(503)), [0, 1, 0], [0, 0, 0, 1, 0]),
            (settled(Outcome::Untranslatable, None), [0, 1, 0], [0; 5]),
            // Its last request has an entry of its own.
            (settled(Outcome::Ended, Some(503)), [0, 0, 1], [0; 5]),
            (settled(Outcome::Duplicate, None), [0, 0, 1], [0; 5]),
            (range, [0, 0, 7], [0; 5]),
            (request(AttemptResult::Code(302)), [0; 3], [0, 1, 0, 0, 0]),
            (request(AttemptResult::Code(100)), [0; 3], [1, 0, 0, 0, 0]),
            (request(AttemptResult::Code(999)), [0; 3], [0, 0, 0, 1, 0]),
            (request(AttemptResult::Failure("refused".into())), [0; 3], [0, 0, 0, 0, 1]),
        ] {
            let statistics = Statistics::new(Arc::new(ManualClock::new(NOW)));
            statistics.count(std::slice::from_ref(&entry));
            let expected = Counts { accepted: 0, delivered, failed, other, attempts };
            let minutes = statistics.ring.lock().unwrap().snapshot(0);
            let [(_, rows)] = minutes.as_slice() else { panic!("{entry:?}") };
            let subscription = Series::Subscription(SubscriptionId(Uuid::nil()));
            for series in [Series::All, Series::Kanaal(KanaalName::new("zaken").unwrap()), subscription] {
                assert_eq!(rows.get(&series), Some(&expected), "{entry:?} {series:?}");
            }
        }
    }
}
