//! Own cursors: where a subscription is in a partition when it is not level with the shared reader. Behind it, the
//! subscription reads for itself when its window has room, until it is level again; ahead of it, it waits for the
//! reader.

use std::{collections::BTreeMap, sync::Arc};

use model::{Mark, Timestamp, outcome::Outcome};

use super::{
    Machine, PartitionReader, SubscriptionState,
    effects::FetchedEvents,
    fetch::{Extent, Purpose, Waiting},
};
use crate::{arena::Id, decoded_event::DecodedEvent, planted::planted};

/// The own cursor of a subscription in one partition: the mark of the first event that it has not seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OwnCursor {
    /// A mark at or before that of the shared reader. The subscription reads for itself from there, or is frozen there.
    Behind(Mark),
    /// A mark beyond that of the shared reader. The subscription is level again when the reader reaches it.
    Ahead(Mark),
}

impl OwnCursor {
    pub const fn mark(self) -> Mark {
        match self {
            Self::Behind(mark) | Self::Ahead(mark) => mark,
        }
    }
}

/// The own cursors of a subscription. In a covered partition without an own cursor the subscription is level.
#[derive(Debug, Default)]
pub(super) struct OwnCursors {
    pub by_reader: BTreeMap<Id<PartitionReader>, OwnCursor>,
    /// Whether a read for one of these cursors is queued or under way.
    pub reading: bool,
    /// The partition read last; the partitions take turns.
    last_read: Option<Id<PartitionReader>>,
}

/// Most records read for a subscription that is behind while its sink is in outage and it has nothing to probe with.
const PROBE_RECORDS: usize = 16;

impl Machine {
    /// Sets the position of a subscription in a partition that it covers: level when it is the mark of the shared
    /// reader, else an own cursor.
    pub(super) fn set_cursor(
        &mut self,
        subscription_id: Id<SubscriptionState>,
        reader_id: Id<PartitionReader>,
        mark: Mark,
    ) {
        self.remove_cursor(subscription_id, reader_id);
        let (Some(subscription), Some(reader)) =
            (self.subscriptions.get_mut(subscription_id), self.readers.get_mut(reader_id))
        else {
            return;
        };
        if mark > reader.mark {
            subscription.cursors.by_reader.insert(reader_id, OwnCursor::Ahead(mark));
            reader.ahead.insert((mark, subscription_id));
        } else if mark < reader.mark {
            subscription.cursors.by_reader.insert(reader_id, OwnCursor::Behind(mark));
            reader.behind.insert(subscription_id);
        }
        self.checkpoints.cursor_moved(subscription_id, reader_id);
        self.queue_shared_read(reader_id);
    }

    /// Sets an own cursor that counts as behind, even when the shared reader has the same mark now.
    pub(super) fn set_cursor_behind(
        &mut self,
        subscription_id: Id<SubscriptionState>,
        reader_id: Id<PartitionReader>,
        mark: Mark,
    ) {
        let (Some(subscription), Some(reader)) =
            (self.subscriptions.get_mut(subscription_id), self.readers.get_mut(reader_id))
        else {
            return;
        };
        let before = subscription.cursors.by_reader.insert(reader_id, OwnCursor::Behind(mark));
        if let Some(OwnCursor::Ahead(ahead)) = before {
            reader.ahead.remove(&(ahead, subscription_id));
        }
        reader.behind.insert(subscription_id);
        self.checkpoints.cursor_moved(subscription_id, reader_id);
    }

    /// Removes the own cursor of a subscription in a partition, if it has one.
    pub(super) fn remove_cursor(&mut self, subscription_id: Id<SubscriptionState>, reader_id: Id<PartitionReader>) {
        let (Some(subscription), Some(reader)) =
            (self.subscriptions.get_mut(subscription_id), self.readers.get_mut(reader_id))
        else {
            return;
        };
        match subscription.cursors.by_reader.remove(&reader_id) {
            Some(OwnCursor::Ahead(ahead)) => drop(reader.ahead.remove(&(ahead, subscription_id))),
            Some(OwnCursor::Behind(_)) => drop(reader.behind.remove(&subscription_id)),
            None => {}
        }
    }

