//! How far a subscription is, as far as checkpoints tell: for nodes that do not deliver it.

use std::collections::HashMap;

use model::{KanaalName, Mark, Partition, Subscription};
use storage::{
    Error,
    log::Point,
    progress::{Key, Shard, Value},
};

use super::EngineParts;
use crate::machine::SubscriptionStatus;

/// What the checkpoints of its shard say of a subscription.
struct Stored {
    entries: HashMap<Key, Value>,
    /// Those that it covers.
    partitions: Vec<(KanaalName, Partition)>,
    /// Where it is in each.
    marks: Vec<Mark>,
}

impl Stored {
    async fn read(parts: &EngineParts, shard: Shard, subscription: &Subscription) -> Result<Self, Error> {
        let entries: HashMap<Key, Value> = parts.progress.stored(shard).await?.into_iter().collect();
        let kanalen: Vec<KanaalName> = {
            let registry = parts.control.registry();
            let registry = registry.read();
            let covered = registry.kanalen().filter(|kanaal| subscription.selection.covers(&kanaal.naam));
            covered.map(|kanaal| kanaal.naam.clone()).collect()
        };
        let partitions = parts.log.partitions_of(kanalen).await?;
        let marks = partitions.iter().map(|place| mark_in(&entries, subscription, place)).collect();
        Ok(Self { entries, partitions, marks })
    }
}

/// The mark of a subscription in a partition: its own, else that of the shared reader, else where it starts.
fn mark_in(
    entries: &HashMap<Key, Value>,
    subscription: &Subscription,
    (kanaal, partition): &(KanaalName, Partition),
) -> Mark {
    let of_reader = || match entries.get(&Key::Reader(kanaal.clone(), *partition)) {
        Some(Value::At(mark)) => *mark,
        _ => Mark::BEGINNING,
    };
    match entries.get(&Key::Subscription(subscription.id, kanaal.clone(), *partition)) {
        Some(Value::At(mark)) => *mark,
        Some(Value::Level) => of_reader(),
        _ => {
            let here = |entry: &&(KanaalName, Partition, Mark)| (&entry.0, &entry.1) == (kanaal, partition);
            subscription.start.iter().find(here).map_or(Mark::BEGINNING, |(_, _, mark)| *mark)
        }
    }
}

/// How a subscription is doing.
pub(super) async fn status(
    parts: &EngineParts,
    shard: Shard,
    subscription: &Subscription,
) -> Result<SubscriptionStatus, Error> {
    let Stored { entries, partitions, marks } = Stored::read(parts, shard, subscription).await?;
    let ends = parts.log.marks(&partitions, Point::End).await?;
    let now = parts.clock.now();
    let mut status = SubscriptionStatus::default();
    for ((kanaal, partition), (end, mark)) in partitions.into_iter().zip(ends.into_iter().zip(marks)) {
        status.lag.push((kanaal, partition, end.0.saturating_sub(mark.0)));
    }
    for (key, value) in &entries {
        match (key, value) {
            (Key::Unsettled(delivery), Value::Unsettled { not_before, .. })
                if delivery.subscription == subscription.id =>
            {
                status.unsettled += 1;
                status.parked += usize::from(*not_before > now);
            }
            (Key::Sink(url), Value::Sink { not_before, outage_since, .. }) if *url == subscription.sink => {
                status.not_before = not_before.filter(|moment| *moment > now);
                status.outage_since = *outage_since;
            }
            _ => {}
        }
    }
    Ok(status)
}

/// Where nothing before is unsettled, in every partition that a subscription covers.
pub(super) async fn marks(
    parts: &EngineParts,
    shard: Shard,
    subscription: &Subscription,
) -> Result<Vec<(KanaalName, Partition, Mark)>, Error> {
    let Stored { entries, partitions, mut marks } = Stored::read(parts, shard, subscription).await?;
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
