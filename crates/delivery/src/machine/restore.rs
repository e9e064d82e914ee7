//! Stored progress, kept until the subscriptions, kanalen and runs it belongs to come in; what nothing asks for is
//! forgotten.

use std::{collections::HashMap, sync::Arc};

use model::{KanaalName, Mark, Partition, SubscriptionId, Timestamp, outcome::DeliveryKey, run::RunId};
use storage::progress::{Key, Value};

use super::{Delivery, Machine, Part, RunState, Sub, window::Stage};
use crate::arena::Id;

/// A restored delivery: attempts made, and when the next may start.
type Unsettled = (DeliveryKey, u32, Timestamp);

/// How far a subscription was in a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StoredMark {
    /// As far as the shared reader.
    Level,
    /// So far.
    At(Mark),
}

/// Stored progress that was not asked for yet.
#[derive(Debug, Default)]
pub(super) struct Restored {
    readers: HashMap<(KanaalName, Partition), Mark>,
    subs: HashMap<SubscriptionId, HashMap<(KanaalName, Partition), StoredMark>>,
    unsettled: HashMap<SubscriptionId, Vec<Unsettled>>,
    runs: HashMap<RunId, HashMap<(KanaalName, Partition), Mark>>,
    run_unsettled: HashMap<RunId, Vec<Unsettled>>,
    sinks: HashMap<String, Value>,
}

impl Restored {
    pub fn new(entries: Vec<(Key, Value)>) -> Self {
        let mut restored = Self::default();
        for (key, value) in entries {
            match (key, value) {
                (Key::Reader(kanaal, partition), Value::At(mark)) => {
                    restored.readers.insert((kanaal, partition), mark);
                }
                (Key::Subscription(id, kanaal, partition), Value::At(mark)) => {
                    restored.subs.entry(id).or_default().insert((kanaal, partition), StoredMark::At(mark));
                }
                (Key::Subscription(id, kanaal, partition), Value::Level) => {
                    restored.subs.entry(id).or_default().insert((kanaal, partition), StoredMark::Level);
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
                (key, value) => tracing::error!(?key, ?value, "stored progress that makes no sense is left out"),
            }
        }
        restored
    }

    pub fn take_reader(&mut self, kanaal: &KanaalName, partition: Partition) -> Option<Mark> {
        self.readers.remove(&(kanaal.clone(), partition))
    }

    pub fn take_mark(&mut self, id: SubscriptionId, kanaal: &KanaalName, partition: Partition) -> Option<StoredMark> {
        self.subs.get_mut(&id)?.remove(&(kanaal.clone(), partition))
    }

    pub fn take_run_mark(&mut self, id: RunId, kanaal: &KanaalName, partition: Partition) -> Option<Mark> {
        self.runs.get_mut(&id)?.remove(&(kanaal.clone(), partition))
    }

    pub fn take_unsettled(&mut self, id: SubscriptionId) -> Vec<Unsettled> {
        sorted(self.unsettled.remove(&id))
    }

    pub fn take_run_unsettled(&mut self, id: RunId) -> Vec<Unsettled> {
        sorted(self.run_unsettled.remove(&id))
    }

    pub fn take_sink(&mut self, url: &str) -> Option<Value> {
        self.sinks.remove(url)
    }

    /// Sinks that no subscription came for.
    pub fn sinks_left(&self) -> Vec<String> {
        self.sinks.keys().cloned().collect()
    }

    /// Everything else that is left.
    pub fn drain(&mut self) -> Vec<Key> {
        let left = std::mem::take(self);
        let marks = left.subs.into_iter().flat_map(|(id, marks)| {
            marks.into_keys().map(move |(kanaal, partition)| Key::Subscription(id, kanaal, partition))
        });
        let runs = left
            .runs
            .into_iter()
            .flat_map(|(id, marks)| marks.into_keys().map(move |(kanaal, partition)| Key::Run(id, kanaal, partition)));
        let unsettled = left.unsettled.into_values().chain(left.run_unsettled.into_values()).flatten();
        left.readers
            .into_keys()
            .map(|(kanaal, partition)| Key::Reader(kanaal, partition))
            .chain(marks)
            .chain(runs)
            .chain(unsettled.map(|(key, ..)| Key::Unsettled(key)))
            .collect()
    }
}

fn sorted(list: Option<Vec<Unsettled>>) -> Vec<Unsettled> {
    let mut list = list.unwrap_or_default();
    list.sort_by(|(one, ..), (other, ..)| {
        (&one.kanaal, one.partition, one.position).cmp(&(&other.kanaal, other.partition, other.position))
    });
    list
}

impl Machine {
    /// Puts the stored unsettled deliveries of a subscription back in its window.
    pub(super) fn restore_unsettled(&mut self, sub_id: Id<Sub>, list: Vec<Unsettled>) {
        let Some(sub) = self.subs.get(sub_id) else { return };
        let ordered = sub.ordered();
        let mut unkeyed = 0;
        for (key, attempts, not_before) in list {
            let place = (key.kanaal.clone(), key.partition);
            let Some(&part_id) = self.part_ids.get(&place) else {
                self.checkpoints.forget(Key::Unsettled(key));
                continue;
            };
            let run = key.run.and_then(|id| self.run_ids.get(&id).map(|run| (*run, id)));
            let id = self.restore_one(sub_id, part_id, &key, attempts, not_before, run);
            self.expect_again(sub_id, part_id, &key, run.map(|(run, _)| run));
            if ordered && key.run.is_none() {
                unkeyed += 1;
                self.want(id);
                continue;
            }
            if not_before > self.now {
                self.park(id);
            } else {
                self.make_ready(id);
            }
        }
        if let Some(sub) = self.subs.get_mut(sub_id) {
            sub.unkeyed += unkeyed;
        }
    }

    fn restore_one(
        &mut self,
        sub: Id<Sub>,
        part: Id<Part>,
        key: &DeliveryKey,
        attempts: u32,
        not_before: Timestamp,
        run: Option<(Id<RunState>, RunId)>,
    ) -> Id<Delivery> {
        let place = self.parts.get(part).map(|part| Arc::clone(&part.place));
        let place = place.unwrap_or_else(|| {
            Arc::new(super::partition::Place { kanaal: key.kanaal.clone(), partition: key.partition })
        });
        let delivery = Delivery {
            sub,
            subscription: key.subscription,
            part,
            place,
            position: key.position,
            run,
            number: 0,
            key: None,
            item: None,
            stage: Stage::Ready,
            attempts,
            requests: attempts,
            not_before,
            appended: None,
            listed: true,
            single: false,
            structured: false,
            burial: None,
        };
        self.admit(sub, delivery)
    }

    /// A listed delivery at or beyond the stored mark will be read once more; it must not be taken twice.
    fn expect_again(&mut self, sub_id: Id<Sub>, part_id: Id<Part>, key: &DeliveryKey, run: Option<Id<RunState>>) {
        let run_mark = run.and_then(|run| self.runs.get(run)?.mark_in(part_id));
        let (Some(sub), Some(part)) = (self.subs.get_mut(sub_id), self.parts.get(part_id)) else { return };
        let live_mark = sub.lags.get(&part_id).map_or(part.mark, |lag| lag.mark);
        let mark = run_mark.unwrap_or(live_mark);
        if key.position.mark() >= mark {
            sub.restored.insert((part_id, key.position, run));
        }
    }
}