    /// The position of a subscription in a partition: its own cursor, or the mark of the shared reader.
    pub(super) fn cursor_of(
        &self,
        subscription_id: Id<SubscriptionState>,
        reader_id: Id<PartitionReader>,
    ) -> Option<Mark> {
        let (subscription, reader) = (self.subscriptions.get(subscription_id)?, self.readers.get(reader_id)?);
        Some(subscription.cursor_in(reader_id).map_or(reader.mark, OwnCursor::mark))
    }

    /// Queues a read for a subscription with own cursors, if at least half of its window is free, or it may send a probe.
    pub(super) fn queue_catch_up_read(&mut self, id: Id<SubscriptionState>) {
        let half = self.settings.window / 2;
        let half_bytes = self.settings.window_bytes / 2;
        let Some(subscription) = self.subscriptions.get(id) else { return };
        if subscription.cursors.by_reader.is_empty()
            || subscription.cursors.reading
            || (self.room(subscription) < half && !self.is_held_up(subscription))
            || subscription.window.bytes > half_bytes
            || !self.can_accept(subscription)
        {
            return;
        }
        if let Some(subscription) = self.subscriptions.get_mut(id) {
            subscription.cursors.reading = true;
            self.fetches.others_waiting.push_back(Waiting::CatchUp(id));
        }
    }

    /// Reads for the next partition in which a subscription is behind. Where it may lead the shared reader, that reads
    /// instead.
    pub(super) fn start_catch_up_read(&mut self, id: Id<SubscriptionState>) {
        let Some(subscription) = self.subscriptions.get_mut(id) else { return };
        subscription.cursors.reading = false;
        let last_read = subscription.cursors.last_read;
        let cursors: Vec<(Id<PartitionReader>, OwnCursor)> =
            subscription.cursors.by_reader.iter().map(|(reader, cursor)| (*reader, *cursor)).collect();
        let start = cursors.iter().position(|(reader, _)| Some(*reader) > last_read).unwrap_or(0);
        for at in 0..cursors.len() {
            let (reader_id, cursor) = cursors[(start + at) % cursors.len()];
            let OwnCursor::Behind(mark) = cursor else { continue };
            let Some(reader) = self.readers.get(reader_id) else { continue };
            if mark >= reader.mark {
                self.set_cursor(id, reader_id, mark);
                continue;
            }
            let Some(subscription) = self.subscriptions.get(id) else { return };
            if !self.can_accept(subscription) {
                return;
            }
            if self.may_lead_shared_reader(id, reader_id, mark) {
                self.rewind_shared_reader(reader_id, mark);
                continue;
            }
            self.read_behind(id, reader_id, mark);
            return;
        }
    }

    fn read_behind(&mut self, id: Id<SubscriptionState>, reader_id: Id<PartitionReader>, mark: Mark) {
        let Some(subscription) = self.subscriptions.get(id) else { return };
        let room = if self.is_held_up(subscription) { PROBE_RECORDS } else { self.room(subscription) };
        let records = room.min(self.settings.fetch_records);
        self.read(
            Purpose::CatchUp(id, reader_id),
            Extent { reader: reader_id, from: mark, records, or_dead_letter: None },
        );
        if let Some(subscription) = self.subscriptions.get_mut(id) {
            subscription.cursors.reading = true;
            subscription.cursors.last_read = Some(reader_id);
        }
    }

    /// Whether the shared reader may read for this subscription and all others at the same mark: no subscription is
    /// level with it, and none that may be sent to is further.
    fn may_lead_shared_reader(&self, id: Id<SubscriptionState>, reader_id: Id<PartitionReader>, mark: Mark) -> bool {
        let Some(reader) = self.readers.get(reader_id) else { return false };
        let is_further = |other: &Id<SubscriptionState>| {
            let other = self.subscriptions.get(*other).filter(|other| other.may_send());
            other.and_then(|other| other.cursor_in(reader_id)).is_some_and(|cursor| cursor.mark() > mark)
        };
        reader.is_idle() && !reader.behind.iter().any(|other| *other != id && is_further(other))
    }

