//! Changes of the registry: kanalen and subscriptions that are created, changed and deleted.

use std::{collections::BTreeSet, sync::Arc};

use model::{KanaalName, Mark, Partition, Subscription, SubscriptionId, outcome::Outcome, subscription::Status};
use storage::progress::Key;

use super::{Delivery, Machine, PartitionReader, SubscriptionState, partition::PartitionName, restore::StoredMark};
use crate::{arena::Id, duplicates::Duplicates, planted::planted};

impl Machine {
    /// Adds a kanaal with the ends of its partitions, or the new partitions of a known kanaal.
    pub(super) fn kanaal_set(&mut self, naam: &KanaalName, tails: &[Mark]) {
        for (number, tail) in tails.iter().enumerate() {
            let partition = Partition(number as u32);
            if self.reader_ids.contains_key(&(naam.clone(), partition)) {
                self.tail_moved(naam.clone(), partition, *tail);
            } else {
                self.add_reader(naam, partition, *tail);
            }
        }
    }

    fn add_reader(&mut self, naam: &KanaalName, partition: Partition, tail: Mark) {
        let stored = self.restored.take_reader(naam, partition);
        let mark = stored.unwrap_or(Mark::BEGINNING);
        let span = self.settings.duplicates;
        let duplicates_from = Mark(mark.0.saturating_sub(span as u64));
        let id = self.readers.insert(PartitionReader {
            name: Arc::new(PartitionName { kanaal: naam.clone(), number: partition }),
            mark,
            tail,
            oldest: Mark::BEGINNING,
            covering: 0,
            behind: BTreeSet::new(),
            ahead: BTreeSet::new(),
            reading: false,
            duplicates: Duplicates::new(span),
            duplicates_from: Some(duplicates_from).filter(|from| *from < mark),
            restored: stored.is_some() || (self.restored.has_level(naam, partition) && !planted!(StartLeadsOthersOn)),
        });
        self.reader_ids.insert((naam.clone(), partition), id);
        for subscription in self.subscriptions_covering(naam) {
            self.cover_partition(subscription, id);
        }
    }

    fn subscriptions_covering(&self, naam: &KanaalName) -> Vec<Id<SubscriptionState>> {
        let covering = self.subscriptions.iter().filter(|(_, one)| one.spec.selection.covers(naam));
        covering.map(|(id, _)| id).collect()
    }

    pub(super) fn kanaal_deleted(&mut self, naam: &KanaalName) {
        let gone: Vec<_> = self.reader_ids.iter().filter(|((own, _), _)| own == naam).map(|(_, id)| *id).collect();
        for id in gone {
            for subscription in self.subscriptions_covering(naam) {
                self.uncover_partition(subscription, id);
                self.end_unsettled_in(subscription, id);
            }
            if let Some(reader) = self.readers.remove(id) {
                self.reader_ids.remove(&(naam.clone(), reader.name.number));
                self.checkpoints.forget(Key::Reader(naam.clone(), reader.name.number));
            }
        }
    }

    /// Ends everything unsettled of a subscription that can be ended now.
    fn end_unsettled(&mut self, id: Id<SubscriptionState>, outcome: Outcome) {
        let Some(subscription) = self.subscriptions.get(id) else { return };
        self.end_deliveries(subscription.window.ids(), outcome);
    }

    fn end_unsettled_in(&mut self, id: Id<SubscriptionState>, reader: Id<PartitionReader>) {
        let Some(subscription) = self.subscriptions.get(id) else { return };
        let is_there = |id: &Id<Delivery>| self.deliveries.get(*id).is_some_and(|one| one.reader == reader);
        let there = subscription.window.unsettled.values().copied().filter(is_there).collect();
        self.end_deliveries(there, Outcome::Ended);
    }

    /// Deletes the stored progress of everything that is not in the registry, which is complete now.
    pub(super) fn registry_loaded(&mut self) {
        self.loaded = true;
        for url in self.restored.sinks_left() {
            let sink = self.find_or_create_sink(&url);
            self.remove_idle_sink(sink);
        }
        // Their subscription, kanaal or run was deleted before this start.
        for (delivery, retries, _) in self.restored.drain_unsettled() {
            self.checkpoints.forget(Key::Unsettled(delivery.clone()));
            self.journal_outcome(delivery, Outcome::Ended, retries, None);
        }
        for key in self.restored.drain() {
            self.checkpoints.forget(key);
        }
    }

