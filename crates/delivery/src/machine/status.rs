//! How a subscription is doing, for its owner.

use model::{KanaalName, Mark, Partition, SubscriptionId, Timestamp, outcome::DeliveryKey, run::RunId};

use super::{Delivery, Flight, Machine, window::Stage};
use crate::arena::Id;

/// How a subscription is doing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SubscriptionStatus {
    /// Per partition how many records are not read yet, wanted or not.
    pub lag: Vec<(KanaalName, Partition, u64)>,
    /// Deliveries that were read and are not settled.
    pub unsettled: usize,
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
    /// The last answer that was no success.
    pub last_error: Option<(Timestamp, String)>,
}

/// How the whole shard is doing.
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
    /// Subscriptions with a mark of their own.
    pub lagging: usize,
    /// Sinks that are failing.
    pub outages: usize,
    /// When the oldest unsettled delivery was appended.
    pub oldest: Option<Timestamp>,
}

impl Machine {
    /// How one subscription is doing; `None` when it is not known here.
    pub fn status(&self, id: SubscriptionId) -> Option<SubscriptionStatus> {
        let sub_id = *self.sub_ids.get(&id)?;
        let sub = self.subs.get(sub_id)?;
        let sink = self.sinks.get(sub.sink)?;
        let lag = self.part_ids.iter().filter(|((kanaal, _), _)| sub.spec.selection.covers(kanaal));
        let lag = lag.filter_map(|((kanaal, partition), part_id)| {
            let (mark, part) = (self.mark_of(sub_id, *part_id)?, self.parts.get(*part_id)?);
            Some((kanaal.clone(), *partition, part.tail.0.saturating_sub(mark.0)))
        });
        let parked = sub.unsettled.values().filter_map(|id| self.deliveries.get(*id));
        Some(SubscriptionStatus {
            lag: lag.collect(),
            unsettled: sub.unsettled.len(),
            oldest_undelivered: self.oldest_unsettled(sub),
            in_flight: sub.in_flight,
            parked: parked.filter(|delivery| delivery.stage == Stage::Parked).count(),
            not_before: sink.silence.filter(|until| *until > self.now),
            outage_since: sink.outage.map(|outage| outage.since),
            last_error: sub.last_error.clone(),
        })
    }

    /// Where nothing of a subscription is unsettled before, in every partition it covers; `None` when it is not known here.
    pub fn marks(&self, id: SubscriptionId) -> Option<Vec<(KanaalName, Partition, Mark)>> {
        let sub_id = *self.sub_ids.get(&id)?;
        let sub = self.subs.get(sub_id)?;
        let live = || sub.unsettled.values().filter_map(|id| self.deliveries.get(*id)).filter(|one| one.run.is_none());
        let covered = self.part_ids.iter().filter(|((kanaal, _), _)| sub.spec.selection.covers(kanaal));
        let marks = covered.filter_map(|((kanaal, partition), part_id)| {
            let first = live().filter(|one| one.part == *part_id).map(|one| one.position.mark()).min();
            let mark = self.mark_of(sub_id, *part_id)?;
            Some((kanaal.clone(), *partition, first.map_or(mark, |first| first.min(mark))))
        });
        Some(marks.collect())
    }

    /// The kanalen, subscriptions and runs that are known.
    pub fn known(&self) -> (Vec<KanaalName>, Vec<SubscriptionId>, Vec<RunId>) {
        let mut kanalen: Vec<KanaalName> = self.part_ids.keys().map(|(naam, _)| naam.clone()).collect();
        kanalen.dedup();
        (kanalen, self.sub_ids.keys().copied().collect(), self.run_ids.keys().copied().collect())
    }

    /// The deliveries that a request under way makes.
    pub fn deliveries_of(&self, flight: Id<Flight>) -> Vec<DeliveryKey> {
        let ids = self.flights.get(flight).map(|flight| flight.deliveries.as_slice()).unwrap_or_default();
        ids.iter().filter_map(|id| self.deliveries.get(*id)).map(Delivery::key).collect()
    }

    /// Per partition that somebody wants events of: records that the shared reader has not read yet.
    pub fn partition_lags(&self) -> Vec<(KanaalName, Partition, u64)> {
        let wanted = self.parts.iter().filter(|(_, part)| part.covering > 0);
        let lag = |part: &super::Part| part.tail.0.saturating_sub(part.mark.0);
        wanted.map(|(_, part)| (part.place.kanaal.clone(), part.place.partition, lag(part))).collect()
    }

    /// How everything is doing.
    pub fn shard_status(&self) -> ShardStatus {
        ShardStatus {
            in_flight: self.flights.len(),
            unsettled: self.deliveries.len(),
            bytes: self.bytes,
            behind: self.parts.iter().map(|(_, part)| part.tail.0.saturating_sub(part.mark.0)).sum(),
            lagging: self.subs.iter().filter(|(_, sub)| !sub.lags.is_empty()).count(),
            outages: self.sinks.iter().filter(|(_, sink)| sink.outage.is_some()).count(),
            oldest: self.deliveries.iter().filter_map(|(_, delivery)| delivery.appended).min(),
        }
    }
}
