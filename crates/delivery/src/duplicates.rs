//! The duplicates window of a partition: which of its last records repeat an earlier one (GW-09).
//!
//! A record repeats another when source, id, all other attributes and payload are equal, which is one digest here.
//! The same source and id with another digest is another event.

use std::collections::{HashMap, VecDeque};

use model::{Position, Timestamp};

use crate::{decoded_event::DecodedEvent, planted::planted};

/// The last records of one partition, by digest.
#[derive(Debug)]
pub struct Duplicates {
    span: usize,
    entries: VecDeque<Entry>,
    latest: HashMap<u64, Timestamp>,
}

#[derive(Debug)]
struct Entry {
    position: Position,
    appended: Timestamp,
    digest: u64,
    /// When the record that this one repeats was appended.
    repeats: Option<Timestamp>,
}

impl Duplicates {
    /// A window over `span` records; 0 finds no duplicates.
    pub fn new(span: usize) -> Self {
        Self { span, entries: VecDeque::new(), latest: HashMap::new() }
    }

    /// Adds the next record; returns when the record that it repeats was appended, if it repeats one. A record at or
    /// before the newest one is not added again.
    pub fn add(&mut self, item: &DecodedEvent) -> Option<Timestamp> {
        if self.span == 0 {
            return None;
        }
        if self.entries.back().is_some_and(|newest| newest.position >= item.position) && !planted!(RereadRepeatsItself)
        {
            return self.repeats(item.position);
        }
        if self.entries.len() == self.span
            && let Some(oldest) = self.entries.pop_front()
            && self.latest.get(&oldest.digest) == Some(&oldest.appended)
        {
            self.latest.remove(&oldest.digest);
        }
        let repeats = self.latest.insert(item.digest, item.appended);
        self.entries.push_back(Entry {
            position: item.position,
            appended: item.appended,
            digest: item.digest,
            repeats,
        });
        repeats
    }

    /// When the record that the one at `position` repeats was appended; `None` also when it is not in the window.
    pub fn repeats(&self, position: Position) -> Option<Timestamp> {
        let at = self.entries.binary_search_by_key(&position, |entry| entry.position).ok()?;
        self.entries[at].repeats
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decoded_event::tests::item;

    #[test]
    fn only_equal_records_within_the_window_repeat_gw_09() {
        let mut window = Duplicates::new(3);
        for (position, id, data, repeats) in [
            (0, "a", "1", false),
            (1, "a", "1", true),
            (2, "a", "2", false),
            (3, "b", "1", false),
            (4, "b", "1", true),
            (5, "c", "1", false),
            (6, "a", "1", false),
            (9, "b", "1", false),
        ] {
            let item = item(position, id, data);
            assert_eq!(window.add(&item).is_some(), repeats, "{position}");
            assert_eq!(window.repeats(Position(position)).is_some(), repeats, "{position}");
        }
        assert_eq!(window.repeats(Position(1)), None);
    }

    #[test]
    fn a_record_read_twice_does_not_repeat_itself_gw_09() {
        let mut window = Duplicates::new(3);
        for _ in 0..2 {
            assert_eq!(window.add(&item(0, "a", "1")), None);
        }
    }
}
