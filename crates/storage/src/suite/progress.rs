//! Cases of the port Progress.

use std::{collections::HashMap, time::Duration};

use model::{Mark, Partition, Position, SubscriptionId, Timestamp, outcome::DeliveryKey, run::RunId};
use uuid::Uuid;

use super::{Harness, Store, reopen, sample::name};
use crate::{
    Error, Progress,
    progress::{Entry, Key, Ownership, Shard, Value},
};

/// Makes a test for each case; takes an expression that returns a harness.
#[macro_export]
macro_rules! progress_suite {
    ($harness:expr) => {
        $crate::suite_tests!(
            progress,
            $harness,
            a_new_store_gives_empty_shards,
            every_kind_of_entry_is_kept,
            the_last_of_equal_keys_counts,
            what_is_no_longer_needed_is_gone,
            many_unsettled_deliveries_are_kept,
            checkpoints_at_once_are_each_whole,
            a_shard_that_is_not_ours_is_fenced,
        );
    };
}

/// Waits until this node gains a shard.
async fn gained(progress: &dyn Progress) -> (Shard, HashMap<Key, Value>) {
    let gained = tokio::time::timeout(Duration::from_mins(5), progress.ownership());
    match gained.await.expect("a shard in time").expect("ownership") {
        Ownership::Gained(shard, entries) => {
            let count = entries.len();
            let entries: HashMap<Key, Value> = entries.into_iter().collect();
            assert_eq!(entries.len(), count, "a key came twice");
            (shard, entries)
        }
        other => panic!("a shard is gained first, not {other:?}"),
    }
}

/// Reopens the store until this node gains the shard again.
async fn regained(harness: &mut dyn Harness, store: Store, shard: Shard) -> (Store, HashMap<Key, Value>) {
    let store = reopen(harness, store).await;
    loop {
        let (own, entries) = gained(&*store.progress).await;
        if own == shard {
            return (store, entries);
        }
    }
}

fn id(number: u128) -> SubscriptionId {
    SubscriptionId(Uuid::from_u128(number))
}

fn delivery(position: u64, run: Option<RunId>) -> Key {
    let kanaal = name("zaken");
    Key::Unsettled(DeliveryKey {
        subscription: id(1),
        kanaal,
        partition: Partition(0),
        position: Position(position),
        run,
    })
}

/// One entry of every kind, with every shape of value.
pub fn entries() -> Vec<(Key, Value)> {
    let (zaken, at) = (name("zaken \u{e9}"), Timestamp::from_micros(1_234_567));
    let run = RunId(Uuid::from_u128(99));
    let sink = |not_before, outage_since, next_allowed| Value::Sink { not_before, outage_since, next_allowed };
    vec![
        (Key::Reader(zaken.clone(), Partition(0)), Value::At(Mark(u64::from(u32::MAX) + 5))),
        (Key::Reader(zaken.clone(), Partition(3)), Value::At(Mark(0))),
        (Key::Subscription(id(1), zaken.clone(), Partition(0)), Value::Level),
        (Key::Subscription(id(2), zaken.clone(), Partition(0)), Value::At(Mark(300))),
        (delivery(7, None), Value::Unsettled { attempts: 0, not_before: Timestamp::from_micros(-5) }),
        (delivery(7, Some(run)), Value::Unsettled { attempts: 5, not_before: at }),
        (Key::Sink("https://a.example.com/?x=1".into()), sink(Some(at), None, None)),
        (Key::Sink("https://b.example.com/".into()), sink(None, Some(at), Some(at))),
        (Key::Run(run, zaken, Partition(0)), Value::At(Mark(12))),
    ]
}

fn all(entries: Vec<(Key, Value)>) -> Vec<Entry> {
    entries.into_iter().map(|(key, value)| (key, Some(value))).collect()
}

/// A new store has no entries.
pub async fn a_new_store_gives_empty_shards(harness: &mut dyn Harness) {
    let store = harness.open().await;
    let (shard, entries) = gained(&*store.progress).await;
    assert!(shard.0 < store.progress.shards());
    assert!(entries.is_empty());
    harness.close(store).await;
}