    /// Sets the mark of the shared reader back. All that are there and may be sent to are level then.
    fn rewind_shared_reader(&mut self, reader_id: Id<PartitionReader>, mark: Mark) {
        let Some(reader) = self.readers.get_mut(reader_id) else { return };
        reader.mark = mark;
        if !planted!(RewindIsNotStored) {
            self.checkpoints.reader_moved(reader_id);
        }
        for other in reader.behind.clone() {
            let subscription = self.subscriptions.get(other).filter(|other| other.may_send());
            if subscription.and_then(|other| other.cursor_in(reader_id)) == Some(OwnCursor::Behind(mark)) {
                self.set_cursor(other, reader_id, mark);
            }
        }
    }

    pub(super) fn catch_up_fetched(
        &mut self,
        id: Id<SubscriptionState>,
        reader_id: Id<PartitionReader>,
        from: Mark,
        fetched: &FetchedEvents,
    ) {
        let cursor = self.subscriptions.get(id).and_then(|subscription| subscription.cursor_in(reader_id));
        if cursor == Some(OwnCursor::Behind(from)) {
            self.catch_up(id, reader_id, from, fetched);
        }
        self.queue_catch_up_read(id);
    }

    /// Moves an own cursor over events that were read for it, as far as the window has room and the shared reader is.
    fn catch_up(
        &mut self,
        id: Id<SubscriptionState>,
        reader_id: Id<PartitionReader>,
        from: Mark,
        fetched: &FetchedEvents,
    ) {
        let (Some(subscription), Some(reader)) = (self.subscriptions.get(id), self.readers.get(reader_id)) else {
            return;
        };
        let (spec, shared) = (Arc::clone(&subscription.spec), reader.mark);
        let needs_members = spec.selection.needs_members();
        let mut mark = from;
        if fetched.oldest > from {
            let name = Arc::clone(&reader.name);
            mark = fetched.oldest;
            if !planted!(CatchUpExpiryIsSilent) {
                self.settle_range(spec.id, &name, from, mark, Outcome::Expired);
            }
        }
        let first = mark;
        let mut rest = fetched.items.iter().skip_while(|item| item.position.mark() < first).peekable();
        let mut full = false;
        let is_before = |mark, shared| mark < shared || (planted!(CatchUpGoesTooFar) && mark == shared);
        while let Some(item) = rest.next_if(|item| is_before(item.position.mark(), shared)) {
            if spec.selection.matches(&item.facts(needs_members)) {
                let repeats = self.readers.get(reader_id).and_then(|reader| reader.duplicates.repeats(item.position));
                if !self.accept_unless_duplicate(id, reader_id, item, repeats) {
                    mark = if planted!(CatchUpSkipsOne) { item.position.after() } else { item.position.mark() };
                    full = true;
                    break;
                }
            }
            mark = item.position.after();
        }
        if !full {
            mark = mark.max(fetched.next.min(shared));
        }
        if mark < shared {
            self.set_cursor_behind(id, reader_id, mark);
            return;
        }
        // Level. An idle shared reader continues with what was read beyond its mark.
        let continues = self.readers.get(reader_id).is_some_and(|reader| reader.mark == shared && reader.is_idle());
        let rest: Vec<Arc<DecodedEvent>> = rest.cloned().collect();
        self.set_cursor(id, reader_id, shared);
        if continues && fetched.next > shared {
            self.distribute(reader_id, &rest, fetched.next);
        }
        self.queue_shared_read(reader_id);
    }

    /// Accepts an event that a subscription wants, or settles it as a duplicate; `false` when the window has no room.
    /// `repeats`: when the same event was appended before, if it was.
    pub(super) fn accept_unless_duplicate(
        &mut self,
        id: Id<SubscriptionState>,
        reader: Id<PartitionReader>,
        item: &Arc<DecodedEvent>,
        repeats: Option<Timestamp>,
    ) -> bool {
        let Some(subscription) = self.subscriptions.get(id) else { return true };
        // The subscription may not have been sent an event from before it was created or changed.
        if repeats.is_some_and(|original| original >= subscription.spec.changed || planted!(DuplicateOfUnsent)) {
            self.settle_duplicate(id, reader, item);
            return true;
        }
        self.accept(id, reader, item, None)
    }
}
