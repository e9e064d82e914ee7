//! Owners by the prefix that one attribute must have. A value is looked up once for each length that a prefix has, so that the cost
//! depends on the number of lengths and not on the number of owners.

use std::collections::{BTreeMap, HashMap};

use compact_str::CompactString;

#[derive(Debug)]
pub(super) struct Prefixes<S> {
    owners: HashMap<CompactString, Vec<S>>,
    /// The lengths of the prefixes in bytes, with the number of prefixes of each.
    lengths: BTreeMap<usize, usize>,
}

impl<S> Default for Prefixes<S> {
    fn default() -> Self {
        Self { owners: HashMap::new(), lengths: BTreeMap::new() }
    }
}

impl<S: Copy + Ord> Prefixes<S> {
    pub fn insert(&mut self, prefix: CompactString, owner: S) {
        let length = prefix.len();
        let owners = self.owners.entry(prefix).or_default();
        if owners.is_empty() {
            *self.lengths.entry(length).or_default() += 1;
        }
        owners.push(owner);
    }

    pub fn remove(&mut self, prefix: &str, owner: S) {
        let Some(owners) = self.owners.get_mut(prefix) else { return };
        owners.retain(|other| *other != owner);
        if !owners.is_empty() {
            return;
        }
        self.owners.remove(prefix);
        if let Some(count) = self.lengths.get_mut(&prefix.len()) {
            *count -= 1;
            if *count == 0 {
                self.lengths.remove(&prefix.len());
            }
        }
    }

    pub fn is_empty(&self) -> bool {
        self.owners.is_empty()
    }

    /// Adds the owners of all prefixes that the value has.
    pub fn of(&self, value: &str, found: &mut Vec<S>) {
        for length in self.lengths.range(..=value.len()).map(|(length, _)| *length) {
            // No prefix ends within a character.
            if let Some(owners) = value.get(..length).and_then(|prefix| self.owners.get(prefix)) {
                found.extend_from_slice(owners);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(prefixes: &Prefixes<u32>, value: &str) -> Vec<u32> {
        let mut found = vec![];
        prefixes.of(value, &mut found);
        found
    }

    #[test]
    fn a_value_finds_the_owners_of_its_prefixes_only() {
        let mut prefixes = Prefixes::default();
        for (owner, prefix) in ["nl.", "nl.é", "nl.zaken.", "", "nl.", "nl.b"].into_iter().enumerate() {
            prefixes.insert(prefix.into(), owner as u32);
        }
        assert_eq!(found(&prefixes, "nl.zaken.zaak"), [3, 0, 4, 2]);
        // The first five bytes of the value end within a character.
        assert_eq!(found(&prefixes, "nl.zé"), [3, 0, 4]);
        assert_eq!(found(&prefixes, "nl.é"), [3, 0, 4, 1]);
        assert_eq!(found(&prefixes, "be"), [3]);
        prefixes.remove("nl.", 0);
        assert_eq!(found(&prefixes, "nl.zaken.zaak"), [3, 4, 2]);
        for (prefix, owner) in [("nl.é", 1), ("nl.zaken.", 2), ("", 3), ("nl.", 4), ("nl.b", 5), ("absent", 9)] {
            prefixes.remove(prefix, owner);
        }
        assert!(prefixes.is_empty() && prefixes.lengths.is_empty());
    }
}
