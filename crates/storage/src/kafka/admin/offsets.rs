//! Where partitions begin and end, and where they stood at a moment; and their records before an offset removed.
//!
//! Each broker is asked once for all that it leads, so that many partitions take as long as one. What is committed counts,
//! as for any reader here. Not the positions of subscribers: those are ours, in [`super::super::progress`].

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

/// How long to wait before asking again while leaders move, and how often to ask.
const AGAIN: Duration = Duration::from_millis(50);
const TRIES: u32 = 40;
/// How long the leaders of a topic may take to say where its partitions end.
const MEETING: Duration = Duration::from_secs(1);

/// A partition of a topic.
pub(in crate::kafka) type Place = (String, Partition);

/// All partitions of a topic that has so many.
pub(in crate::kafka) fn places(topic: &str, partitions: u32) -> Vec<Place> {
    (0..partitions).map(|number| (topic.to_owned(), Partition(number))).collect()
}

/// Asks until leaders have settled. Blocks.
fn settled<T>(mut ask: impl FnMut() -> KafkaResult<T>) -> KafkaResult<T> {
    let mut tries = 0;
    loop {
        match ask() {
            Err(error) if tries < TRIES && failure::is_passing(&error) => tries += 1,
            other => return other,
        }
        std::thread::sleep(AGAIN);
    }
}

impl Admin {
    /// Waits until the leaders of all partitions know that they lead them, which may be moments after a topic that was made
    /// is there: the first records would be refused (see [`crate::kafka::writer::Report`]). A partition that has no leader is
    /// not waited for. Blocks.
    pub(super) fn meet_leaders(&self, topic: &str, partitions: u32) {
        use RDKafkaErrorCode::{NotLeaderForPartition, UnknownTopicOrPartition};
        let places = places(topic, partitions);
        for _ in 0..TRIES {
            match self.ask(&places, Offset::End, MEETING).map_err(|error| error.rdkafka_error_code()) {
                Err(Some(NotLeaderForPartition | UnknownTopicOrPartition)) => std::thread::sleep(AGAIN),
                _ => return,
            }
        }
    }

    /// The offsets of a point in partitions, in their order: `Beginning`, `End`, or the first record at or after a moment in
    /// milliseconds, `None` where there is none. Blocks.
    fn ask(&self, places: &[Place], at: Offset, patience: Duration) -> KafkaResult<Vec<Option<u64>>> {
        if places.is_empty() {
            return Ok(Vec::new());
        }
        let mut list = TopicPartitionList::with_capacity(places.len());
        for (topic, partition) in places {
            list.add_partition_offset(topic, partition.0 as i32, at)?;
        }
        let found = self.lookup.offsets_for_times(list, patience)?;
        let mut offsets = HashMap::with_capacity(places.len());
        for element in found.elements() {
            element.error()?;
            let offset = if let Offset::Offset(offset) = element.offset() { Some(offset.max(0) as u64) } else { None };
            offsets.insert((element.topic().to_owned(), Partition(element.partition() as u32)), offset);
        }
        let offset = |place| offsets.get(place).copied().ok_or(KafkaError::OffsetFetch(RDKafkaErrorCode::NoOffset));
        places.iter().map(offset).collect()
    }

    /// The same with the patience of an operation, and again while leaders move. Blocks.
    fn offsets_now(&self, places: &[Place], at: Offset) -> Result<Vec<Option<u64>>, Error> {
        self.options.authenticated()?;
        let found = settled(|| self.ask(places, at, self.options.deadline));
        found.map_err(|error| failure::kafka("no offsets", &error))
    }

    /// The same, on a blocking thread.
    pub(in crate::kafka) async fn offsets(
        self: &Arc<Self>,
        places: Vec<Place>,
        at: Offset,
    ) -> Result<Vec<Option<u64>>, Error> {
        let admin = Arc::clone(self);
        tokio::task::spawn_blocking(move || admin.offsets_now(&places, at)).await.map_err(failure::task)?
    }

    /// The oldest offset of a partition, and the one behind the newest that is committed.
    pub(in crate::kafka) async fn edges(self: &Arc<Self>, place: &Place) -> Result<(u64, u64), Error> {
        let low = self.offsets(vec![place.clone()], Offset::Beginning);
        let (low, end) = tokio::try_join!(low, self.end(place.clone()))?;
        Ok((low.first().copied().flatten().unwrap_or(0), end))
    }

    /// The offset behind the newest record of a partition that is committed.
    pub(in crate::kafka) async fn end(self: &Arc<Self>, place: Place) -> Result<u64, Error> {
        let ends = self.offsets(vec![place], Offset::End).await?;
        Ok(ends.first().copied().flatten().unwrap_or(0))
    }

    /// The same of many partitions, for who asks again anyway. Blocks, for seconds at most.
    pub(in crate::kafka) fn edges_now(&self, places: &[Place]) -> KafkaResult<Vec<(u64, u64)>> {
        let lows = self.ask(places, Offset::Beginning, MEETING)?;
        let ends = self.ask(places, Offset::End, MEETING)?;
        Ok(lows.into_iter().zip(ends).map(|(low, end)| (low.unwrap_or(0), end.unwrap_or(0))).collect())
    }

    /// The partitions that are there and have a leader: asking with others among them fails as a whole. Blocks.
    pub(in crate::kafka) fn led_now(&self) -> KafkaResult<HashSet<Place>> {
        let metadata = self.lookup.fetch_metadata(None, self.options.deadline)?;
        let of_topic = |topic: &MetadataTopic| {
            let led = topic.partitions().iter().filter(|partition| partition.leader() >= 0);
            led.map(|partition| (topic.name().to_owned(), Partition(partition.id() as u32))).collect::<Vec<_>>()
        };
        Ok(metadata.topics().iter().flat_map(of_topic).collect())
    }

    /// Removes the records of a partition before an offset.
    pub(in crate::kafka) async fn delete_before(&self, place: &Place, offset: u64) -> Result<(), Error> {
        let deleted = self.try_delete_before(place, offset).await;
        deleted.map_err(|error| failure::kafka("records cannot be deleted", &error))
    }

    /// The same, with the error of the client.
    pub(in crate::kafka) async fn try_delete_before(&self, place: &Place, offset: u64) -> KafkaResult<()> {
        let (topic, partition) = place;
        let mut tries = 0;
        loop {
            let deleting = {
                let mut list = TopicPartitionList::new();
                list.add_partition_offset(topic, partition.0 as i32, Offset::Offset(offset as i64))?;
                self.client.delete_records(&list, &self.patience())
            };
            let deleted = deleting.await;
            let deleted = deleted.and_then(|list| list.elements().iter().try_for_each(TopicPartitionListElem::error));
            match deleted {
                Err(error) if tries < TRIES && failure::is_passing(&error) => tries += 1,
                other => return other,
            }
            tokio::time::sleep(AGAIN).await;
        }
    }
}
