//! Translates registry, progress and dead letters of the file to Kafka: the same content with the marks and positions of the
//! target. Pure.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use delivery::shard_of;
use model::{
    KanaalName, Mark, Partition, Registry, Subscription, SubscriptionId,
    registry::Change,
    run::{Range, Run, RunId, RunSelection},
};
use storage::{
    journal::DeadLetter,
    progress::{Key, Shard, Value},
};

use super::positions::PositionMap;

/// The marks that runs over selected records have reached.
type RunMarks<'a> = HashMap<(RunId, &'a KanaalName), Mark>;

/// The changes that create the registry in the target.
pub fn changes(registry: &Registry, progress: &[(Key, Value)], positions: &PositionMap) -> Vec<Change> {
    let marks: RunMarks<'_> = progress
        .iter()
        .filter_map(|entry| match entry {
            (Key::Run(id, kanaal, _), Value::At(mark)) => Some(((*id, kanaal), *mark)),
            _ => None,
        })
        .collect();
    let translated = |change| match change {
        Change::Subscription(own) => {
            let start = own.start.iter().flat_map(|(kanaal, _, mark)| spread(positions, kanaal, *mark)).collect();
            Change::Subscription(Arc::new(Subscription { start, ..Subscription::clone(&own) }))
        }
        Change::Run(run) => {
            let what = selection(run.id, &run.what, &marks, positions);
            Change::Run(Arc::new(Run { what, ..Run::clone(&run) }))
        }
        other => other,
    };
    registry.to_changes().into_iter().map(translated).collect()
}

fn spread(
    positions: &PositionMap,
    kanaal: &KanaalName,
    mark: Mark,
) -> impl Iterator<Item = (KanaalName, Partition, Mark)> {
    positions.marks(kanaal, mark).map(|(partition, mark)| (kanaal.clone(), partition, mark))
}

/// The selection of a run. Of selected records only those that the run has not read yet, since one mark cannot be translated
/// to several partitions; deliveries that it has started are among the unsettled ones.
fn selection(id: RunId, what: &RunSelection, marks: &RunMarks<'_>, positions: &PositionMap) -> RunSelection {
    match what {
        RunSelection::Replay(ranges) => {
            let spread = |Range { kanaal, from, until, .. }: &Range| {
                let pairs = positions.marks(kanaal, *from).zip(positions.marks(kanaal, *until));
                let ranges = pairs.map(|((partition, from), (_, until))| Range {
                    kanaal: kanaal.clone(),
                    partition,
                    from,
                    until,
                });
                ranges.filter(|range| range.from < range.until).collect::<Vec<_>>()
            };
            RunSelection::Replay(ranges.iter().flat_map(spread).collect())
        }
        RunSelection::Records(records) => {
            let left = records
                .iter()
                .filter(|(kanaal, _, position)| marks.get(&(id, kanaal)).is_none_or(|mark| position.mark() >= *mark));
            let moved = left.map(|(kanaal, _, position)| {
                let (partition, position) = positions.record(kanaal, *position);
                (kanaal.clone(), partition, position)
            });
            RunSelection::Records(moved.collect())
        }
    }
}

