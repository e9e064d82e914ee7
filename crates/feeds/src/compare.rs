//! Which items of a feed are due: a pure comparison of what was read with what was seen.

use std::collections::{BTreeMap, HashSet};

use ring::digest::{Context, SHA256};
use storage::feeds::{ItemDigest, Seen};

use crate::{item::Item, settings::Feed};

/// What a poll found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// The items to publish, oldest first: feeds have the newest one at the top.
    pub due: Vec<Due>,
    /// What counts as seen before any of them is published.
    pub seen: BTreeMap<ItemDigest, Seen>,
    /// Items without the field that is their key.
    pub without_key: usize,
}

/// An item to publish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// Its place among the items.
    pub index: usize,
    /// The digest of its key.
    pub key: ItemDigest,
    /// What counts as seen after it was published.
    pub seen: Seen,
}

/// Compares the items of a feed with those that were `seen`; `None` when the feed was never read.
pub fn compare(feed: &Feed, seen: Option<&BTreeMap<ItemDigest, Seen>>, items: &[Item]) -> Comparison {
    let none = BTreeMap::new();
    let (is_first, before) = (seen.is_none(), seen.unwrap_or(&none));
    let mut comparison = Comparison { due: Vec::new(), seen: BTreeMap::new(), without_key: 0 };
    let mut met = HashSet::new();
    for (index, item) in items.iter().enumerate() {
        let Some(key) = feed.key.of(item) else {
            comparison.without_key += 1;
            continue;
        };
        let key = digest([key]);
        if !met.insert(key) {
            continue;
        }
        let present = Seen { compared: compared(feed, item), missed: 0 };
        let is_due = match before.get(&key) {
            None => !is_first || feed.publish_first,
            Some(before) => feed.include_updated && before.compared != present.compared,
        };
        if !is_due {
            comparison.seen.insert(key, present);
            continue;
        }
        // A changed item that cannot be published stays known in its old form.
        if let Some(before) = before.get(&key) {
            comparison.seen.insert(key, Seen { missed: 0, ..*before });
        }
        comparison.due.push(Due { index, key, seen: present });
    }
    for (key, own) in before.iter().filter(|(key, _)| !met.contains(*key)) {
        let missed = own.missed.saturating_add(1);
        if missed < feed.forget_after {
            comparison.seen.insert(*key, Seen { missed, ..*own });
        }
    }
    comparison.due.reverse();
    comparison
}

/// The id of the event of an item: the name of the feed, and a digest of key and compared fields (CH-105).
pub(crate) fn event_id(feed: &Feed, key: &ItemDigest, seen: &Seen) -> String {
    let mut context = Context::new(&SHA256);
    context.update(key);
    context.update(&seen.compared);
    let mut id = format!("{}:", feed.name);
    for byte in &context.finish().as_ref()[..16] {
        id.extend([byte >> 4, byte & 15].map(|half| char::from_digit(half.into(), 16).unwrap_or('0')));
    }
    id
}

fn compared(feed: &Feed, item: &Item) -> ItemDigest {
    digest(feed.compare.iter().map(|field| field.of(item).unwrap_or_default()))
}

/// The first 16 bytes of the SHA-256 of texts, each with its length.
pub(crate) fn digest<'a>(texts: impl IntoIterator<Item = &'a str>) -> ItemDigest {
    let mut context = Context::new(&SHA256);
    for text in texts {
        context.update(&(text.len() as u64).to_be_bytes());
        context.update(text.as_bytes());
    }
    let digest = context.finish();
    let mut short = ItemDigest::default();
    short.iter_mut().zip(digest.as_ref()).for_each(|(to, from)| *to = *from);
    short
}

#[cfg(test)]
mod tests;
