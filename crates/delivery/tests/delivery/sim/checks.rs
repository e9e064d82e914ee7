//! Checks of a world against its logs: duplicates, and what runs delivered.

use std::{sync::Arc, time::Duration};

use delivery::{DecodedEvent, machine::WaitingFor};
use model::{
    Sink, Subscription, SubscriptionId,
    outcome::{DeliveryKey, Outcome},
    run::{RunId, RunSelection},
};
use storage::{journal::Entry as JournalEntry, progress::Key};

use super::{
    oracle::{PartitionName, delivery},
    world::World,
};

/// The longest wait for the pace of a sink: the lowest rate is one a minute.
const LONGEST_PACE: Duration = Duration::from_mins(2);

impl World {
    /// An event ends as a duplicate only when an equal one was appended before it and after the subscription changed.
    pub fn check_duplicate(&self, entry: &JournalEntry) {
        let JournalEntry::Settled { delivery, outcome: Outcome::Duplicate, .. } = entry else { return };
        let log = &self.logs[&(delivery.kanaal.clone(), delivery.partition)];
        let subscription = self.subscriptions.iter().find(|one| one.id == delivery.subscription);
        let (before, rest) = log.items.split_at(delivery.position.0 as usize);
        let repeats = |other: &Arc<DecodedEvent>| {
            other.digest == rest[0].digest && subscription.is_none_or(|one| other.appended >= one.changed)
        };
        assert!(before.iter().any(repeats), "duplicate: {delivery:?} repeats nothing that was sent");
    }

    /// A wait that is read back is no longer than the retry policy makes it, whatever the clock shows.
    pub fn check_restored_waits(&self) {
        // What a sink asked for is as long as it asked for.
        let is_silent = |sink: &Sink| self.store.contains_key(&Key::Sink(sink.key().to_owned()));
        for subscription in self.subscriptions.iter().filter(|one| !is_silent(&one.sink)) {
            let of_this = |key: &Key| match key {
                Key::Unsettled(key) if key.subscription == subscription.id => Some(key.clone()),
                _ => None,
            };
            let listed = self.store.keys().filter_map(of_this).collect();
            let latest = self.wall() + subscription.retry.cap.max(LONGEST_PACE);
            for (key, next) in self.machine.waiting(subscription.id, &listed).unwrap_or_default() {
                let is_in_time = next.waiting_for != WaitingFor::Retry || next.at.is_none_or(|at| at <= latest);
                assert!(is_in_time, "retries: {key:?} waits until {:?} after a restart, not {latest}", next.at);
            }
        }
    }

    /// Whether what a subscription gets depends on when it was read.
    fn has_other_selection(&self, id: &SubscriptionId) -> bool {
        self.reselected.contains(id) || self.moved.contains(id)
    }

    /// A run ends: it delivered everything, unless its subscription ended.
    pub fn check_run(&self, id: RunId) {
        let Some(run) = self.runs.iter().find(|run| run.id == id) else { return };
        let subscription = self.subscriptions.iter().find(|one| one.id == run.subscription);
        let is_exempt = |one: &&Subscription| self.ended.contains(&one.id) || self.has_other_selection(&one.id);
        let Some(subscription) = subscription.filter(|one| !is_exempt(one)) else { return };
        let in_run = |place: &PartitionName, item: &Arc<DecodedEvent>| {
            let is_there = item.position.0 as usize >= self.logs[place].oldest;
            match &run.what {
                RunSelection::Replay(ranges) => ranges.iter().any(|range| {
                    let (here, mark) = (range.kanaal == place.0 && range.partition == place.1, item.position.mark());
                    here && (range.from..range.until).contains(&mark)
                        && subscription.selection.matches(&item.facts(false))
                }),
                RunSelection::Records(records) => {
                    is_there && records.contains(&(place.0.clone(), place.1, item.position))
                }
            }
        };
        let items = self.logs.iter().flat_map(|(place, log)| log.items.iter().map(move |item| (place, item)));
        let chosen = items.filter(|(place, item)| in_run(place, item));
        let keys = chosen
            .map(|(place, item)| DeliveryKey { run: Some(id), ..delivery(subscription.id, place, item.position) });
        self.oracle.run_ends(id, keys);
    }
}
