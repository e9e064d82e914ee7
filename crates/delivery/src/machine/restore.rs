//! Stored progress, kept until the kanalen, subscriptions and runs it belongs to are known. What belongs to none of
//! them when the registry is complete is deleted from the store.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use model::{
    KanaalName, Mark, Partition, SubscriptionId, Timestamp,
    outcome::{DeliveryKey, Outcome},
    run::RunId,
};
use storage::progress::{Key, Value};

use super::{
    Delivery, Machine, PartitionReader, RunState, SubscriptionState,
    delivery::{DeliveryState, Failure, Form},
    order::KeyOrder,
    partition::PartitionName,
};
use crate::{arena::Id, backoff, planted::planted};

/// A listed delivery: retries consumed, and when the next attempt may start.
pub(super) type Listed = (DeliveryKey, u32, Timestamp);

/// The stored position of a subscription in a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StoredMark {
    /// The mark of the shared reader.
    Level,
    /// The subscription had an own cursor at this mark.
    At(Mark),
}

impl StoredMark {
    /// Where the subscription was, when the stored mark of the shared reader is `reader`.
    pub const fn mark(self, reader: Mark) -> Mark {
        match self {
            Self::Level => reader,
            Self::At(mark) => mark,
        }
    }
}

/// Stored progress that was not taken yet.
#[derive(Debug, Default)]
pub(super) struct RestoredProgress {
    readers: HashMap<(KanaalName, Partition), Mark>,
    /// Partitions in which a subscription was level, also when no mark of the shared reader is stored yet.
    level: HashSet<(KanaalName, Partition)>,
    marks: HashMap<SubscriptionId, HashMap<(KanaalName, Partition), StoredMark>>,
    unsettled: HashMap<SubscriptionId, Vec<Listed>>,
    runs: HashMap<RunId, HashMap<(KanaalName, Partition), Mark>>,
    run_unsettled: HashMap<RunId, Vec<Listed>>,
    sinks: HashMap<String, Value>,
}

impl RestoredProgress {
    pub fn new(entries: Vec<(Key, Value)>) -> Self {
        let mut restored = Self::default();
        for (key, value) in entries {
            match (key, value) {
                (Key::Reader(kanaal, partition), Value::At(mark)) => {
                    restored.readers.insert((kanaal, partition), mark);
                }
                (Key::Subscription(id, kanaal, partition), Value::At(mark)) => {
                    restored.marks.entry(id).or_default().insert((kanaal, partition), StoredMark::At(mark));
                }
                (Key::Subscription(id, kanaal, partition), Value::Level) => {
                    restored.level.insert((kanaal.clone(), partition));
                    restored.marks.entry(id).or_default().insert((kanaal, partition), StoredMark::Level);
                }
                (Key::Unsettled(key), Value::Unsettled { attempts, not_before }) => {
                    let list = match key.run {
                        Some(run) => restored.run_unsettled.entry(run).or_default(),
                        None => restored.unsettled.entry(key.subscription).or_default(),
                    };
                    list.push((key, attempts, not_before));
                }
                (Key::Run(id, kanaal, partition), Value::At(mark)) => {
                    restored.runs.entry(id).or_default().insert((kanaal, partition), mark);
                }
                (Key::Sink(url), value @ Value::Sink { .. }) => {
                    restored.sinks.insert(url, value);
                }
                (key, value) => {
                    tracing::error!(?key, ?value, "stored progress is ignored: the value does not fit its key");
                }
            }
        }
        restored
    }

    pub fn take_reader(&mut self, kanaal: &KanaalName, partition: Partition) -> Option<Mark> {
        self.readers.remove(&(kanaal.clone(), partition))
    }

    /// Whether a subscription relies on the mark of the shared reader.
    pub fn has_level(&self, kanaal: &KanaalName, partition: Partition) -> bool {
        self.level.contains(&(kanaal.clone(), partition))
    }

    pub fn take_mark(&mut self, id: SubscriptionId, kanaal: &KanaalName, partition: Partition) -> Option<StoredMark> {
        self.marks.get_mut(&id)?.remove(&(kanaal.clone(), partition))
    }

    pub fn take_run_mark(&mut self, id: RunId, kanaal: &KanaalName, partition: Partition) -> Option<Mark> {
        self.runs.get_mut(&id)?.remove(&(kanaal.clone(), partition))
    }

    pub fn take_unsettled(&mut self, id: SubscriptionId) -> Vec<Listed> {
        sort(self.unsettled.remove(&id))
    }

    pub fn take_run_unsettled(&mut self, id: RunId) -> Vec<Listed> {
        sort(self.run_unsettled.remove(&id))
    }

    pub fn take_sink(&mut self, url: &str) -> Option<Value> {
        self.sinks.remove(url)
    }

    /// The URLs of stored sinks that no subscription has.
    pub fn sinks_left(&self) -> Vec<String> {
        self.sinks.keys().cloned().collect()
    }

