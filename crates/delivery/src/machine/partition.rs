//! Shared readers: one per partition, for all subscriptions that are level with it. Each record is read, decoded and
//! matched once. A shared reader never waits for a slow subscription: one that has no room for an event gets an own
//! cursor and reads for itself later (`catch_up`). When no subscription is level, the reader is idle.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use model::{KanaalName, Mark, Partition, SubscriptionId, Timestamp, outcome::Outcome};
use storage::journal::Entry;

use super::{
    Machine, SubscriptionState,
    catch_up::OwnCursor,
    effects::FetchedEvents,
    fetch::{Extent, Purpose},
    timers::Timer,
};
use crate::{arena::Id, decoded_event::DecodedEvent, duplicates::Duplicates, planted::planted};

/// A window is nearly full when less than this part of it is free: a quarter.
pub(super) const ROOM: usize = 4;
/// Longest time that a shared reader waits for a subscription whose window is nearly full.
const WAIT_FOR_ROOM: Duration = Duration::from_millis(10);

/// The name of a partition.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct PartitionName {
    pub kanaal: KanaalName,
    pub number: Partition,
}

/// The shared reader of a partition.
#[derive(Debug)]
pub(super) struct PartitionReader {
    pub name: Arc<PartitionName>,
    /// The next record to read for all level subscriptions.
    pub mark: Mark,
    /// The end of the log.
    pub tail: Mark,
    /// The oldest record that the log still has, as far as a read has shown.
    pub oldest: Mark,
    /// The number of subscriptions that select the kanaal.
    pub covering: usize,
    /// Subscriptions with an own cursor that is behind `mark` or frozen.
    pub behind: BTreeSet<Id<SubscriptionState>>,
    /// Subscriptions with an own cursor beyond `mark`, by that cursor: those that the reader reaches are the first ones.
    pub ahead: BTreeSet<(Mark, Id<SubscriptionState>)>,
    /// Whether a read is queued or under way.
    pub reading: bool,
    pub duplicates: Duplicates,
    /// The next record to read to fill the duplicates window after a restart; `None` when it is filled up to `mark`.
    pub duplicates_from: Option<Mark>,
    /// Whether `mark` is where the last owner of the shard was, so that stored subscriptions may rely on it.
    pub restored: bool,
}

impl PartitionReader {
    /// The number of subscriptions that the reader reads for: those that are level and those that are ahead.
    pub fn subscriptions_served(&self) -> usize {
        self.covering - self.behind.len()
    }

    /// Whether it reads for no subscription and no read is under way.
    pub fn is_idle(&self) -> bool {
        self.subscriptions_served() == 0 && !self.reading && self.duplicates_from.is_none()
    }
}

impl Machine {
    pub(super) fn tail_moved(&mut self, kanaal: KanaalName, partition: Partition, tail: Mark) {
        let Some(&id) = self.reader_ids.get(&(kanaal, partition)) else { return };
        if let Some(reader) = self.readers.get_mut(id) {
            reader.tail = reader.tail.max(tail);
        }
        if planted!(TailWakesNobody) {
            return;
        }
        self.queue_shared_read(id);
    }

    /// Queues a read of the shared reader, if there is something to read and a subscription to read it for.
    pub(super) fn queue_shared_read(&mut self, id: Id<PartitionReader>) {
        if let Some(reader) = self.readers.get_mut(id)
            && !reader.reading
            && reader.subscriptions_served() > 0
            && reader.tail > reader.mark
        {
            reader.reading = true;
            self.fetches.shared_waiting.push_back(id);
        }
    }