/// Progress by shard, without the entries of deleted subscriptions and runs, which the engine drops as well.
pub fn progress(
    registry: &Registry,
    entries: &[(Key, Value)],
    positions: &PositionMap,
    shards: u32,
) -> BTreeMap<Shard, HashMap<Key, Value>> {
    let shard = |id: SubscriptionId| Some(shard_of(registry.subscription(id)?.sink.key(), shards));
    let used: BTreeSet<Shard> = registry.subscriptions().map(|own| shard_of(own.sink.key(), shards)).collect();
    let mut all: BTreeMap<Shard, HashMap<Key, Value>> = BTreeMap::new();
    for (key, value) in entries {
        let moved: Vec<(Option<Shard>, Key, Value)> = match (key, value) {
            (Key::Reader(kanaal, _), Value::At(mark)) => spread(positions, kanaal, *mark)
                .flat_map(|(kanaal, partition, mark)| {
                    used.iter()
                        .map(move |shard| (Some(*shard), Key::Reader(kanaal.clone(), partition), Value::At(mark)))
                })
                .collect(),
            (Key::Subscription(id, kanaal, _), value) => {
                let mark = if let Value::At(mark) = value { *mark } else { Mark::BEGINNING };
                let moved = spread(positions, kanaal, mark).map(|(kanaal, partition, mark)| {
                    let value = if *value == Value::Level { Value::Level } else { Value::At(mark) };
                    (shard(*id), Key::Subscription(*id, kanaal, partition), value)
                });
                moved.collect()
            }
            (Key::Run(id, kanaal, _), Value::At(mark)) => {
                let run = registry.run(*id).filter(|run| matches!(run.what, RunSelection::Replay(_)));
                let shard = run.and_then(|run| shard(run.subscription));
                spread(positions, kanaal, *mark)
                    .map(|(kanaal, partition, mark)| (shard, Key::Run(*id, kanaal, partition), Value::At(mark)))
                    .collect()
            }
            (Key::Unsettled(delivery), value) => {
                vec![(shard(delivery.subscription), Key::Unsettled(positions.delivery(delivery)), value.clone())]
            }
            (Key::Sink(url), value) => vec![(Some(shard_of(url, shards)), key.clone(), value.clone())],
            _ => vec![],
        };
        for (shard, key, value) in moved {
            if let Some(shard) = shard {
                all.entry(shard).or_default().insert(key, value);
            }
        }
    }
    all
}

/// The same dead letter with the position and the id of its delivery in the target.
pub fn dead_letter(letter: DeadLetter, positions: &PositionMap) -> DeadLetter {
    let delivery = positions.delivery(&letter.delivery);
    DeadLetter { id: DeadLetter::id_of(&delivery), delivery, ..letter }
}

#[cfg(test)]
mod tests {
    use model::{
        Position, Timestamp,
        outcome::{DeliveryKey, Outcome},
    };
    use storage::{log::Record, suite::sample};
    use uuid::Uuid;

    use super::*;
    use crate::migrate::positions::KanaalPositions;
    use model::Sink;

    const SHARDS: u32 = 4;

    fn zaken() -> KanaalName {
        sample::name("zaken")
    }

    /// Records 10 to 13 of the source, in turns on two partitions.
    fn positions() -> PositionMap {
        let mark = |position: u64| (position, vec![Mark((position - 9) / 2), Mark((position - 10) / 2)]);
        let record = |position: u64| (position, (Partition((position % 2) as u32), Position((position - 10) / 2)));
        let positions =
            KanaalPositions { marks: (10..=14).map(mark).collect(), records: (10..14).map(record).collect() };
        PositionMap(BTreeMap::from([(zaken(), positions)]))
    }

    fn subscription(number: u128, sink: &Sink) -> Subscription {
        Subscription {
            sink: sink.clone(),
            start: vec![(zaken(), Partition(0), Mark(11))],
            ..sample::subscription(number, &[])
        }
    }

    fn id(number: u128) -> SubscriptionId {
        SubscriptionId(Uuid::from_u128(number))
    }

    fn run(number: u128, what: RunSelection) -> Run {
        let (asked_by, created) = ("open-zaak".to_owned(), Timestamp::from_seconds(1));
        Run { id: RunId(Uuid::from_u128(number)), subscription: id(1), what, asked_by, created }
    }

    /// Two subscriptions of two shards, a replay and a redrive.
    fn registry() -> (Registry, Shard, Shard) {
        let sinks: Vec<Sink> = (0..20).map(|n| Sink::Webhook(format!("https://s{n}.example.com/"))).collect();
        let one = &sinks[0];
        let other = sinks.iter().find(|sink| shard_of(sink.key(), SHARDS) != shard_of(one.key(), SHARDS)).unwrap();
        let range = Range { kanaal: zaken(), partition: Partition(0), from: Mark(3), until: Mark(13) };
        let records = [4, 10, 12].map(|position| (zaken(), Partition(0), Position(position)));
        let mut registry = Registry::default();
        for change in [
            Change::Kanaal(sample::kanaal(1, "zaken").into()),
            Change::Subscription(subscription(1, one).into()),
            Change::Subscription(subscription(2, other).into()),
            Change::Run(run(8, RunSelection::Replay(vec![range])).into()),
            Change::Run(run(9, RunSelection::Records(records.into())).into()),
        ] {
            registry.apply(&change);
        }
        (registry, shard_of(one.key(), SHARDS), shard_of(other.key(), SHARDS))
    }