    pub(super) fn subscription_set(&mut self, spec: Arc<Subscription>) {
        match self.subscription_ids.get(&spec.id) {
            Some(id) => self.subscription_changed(*id, spec),
            None => self.subscription_created(spec),
        }
    }

    fn subscription_created(&mut self, spec: Arc<Subscription>) {
        let sink = self.find_or_create_sink(spec.sink.key());
        let id = self.subscriptions.insert(SubscriptionState::new(Arc::clone(&spec), sink));
        self.subscription_ids.insert(spec.id, id);
        self.join_sink(sink, id);
        self.index.insert(id, &spec.selection);
        for reader in self.covered_partitions(&spec) {
            self.cover_partition(id, reader);
        }
        let unsettled = self.restored.take_unsettled(spec.id);
        self.restore_unsettled(id, unsettled);
        self.end_withheld(id);
        if let Some(outcome) = spec.status.end() {
            self.freeze_cursors(id);
            self.end_unsettled(id, outcome);
        }
        self.queue_catch_up_read(id);
        self.queue_at_sink(id);
    }

    fn subscription_changed(&mut self, id: Id<SubscriptionState>, spec: Arc<Subscription>) {
        let Some(subscription) = self.subscriptions.get_mut(id) else { return };
        let misses_consent = planted!(ConsentChangeIsMissed) && subscription.spec.consent != spec.consent;
        let misses_approval = planted!(ApprovalChangeIsMissed) && subscription.spec.approvals != spec.approvals;
        if misses_consent || misses_approval {
            return;
        }
        let old = std::mem::replace(&mut subscription.spec, Arc::clone(&spec));
        // A pause does not lift it: when it ends before the registry has the new status, nothing may be sent either (I4).
        let has_status = !matches!(spec.status, Status::Active | Status::Paused);
        if subscription
            .halt
            .is_some_and(|halt| spec.generation != halt.generation || has_status || planted!(HaltIsLifted))
        {
            subscription.halt = None;
        }
        if old.sink != spec.sink {
            self.change_sink(id, spec.sink.key());
        }
        if old.order != spec.order {
            self.change_order(id);
        }
        if old.selection != spec.selection {
            self.change_selection(id, &old, &spec);
        }
        match (old.status.end(), spec.status.end()) {
            (Some(outcome), None) => self.restart_at_start(id, outcome),
            (None, Some(outcome)) => self.end_subscription(id, outcome),
            _ => {}
        }
        // A selection that names the kanaal no more keeps nothing of it until there is an approval.
        if (old.approvals != spec.approvals || old.selection != spec.selection) && !planted!(WithheldStaysReady) {
            self.end_withheld(id);
        }
        let Some(subscription) = self.subscriptions.get(id) else { return };
        if !subscription.may_send() {
            self.release_payloads(id);
        }
        self.grant_changed(id);
        self.queue_catch_up_read(id);
        self.queue_run_reads(id);
        self.queue_at_sink(id);
    }

    fn change_sink(&mut self, id: Id<SubscriptionState>, key: &str) {
        let sink = self.find_or_create_sink(key);
        let Some(subscription) = self.subscriptions.get_mut(id) else { return };
        let old = std::mem::replace(&mut subscription.sink, sink);
        subscription.queued = false;
        let counted = subscription.counted_rate.take();
        self.forget_failures(id);
        self.leave_sink(old, id, counted);
        self.join_sink(sink, id);
    }

    fn change_selection(&mut self, id: Id<SubscriptionState>, old: &Subscription, new: &Subscription) {
        self.index.remove(id, &old.selection);
        self.index.insert(id, &new.selection);
        let (before, after) = (self.covered_partitions(old), self.covered_partitions(new));
        for reader in before.iter().filter(|reader| !after.contains(reader)) {
            self.uncover_partition(id, *reader);
        }
        for reader in after.iter().filter(|reader| !before.contains(reader)) {
            self.cover_partition(id, *reader);
        }
    }

