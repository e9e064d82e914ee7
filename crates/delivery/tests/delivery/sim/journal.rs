//! The journal of a world: what is recorded becomes durable with a checkpoint, and a crash may lose the rest.

use model::{Mark, SubscriptionId, outcome::DeliveryKey};
use storage::journal::Entry;

use super::{oracle::PartitionName, quick_hash::Set};

/// A range that ended unread for a subscription.
type Range = (SubscriptionId, PartitionName, Mark, Mark);

/// How deliveries ended, as far as it is written down.
#[derive(Default)]
pub struct Journal {
    /// What is not durable yet, in order.
    recorded: Vec<Entry>,
    settled: Set<DeliveryKey>,
    ranges: Vec<Range>,
}

impl Journal {
    /// Records an entry.
    pub fn record(&mut self, entry: &Entry) {
        self.recorded.push(entry.clone());
    }

    /// Makes everything durable that was recorded.
    pub fn make_durable(&mut self) {
        for entry in self.recorded.drain(..) {
            match entry {
                Entry::Settled { delivery, .. } => drop(self.settled.insert(delivery)),
                Entry::SettledRange { subscription, kanaal, partition, from, until, .. } => {
                    self.ranges.push((subscription, (kanaal, partition), from, until));
                }
                Entry::Event(_) | Entry::Attempt { .. } | Entry::Run(_) => {}
            }
        }
    }

    /// The number of entries that a crash may lose.
    pub fn unwritten(&self) -> usize {
        self.recorded.len()
    }

    /// A crash loses what was recorded last, all but the first `kept` entries.
    pub fn crash(&mut self, kept: usize) {
        self.recorded.truncate(kept);
        self.make_durable();
    }

    /// Whether it is durable that a delivery ended, on its own or in a range.
    pub fn has(&self, key: &DeliveryKey) -> bool {
        let (here, mark) = ((key.kanaal.clone(), key.partition), key.position.mark());
        self.settled.contains(key)
            || self.ranges.iter().any(|(subscription, place, from, until)| {
                *subscription == key.subscription && *place == here && *from <= mark && mark < *until
            })
    }
}
