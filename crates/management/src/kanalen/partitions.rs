//! What the log of a kanaal keeps, by partition: the oldest event and the end.

use std::time::Duration;

use futures_util::future::try_join_all;
use model::{Actor, KanaalName, Mark, Partition, Timestamp};
use storage::log::{Limit, Point};

use crate::{Error, Management, Resource};

/// The longest wait for the log.
const WAIT: Duration = Duration::from_secs(3);

/// The bounds of the read of the oldest event: the first record comes whatever its size.
const ONE: Limit = Limit { records: 1, bytes: 1 };

/// A partition of a kanaal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeptPartition {
    /// The partition.
    pub partition: Partition,
    /// The oldest position that can be read; the end when nothing is kept.
    pub first: Mark,
    /// The position that the next event gets.
    pub end: Mark,
    /// When the oldest event was appended; `None` when nothing is kept.
    pub oldest: Option<Timestamp>,
}

impl Management {
    /// The first `most` partitions of a kanaal, ascending, and how many there are, for who sees every kanaal. Takes at most
    /// three seconds.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Forbidden`]; [`Error::Storage`]; [`Error::Interrupted`] when the log does not answer in time.
    pub async fn kept_partitions(
        &self,
        actor: &Actor,
        naam: &KanaalName,
        most: u32,
    ) -> Result<(Vec<KeptPartition>, u32), Error> {
        if !actor.sees_all() {
            return Err(Error::Forbidden("Only administrators see what the log of a kanaal keeps.".to_owned()));
        }
        if self.registry.read().kanaal(naam.as_str()).is_none() {
            return Err(Error::NotFound(Resource::Kanaal));
        }
        tokio::time::timeout(WAIT, self.read_kept(naam, most)).await.map_err(|_| Error::Interrupted)?
    }

    async fn read_kept(&self, naam: &KanaalName, most: u32) -> Result<(Vec<KeptPartition>, u32), Error> {
        let all = self.log.partitions(naam).await?;
        let partitions: Vec<_> = (0..all.min(most)).map(|number| (naam.clone(), Partition(number))).collect();
        let ends = self.log.marks(&partitions, Point::End).await?;
        let kept = partitions.iter().zip(ends).map(|((naam, partition), end)| async move {
            let batch = self.log.read(naam, *partition, Mark::BEGINNING, ONE).await?;
            let oldest = batch.records.first();
            let first = oldest.map_or(end, |oldest| oldest.position.mark());
            let oldest = oldest.map(|oldest| oldest.appended);
            Ok::<_, Error>(KeptPartition { partition: *partition, first, end: end.max(first), oldest })
        });
        Ok((try_join_all(kept).await?, all))
    }
}
