//! Compares the stored marks of a shard with the logs that they are of, before the shard is delivered.
//!
//! A topic that was deleted and made again, or that lost records, holds other records at the offsets of before. All
//! records before a mark were appended before the mark was stored, so a log whose records before the mark are later than
//! that is another one. Deliveries then begin with the first record that was appended since; nothing that the log holds
//! now and was not read is passed over.

use std::{collections::HashMap, time::Duration};

use model::{KanaalName, Mark, Partition, Timestamp};
use rdkafka::Offset;

use super::Shared;
use crate::{
    Error,
    encoding::progress::{decode_key, decode_value},
    kafka::{admin::Admin, consumer_pool::ConsumerPool, topics::Topics},
    progress::{Entry, Key, Shard, Value},
};

/// How far the clocks of brokers may differ.
const CLOCKS: Duration = Duration::from_secs(10);

/// A partition of a kanaal.
pub(in crate::kafka) type Place = (KanaalName, Partition);

/// A partition whose log is not the one that marks were stored for.
#[derive(Debug)]
pub(in crate::kafka) struct LostLog {
    pub(in crate::kafka) place: Place,
    /// The highest stored mark.
    pub(in crate::kafka) mark: Mark,
    /// Where deliveries begin.
    pub(in crate::kafka) begin: Mark,
}

/// The entries of a shard, and the time at which a mark of each partition was stored last.
#[derive(Debug, Default)]
pub(in crate::kafka) struct StoredEntries {
    pub(in crate::kafka) entries: HashMap<Key, Value>,
    written: HashMap<Place, Timestamp>,
}

impl StoredEntries {
    /// The entries of a shard of the topic of progress. Blocks.
    pub(in crate::kafka) fn read(pool: &ConsumerPool, topic: &str, shard: Shard) -> Result<Self, Error> {
        let mut stored = Self::default();
        pool.read_to_end(topic, shard.0 as i32, 0, |record| {
            let key = decode_key(record.record.key)?;
            stored.apply(key, record.record.value.map(decode_value).transpose()?, record.appended);
            Ok(())
        })?;
        Ok(stored)
    }

    /// Applies a record of the topic.
    pub(in crate::kafka) fn apply(&mut self, key: Key, value: Option<Value>, appended: Timestamp) {
        if let (Key::Reader(kanaal, partition) | Key::Subscription(_, kanaal, partition), Some(Value::At(_))) =
            (&key, &value)
        {
            let written = self.written.entry((kanaal.clone(), *partition)).or_default();
            *written = appended.max(*written);
        }
        match value {
            Some(value) => drop(self.entries.insert(key, value)),
            None => drop(self.entries.remove(&key)),
        }
    }

    /// The highest mark in each partition that has one beyond its beginning.
    fn highest(&self) -> HashMap<Place, Mark> {
        let mut highest = HashMap::new();
        for (key, value) in &self.entries {
            if let (Key::Reader(kanaal, partition) | Key::Subscription(_, kanaal, partition), Value::At(mark)) =
                (key, value)
                && *mark > Mark::BEGINNING
            {
                let own = highest.entry((kanaal.clone(), *partition)).or_insert(*mark);
                *own = (*own).max(*mark);
            }
        }
        highest
    }

    /// Sets the marks in a partition back to `begin` at most, and removes the deliveries that were under way there;
    /// returns the changes.
    fn set_back(&mut self, place: &Place, begin: Mark) -> Vec<Entry> {
        let mut changes = Vec::new();
        self.entries.retain(|key, value| match (key, &mut *value) {
            (Key::Reader(kanaal, partition) | Key::Subscription(_, kanaal, partition), Value::At(mark))
                if (kanaal, partition) == (&place.0, &place.1) && *mark > begin =>
            {
                *mark = begin;
                changes.push((key.clone(), Some(value.clone())));
                true
            }
            (Key::Unsettled(delivery), _)
                if (&delivery.kanaal, &delivery.partition) == (&place.0, &place.1)
                    && delivery.position.mark() >= begin =>
            {
                changes.push((key.clone(), None));
                false
            }
            _ => true,
        });
        changes
    }

    /// Has the brokers asked for topics with stored progress in more partitions than this node knows of: another node saw
    /// added ones first. Blocks.
    fn know_all_partitions(&self, topics: &Topics, admin: &Admin) -> Result<(), Error> {
        let mut stored: HashMap<&KanaalName, u32> = HashMap::new();
        for key in self.entries.keys() {
            let (kanaal, partition) = match key {
                Key::Reader(kanaal, partition)
                | Key::Subscription(_, kanaal, partition)
                | Key::Run(_, kanaal, partition) => (kanaal, partition),
                Key::Unsettled(delivery) => (&delivery.kanaal, &delivery.partition),
                Key::Sink(_) => continue,
            };
            let least = stored.entry(kanaal).or_default();
            *least = (*least).max(partition.0 + 1);
        }
        for (kanaal, least) in stored {
            let topic = topics.kanaal(kanaal);
            if admin.find_blocking(&topic)?.is_none_or(|partitions| partitions < least) {
                admin.look_up_blocking(&topic)?;
            }
        }
        Ok(())
    }