    pub(super) fn subscription_deleted(&mut self, id: SubscriptionId) {
        let Some(subscription_id) = self.subscription_ids.remove(&id) else { return };
        let Some(spec) = self.subscriptions.get(subscription_id).map(|one| Arc::clone(&one.spec)) else { return };
        let outcome = spec.status.end().unwrap_or(Outcome::Ended);
        self.freeze_cursors(subscription_id);
        for reader_id in self.covered_partitions(&spec) {
            let tail = self.tail_of(reader_id);
            self.end_unread(subscription_id, reader_id, tail, outcome);
            self.uncover_partition(subscription_id, reader_id);
        }
        self.end_unsettled(subscription_id, outcome);
        self.index.remove(subscription_id, &spec.selection);
        let Some(subscription) = self.subscriptions.remove(subscription_id) else { return };
        for run in subscription.runs {
            self.remove_run(run);
        }
        self.leave_sink(subscription.sink, subscription_id, subscription.counted_rate);
    }

    /// The partitions of all kanalen that the selection of a subscription covers.
    fn covered_partitions(&self, spec: &Subscription) -> Vec<Id<PartitionReader>> {
        let covered = self.reader_ids.iter().filter(|((kanaal, _), _)| spec.selection.covers(kanaal));
        covered.map(|(_, id)| *id).collect()
    }

    /// A subscription covers a partition from now on. It continues at its stored mark; without one it begins where its
    /// `start` is set for this partition, else at the beginning, since the kanaal was created later. Who changes a
    /// selection sets `start` for what it comes to cover, so that it begins there also when the node crashes before a mark is
    /// stored. A stored mark before `start` is from a time when the subscription covered the kanaal before, and does not count.
    fn cover_partition(&mut self, subscription_id: Id<SubscriptionState>, reader_id: Id<PartitionReader>) {
        let (Some(subscription), Some(reader)) =
            (self.subscriptions.get(subscription_id), self.readers.get_mut(reader_id))
        else {
            return;
        };
        let spec = Arc::clone(&subscription.spec);
        let name = Arc::clone(&reader.name);
        reader.covering += 1;
        let mut start = start_in(&spec, &name);
        if let Some(stored) = self.restored.take_mark(spec.id, &name.kanaal, name.number)
            && (stored.mark(reader.mark) >= start || planted!(OldMarkCounts))
        {
            // Also when it is the mark of the reader: the subscription is level from now on, and that is stored.
            if let StoredMark::At(mark) = stored {
                self.set_cursor(subscription_id, reader_id, mark);
            }
            self.queue_shared_read(reader_id);
            return;
        }
        if planted!(StartIsTheEnd) && self.loaded {
            start = reader.tail;
        }
        // No other subscription relies on the mark of the reader: what lies before this start need not be read.
        if reader.subscriptions_served() == 1
            && start > reader.mark
            && !reader.reading
            && (self.loaded || !reader.restored)
        {
            reader.mark = start;
            reader.duplicates = Duplicates::new(self.settings.duplicates);
            reader.duplicates_from = None;
            self.checkpoints.reader_moved(reader_id);
        }
        self.set_cursor(subscription_id, reader_id, start);
    }

    /// Removes the state of a subscription in a partition that it does not cover any more.
    fn uncover_partition(&mut self, subscription_id: Id<SubscriptionState>, reader_id: Id<PartitionReader>) {
        self.remove_cursor(subscription_id, reader_id);
        let (Some(subscription), Some(reader)) =
            (self.subscriptions.get(subscription_id), self.readers.get_mut(reader_id))
        else {
            return;
        };
        reader.covering -= 1;
        let key = Key::Subscription(subscription.spec.id, reader.name.kanaal.clone(), reader.name.number);
        self.checkpoints.forget(key);
    }

    /// Ends a subscription: it accepts nothing any more, its cursors are frozen, and what was read and not sent is
    /// settled with this outcome. When it expired, so is what was not read.
    pub(super) fn end_subscription(&mut self, id: Id<SubscriptionState>, outcome: Outcome) {
        self.freeze_cursors(id);
        self.end_unsettled(id, outcome);
        self.end_runs(id);
        if outcome == Outcome::Expired {
            self.skip_to_end(id, outcome);
        }
    }

