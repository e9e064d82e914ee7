//! Events that were decoded a moment ago, so that subscriptions which read the same stretch of a log one after the other
//! share them (and the bodies rendered of them). It is bounded, and no more than a saving: what is not here is read.

use std::{collections::VecDeque, sync::Arc};

use model::{KanaalName, Mark, Partition};

use crate::{
    item::Item,
    machine::{Batch, Read},
};

/// Most stretches kept, over all logs.
const STRETCHES: usize = 32;
/// Most bytes of all of them; the oldest events of the stretch go first that was used longest ago.
const BYTES: usize = 8 * 1024 * 1024;

/// Stretches of logs, the one used last at the end.
#[derive(Default)]
pub(super) struct Recent(Vec<Stretch>);

struct Stretch {
    kanaal: KanaalName,
    partition: Partition,
    /// The first mark it covers.
    from: Mark,
    /// Behind the last.
    next: Mark,
    /// The oldest mark that could be read when it was.
    oldest: Mark,
    items: VecDeque<Arc<Item>>,
    bytes: usize,
}

impl Stretch {
    fn is_of(&self, what: &Read) -> bool {
        self.partition == what.partition && self.kanaal == what.kanaal
    }
}

impl Recent {
    /// What a read would give, if it is here.
    pub fn get(&mut self, what: &Read) -> Option<Batch> {
        let at = self.0.iter().position(|one| one.is_of(what) && one.from <= what.from && what.from < one.next)?;
        let stretch = self.0.remove(at);
        let first = stretch.items.partition_point(|item| item.position.mark() < what.from);
        let mut bytes = 0;
        let fits = |item: &&Arc<Item>| {
            let fits = bytes < what.bytes;
            bytes += item.size;
            fits
        };
        let items: Vec<Arc<Item>> = stretch.items.range(first..).take(what.records).take_while(fits).cloned().collect();
        let whole = first + items.len() == stretch.items.len();
        let next = items.last().filter(|_| !whole).map_or(stretch.next, |item| item.position.after());
        let oldest = stretch.oldest;
        self.0.push(stretch);
        Some(Batch { items, next, oldest })
    }

    /// Keeps what a read gave.
    pub fn put(&mut self, what: &Read, batch: &Batch) {
        if batch.next <= what.from || batch.oldest > what.from {
            return;
        }
        // Somebody else read it at the same time.
        if self.0.iter().any(|one| one.is_of(what) && one.from <= what.from && batch.next <= one.next) {
            return;
        }
        let continues = self.0.iter().position(|one| one.is_of(what) && one.next == what.from);
        let fresh = || Stretch {
            kanaal: what.kanaal.clone(),
            partition: what.partition,
            from: what.from,
            next: what.from,
            oldest: batch.oldest,
            items: VecDeque::new(),
            bytes: 0,
        };
        let mut stretch = continues.map_or_else(fresh, |at| self.0.remove(at));
        stretch.next = batch.next;
        stretch.oldest = batch.oldest;
        for item in &batch.items {
            stretch.bytes += item.size;
            stretch.items.push_back(Arc::clone(item));
        }
        self.0.push(stretch);
        self.shrink();
    }

    fn shrink(&mut self) {
        let mut bytes: usize = self.0.iter().map(|stretch| stretch.bytes).sum();
        while self.0.len() > STRETCHES || bytes > BYTES {
            let enough = self.0.len() <= STRETCHES;
            let oldest = &mut self.0[0];
            if enough && let Some(item) = oldest.items.pop_front() {
                oldest.from = item.position.after();
                oldest.bytes -= item.size;
                bytes -= item.size;
            } else {
                bytes -= self.0.remove(0).bytes;
            }
        }
    }

    /// Forgets a kanaal that was deleted.
    pub fn forget(&mut self, kanaal: &KanaalName) {
        self.0.retain(|one| one.kanaal != *kanaal);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{arena::Arena, item::tests::item, machine::Fetch};

    fn read(from: u64, records: usize) -> Read {
        let id = Arena::<Fetch>::default().next_id();
        let kanaal = KanaalName::new("zaken").unwrap();
        let from = Mark(from);
        Read { id, kanaal, partition: Partition(0), from, records, bytes: usize::MAX, or_dead_letter: None }
    }

    fn batch(positions: std::ops::Range<u64>, next: u64) -> Batch {
        let items = positions.map(|position| Arc::new(item(position, "x", "{}"))).collect();
        Batch { items, next: Mark(next), oldest: Mark(0) }
    }

    fn seen(batch: Option<Batch>) -> Option<(Vec<u64>, u64)> {
        batch.map(|batch| (batch.items.iter().map(|item| item.position.0).collect(), batch.next.0))
    }

    #[test]
    fn a_stretch_answers_reads_within_it() {
        let mut recent = Recent::default();
        recent.put(&read(0, 10), &batch(0..3, 3));
        // A gap behind the last record belongs to the stretch.
        recent.put(&read(3, 10), &batch(3..5, 8));
        for (from, records, expected) in [
            (0, 2, Some((vec![0, 1], 2))),
            (2, 10, Some((vec![2, 3, 4], 8))),
            (4, 1, Some((vec![4], 8))),
            (6, 10, Some((vec![], 8))),
            (8, 10, None),
        ] {
            assert_eq!(seen(recent.get(&read(from, records))), expected, "{from} {records}");
        }
        let zaken = KanaalName::new("zaken").unwrap();
        recent.forget(&zaken);
        assert!(recent.get(&read(0, 1)).is_none());
    }

    #[test]
    fn what_is_kept_is_bounded_i8() {
        let mut recent = Recent::default();
        for start in 0..100_000 {
            recent.put(&read(start, 1), &batch(start..start + 1, start + 1));
        }
        assert!(recent.get(&read(0, 1)).is_none() && recent.get(&read(99_999, 1)).is_some());
        let bytes = |recent: &Recent| recent.0.iter().map(|one| one.bytes).sum::<usize>();
        assert!(bytes(&recent) <= BYTES);
        // Another stretch takes the place of the events that were used longest ago.
        recent.put(&read(500_000, 1_000), &batch(500_000..501_000, 501_000));
        assert!(recent.get(&read(99_999, 1)).is_some() && recent.get(&read(500_000, 1)).is_some());
        assert!(bytes(&recent) <= BYTES);
        for start in 0..100 {
            recent.put(&read(1_000_000 + 10 * start, 1), &batch(0..0, 1_000_001 + 10 * start));
        }
        assert_eq!(recent.0.len(), STRETCHES);
    }

    #[test]
    fn what_was_trimmed_on_the_way_is_not_kept() {
        let mut recent = Recent::default();
        let trimmed = Batch { oldest: Mark(5), ..batch(5..6, 6) };
        recent.put(&read(0, 10), &trimmed);
        assert!(recent.get(&read(5, 1)).is_none());
    }
}