    fn delivery(number: u128, position: u64) -> DeliveryKey {
        let (kanaal, partition) = (zaken(), Partition(0));
        DeliveryKey { subscription: id(number), kanaal, partition, position: Position(position), run: None }
    }

    #[test]
    fn subscriptions_and_runs_start_where_they_did() {
        let (registry, ..) = registry();
        let marks = [(Key::Run(RunId(Uuid::from_u128(9)), zaken(), Partition(0)), Value::At(Mark(10)))];
        let mut target = Registry::default();
        for change in &changes(&registry, &marks, &positions()) {
            target.apply(change);
        }
        let start = &target.subscription(id(1)).unwrap().start;
        assert_eq!(*start, [(zaken(), Partition(0), Mark(1)), (zaken(), Partition(1), Mark(0))]);
        let what = |number| target.run(RunId(Uuid::from_u128(number))).unwrap().what.clone();
        let range = |partition, until| Range {
            kanaal: zaken(),
            partition: Partition(partition),
            from: Mark(0),
            until: Mark(until),
        };
        assert_eq!(what(8), RunSelection::Replay(vec![range(0, 2), range(1, 1)]));
        // It had come to 10; what expired before that was done.
        let left = [0, 1].map(|position| (zaken(), Partition(0), Position(position)));
        assert_eq!(what(9), RunSelection::Records(left.into()));
        assert_eq!(target.kanaal("zaken"), registry.kanaal("zaken"));
    }

    #[test]
    fn progress_goes_to_the_shard_of_its_sink_and_orphans_are_dropped() {
        let (registry, one, other) = registry();
        let unsettled = Value::Unsettled { attempts: 2, not_before: Timestamp::from_seconds(7) };
        let pace = Value::Sink { not_before: Some(Timestamp::from_seconds(9)), outage_since: None, next_allowed: None };
        let sink = registry.subscription(id(1)).unwrap().sink.key().to_owned();
        let entries = [
            (Key::Reader(zaken(), Partition(0)), Value::At(Mark(13))),
            (Key::Subscription(id(1), zaken(), Partition(0)), Value::At(Mark(11))),
            (Key::Subscription(id(2), zaken(), Partition(0)), Value::Level),
            (Key::Subscription(id(77), zaken(), Partition(0)), Value::Level),
            (Key::Unsettled(delivery(1, 12)), unsettled.clone()),
            (Key::Sink(sink.clone()), pace.clone()),
        ];
        let moved = progress(&registry, &entries, &positions(), SHARDS);
        let reader = |partition, mark| (Key::Reader(zaken(), Partition(partition)), Value::At(Mark(mark)));
        let own = |number, partition, value| (Key::Subscription(id(number), zaken(), Partition(partition)), value);
        let there = DeliveryKey { partition: Partition(0), position: Position(1), ..delivery(1, 12) };
        let of_one = [
            reader(0, 2),
            reader(1, 1),
            own(1, 0, Value::At(Mark(1))),
            own(1, 1, Value::At(Mark(0))),
            (Key::Unsettled(there), unsettled),
            (Key::Sink(sink), pace),
        ];
        assert_eq!(moved[&one], HashMap::from(of_one));
        let of_other = [reader(0, 2), reader(1, 1), own(2, 0, Value::Level), own(2, 1, Value::Level)];
        assert_eq!(moved[&other], HashMap::from(of_other));
        assert_eq!(moved.len(), 2);
    }

    #[test]
    fn a_dead_letter_has_the_id_of_its_delivery_in_the_target() {
        let delivery = delivery(1, 13);
        let moved = dead_letter(
            DeadLetter {
                id: DeadLetter::id_of(&delivery),
                delivery,
                event_id: "1".into(),
                event_source: "urn:x".into(),
                event_kind: "t".into(),
                record: Record::default(),
                outcome: Outcome::Refused,
                reason: "400".into(),
                last_code: Some(400),
                attempts: 1,
                at: Timestamp::from_seconds(5),
            },
            &positions(),
        );
        assert_eq!((moved.delivery.partition, moved.delivery.position), (Partition(1), Position(1)));
        assert_eq!(moved.id, DeadLetter::id_of(&moved.delivery));
    }
}