    /// The partitions whose logs are not the ones that the marks were stored for. `anew`: topics that are known to have
    /// begun anew, with the time at which they were as they should be. Blocks.
    pub(in crate::kafka) fn lost_logs(
        &self,
        topics: &Topics,
        admin: &Admin,
        anew: &HashMap<String, Timestamp>,
    ) -> Result<Vec<LostLog>, Error> {
        self.know_all_partitions(topics, admin)?;
        let mut lost = Vec::new();
        let mut present = Vec::new();
        for (place, mark) in self.highest() {
            let topic = topics.kanaal(&place.0);
            match admin.find_blocking(&topic)? {
                Some(partitions) if place.1.0 < partitions => present.push((place, mark, topic)),
                _ => lost.push(LostLog { place, mark, begin: Mark::BEGINNING }),
            }
        }
        let written = |place: &Place| self.written.get(place).copied().unwrap_or_default();
        let mut points = Vec::with_capacity(2 * present.len());
        for (place, _, topic) in &present {
            let at = written(place) + CLOCKS;
            points.push(((topic.clone(), place.1), Offset::End));
            points.push(((topic.clone(), place.1), Offset::Offset(at.as_millis().max(0))));
        }
        let (ends, since): (Vec<_>, Vec<_>) = points.into_iter().enumerate().partition(|(at, _)| at % 2 == 0);
        let of = |points: Vec<(usize, _)>| points.into_iter().map(|(_, point)| point).collect::<Vec<_>>();
        let ends = admin.offsets_each_blocking(&of(ends))?;
        let since = admin.offsets_each_blocking(&of(since))?;
        let mut replaced = Vec::new();
        for (((place, mark, topic), end), since) in present.into_iter().zip(ends).zip(since) {
            let end = end.unwrap_or(0);
            if anew.contains_key(&topic) || end < mark.0 || since.is_some_and(|since| since < mark.0) {
                let stored = written(&place);
                let intact = anew.get(&topic).map_or(stored, |intact| stored.min(*intact));
                let from = (intact - CLOCKS).as_millis().max(0);
                replaced.push(((topic, place.1), Offset::Offset(from), place, mark, end));
            }
        }
        let points: Vec<_> = replaced.iter().map(|(partition, at, ..)| (partition.clone(), *at)).collect();
        for (found, (.., place, mark, end)) in admin.offsets_each_blocking(&points)?.into_iter().zip(replaced) {
            lost.push(LostLog { place, mark, begin: Mark(found.unwrap_or(end)) });
        }
        Ok(lost)
    }

    /// Sets back the marks of logs that are not the ones they were stored for; returns the changes. Blocks.
    pub(super) fn check(&mut self, shared: &Shared, anew: &HashMap<String, Timestamp>) -> Result<Vec<Entry>, Error> {
        let mut changes = Vec::new();
        for LostLog { place, mark, begin } in self.lost_logs(&shared.topics, &shared.admin, anew)? {
            let own = self.set_back(&place, begin);
            if own.is_empty() {
                continue;
            }
            let unsettled = own.iter().filter(|(_, value)| value.is_none()).count();
            let (kanaal, partition) = (place.0.as_str(), place.1.0);
            tracing::error!(
                kanaal,
                partition,
                mark = mark.0,
                begin = begin.0,
                unsettled,
                "the log of a kanaal is not the one that progress was stored for: deliveries begin anew"
            );
            ::metrics::counter!(crate::kafka::metrics::MARKS_RESET).increment(1);
            changes.extend(own);
        }
        Ok(changes)
    }
}

#[cfg(test)]
mod tests {
    use model::{Position, SubscriptionId, outcome::DeliveryKey};
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a1_marks_beyond_the_beginning_of_a_new_log_are_set_back_and_others_stay() {
        let (zaken, other) = (KanaalName::new("zaken").unwrap(), KanaalName::new("anders").unwrap());
        let id = SubscriptionId(Uuid::nil());
        let unsettled = |kanaal: &KanaalName, position| {
            let (kanaal, position) = (kanaal.clone(), Position(position));
            Key::Unsettled(DeliveryKey { subscription: id, kanaal, partition: Partition(0), position, run: None })
        };
        let under_way = || Some(Value::Unsettled { attempts: 1, not_before: Timestamp::default() });
        let at = |mark| Some(Value::At(Mark(mark)));
        let mut stored = StoredEntries::default();
        for (key, value, seconds) in [
            (Key::Reader(zaken.clone(), Partition(0)), at(40), 5),
            (Key::Reader(zaken.clone(), Partition(0)), at(53), 9),
            (Key::Reader(zaken.clone(), Partition(1)), at(7), 4),
            (Key::Reader(other.clone(), Partition(0)), at(53), 9),
            (Key::Subscription(id, zaken.clone(), Partition(0)), at(60), 3),
            (Key::Subscription(id, zaken.clone(), Partition(1)), Some(Value::Level), 3),
            (unsettled(&zaken, 2), under_way(), 3),
            (unsettled(&zaken, 41), under_way(), 3),
            (unsettled(&other, 41), under_way(), 3),
        ] {
            stored.apply(key, value, Timestamp::from_seconds(seconds));
        }
        let place = (zaken.clone(), Partition(0));
        assert_eq!(stored.highest()[&place], Mark(60));
        assert_eq!(stored.written[&place], Timestamp::from_seconds(9));
        let changes: HashMap<Key, Option<Value>> = stored.set_back(&place, Mark(3)).into_iter().collect();
        let expected = [
            (Key::Reader(zaken.clone(), Partition(0)), at(3)),
            (Key::Subscription(id, zaken.clone(), Partition(0)), at(3)),
            (unsettled(&zaken, 41), None),
        ];
        assert_eq!(changes, HashMap::from(expected));
        assert_eq!(stored.entries[&Key::Reader(other.clone(), Partition(0))], Value::At(Mark(53)));
        assert!(
            stored.entries.contains_key(&unsettled(&zaken, 2)) && stored.entries.contains_key(&unsettled(&other, 41))
        );
    }
}
