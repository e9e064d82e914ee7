//! The status of subscriptions and of the shard, for their owners and for the gauges.

use std::time::Duration;

use model::{KanaalName, Mark, Partition, SubscriptionId, Timestamp, outcome::DeliveryKey, run::RunId};

use super::{Delivery, Machine, PartitionReader, Request, delivery::DeliveryState};
use crate::{arena::Id, channel::Cause};

/// The status of a subscription.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SubscriptionStatus {
    /// Per partition how many records are not read yet, wanted or not. Records that retention removed do not count, as far
    /// as a read has shown that they are gone.
    pub lag: Vec<(KanaalName, Partition, u64)>,
    /// Deliveries that were read and are not settled.
    pub unsettled: usize,
    /// The same by kanaal, without kanalen that have none.
    pub unsettled_of: Vec<(KanaalName, u64)>,
    /// When the oldest of them was appended, as far as it is known.
    pub oldest_undelivered: Option<Timestamp>,
    /// Requests under way.
    pub in_flight: usize,
    /// Deliveries that wait for a retry.
    pub parked: usize,
    /// `Retry-After` of its sink, while it holds.
    pub not_before: Option<Timestamp>,
    /// Since when its sink has been failing.
    pub outage_since: Option<Timestamp>,
    /// When the last answer without success came, and its reason.
    pub last_error: Option<(Timestamp, String)>,
}

/// An outage of a sink.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SinkOutage {
    /// Since when the sink has been failing.
    pub since: Timestamp,
    /// The part that the last failure is attributed to.
    pub cause: Cause,
}

/// The status of a whole shard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ShardStatus {
    /// Requests under way.
    pub in_flight: usize,
    /// Deliveries that were read and are not settled.
    pub unsettled: usize,
    /// Payload bytes held.
    pub bytes: usize,
    /// Records not read yet by the shared readers.
    pub behind: u64,
    /// Subscriptions with an own cursor.
    pub lagging: usize,
    /// Sinks in outage.
    pub outages: usize,
    /// When the oldest unsettled delivery was appended.
    pub oldest: Option<Timestamp>,
    /// How long progress has waited to be stored.
    pub checkpoint_age: Duration,
}

/// Counts one for a kanaal.
pub(crate) fn count_kanaal(numbers: &mut Vec<(KanaalName, u64)>, kanaal: &KanaalName) {
    match numbers.iter_mut().find(|(own, _)| own == kanaal) {
        Some((_, number)) => *number += 1,
        None => numbers.push((kanaal.clone(), 1)),
    }
}

impl Machine {
    /// The status of one subscription; `None` when it is not known here.
    pub fn status(&self, id: SubscriptionId) -> Option<SubscriptionStatus> {
        let subscription_id = *self.subscription_ids.get(&id)?;
        let subscription = self.subscriptions.get(subscription_id)?;
        let sink = self.sinks.get(subscription.sink)?;
        let covered = self.reader_ids.iter().filter(|((kanaal, _), _)| subscription.spec.selection.covers(kanaal));
        let lag = covered.filter_map(|((kanaal, partition), reader_id)| {
            let (mark, reader) = (self.cursor_of(subscription_id, *reader_id)?, self.readers.get(*reader_id)?);
            Some((kanaal.clone(), *partition, reader.tail.0.saturating_sub(mark.max(reader.oldest).0)))
        });
        let unsettled = subscription.window.unsettled.values().filter_map(|id| self.deliveries.get(*id));
        let mut unsettled_of = Vec::new();
        unsettled.clone().for_each(|delivery| count_kanaal(&mut unsettled_of, &delivery.partition.kanaal));
        let parked = unsettled.filter(|delivery| matches!(delivery.state, DeliveryState::Parked { .. }));
        Some(SubscriptionStatus {
            lag: lag.collect(),
            unsettled: subscription.window.unsettled.len(),
            unsettled_of,
            oldest_undelivered: self.oldest_unsettled(subscription),
            in_flight: subscription.in_flight,
            parked: parked.count(),
            not_before: sink.silent_until.filter(|until| *until > self.now).map(|until| self.wall_of(until)),
            outage_since: sink.outage.map(|outage| self.wall_of(outage.since)),
            last_error: subscription.last_error.clone(),
        })
    }

    /// The subscriptions that are furthest behind, most first, at most `most`: records that were not read for them yet plus
    /// deliveries that are not settled. A subscription that is level with the shared reader and has nothing unsettled is
    /// left out.
    pub fn worst_lags(&self, most: usize) -> Vec<(SubscriptionId, u64)> {
        let mut lags: Vec<(SubscriptionId, u64)> = Vec::new();
        for (_, one) in self.subscriptions.iter() {
            if one.cursors.by_reader.is_empty() && one.window.unsettled.is_empty() {
                continue;
            }
            let status = self.status(one.spec.id).unwrap_or_default();
            let unread: u64 = status.lag.iter().map(|(_, _, records)| records).sum();
            lags.push((one.spec.id, unread + status.unsettled as u64));
        }
        keep_worst(&mut lags, most);
        lags
    }

