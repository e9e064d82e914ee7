//! Maps marks and positions of the source (one partition per kanaal) to those of the target (several partitions). Pure.
//!
//! A mark becomes one mark per partition, directly behind the last record before it, so no event is skipped or delivered
//! twice. A record that retention removed from the log gets a unique position above [`EXPIRED_POSITIONS`].

use std::collections::{BTreeMap, BTreeSet};

use model::{KanaalName, Mark, Partition, Position, outcome::DeliveryKey};

/// The first position given to records that are no longer on the log. No log grows this long, and a JSON number can hold it.
const EXPIRED_POSITIONS: u64 = 1 << 52;

/// The marks and positions of the source that subscriptions, runs, progress or dead letters refer to, by kanaal.
#[derive(Debug, Default)]
pub struct ReferencedPositions(BTreeMap<KanaalName, BTreeSet<u64>>);

impl ReferencedPositions {
    /// Adds a mark, or the position of a record.
    pub fn add(&mut self, kanaal: &KanaalName, position: u64) {
        match self.0.get_mut(kanaal) {
            Some(known) => drop(known.insert(position)),
            None => drop(self.0.insert(kanaal.clone(), BTreeSet::from([position]))),
        }
    }

    /// Those of a kanaal, limited to its log from `first` to `end`; both ends are always included.
    pub fn of(&self, kanaal: &KanaalName, first: Mark, end: Mark) -> BTreeSet<u64> {
        let known = self.0.get(kanaal).into_iter().flatten();
        known.map(|position| (*position).clamp(first.0, end.0)).chain([first.0, end.0]).collect()
    }
}

/// The marks and positions of one kanaal in the target.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct KanaalPositions {
    /// By mark of the source, the mark in each partition; the first and the last are the ends of the log.
    pub marks: BTreeMap<u64, Vec<Mark>>,
    /// The partition and position of each copied record, by its position in the source.
    pub records: BTreeMap<u64, (Partition, Position)>,
}

/// The marks and positions of all kanalen in the target.
#[derive(Debug, Default)]
pub struct PositionMap(pub BTreeMap<KanaalName, KanaalPositions>);

impl PositionMap {
    /// The marks that replace a mark of the source, one per partition; none for a kanaal that was deleted.
    pub fn marks(&self, kanaal: &KanaalName, mark: Mark) -> impl Iterator<Item = (Partition, Mark)> {
        let positions = self.0.get(kanaal).and_then(|positions| {
            let (first, end) = (positions.marks.first_key_value()?.0, positions.marks.last_key_value()?.0);
            positions.marks.get(&mark.0.clamp(*first, *end))
        });
        positions.into_iter().flatten().enumerate().map(|(number, mark)| (Partition(number as u32), *mark))
    }

    /// The partition and position of a record in the target.
    pub fn record(&self, kanaal: &KanaalName, position: Position) -> (Partition, Position) {
        let positions = self.0.get(kanaal).and_then(|positions| positions.records.get(&position.0)).copied();
        positions.unwrap_or((Partition(0), Position(EXPIRED_POSITIONS + position.0)))
    }

    /// Whether a record is on the log of the target.
    pub fn is_on_log(&self, kanaal: &KanaalName, position: Position) -> bool {
        self.0.get(kanaal).is_some_and(|positions| positions.records.contains_key(&position.0))
    }

    /// The key of the same delivery in the target.
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
    fn referenced_positions_are_bounded_by_the_log() {
        let mut referenced = ReferencedPositions::default();
        for position in [0, 5, 7, 12] {
            referenced.add(&zaken(), position);
        }
        assert_eq!(referenced.of(&zaken(), Mark(4), Mark(9)), BTreeSet::from([4, 5, 7, 9]));
        assert_eq!(ReferencedPositions::default().of(&zaken(), Mark(4), Mark(9)), BTreeSet::from([4, 9]));
    }

    #[test]
    fn a_mark_becomes_one_for_each_partition() {
        let positions = KanaalPositions {
            marks: BTreeMap::from([
                (4, vec![Mark(0), Mark(0)]),
                (5, vec![Mark(1), Mark(0)]),
                (6, vec![Mark(1), Mark(2)]),
            ]),
            records: BTreeMap::from([(4, (Partition(0), Position(0))), (5, (Partition(1), Position(1)))]),
        };
        let positions = PositionMap(BTreeMap::from([(zaken(), positions)]));
        let marks = |mark| positions.marks(&zaken(), Mark(mark)).map(|(_, mark)| mark.0).collect::<Vec<_>>();
        assert_eq!((marks(5), marks(6)), (vec![1, 0], vec![1, 2]));
        assert_eq!(marks(1), [0, 0], "what has expired before it begins at the first");
        assert_eq!(marks(9), [1, 2]);
        assert_eq!(positions.record(&zaken(), Position(5)), (Partition(1), Position(1)));
        assert_eq!(
            positions.record(&zaken(), Position(3)),
            (Partition(0), Position(EXPIRED_POSITIONS + 3)),
            "it has expired"
        );
        let other = KanaalName::new("weg").unwrap();
        assert_eq!(positions.marks(&other, Mark(5)).count(), 0);
        assert_eq!(positions.record(&other, Position(5)), (Partition(0), Position(EXPIRED_POSITIONS + 5)));
    }
}
