//! Whether a subscription missed an event: it wants the event, and no delivery of it succeeded or is still to come. Pure.

use std::collections::HashMap;

use model::{KanaalName, Mark, Partition, Position, Subscription, SubscriptionId, outcome::Outcome};
use storage::journal::RecordOutcome;

/// The marks of a subscription, by partition.
pub(super) type Marks = Vec<(KanaalName, Partition, Mark)>;

/// What the journal has of a record for one subscription, over the live stream and all runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Record {
    /// A delivery succeeded.
    Delivered,
    /// None succeeded, and one goes on.
    Open,
    /// All ended without success.
    Failed,
}

/// What the journal has of a record, by subscription.
pub(super) fn by_subscription(outcomes: &[RecordOutcome]) -> HashMap<SubscriptionId, Record> {
    let mut found: HashMap<SubscriptionId, Record> = HashMap::new();
    for one in outcomes {
        let record = match one.outcome {
            // A duplicate is not sent because the same event was delivered shortly before.
            Some(Outcome::Delivered | Outcome::Duplicate) => Record::Delivered,
            None => Record::Open,
            Some(_) => Record::Failed,
        };
        found.entry(one.subscription).and_modify(|known| *known = known.and(record)).or_insert(record);
    }
    found
}

impl Record {
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Delivered, _) | (_, Self::Delivered) => Self::Delivered,
            (Self::Open, _) | (_, Self::Open) => Self::Open,
            (Self::Failed, Self::Failed) => Self::Failed,
        }
    }
}

/// Whether a position is before the place at which a subscription started.
pub(super) fn is_before_start(subscription: &Subscription, place: (&KanaalName, Partition, Position)) -> bool {
    let (kanaal, partition, position) = place;
    let start = subscription.start.iter().find(|(naam, number, _)| (naam, *number) == (kanaal, partition));
    start.is_some_and(|(_, _, mark)| position.mark() < *mark)
}

/// Whether a subscription has read beyond a position: a delivery there that has no record is not to come any more.
pub(super) fn is_passed(marks: &Marks, place: (&KanaalName, Partition, Position)) -> bool {
    let (kanaal, partition, position) = place;
    let mark = marks.iter().find(|(naam, number, _)| (naam, *number) == (kanaal, partition));
    mark.is_some_and(|(_, _, mark)| position.mark() < *mark)
}

#[cfg(test)]
mod tests {
    use model::{Timestamp, run::RunId};
    use uuid::Uuid;

    use super::*;

    fn outcome(run: Option<u128>, outcome: Option<Outcome>) -> RecordOutcome {
        RecordOutcome {
            subscription: SubscriptionId(Uuid::nil()),
            run: run.map(|run| RunId(Uuid::from_u128(run))),
            outcome,
            attempts: 1,
            at: Timestamp::default(),
        }
    }

    #[test]
    fn one_success_is_enough_and_what_goes_on_is_not_missed() {
        use Outcome::{Delivered, Duplicate, Ended, Expired, Refused};
        for (outcomes, expected) in [
            (vec![Some(Delivered)], Record::Delivered),
            (vec![Some(Duplicate)], Record::Delivered),
            (vec![Some(Refused), Some(Delivered)], Record::Delivered),
            (vec![None, Some(Delivered)], Record::Delivered),
            (vec![Some(Refused), None], Record::Open),
            (vec![Some(Refused), Some(Expired), Some(Ended)], Record::Failed),
        ] {
            let rows: Vec<_> = (0..).zip(&outcomes).map(|(run, one)| outcome(Some(run), *one)).collect();
            assert_eq!(by_subscription(&rows)[&SubscriptionId(Uuid::nil())], expected, "{outcomes:?}");
        }
        assert!(by_subscription(&[]).is_empty());
    }

    #[test]
    fn marks_of_other_partitions_do_not_count() {
        let naam = |naam: &str| KanaalName::new(naam).unwrap();
        let marks = vec![(naam("zaken"), Partition(0), Mark(5)), (naam("zaken"), Partition(1), Mark(2))];
        for (kanaal, partition, position, passed) in
            [("zaken", 0, 4, true), ("zaken", 0, 5, false), ("zaken", 1, 4, false), ("besluiten", 0, 0, false)]
        {
            let place = (&naam(kanaal), Partition(partition), Position(position));
            assert_eq!(is_passed(&marks, place), passed, "{place:?}");
        }
    }
}