    pub(super) fn start_shared_read(&mut self, id: Id<PartitionReader>) {
        // A window that is not nearly full has room for a whole read.
        let records = self.settings.fetch_records.min(self.settings.window / ROOM);
        let waits = self.waits_for_room(id);
        let Some(reader) = self.readers.get_mut(id) else { return };
        if waits {
            reader.reading = false;
            return;
        }
        reader.duplicates_from = reader.duplicates_from.filter(|next| *next < reader.mark);
        let (purpose, from) = match reader.duplicates_from {
            Some(next) => (Purpose::Duplicates(id), next),
            None if reader.subscriptions_served() > 0 && reader.tail > reader.mark => {
                (Purpose::Shared(id), reader.mark)
            }
            None => {
                reader.reading = false;
                return;
            }
        };
        self.read(purpose, Extent { reader: id, from, records, or_dead_letter: None });
    }

    /// Whether the reader waits a moment because the window of a level subscription has just become nearly full: an own
    /// cursor and catching up cost more than that moment. A subscription makes it wait once until it has room again,
    /// and no longer than [`WAIT_FOR_ROOM`].
    fn waits_for_room(&mut self, id: Id<PartitionReader>) -> bool {
        let now = self.now;
        let mut until = None;
        let mut nearly_full = std::mem::take(&mut self.nearly_full);
        nearly_full.retain(|subscription| {
            let Some(subscription) = self.subscriptions.get(*subscription) else { return false };
            let wait = subscription.window.nearly_full_since.map(|since| since + WAIT_FOR_ROOM);
            let Some(wait) = wait.filter(|wait| *wait > now) else { return false };
            if self.is_level_and_working(subscription, id) {
                until = until.max(Some(wait));
            }
            true
        });
        self.nearly_full = nearly_full;
        let Some(until) = until else { return false };
        self.timers.set(until, Timer::Partition(id));
        if !self.readers_waiting_for_room.contains(&id) {
            self.readers_waiting_for_room.push(id);
        }
        true
    }

    fn is_level_and_working(&self, subscription: &SubscriptionState, id: Id<PartitionReader>) -> bool {
        let selection = &subscription.spec.selection;
        self.readers.get(id).is_some_and(|reader| selection.covers(&reader.name.kanaal))
            && subscription.cursor_in(id).is_none()
            && subscription.may_send()
            && !self.is_held_up(subscription)
    }

    /// Continues the readers that waited for room in a window.
    pub(super) fn resume_waiting_readers(&mut self) {
        for id in std::mem::take(&mut self.readers_waiting_for_room) {
            self.queue_shared_read(id);
        }
    }

    pub(super) fn duplicates_fetched(&mut self, id: Id<PartitionReader>, from: Mark, fetched: &FetchedEvents) {
        let Some(reader) = self.readers.get_mut(id) else { return };
        for item in fetched.items.iter().filter(|item| item.position.mark() < reader.mark) {
            reader.duplicates.add(item);
        }
        let next = fetched.next.max(fetched.oldest);
        reader.duplicates_from = Some(next).filter(|next| *next > from && *next < reader.mark);
        self.queue_shared_read(id);
    }

    pub(super) fn shared_fetched(&mut self, id: Id<PartitionReader>, from: Mark, fetched: &FetchedEvents) {
        // The mark may have been set back or on while the read was under way.
        if self.readers.get(id).is_none_or(|reader| reader.mark != from) {
            self.queue_shared_read(id);
            return;
        }
        if fetched.oldest > from {
            self.expire_unread(id, from, fetched.oldest);
        }
        let made_no_progress = fetched.next == from && fetched.items.is_empty();
        self.distribute(id, &fetched.items, fetched.next);
        if made_no_progress {
            self.timers.set(self.now + self.settings.storage_retry, Timer::Partition(id));
        } else {
            self.queue_shared_read(id);
        }
    }

