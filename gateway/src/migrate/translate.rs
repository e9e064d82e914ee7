//! What is written on Kafka for what stood in the file: the same, with the places of records and marks as they are there.
//! Pure.

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

use super::places::Places;

/// How far runs over chosen records are.
type RunMarks<'a> = HashMap<(RunId, &'a KanaalName), Mark>;

/// The registry, as changes that make it.
pub fn changes(registry: &Registry, progress: &[(Key, Value)], places: &Places) -> Vec<Change> {
    let marks: RunMarks<'_> = progress
        .iter()
        .filter_map(|entry| match entry {
            (Key::Run(id, kanaal, _), Value::At(mark)) => Some(((*id, kanaal), *mark)),
            _ => None,
        })
        .collect();
    let translated = |change| match change {
        Change::Subscription(own) => {
            let start = own.start.iter().flat_map(|(kanaal, _, mark)| spread(places, kanaal, *mark)).collect();
            Change::Subscription(Arc::new(Subscription { start, ..Subscription::clone(&own) }))
        }
        Change::Run(run) => {
            let what = selection(run.id, &run.what, &marks, places);
            Change::Run(Arc::new(Run { what, ..Run::clone(&run) }))
        }
        other => other,
    };
    registry.to_changes().into_iter().map(translated).collect()
}

fn spread(places: &Places, kanaal: &KanaalName, mark: Mark) -> impl Iterator<Item = (KanaalName, Partition, Mark)> {
    places.marks(kanaal, mark).map(|(partition, mark)| (kanaal.clone(), partition, mark))
}

/// What a run delivers. Of chosen records only those that it has not come to yet, since a mark between them says nothing
/// of several partitions; what it has begun is unsettled.
fn selection(id: RunId, what: &RunSelection, marks: &RunMarks<'_>, places: &Places) -> RunSelection {
    match what {
        RunSelection::Replay(ranges) => {
            let spread = |Range { kanaal, from, until, .. }: &Range| {
                let pairs = places.marks(kanaal, *from).zip(places.marks(kanaal, *until));
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
                let (partition, position) = places.record(kanaal, *position);
                (kanaal.clone(), partition, position)
            });
            RunSelection::Records(moved.collect())
        }
    }
}

