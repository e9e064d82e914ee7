//! Offsets of partitions (oldest, end, by timestamp), and removal of records before an offset.
//!
//! Each broker is asked once for all partitions that it leads, so that many partitions take as long as one. Only
//! committed records count. The positions of subscriptions are not kept here but in [`super::super::progress`].

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use model::Partition;
use rdkafka::{
    Offset, TopicPartitionList,
    consumer::Consumer,
    error::{KafkaError, KafkaResult},
    metadata::MetadataTopic,
    topic_partition_list::TopicPartitionListElem,
    types::RDKafkaErrorCode,
};

use super::Admin;
use crate::{Error, kafka::failure};

/// The delay before a retry while leaders move.
const RETRY_DELAY: Duration = Duration::from_millis(50);
const MAX_RETRIES: u32 = 40;
/// How long the leaders of a topic may take to return the ends of its partitions.
const LEADER_TIMEOUT: Duration = Duration::from_secs(1);

/// A topic and a partition of it.
pub(in crate::kafka) type TopicPartition = (String, Partition);

/// All partitions of a topic, given their number.
pub(in crate::kafka) fn topic_partitions(topic: &str, partitions: u32) -> Vec<TopicPartition> {
    (0..partitions).map(|number| (topic.to_owned(), Partition(number))).collect()
}

/// Retries while leaders move. Blocks.
fn retry_while_leaders_move<T>(mut request: impl FnMut() -> KafkaResult<T>) -> KafkaResult<T> {
    let mut tries = 0;
    loop {
        match request() {
            Err(error) if tries < MAX_RETRIES && failure::is_transient(&error) => tries += 1,
            other => return other,
        }
        std::thread::sleep(RETRY_DELAY);
    }
}

impl Admin {
    /// Waits until the leaders of all partitions serve them, which may take a moment after the creation of a topic:
    /// they would refuse the first records (see [`crate::kafka::reporting_producer::Report`]). Does not wait for a
    /// partition without a leader. Blocks.
    pub(super) fn wait_for_leaders(&self, topic: &str, partitions: u32) {
        use RDKafkaErrorCode::{NotLeaderForPartition, UnknownTopicOrPartition};
        let topic_partitions = topic_partitions(topic, partitions);
        for _ in 0..MAX_RETRIES {
            match self
                .fetch_offsets(&topic_partitions, Offset::End, LEADER_TIMEOUT)
                .map_err(|error| error.rdkafka_error_code())
            {
                Err(Some(NotLeaderForPartition | UnknownTopicOrPartition)) => std::thread::sleep(RETRY_DELAY),
                _ => return,
            }
        }
    }

    /// The offsets of partitions, in the order given: `Beginning`, `End`, or that of the first record at or after a
    /// timestamp in milliseconds, which is `None` if there is none. Blocks.
    fn fetch_offsets(
        &self,
        topic_partitions: &[TopicPartition],
        at: Offset,
        timeout: Duration,
    ) -> KafkaResult<Vec<Option<u64>>> {
        let each: Vec<(TopicPartition, Offset)> = topic_partitions.iter().map(|one| (one.clone(), at)).collect();
        self.fetch_each(&each, timeout)
    }

    /// As [`Admin::fetch_offsets`], each partition at a point of its own. Blocks.
    fn fetch_each(&self, points: &[(TopicPartition, Offset)], timeout: Duration) -> KafkaResult<Vec<Option<u64>>> {
        if points.is_empty() {
            return Ok(Vec::new());
        }
        let mut list = TopicPartitionList::with_capacity(points.len());
        for ((topic, partition), at) in points {
            list.add_partition_offset(topic, partition.0 as i32, *at)?;
        }
        let found = self.lookup.call(|lookup| {
            let found = lookup.offsets_for_times(list, timeout)?;
            found.elements().iter().try_for_each(TopicPartitionListElem::error)?;
            Ok(found)
        })?;
        let mut offsets = HashMap::with_capacity(points.len());
        for element in found.elements() {
            let offset = if let Offset::Offset(offset) = element.offset() { Some(offset.max(0) as u64) } else { None };
            offsets.insert((element.topic().to_owned(), Partition(element.partition() as u32)), offset);
        }
        let offset = |topic_partition| {
            offsets.get(topic_partition).copied().ok_or(KafkaError::OffsetFetch(RDKafkaErrorCode::NoOffset))
        };
        points.iter().map(|(topic_partition, _)| offset(topic_partition)).collect()
    }

    /// As [`Admin::offsets`], each partition at a point of its own; blocks.
    pub(in crate::kafka) fn offsets_each_blocking(
        &self,
        points: &[(TopicPartition, Offset)],
    ) -> Result<Vec<Option<u64>>, Error> {
        self.options.authenticated()?;
        let found = retry_while_leaders_move(|| self.fetch_each(points, self.options.deadline));
        found.map_err(|error| failure::kafka("cannot fetch offsets", &error))
    }