    /// Offers events that follow the mark of a shared reader to every subscription that wants them, and moves the mark
    /// over them, up to `next` at most.
    pub(super) fn distribute(&mut self, id: Id<PartitionReader>, items: &[Arc<DecodedEvent>], next: Mark) {
        let mut wanting = Vec::new();
        let mut reached = next;
        for item in items {
            let Some(reader) = self.readers.get_mut(id) else { return };
            if item.position.mark() < reader.mark {
                continue;
            }
            let repeats = reader.duplicates.add(item);
            self.index.matching(item, &mut wanting);
            for subscription in &wanting {
                self.offer(*subscription, id, item, repeats);
            }
            let Some(reader) = self.readers.get_mut(id) else { return };
            reader.mark = item.position.after();
            if reader.subscriptions_served() == 0 {
                reached = reader.mark;
                break;
            }
        }
        let Some(reader) = self.readers.get_mut(id) else { return };
        reader.mark = reader.mark.max(reached);
        let mark = reader.mark;
        let reached: Vec<Id<SubscriptionState>> =
            reader.ahead.iter().take_while(|(ahead, _)| *ahead <= mark).map(|(_, id)| *id).collect();
        self.checkpoints.reader_moved(id);
        for subscription_id in reached {
            self.set_cursor(subscription_id, id, mark);
        }
    }

    /// Offers an event of the shared reader to a subscription that wants it. One that is behind reads it itself; one
    /// without room falls behind.
    fn offer(
        &mut self,
        subscription_id: Id<SubscriptionState>,
        reader_id: Id<PartitionReader>,
        item: &Arc<DecodedEvent>,
        repeats: Option<Timestamp>,
    ) {
        let Some(subscription) = self.subscriptions.get(subscription_id) else { return };
        let here = if planted!(AheadStartsEarly) { item.position.after() } else { item.position.mark() };
        match subscription.cursor_in(reader_id) {
            Some(OwnCursor::Ahead(mark)) if here >= mark => {
                let Some(reader) = self.readers.get(reader_id) else { return };
                self.set_cursor(subscription_id, reader_id, reader.mark);
            }
            Some(_) => return,
            None => {}
        }
        if !self.accept_unless_duplicate(subscription_id, reader_id, item, repeats) {
            let behind = if planted!(FallsBehindByOneMore) { item.position.after() } else { item.position.mark() };
            self.set_cursor_behind(subscription_id, reader_id, behind);
        }
    }

    /// Settles the records that retention removed before the shared reader read them.
    fn expire_unread(&mut self, id: Id<PartitionReader>, from: Mark, until: Mark) {
        let Some(reader) = self.readers.get_mut(id) else { return };
        reader.mark = reader.mark.max(until);
        let name = Arc::clone(&reader.name);
        let missed: Vec<(SubscriptionId, Mark)> = self
            .subscriptions
            .iter()
            .filter(|(_, subscription)| subscription.spec.selection.covers(&name.kanaal))
            .filter_map(|(_, subscription)| match subscription.cursor_in(id) {
                None => Some((subscription.spec.id, from)),
                Some(OwnCursor::Ahead(mark)) => Some((subscription.spec.id, mark)),
                Some(OwnCursor::Behind(_)) => None,
            })
            .collect();
        if planted!(ExpiryOfSharedIsSilent) {
            return;
        }
        for (subscription, from) in missed {
            self.settle_range(subscription, &name, from, until, Outcome::Expired);
        }
    }

    /// Counts and journals that the records of a range ended for a subscription without being read.
    pub(super) fn settle_range(
        &mut self,
        subscription: SubscriptionId,
        name: &PartitionName,
        from: Mark,
        until: Mark,
        outcome: Outcome,
    ) {
        let until = if planted!(ExpiryIsOneShort) { Mark(until.0.saturating_sub(1)) } else { until };
        if from >= until {
            return;
        }
        if outcome == Outcome::Expired {
            let (kanaal, partition, records) = (name.kanaal.as_str(), name.number.0, until.0 - from.0);
            tracing::warn!(%subscription, kanaal, partition, records, "records expired before a subscription read them");
        }
        if let Some(at) = Outcome::ALL.iter().position(|other| *other == outcome) {
            self.effects.counts.passed_over[at] += until.0 - from.0;
        }
        self.effects.journal.push(Entry::SettledRange {
            subscription,
            kanaal: name.kanaal.clone(),
            partition: name.number,
            from,
            until,
            outcome,
            at: self.wall,
        });
    }
}
