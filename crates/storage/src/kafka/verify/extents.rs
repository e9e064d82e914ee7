//! Which partitions an installation has, and what of each can be read, at one moment. Reads no record.

use std::collections::BTreeMap;

use model::Partition;
use rdkafka::{Offset, metadata::MetadataTopic};

use super::reader::Extent;
use crate::{
    Error,
    kafka::{
        Kafka,
        admin::{Admin, TopicPartition},
        failure,
        inspect::internal_topics,
    },
};

/// After so many topics whose offsets are not returned, no others are asked for.
const MAX_FAILURES: usize = 3;

/// The partitions of each topic of an installation, by number: what to read, or why it cannot be.
pub(super) type Extents = BTreeMap<String, Vec<Result<Extent, String>>>;

/// The topics of an installation that the brokers know, with the oldest and the newest offset of each partition that has a
/// leader. Blocks.
///
/// # Errors
/// `Unavailable` when the brokers are away.
pub(super) fn find(kafka: &Kafka) -> Result<Extents, Error> {
    let options = &kafka.options;
    options.authenticated()?;
    let metadata = kafka.admin.fetch_metadata(None);
    let metadata = metadata.map_err(|error| failure::kafka("cannot fetch metadata", &error))?;
    let own = |topic: &&MetadataTopic| {
        let internal = || internal_topics().any(|(name, _)| kafka.topics.internal(name) == topic.name());
        kafka.topics.kanaal_of(topic.name()).is_some() || internal()
    };
    let mut extents: Extents = metadata.topics().iter().filter(own).map(led).collect();
    set_offsets(&kafka.admin, &mut extents);
    Ok(extents)
}

/// The partitions of a topic, without offsets yet; those without a leader cannot be read.
fn led(topic: &MetadataTopic) -> (String, Vec<Result<Extent, String>>) {
    let mut partitions: Vec<_> = topic.partitions().iter().collect();
    partitions.sort_by_key(|partition| partition.id());
    let extent = |partition: &rdkafka::metadata::MetadataPartition| {
        if partition.leader() < 0 {
            return Err("it has no leader, so nothing can be read: see which broker is down".to_owned());
        }
        Ok(Extent { topic: topic.name().to_owned(), partition: partition.id() as u32, first: 0, end: 0 })
    };
    (topic.name().to_owned(), partitions.into_iter().map(extent).collect())
}

/// Asks for the offsets of all partitions together, or else topic by topic: one that fails, fails all that are asked with it.
fn set_offsets(admin: &Admin, extents: &mut Extents) {
    let led = |partitions: &[Result<Extent, String>]| -> Vec<TopicPartition> {
        let led = partitions.iter().flatten();
        led.map(|extent| (extent.topic.clone(), Partition(extent.partition))).collect()
    };
    let all: Vec<TopicPartition> = extents.values().flat_map(|partitions| led(partitions)).collect();
    if let Ok(found) = offsets(admin, &all) {
        for (extent, (first, end)) in extents.values_mut().flatten().flatten().zip(found) {
            (extent.first, extent.end) = (first, end);
        }
        return;
    }
    let mut failures = Vec::new();
    for partitions in extents.values_mut() {
        let asked = led(partitions);
        let found = match failures.last() {
            Some(reason) if failures.len() >= MAX_FAILURES => Err(String::clone(reason)),
            _ => admin.watermarks_blocking(&asked).map_err(|error| format!("its offsets are not returned: {error}")),
        };
        match found {
            Ok(found) => {
                for (extent, (first, end)) in partitions.iter_mut().flatten().zip(found) {
                    (extent.first, extent.end) = (first, end);
                }
            }
            Err(reason) => {
                partitions.iter_mut().filter(|partition| partition.is_ok()).for_each(|one| *one = Err(reason.clone()));
                failures.push(reason);
            }
        }
    }
}

/// The oldest offset and the end of each partition.
fn offsets(admin: &Admin, partitions: &[TopicPartition]) -> Result<Vec<(u64, u64)>, Error> {
    let at = |offset: Offset| {
        let points: Vec<_> = partitions.iter().map(|partition| (partition.clone(), offset)).collect();
        admin.offsets_each_blocking(&points)
    };
    let (firsts, ends) = (at(Offset::Beginning)?, at(Offset::End)?);
    Ok(firsts.into_iter().zip(ends).map(|(first, end)| (first.unwrap_or(0), end.unwrap_or(0))).collect())
}
