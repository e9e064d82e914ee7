//! Whether every shard of the installation has an owner, by the description of the group. It reports; it assigns nothing.

use std::{
    collections::HashSet,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rdkafka::consumer::Consumer;
use tokio::time::Instant;

use super::{Options, Shared};

/// How long the coordinator of the group may take to describe it.
const TIMEOUT: Duration = Duration::from_secs(1);

/// What was found last.
#[derive(Debug)]
enum Found {
    /// Since this node started, some shard has never had an owner; at the moment so many have none.
    NeverAll(u32),
    /// All have one.
    All,
    /// So many have had none since.
    Without(u32, Instant),
}

/// The shards without an owner.
#[derive(Debug)]
pub(super) struct Owners {
    shards: u32,
    /// How long shards may be without an owner while they move.
    grace: Duration,
    found: Mutex<Found>,
}

impl Owners {
    pub(super) fn new(shards: u32, options: &Options) -> Self {
        let grace = options.handover + options.session_timeout;
        Self { shards, grace, found: Mutex::new(Found::NeverAll(shards)) }
    }

    fn found(&self) -> MutexGuard<'_, Found> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Why the installation is not delivered as a whole; `None` while shards move, which takes a moment.
    pub(super) fn problem(&self) -> Option<String> {
        let without = match *self.found() {
            Found::NeverAll(without) => without,
            Found::Without(without, since) if since.elapsed() > self.grace => without,
            Found::All | Found::Without(..) => return None,
        };
        Some(format!("{without} of {} shards have no owner", self.shards))
    }

    /// Notes that this node owns so many shards.
    pub(super) fn gained(&self, own: usize) {
        if own == self.shards as usize {
            self.note(0);
        }
    }

    /// Asks the coordinator. Blocks for at most [`TIMEOUT`].
    pub(super) fn look(&self, shared: &Shared) {
        let own = shared.owned().values().filter(|owned| owned.gained && !owned.ended).count();
        if own == self.shards as usize {
            return self.note(0);
        }
        let Some(consumer) = shared.member() else { return };
        // When the coordinator cannot be reached, storage is not ready either.
        let Ok(groups) = consumer.client().fetch_group_list(Some(&shared.group), TIMEOUT) else { return };
        let mut owned = HashSet::new();
        for member in groups.groups().iter().flat_map(rdkafka::groups::GroupInfo::members) {
            owned.extend(member.assignment().map(|bytes| assigned(bytes, &shared.topic)).unwrap_or_default());
        }
        for (shard, own) in shared.owned().iter() {
            if !own.gained || own.ended {
                owned.remove(shard);
            }
        }
        let count = u32::try_from(owned.len()).unwrap_or(u32::MAX);
        self.note(self.shards.saturating_sub(count));
    }

    fn note(&self, without: u32) {
        let mut found = self.found();
        *found = match *found {
            _ if without == 0 => Found::All,
            Found::NeverAll(_) => Found::NeverAll(without),
            Found::All => Found::Without(without, Instant::now()),
            Found::Without(_, since) => Found::Without(without, since),
        };
    }
}

/// The partitions of a topic in the assignment of a member, as the consumer protocol has it: version, then per topic its
/// name and partitions. Empty when it is something else.
pub(super) fn assigned(bytes: &[u8], topic: &str) -> Vec<u32> {
    let mut rest = Reader(bytes);
    let mut read = || {
        rest.take(2)?;
        let mut found = Vec::new();
        for _ in 0..rest.int()? {
            let length = usize::from(u16::from_be_bytes(rest.take(2)?.try_into().ok()?));
            let name = rest.take(length)?;
            for _ in 0..rest.int()? {
                let partition = rest.int()?;
                if name == topic.as_bytes() {
                    found.push(partition);
                }
            }
        }
        Some(found)
    };
    read().unwrap_or_default()
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn int(&mut self) -> Option<u32> {
        Some(u32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a4_assignments_are_read_as_the_protocol_has_them() {
        let mut bytes = vec![0, 3, 0, 0, 0, 2];
        for (topic, partitions) in [("other", vec![7_u32]), ("t.progress", vec![0, 5])] {
            bytes.extend((topic.len() as u16).to_be_bytes());
            bytes.extend(topic.as_bytes());
            bytes.extend((partitions.len() as u32).to_be_bytes());
            for partition in partitions {
                bytes.extend(partition.to_be_bytes());
            }
        }
        bytes.extend(u32::MAX.to_be_bytes());
        assert_eq!(assigned(&bytes, "t.progress"), [0, 5]);
        assert_eq!(assigned(&bytes, "absent"), [0; 0]);
        assert_eq!(assigned(&bytes[..30], "t.progress"), [0; 0], "cut off");
        assert_eq!(assigned(&[], "t.progress"), [0; 0]);
    }
}
