//! A cache of events that were decoded recently, so that shards and subscriptions which read the same segment of a log
//! one after the other share them (and the bodies rendered of them). It is bounded; what is not in it is read from the
//! log.

use std::{collections::VecDeque, sync::Arc};

use model::{KanaalName, Mark, Partition};

use crate::{
    decoded_event::DecodedEvent,
    machine::{FetchedEvents, Read},
};

/// Most segments, over all logs.
const MAX_SEGMENTS: usize = 32;
/// Most bytes of all segments. Beyond it, the oldest events of the least recently used segment are removed.
const MAX_BYTES: usize = 8 * 1024 * 1024;

/// Segments of logs, the most recently used one at the end.
#[derive(Default)]
pub(super) struct RecentEvents(Vec<Segment>);

/// Events of a partition without a gap.
struct Segment {
    kanaal: KanaalName,
    partition: Partition,
    /// The first mark it covers.
    from: Mark,
    /// The mark after the last one it covers.
    next: Mark,
    /// The oldest mark of the log when it was read.
    oldest: Mark,
    items: VecDeque<Arc<DecodedEvent>>,
    bytes: usize,
}

impl Segment {
    fn is_of(&self, what: &Read) -> bool {
        self.partition == what.partition && self.kanaal == what.kanaal
    }
}

impl RecentEvents {
    /// The result of a read; `None` when it is not in the cache.
    pub fn get(&mut self, what: &Read) -> Option<FetchedEvents> {
        let at = self.0.iter().position(|one| one.is_of(what) && one.from <= what.from && what.from < one.next)?;
        let segment = self.0.remove(at);
        let first = segment.items.partition_point(|item| item.position.mark() < what.from);
        let mut bytes = 0;
        let fits = |item: &&Arc<DecodedEvent>| {
            let fits = bytes < what.bytes;
            bytes += item.size;
            fits
        };
        let items: Vec<Arc<DecodedEvent>> =
            segment.items.range(first..).take(what.records).take_while(fits).cloned().collect();
        let whole = first + items.len() == segment.items.len();
        let next = items.last().filter(|_| !whole).map_or(segment.next, |item| item.position.after());
        let oldest = segment.oldest;
        self.0.push(segment);
        Some(FetchedEvents { items, next, oldest })
    }

    /// Adds the result of a read.
    pub fn put(&mut self, what: &Read, batch: &FetchedEvents) {
        if batch.next <= what.from || batch.oldest > what.from {
            return;
        }
        // Another shard read it concurrently.
        if self.0.iter().any(|one| one.is_of(what) && one.from <= what.from && batch.next <= one.next) {
            return;
        }
        let continues = self.0.iter().position(|one| one.is_of(what) && one.next == what.from);
        let fresh = || Segment {
            kanaal: what.kanaal.clone(),
            partition: what.partition,
            from: what.from,
            next: what.from,
            oldest: batch.oldest,
            items: VecDeque::new(),
            bytes: 0,
        };
        let mut segment = continues.map_or_else(fresh, |at| self.0.remove(at));
        segment.next = batch.next;
        segment.oldest = batch.oldest;
        for item in &batch.items {
            segment.bytes += item.size;
            segment.items.push_back(Arc::clone(item));
        }
        self.0.push(segment);
        self.shrink();
    }

    fn shrink(&mut self) {
        let mut bytes: usize = self.0.iter().map(|segment| segment.bytes).sum();
        while self.0.len() > MAX_SEGMENTS || bytes > MAX_BYTES {
            let enough = self.0.len() <= MAX_SEGMENTS;
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

    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Removes a kanaal that was deleted.
    pub fn forget(&mut self, kanaal: &KanaalName) {
        self.0.retain(|one| one.kanaal != *kanaal);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{arena::Arena, decoded_event::tests::item, machine::Fetch};

    fn read(from: u64, records: usize) -> Read {
        let id = Arena::<Fetch>::default().next_id();
        let kanaal = KanaalName::new("zaken").unwrap();
        let from = Mark(from);
        Read { id, kanaal, partition: Partition(0), from, records, bytes: usize::MAX, or_dead_letter: None }
    }

    fn batch(positions: std::ops::Range<u64>, next: u64) -> FetchedEvents {
        let items = positions.map(|position| Arc::new(item(position, "x", "{}"))).collect();
        FetchedEvents { items, next: Mark(next), oldest: Mark(0) }
    }

    fn seen(batch: Option<FetchedEvents>) -> Option<(Vec<u64>, u64)> {
        batch.map(|batch| (batch.items.iter().map(|item| item.position.0).collect(), batch.next.0))
    }

    #[test]
    fn a_stretch_answers_reads_within_it() {
        let mut recent = RecentEvents::default();
        recent.put(&read(0, 10), &batch(0..3, 3));
        // A gap behind the last record belongs to the segment.
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
        let mut recent = RecentEvents::default();
        for start in 0..100_000 {
            recent.put(&read(start, 1), &batch(start..start + 1, start + 1));
        }
        assert!(recent.get(&read(0, 1)).is_none() && recent.get(&read(99_999, 1)).is_some());
        let bytes = |recent: &RecentEvents| recent.0.iter().map(|one| one.bytes).sum::<usize>();
        assert!(bytes(&recent) <= MAX_BYTES);
        // Another segment takes the place of the events that were used longest ago.
        recent.put(&read(500_000, 1_000), &batch(500_000..501_000, 501_000));
        assert!(recent.get(&read(99_999, 1)).is_some() && recent.get(&read(500_000, 1)).is_some());
        assert!(bytes(&recent) <= MAX_BYTES);
        for start in 0..100 {
            recent.put(&read(1_000_000 + 10 * start, 1), &batch(0..0, 1_000_001 + 10 * start));
        }
        assert_eq!(recent.0.len(), MAX_SEGMENTS);
    }

    #[test]
    fn what_was_trimmed_on_the_way_is_not_kept() {
        let mut recent = RecentEvents::default();
        let trimmed = FetchedEvents { oldest: Mark(5), ..batch(5..6, 6) };
        recent.put(&read(0, 10), &trimmed);
        assert!(recent.get(&read(5, 1)).is_none());
    }
}