/// The next owner gets the entries of the checkpoint.
pub async fn every_kind_of_entry_is_kept(harness: &mut dyn Harness) {
    let store = harness.open().await;
    let (shard, _) = gained(&*store.progress).await;
    store.progress.checkpoint(shard, all(entries())).await.expect("a checkpoint");
    let (store, found) = regained(harness, store, shard).await;
    assert_eq!(found, entries().into_iter().collect());
    harness.close(store).await;
}

/// Later values replace earlier ones, within a checkpoint and across checkpoints.
pub async fn the_last_of_equal_keys_counts(harness: &mut dyn Harness) {
    let store = harness.open().await;
    let (shard, _) = gained(&*store.progress).await;
    let reader = Key::Reader(name("zaken"), Partition(0));
    let at = |mark| Some(Value::At(Mark(mark)));
    store.progress.checkpoint(shard, vec![(reader.clone(), at(1))]).await.expect("a checkpoint");
    let rows = vec![(reader.clone(), at(2)), (reader.clone(), None), (reader.clone(), at(3))];
    store.progress.checkpoint(shard, rows).await.expect("a checkpoint");
    let (store, found) = regained(harness, store, shard).await;
    assert_eq!(found, HashMap::from([(reader, Value::At(Mark(3)))]));
    harness.close(store).await;
}

/// An entry without value is removed; removing a missing entry succeeds.
pub async fn what_is_no_longer_needed_is_gone(harness: &mut dyn Harness) {
    let store = harness.open().await;
    let (shard, _) = gained(&*store.progress).await;
    store.progress.checkpoint(shard, all(entries())).await.expect("a checkpoint");
    let gone = entries().into_iter().step_by(2).map(|(key, _)| (key, None));
    let unknown = (Key::Sink("https://never.example.com".into()), None);
    store.progress.checkpoint(shard, gone.chain([unknown]).collect()).await.expect("a checkpoint");
    store.progress.checkpoint(shard, Vec::new()).await.expect("an empty checkpoint");
    let (store, found) = regained(harness, store, shard).await;
    assert_eq!(found, entries().into_iter().skip(1).step_by(2).collect());
    harness.close(store).await;
}

/// A long list of unsettled deliveries is returned complete.
pub async fn many_unsettled_deliveries_are_kept(harness: &mut dyn Harness) {
    let store = harness.open().await;
    let (shard, _) = gained(&*store.progress).await;
    let unsettled = |number| Value::Unsettled { attempts: number as u32 % 6, not_before: Timestamp::from_seconds(9) };
    let list: Vec<(Key, Value)> = (0..20_000).map(|number| (delivery(number, None), unsettled(number))).collect();
    for part in list.chunks(5_000) {
        store.progress.checkpoint(shard, all(part.to_vec())).await.expect("a checkpoint");
    }
    let (store, found) = regained(harness, store, shard).await;
    assert_eq!(found, list.into_iter().collect());
    harness.close(store).await;
}

/// Each of several concurrent checkpoints is stored completely or not at all: two entries that always change together
/// agree.
pub async fn checkpoints_at_once_are_each_whole(harness: &mut dyn Harness) {
    let store = harness.open().await;
    let (shard, _) = gained(&*store.progress).await;
    let (a, b) = (Key::Reader(name("a"), Partition(0)), Key::Reader(name("b"), Partition(0)));
    let checkpoint = |number: u64| {
        let (progress, at) = (store.progress.clone(), Some(Value::At(Mark(number))));
        let rows = vec![(a.clone(), at.clone()), (b.clone(), at)];
        tokio::spawn(async move { progress.checkpoint(shard, rows).await })
    };
    let checkpoints: Vec<_> = (0..100).map(checkpoint).collect();
    for checkpoint in checkpoints {
        checkpoint.await.expect("a task").expect("a checkpoint");
    }
    let (store, found) = regained(harness, store, shard).await;
    assert_eq!(found[&a], found[&b]);
    harness.close(store).await;
}

/// A shard that this node never gained cannot be written.
pub async fn a_shard_that_is_not_ours_is_fenced(harness: &mut dyn Harness) {
    let store = harness.open().await;
    gained(&*store.progress).await;
    let foreign = Shard(store.progress.shards() + 5);
    let result = store.progress.checkpoint(foreign, all(entries())).await;
    assert!(matches!(result, Err(Error::Fenced)), "{result:?}");
    harness.close(store).await;
}
