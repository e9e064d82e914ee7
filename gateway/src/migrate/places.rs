//! Where things stand after moving: a log of one partition has become one of several, in the same order. Pure.
//!
//! A mark becomes a mark in each partition: behind the last record that stood before it, so nothing is skipped and nothing
//! comes again. A record that is no longer on the log keeps a place of its own, where no log will ever come.

use std::collections::{BTreeMap, BTreeSet};

use model::{KanaalName, Mark, Partition, Position, outcome::DeliveryKey};

/// Places from here on are of records that were not on the log any more: no log grows so long, and JSON still holds them.
const NOWHERE: u64 = 1 << 52;

/// The places of the source that something refers to, by kanaal.
#[derive(Debug, Default)]
pub struct Wanted(BTreeMap<KanaalName, BTreeSet<u64>>);

impl Wanted {
    /// Something refers to a mark, or to the record at it.
    pub fn add(&mut self, kanaal: &KanaalName, place: u64) {
        match self.0.get_mut(kanaal) {
            Some(known) => drop(known.insert(place)),
            None => drop(self.0.insert(kanaal.clone(), BTreeSet::from([place]))),
        }
    }

    /// Those of a kanaal, as far as its log reaches; the two ends always.
    pub fn of(&self, kanaal: &KanaalName, first: Mark, end: Mark) -> BTreeSet<u64> {
        let known = self.0.get(kanaal).into_iter().flatten();
        known.map(|place| (*place).clamp(first.0, end.0)).chain([first.0, end.0]).collect()
    }
}

/// Where a kanaal's marks and records have gone.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Placed {
    /// By mark of the source, the mark in each partition; the first and the last are the ends of the log.
    pub marks: BTreeMap<u64, Vec<Mark>>,
    /// By position in the source.
    pub records: BTreeMap<u64, (Partition, Position)>,
}

/// The same of all kanalen.
#[derive(Debug, Default)]
pub struct Places(pub BTreeMap<KanaalName, Placed>);

impl Places {
    /// What a mark has become, a mark for each partition; none for a kanaal that is no more.
    pub fn marks(&self, kanaal: &KanaalName, mark: Mark) -> impl Iterator<Item = (Partition, Mark)> {
        let placed = self.0.get(kanaal).and_then(|placed| {
            let (first, end) = (placed.marks.first_key_value()?.0, placed.marks.last_key_value()?.0);
            placed.marks.get(&mark.0.clamp(*first, *end))
        });
        placed.into_iter().flatten().enumerate().map(|(number, mark)| (Partition(number as u32), *mark))
    }

    /// Where a record has gone.
    pub fn record(&self, kanaal: &KanaalName, position: Position) -> (Partition, Position) {
        let placed = self.0.get(kanaal).and_then(|placed| placed.records.get(&position.0)).copied();
        placed.unwrap_or((Partition(0), Position(NOWHERE + position.0)))
    }

    /// A delivery of that record.
    pub fn delivery(&self, delivery: &DeliveryKey) -> DeliveryKey {
        let (partition, position) = self.record(&delivery.kanaal, delivery.position);
        DeliveryKey { partition, position, ..delivery.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zaken() -> KanaalName {
        KanaalName::new("zaken").unwrap()
    }

    #[test]
    fn what_is_wanted_is_bounded_by_the_log() {
        let mut wanted = Wanted::default();
        for place in [0, 5, 7, 12] {
            wanted.add(&zaken(), place);
        }
        assert_eq!(wanted.of(&zaken(), Mark(4), Mark(9)), BTreeSet::from([4, 5, 7, 9]));
        assert_eq!(Wanted::default().of(&zaken(), Mark(4), Mark(9)), BTreeSet::from([4, 9]));
    }

    #[test]
    fn a_mark_becomes_one_for_each_partition() {
        let placed = Placed {
            marks: BTreeMap::from([
                (4, vec![Mark(0), Mark(0)]),
                (5, vec![Mark(1), Mark(0)]),
                (6, vec![Mark(1), Mark(2)]),
            ]),
            records: BTreeMap::from([(4, (Partition(0), Position(0))), (5, (Partition(1), Position(1)))]),
        };
        let places = Places(BTreeMap::from([(zaken(), placed)]));
        let marks = |mark| places.marks(&zaken(), Mark(mark)).map(|(_, mark)| mark.0).collect::<Vec<_>>();
        assert_eq!((marks(5), marks(6)), (vec![1, 0], vec![1, 2]));
        assert_eq!(marks(1), [0, 0], "what has expired before it begins at the first");
        assert_eq!(marks(9), [1, 2]);
        assert_eq!(places.record(&zaken(), Position(5)), (Partition(1), Position(1)));
        assert_eq!(places.record(&zaken(), Position(3)), (Partition(0), Position(NOWHERE + 3)), "it has expired");
        let other = KanaalName::new("weg").unwrap();
        assert_eq!(places.marks(&other, Mark(5)).count(), 0);
        assert_eq!(places.record(&other, Position(5)), (Partition(0), Position(NOWHERE + 5)));
    }
}