    /// The outages of sinks, by the subscriptions that they concern.
    pub fn outages(&self) -> Vec<(SubscriptionId, SinkOutage)> {
        let failing = self.sinks.iter().filter_map(|(_, sink)| Some((sink, sink.outage.as_ref()?)));
        let outages = failing.flat_map(|(sink, outage)| {
            let outage = SinkOutage { since: self.wall_of(outage.since), cause: outage.cause() };
            let subscriptions = sink.subscriptions.iter().filter_map(|id| self.subscriptions.get(*id));
            subscriptions.map(move |one| (one.spec.id, outage))
        });
        outages.collect()
    }

    /// Per partition that a subscription covers, the mark before which nothing of it is unsettled; `None` when the
    /// subscription is not known here.
    pub fn marks(&self, id: SubscriptionId) -> Option<Vec<(KanaalName, Partition, Mark)>> {
        let subscription_id = *self.subscription_ids.get(&id)?;
        let subscription = self.subscriptions.get(subscription_id)?;
        let unsettled = || subscription.window.unsettled.values().filter_map(|id| self.deliveries.get(*id));
        let live = || unsettled().filter(|delivery| delivery.run.is_none());
        let covered = self.reader_ids.iter().filter(|((kanaal, _), _)| subscription.spec.selection.covers(kanaal));
        let marks = covered.filter_map(|((kanaal, partition), reader_id)| {
            let first = live().filter(|one| one.reader == *reader_id).map(|one| one.position.mark()).min();
            let mark = self.cursor_of(subscription_id, *reader_id)?;
            Some((kanaal.clone(), *partition, first.map_or(mark, |first| first.min(mark))))
        });
        Some(marks.collect())
    }

    /// The kanalen, subscriptions and runs that the machine knows.
    pub fn registered_ids(&self) -> (Vec<KanaalName>, Vec<SubscriptionId>, Vec<RunId>) {
        let mut kanalen: Vec<KanaalName> = self.reader_ids.keys().map(|(naam, _)| naam.clone()).collect();
        kanalen.dedup();
        (kanalen, self.subscription_ids.keys().copied().collect(), self.run_ids.keys().copied().collect())
    }

    /// The deliveries that a request under way carries.
    pub fn deliveries_of(&self, request: Id<Request>) -> Vec<DeliveryKey> {
        let ids = self.requests.get(request).map(|request| request.deliveries.as_slice()).unwrap_or_default();
        ids.iter().filter_map(|id| self.deliveries.get(*id)).map(Delivery::delivery_key).collect()
    }

    /// Per partition that a subscription covers: records that the shared reader has not read yet.
    pub fn partition_lags(&self) -> Vec<(KanaalName, Partition, u64)> {
        let covered = self.readers.iter().filter(|(_, reader)| reader.covering > 0);
        covered.map(|(_, reader)| (reader.name.kanaal.clone(), reader.name.number, lag(reader))).collect()
    }

    /// The status of the whole shard.
    pub fn shard_status(&self) -> ShardStatus {
        let has_own_cursor = |one: &super::SubscriptionState| !one.cursors.by_reader.is_empty();
        ShardStatus {
            in_flight: self.requests.len(),
            unsettled: self.deliveries.len(),
            bytes: self.bytes,
            behind: self.readers.iter().map(|(_, reader)| lag(reader)).sum(),
            lagging: self.subscriptions.iter().filter(|(_, one)| has_own_cursor(one)).count(),
            outages: self.sinks.iter().filter(|(_, sink)| sink.outage.is_some()).count(),
            oldest: self.deliveries.iter().filter_map(|(_, delivery)| delivery.appended).min(),
            checkpoint_age: self.checkpoints.age(self.now),
        }
    }
}

/// Sorts the largest lag first, equal ones by id, and removes all after the first `most` and those that are 0.
pub(crate) fn keep_worst(lags: &mut Vec<(SubscriptionId, u64)>, most: usize) {
    lags.retain(|(_, lag)| *lag > 0);
    lags.sort_unstable_by_key(|(id, lag)| (std::cmp::Reverse(*lag), id.0));
    lags.truncate(most);
}

fn lag(reader: &PartitionReader) -> u64 {
    reader.tail.0.saturating_sub(reader.mark.max(reader.oldest).0)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn g8_the_worst_come_first_and_no_more_than_asked() {
        let id = |number| SubscriptionId(Uuid::from_u128(number));
        let mut lags = vec![(id(1), 5), (id(2), 0), (id(4), 7), (id(3), 7), (id(5), 6)];
        keep_worst(&mut lags, 3);
        assert_eq!(lags, [(id(3), 7), (id(4), 7), (id(5), 6)]);
        keep_worst(&mut lags, 0);
        assert!(lags.is_empty());
    }
}