    /// Removes the listed deliveries that are left; returns them.
    pub fn drain_unsettled(&mut self) -> Vec<Listed> {
        let of_runs = std::mem::take(&mut self.run_unsettled);
        std::mem::take(&mut self.unsettled).into_values().chain(of_runs.into_values()).flatten().collect()
    }

    /// Removes everything else that is left; returns its keys.
    pub fn drain(&mut self) -> Vec<Key> {
        let left = std::mem::take(self);
        let marks = left.marks.into_iter().flat_map(|(id, marks)| {
            marks.into_keys().map(move |(kanaal, partition)| Key::Subscription(id, kanaal, partition))
        });
        let runs = left
            .runs
            .into_iter()
            .flat_map(|(id, marks)| marks.into_keys().map(move |(kanaal, partition)| Key::Run(id, kanaal, partition)));
        left.readers
            .into_keys()
            .map(|(kanaal, partition)| Key::Reader(kanaal, partition))
            .chain(marks)
            .chain(runs)
            .collect()
    }
}

fn sort(list: Option<Vec<Listed>>) -> Vec<Listed> {
    let mut list = list.unwrap_or_default();
    list.sort_by(|(one, ..), (other, ..)| {
        (&one.kanaal, one.partition, one.position).cmp(&(&other.kanaal, other.partition, other.position))
    });
    list
}

impl Machine {
    /// Puts the listed deliveries of a subscription back in its window, without payloads. With order `key` their keys
    /// are in their records, so these are read before anything new is accepted.
    pub(super) fn restore_unsettled(&mut self, subscription_id: Id<SubscriptionState>, list: Vec<Listed>) {
        let Some(subscription) = self.subscriptions.get(subscription_id) else { return };
        let (keeps_order, policy, now) = (subscription.keeps_key_order(), subscription.spec.retry, self.moment());
        let mut keys_unknown = false;
        for (key, retries, not_before) in list {
            let Some(&reader_id) = self.reader_ids.get(&(key.kanaal.clone(), key.partition)) else {
                self.checkpoints.forget(Key::Unsettled(key.clone()));
                self.journal_outcome(key, Outcome::Ended, retries, None);
                continue;
            };
            // The wait before this retry bounds it, whatever the wall clock shows.
            let wait = backoff::wait(&policy, retries.saturating_sub(1), 0);
            let longest = if planted!(RestoredWaitFollowsClock) { Duration::MAX } else { wait };
            let not_before = now.instant_within(not_before, longest);
            let run = key.run.and_then(|id| self.run_ids.get(&id).map(|run| (*run, id)));
            let reads_key = keeps_order && key.run.is_none() && !planted!(KeysAreNotRead);
            let state = if reads_key {
                DeliveryState::Refetching { not_before }
            } else {
                DeliveryState::Ready { payload: None }
            };
            let id = self.restore_delivery(subscription_id, reader_id, &key, state, retries, run);
            self.expect_reread(subscription_id, reader_id, &key, run.map(|(run, _)| run));
            if reads_key {
                keys_unknown = true;
                self.refetch_payload(id);
            } else {
                self.make_ready_or_park(id, not_before);
            }
        }
        if let Some(subscription) = self.subscriptions.get_mut(subscription_id) {
            subscription.refetch.keys_unknown |= keys_unknown;
        }
    }

    fn restore_delivery(
        &mut self,
        subscription: Id<SubscriptionState>,
        reader: Id<PartitionReader>,
        key: &DeliveryKey,
        state: DeliveryState,
        retries: u32,
        run: Option<(Id<RunState>, RunId)>,
    ) -> Id<Delivery> {
        let name = self.readers.get(reader).map(|reader| Arc::clone(&reader.name));
        let partition =
            name.unwrap_or_else(|| Arc::new(PartitionName { kanaal: key.kanaal.clone(), number: key.partition }));
        let delivery = Delivery {
            subscription,
            subscription_id: key.subscription,
            reader,
            partition,
            position: key.position,
            run,
            number: 0,
            key: None,
            order: KeyOrder::None,
            state,
            retries,
            failure: (retries > 0).then_some(Failure { successes: 0, is_own: true }),
            requests: retries,
            appended: None,
            listed: true,
            form: Form::AsSubscribed,
        };
        self.insert_delivery(subscription, delivery)
    }

    /// A listed delivery at or beyond the stored mark will be read once more: it must not be accepted twice.
    fn expect_reread(
        &mut self,
        subscription_id: Id<SubscriptionState>,
        reader_id: Id<PartitionReader>,
        key: &DeliveryKey,
        run: Option<Id<RunState>>,
    ) {
        let run_mark = run.and_then(|run| self.runs.get(run)?.mark_in(reader_id));
        let Some(mark) = run_mark.or_else(|| self.cursor_of(subscription_id, reader_id)) else { return };
        if let Some(subscription) = self.subscriptions.get_mut(subscription_id)
            && key.position.mark() >= mark
            && !planted!(RereadIsNotExpected)
        {
            subscription.rereads.insert((reader_id, key.position, run));
        }
    }
}