    /// Ends the deliveries of kanalen whose owner withholds their events from a subscription. Those of kanalen that it
    /// names are kept until there is an approval.
    pub(super) fn end_withheld(&mut self, id: Id<SubscriptionState>) {
        let Some(subscription) = self.subscriptions.get(id) else { return };
        let withheld = self.reader_ids.iter().filter(|((naam, _), _)| subscription.is_withheld(naam));
        let withheld: Vec<Id<PartitionReader>> = withheld.map(|(_, reader)| *reader).collect();
        for reader in withheld {
            self.end_unsettled_in(id, reader);
        }
    }

    /// Freezes the cursors of a subscription: they stay where they are, whatever the shared readers read.
    fn freeze_cursors(&mut self, subscription_id: Id<SubscriptionState>) {
        let Some(spec) = self.subscriptions.get(subscription_id).map(|one| Arc::clone(&one.spec)) else { return };
        for reader_id in self.covered_partitions(&spec) {
            if let Some(mark) = self.cursor_of(subscription_id, reader_id) {
                self.set_cursor_behind(subscription_id, reader_id, mark);
            }
        }
    }

    /// A subscription that had ended continues where its `start` is, which the change that makes it active again stored; what it
    /// did not read before is settled with the outcome that it had ended with. A start before its cursor is from before the end:
    /// then it continues at the end of the log that is known.
    fn restart_at_start(&mut self, subscription_id: Id<SubscriptionState>, outcome: Outcome) {
        let Some(spec) = self.subscriptions.get(subscription_id).map(|one| Arc::clone(&one.spec)) else { return };
        for reader_id in self.covered_partitions(&spec) {
            let (Some(mark), Some(reader)) = (self.cursor_of(subscription_id, reader_id), self.readers.get(reader_id))
            else {
                continue;
            };
            let start = start_in(&spec, &reader.name);
            let end = if start >= mark { start } else { reader.tail };
            if !planted!(RestartForgetsUnread) {
                self.end_unread(subscription_id, reader_id, end, outcome);
            }
            self.set_cursor(subscription_id, reader_id, end);
        }
    }

    /// Settles all that a subscription did not read and freezes its cursors at the end of all partitions.
    fn skip_to_end(&mut self, subscription_id: Id<SubscriptionState>, outcome: Outcome) {
        let Some(spec) = self.subscriptions.get(subscription_id).map(|one| Arc::clone(&one.spec)) else { return };
        for reader_id in self.covered_partitions(&spec) {
            // The end that is known may lag behind the one at which a kanaal was selected.
            let (mark, tail) = (self.cursor_of(subscription_id, reader_id), self.tail_of(reader_id));
            let end = tail.max(mark.unwrap_or_default());
            if !planted!(RestartForgetsUnread) {
                self.end_unread(subscription_id, reader_id, end, outcome);
            }
            self.set_cursor(subscription_id, reader_id, end);
        }
        self.freeze_cursors(subscription_id);
    }

    fn tail_of(&self, reader: Id<PartitionReader>) -> Mark {
        self.readers.get(reader).map_or(Mark::BEGINNING, |reader| reader.tail)
    }

    /// Settles what a subscription did not read of a partition, up to a mark.
    fn end_unread(
        &mut self,
        subscription_id: Id<SubscriptionState>,
        reader_id: Id<PartitionReader>,
        until: Mark,
        outcome: Outcome,
    ) {
        let Some(mark) = self.cursor_of(subscription_id, reader_id) else { return };
        let (Some(subscription), Some(reader)) = (self.subscriptions.get(subscription_id), self.readers.get(reader_id))
        else {
            return;
        };
        let (id, name) = (subscription.spec.id, Arc::clone(&reader.name));
        self.settle_range(id, &name, mark, until, outcome);
    }
}

/// Where a subscription starts in a partition.
fn start_in(spec: &Subscription, name: &PartitionName) -> Mark {
    let is_here = |entry: &&(KanaalName, Partition, Mark)| entry.0 == name.kanaal && entry.1 == name.number;
    spec.start.iter().find(is_here).map_or(Mark::BEGINNING, |(.., mark)| *mark)
}