    /// As [`Admin::fetch_offsets`], with the deadline of the options and with retries while leaders move. Blocks.
    fn offsets_blocking(&self, topic_partitions: &[TopicPartition], at: Offset) -> Result<Vec<Option<u64>>, Error> {
        self.options.authenticated()?;
        let found = retry_while_leaders_move(|| self.fetch_offsets(topic_partitions, at, self.options.deadline));
        found.map_err(|error| failure::kafka("cannot fetch offsets", &error))
    }

    /// As [`Admin::offsets_blocking`], on a blocking thread.
    pub(in crate::kafka) async fn offsets(
        self: &Arc<Self>,
        topic_partitions: Vec<TopicPartition>,
        at: Offset,
    ) -> Result<Vec<Option<u64>>, Error> {
        let admin = Arc::clone(self);
        tokio::task::spawn_blocking(move || admin.offsets_blocking(&topic_partitions, at))
            .await
            .map_err(failure::join)?
    }

    /// The low and the high watermark of a partition: its oldest offset, and the one behind the newest committed
    /// record.
    pub(in crate::kafka) async fn watermarks(
        self: &Arc<Self>,
        topic_partition: &TopicPartition,
    ) -> Result<(u64, u64), Error> {
        let low = self.offsets(vec![topic_partition.clone()], Offset::Beginning);
        let (low, end) = tokio::try_join!(low, self.end(topic_partition.clone()))?;
        Ok((low.first().copied().flatten().unwrap_or(0), end))
    }

    /// The offset behind the newest committed record of a partition.
    pub(in crate::kafka) async fn end(self: &Arc<Self>, topic_partition: TopicPartition) -> Result<u64, Error> {
        let ends = self.offsets(vec![topic_partition], Offset::End).await?;
        Ok(ends.first().copied().flatten().unwrap_or(0))
    }

    /// The watermarks of many partitions, without retries: for callers that repeat the request anyway. Blocks for at
    /// most [`LEADER_TIMEOUT`] twice.
    pub(in crate::kafka) fn watermarks_blocking(
        &self,
        topic_partitions: &[TopicPartition],
    ) -> KafkaResult<Vec<(u64, u64)>> {
        let lows = self.fetch_offsets(topic_partitions, Offset::Beginning, LEADER_TIMEOUT)?;
        let ends = self.fetch_offsets(topic_partitions, Offset::End, LEADER_TIMEOUT)?;
        Ok(lows.into_iter().zip(ends).map(|(low, end)| (low.unwrap_or(0), end.unwrap_or(0))).collect())
    }

    /// As [`Admin::offsets`], without retries and for callers that repeat the request anyway. Blocks for at most
    /// [`LEADER_TIMEOUT`].
    pub(in crate::kafka) fn ends_blocking(
        &self,
        topic_partitions: &[TopicPartition],
        at: Offset,
    ) -> KafkaResult<Vec<Option<u64>>> {
        self.fetch_offsets(topic_partitions, at, LEADER_TIMEOUT)
    }

    /// The partitions that exist and have a leader: a request for offsets fails as a whole if one has none. Blocks.
    pub(in crate::kafka) fn partitions_with_leader(&self) -> KafkaResult<HashSet<TopicPartition>> {
        let metadata = self.fetch_metadata(None)?;
        let of_topic = |topic: &MetadataTopic| {
            let led = topic.partitions().iter().filter(|partition| partition.leader() >= 0);
            led.map(|partition| (topic.name().to_owned(), Partition(partition.id() as u32))).collect::<Vec<_>>()
        };
        Ok(metadata.topics().iter().flat_map(of_topic).collect())
    }

    /// Removes the records of a partition before an offset.
    pub(in crate::kafka) async fn delete_before(
        &self,
        topic_partition: &TopicPartition,
        offset: u64,
    ) -> Result<(), Error> {
        let deleted = self.try_delete_before(topic_partition, offset).await;
        deleted.map_err(|error| failure::kafka("records cannot be deleted", &error))
    }

    /// As [`Admin::delete_before`], with the error of the client.
    pub(in crate::kafka) async fn try_delete_before(
        &self,
        topic_partition: &TopicPartition,
        offset: u64,
    ) -> KafkaResult<()> {
        let (topic, partition) = topic_partition;
        let mut tries = 0;
        loop {
            let client = self.client.current();
            let deleting = {
                let mut list = TopicPartitionList::new();
                list.add_partition_offset(topic, partition.0 as i32, Offset::Offset(offset as i64))?;
                client.delete_records(&list, &self.admin_options())
            };
            let deleted = deleting.await;
            let deleted = self.client.returned(client, deleted);
            let deleted = deleted.and_then(|list| list.elements().iter().try_for_each(TopicPartitionListElem::error));
            match deleted {
                Err(error) if tries < MAX_RETRIES && failure::is_transient(&error) => tries += 1,
                other => return other,
            }
            tokio::time::sleep(RETRY_DELAY).await;
        }
    }
}
