//! The status and the marks of a subscription, read from the checkpoints of its shard: for nodes that do not own it.
//! They are up to two checkpoint intervals old.

use std::{collections::HashMap, sync::Arc};

use model::{KanaalName, Mark, Partition, Subscription, SubscriptionId};
use storage::{
    Error,
    log::Point,
    progress::{Key, Shard, Value},
};

use super::EngineParts;
use crate::machine::{SubscriptionStatus, count_kanaal};

/// Where a subscription is, by the stored progress of its shard.
struct StoredProgress<'a> {
    entries: &'a HashMap<Key, Value>,
    /// The partitions that the subscription covers.
    partitions: Vec<(KanaalName, Partition)>,
    /// Its mark in each of them.
    marks: Vec<Mark>,
}

/// The stored progress of a shard.
async fn entries(parts: &EngineParts, shard: Shard) -> Result<HashMap<Key, Value>, Error> {
    Ok(parts.progress.stored(shard).await?.into_iter().collect())
}

impl<'a> StoredProgress<'a> {
    async fn of(
        parts: &EngineParts,
        entries: &'a HashMap<Key, Value>,
        subscription: &Subscription,
    ) -> Result<Self, Error> {
        let kanalen: Vec<KanaalName> = {
            let registry = parts.control.registry();
            let registry = registry.read();
            let covered = registry.kanalen().filter(|kanaal| subscription.selection.covers(&kanaal.naam));
            covered.map(|kanaal| kanaal.naam.clone()).collect()
        };
        let partitions = parts.log.partitions_of(kanalen).await?;
        let marks = partitions.iter().map(|place| mark_in(entries, subscription, place)).collect();
        Ok(Self { entries, partitions, marks })
    }
}

/// The mark of a subscription in a partition: its own cursor, else the mark of the shared reader if it is level. Its start,
/// when none is stored or the stored one is before that.
fn mark_in(
    entries: &HashMap<Key, Value>,
    subscription: &Subscription,
    (kanaal, partition): &(KanaalName, Partition),
) -> Mark {
    let of_reader = || match entries.get(&Key::Reader(kanaal.clone(), *partition)) {
        Some(Value::At(mark)) => *mark,
        _ => Mark::BEGINNING,
    };
    let stored = match entries.get(&Key::Subscription(subscription.id, kanaal.clone(), *partition)) {
        Some(Value::At(mark)) => *mark,
        Some(Value::Level) => of_reader(),
        _ => Mark::BEGINNING,
    };
    let is_here = |entry: &&(KanaalName, Partition, Mark)| (&entry.0, &entry.1) == (kanaal, partition);
    subscription.start.iter().find(is_here).map_or(stored, |(.., start)| stored.max(*start))
}

/// The status of a subscription. Requests under way and the last error are not stored, so they are absent.
pub(super) async fn status(
    parts: &EngineParts,
    shard: Shard,
    subscription: &Subscription,
) -> Result<SubscriptionStatus, Error> {
    let entries = entries(parts, shard).await?;
    let StoredProgress { entries, partitions, marks } = StoredProgress::of(parts, &entries, subscription).await?;
    let ends = parts.log.marks(&partitions, Point::End).await?;
    let now = parts.clock.now();
    let mut status = SubscriptionStatus::default();
    for ((kanaal, partition), (end, mark)) in partitions.into_iter().zip(ends.into_iter().zip(marks)) {
        status.lag.push((kanaal, partition, end.0.saturating_sub(mark.0)));
    }
    for (key, value) in entries {
        match (key, value) {
            (Key::Unsettled(delivery), Value::Unsettled { not_before, .. })
                if delivery.subscription == subscription.id =>
            {
                status.unsettled += 1;
                count_kanaal(&mut status.unsettled_of, &delivery.kanaal);
                status.parked += usize::from(*not_before > now);
            }
            (Key::Sink(url), Value::Sink { not_before, outage_since, .. }) if *url == subscription.sink.key() => {
                status.not_before = not_before.filter(|moment| *moment > now);
                status.outage_since = *outage_since;
            }
            _ => {}
        }
    }
    Ok(status)
}

/// Per partition that a subscription covers, the mark before which nothing of it is unsettled.
pub(super) async fn marks(
    parts: &EngineParts,
    shard: Shard,
    subscription: &Subscription,
) -> Result<Vec<(KanaalName, Partition, Mark)>, Error> {
    let entries = entries(parts, shard).await?;
    marks_in(parts, &entries, subscription).await
}

/// The same for several subscriptions of one shard.
pub(super) async fn marks_of(
    parts: &EngineParts,
    shard: Shard,
    subscriptions: &[Arc<Subscription>],
) -> Result<HashMap<SubscriptionId, Vec<(KanaalName, Partition, Mark)>>, Error> {
    let entries = entries(parts, shard).await?;
    let mut found = HashMap::with_capacity(subscriptions.len());
    for subscription in subscriptions {
        found.insert(subscription.id, marks_in(parts, &entries, subscription).await?);
    }
    Ok(found)
}

async fn marks_in(
    parts: &EngineParts,
    entries: &HashMap<Key, Value>,
    subscription: &Subscription,
) -> Result<Vec<(KanaalName, Partition, Mark)>, Error> {
    let StoredProgress { entries, partitions, mut marks } = StoredProgress::of(parts, entries, subscription).await?;
    for key in entries.keys() {
        let Key::Unsettled(delivery) = key else { continue };
        if delivery.subscription != subscription.id || delivery.run.is_some() {
            continue;
        }
        let is_its = |(kanaal, partition): &(KanaalName, Partition)| {
            (kanaal, partition) == (&delivery.kanaal, &delivery.partition)
        };
        if let Some(at) = partitions.iter().position(is_its) {
            marks[at] = marks[at].min(delivery.position.mark());
        }
    }
    Ok(partitions.into_iter().zip(marks).map(|((kanaal, partition), mark)| (kanaal, partition, mark)).collect())
}
