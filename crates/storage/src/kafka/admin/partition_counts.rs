//! How many partitions each topic has, as far as this node knows.
//!
//! A number only grows until the topic is known to have begun anew: brokers learn of a change one after another, and
//! their answers arrive here in any order, so an answer may be older than what is known. Whoever works with all
//! partitions of a topic watches [`PartitionCounts::extensions`] from before it asks for their number.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::sync::watch;

/// What is known of one topic.
#[derive(Debug, Clone, Copy)]
struct Count {
    partitions: u32,
    /// Whether the brokers need not be asked.
    cached: bool,
}

/// The partitions of topics.
#[derive(Debug, Default)]
pub(super) struct PartitionCounts {
    counts: Mutex<HashMap<String, Count>>,
    extensions: watch::Sender<u64>,
}

impl PartitionCounts {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Count>> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The number of a topic; `None` when the brokers must be asked.
    pub(super) fn cached(&self, topic: &str) -> Option<u32> {
        self.lock().get(topic).filter(|count| count.cached).map(|count| count.partitions)
    }

    /// All topics that were ever seen, with their numbers.
    pub(super) fn all(&self) -> HashMap<String, u32> {
        self.lock().iter().map(|(topic, count)| (topic.clone(), count.partitions)).collect()
    }

    /// Notes what brokers answered; returns the number that is known now, which may be larger.
    pub(super) fn found(&self, topic: &str, partitions: u32) -> u32 {
        self.note(topic, |known| known.max(partitions))
    }

    /// Notes the number of a topic that began anew; it may be smaller than before.
    pub(super) fn replaced(&self, topic: &str, partitions: u32) {
        self.note(topic, |_| partitions);
    }

    fn note(&self, topic: &str, number: impl FnOnce(u32) -> u32) -> u32 {
        let mut counts = self.lock();
        let before = counts.get(topic).map(|count| count.partitions);
        let partitions = number(before.unwrap_or(0));
        counts.insert(topic.to_owned(), Count { partitions, cached: true });
        drop(counts);
        if let Some(before) = before.filter(|before| *before < partitions) {
            tracing::warn!(
                topic,
                before,
                partitions,
                "a topic has more partitions: deliveries go on from the beginning of the new ones"
            );
            self.extensions.send_modify(|number| *number += 1);
        }
        partitions
    }

    /// Has the brokers asked next time: the topic may have been deleted.
    pub(super) fn forget(&self, topic: &str) {
        if let Some(count) = self.lock().get_mut(topic) {
            count.cached = false;
        }
    }

    /// Changes whenever a topic has more partitions than were returned for it before.
    pub(super) fn extensions(&self) -> watch::Receiver<u64> {
        self.extensions.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a2_an_answer_that_is_older_than_what_is_known_hides_no_partition() {
        let counts = PartitionCounts::default();
        assert_eq!(counts.found("zaken", 3), 3);
        let extensions = counts.extensions();
        assert_eq!(counts.found("zaken", 6), 6);
        assert!(extensions.has_changed().unwrap());
        // Another task had asked before the partitions were added, and its answer comes later.
        assert_eq!(counts.found("zaken", 3), 6);
        assert_eq!(counts.cached("zaken"), Some(6));
    }

    #[test]
    fn a2_partitions_added_while_the_brokers_have_to_be_asked_are_an_extension() {
        let counts = PartitionCounts::default();
        counts.found("zaken", 3);
        counts.forget("zaken");
        assert_eq!(counts.cached("zaken"), None);
        let extensions = counts.extensions();
        counts.found("zaken", 6);
        assert!(extensions.has_changed().unwrap());
    }

    #[test]
    fn a2_a_first_answer_and_a_topic_that_began_anew_with_fewer_are_no_extension() {
        let counts = PartitionCounts::default();
        let extensions = counts.extensions();
        counts.found("zaken", 6);
        counts.replaced("zaken", 3);
        assert_eq!(counts.cached("zaken"), Some(3));
        assert!(!extensions.has_changed().unwrap());
        counts.replaced("zaken", 6);
        assert!(extensions.has_changed().unwrap(), "the number 3 may have been returned");
    }
}