/// Progress by shard. What belongs to nothing that is there any more is left out, as the engine would do.
pub fn progress(
    registry: &Registry,
    entries: &[(Key, Value)],
    places: &Places,
    shards: u32,
) -> BTreeMap<Shard, HashMap<Key, Value>> {
    let shard = |id: SubscriptionId| Some(shard_of(&registry.subscription(id)?.sink, shards));
    let used: BTreeSet<Shard> = registry.subscriptions().map(|own| shard_of(&own.sink, shards)).collect();
    let mut all: BTreeMap<Shard, HashMap<Key, Value>> = BTreeMap::new();
    for (key, value) in entries {
        let moved: Vec<(Option<Shard>, Key, Value)> = match (key, value) {
            (Key::Reader(kanaal, _), Value::At(mark)) => spread(places, kanaal, *mark)
                .flat_map(|(kanaal, partition, mark)| {
                    used.iter()
                        .map(move |shard| (Some(*shard), Key::Reader(kanaal.clone(), partition), Value::At(mark)))
                })
                .collect(),
            (Key::Subscription(id, kanaal, _), value) => {
                let mark = if let Value::At(mark) = value { *mark } else { Mark::BEGINNING };
                let moved = spread(places, kanaal, mark).map(|(kanaal, partition, mark)| {
                    let value = if *value == Value::Level { Value::Level } else { Value::At(mark) };
                    (shard(*id), Key::Subscription(*id, kanaal, partition), value)
                });
                moved.collect()
            }
            (Key::Run(id, kanaal, _), Value::At(mark)) => {
                let run = registry.run(*id).filter(|run| matches!(run.what, RunSelection::Replay(_)));
                let shard = run.and_then(|run| shard(run.subscription));
                spread(places, kanaal, *mark)
                    .map(|(kanaal, partition, mark)| (shard, Key::Run(*id, kanaal, partition), Value::At(mark)))
                    .collect()
            }
            (Key::Unsettled(delivery), value) => {
                vec![(shard(delivery.subscription), Key::Unsettled(places.delivery(delivery)), value.clone())]
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

/// A dead letter of the same delivery, under the identity that it has there.
pub fn letter(letter: DeadLetter, places: &Places) -> DeadLetter {
    let delivery = places.delivery(&letter.delivery);
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
    use crate::migrate::places::Placed;

    const SHARDS: u32 = 4;

    fn zaken() -> KanaalName {
        sample::name("zaken")
    }

    /// Records 10 to 13 of the source, in turns on two partitions.
    fn places() -> Places {
        let mark = |place: u64| (place, vec![Mark((place - 9) / 2), Mark((place - 10) / 2)]);
        let record = |place: u64| (place, (Partition((place % 2) as u32), Position((place - 10) / 2)));
        let placed = Placed { marks: (10..=14).map(mark).collect(), records: (10..14).map(record).collect() };
        Places(BTreeMap::from([(zaken(), placed)]))
    }

    fn subscription(number: u128, sink: &str) -> Subscription {
        Subscription {
            sink: sink.to_owned(),
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
        let sinks: Vec<String> = (0..20).map(|n| format!("https://s{n}.example.com/")).collect();
        let one = &sinks[0];
        let other = sinks.iter().find(|sink| shard_of(sink, SHARDS) != shard_of(one, SHARDS)).unwrap();
        let range = Range { kanaal: zaken(), partition: Partition(0), from: Mark(3), until: Mark(13) };
        let records = [4, 10, 12].map(|place| (zaken(), Partition(0), Position(place)));
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
        (registry, shard_of(one, SHARDS), shard_of(other, SHARDS))
    }

    fn delivery(number: u128, position: u64) -> DeliveryKey {
        let (kanaal, partition) = (zaken(), Partition(0));
        DeliveryKey { subscription: id(number), kanaal, partition, position: Position(position), run: None }
    }

    #[test]
    fn subscriptions_and_runs_start_where_they_did() {
        let (registry, ..) = registry();
        let marks = [(Key::Run(RunId(Uuid::from_u128(9)), zaken(), Partition(0)), Value::At(Mark(10)))];
        let mut made = Registry::default();
        for change in &changes(&registry, &marks, &places()) {
            made.apply(change);
        }
        let start = &made.subscription(id(1)).unwrap().start;
        assert_eq!(*start, [(zaken(), Partition(0), Mark(1)), (zaken(), Partition(1), Mark(0))]);
        let what = |number| made.run(RunId(Uuid::from_u128(number))).unwrap().what.clone();
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
        assert_eq!(made.kanaal("zaken"), registry.kanaal("zaken"));
    }

    #[test]
    fn progress_goes_to_the_shard_of_its_sink_and_what_belongs_to_nothing_stays_behind() {
        let (registry, one, other) = registry();
        let unsettled = Value::Unsettled { attempts: 2, not_before: Timestamp::from_seconds(7) };
        let pace = Value::Sink { not_before: Some(Timestamp::from_seconds(9)), outage_since: None, next_allowed: None };
        let sink = registry.subscription(id(1)).unwrap().sink.clone();
        let entries = [
            (Key::Reader(zaken(), Partition(0)), Value::At(Mark(13))),
            (Key::Subscription(id(1), zaken(), Partition(0)), Value::At(Mark(11))),
            (Key::Subscription(id(2), zaken(), Partition(0)), Value::Level),
            (Key::Subscription(id(77), zaken(), Partition(0)), Value::Level),
            (Key::Unsettled(delivery(1, 12)), unsettled.clone()),
            (Key::Sink(sink.clone()), pace.clone()),
        ];
        let moved = progress(&registry, &entries, &places(), SHARDS);
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
    fn a_letter_has_the_identity_of_its_delivery_there() {
        let delivery = delivery(1, 13);
        let moved = letter(
            DeadLetter {
                id: DeadLetter::id_of(&delivery),
                delivery,
                event_id: "1".into(),
                event_source: "urn:x".into(),
                event_kind: "t".into(),
                record: Record::default(),
                outcome: Outcome::Refused,
                reason: "400".into(),
                last_status: Some(400),
                attempts: 1,
                at: Timestamp::from_seconds(5),
            },
            &places(),
        );
        assert_eq!((moved.delivery.partition, moved.delivery.position), (Partition(1), Position(1)));
        assert_eq!(moved.id, DeadLetter::id_of(&moved.delivery));
    }
}
