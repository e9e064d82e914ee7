//! Follows the log of the kanaal of the gateway's own events.

use std::{collections::HashMap, sync::Arc};

use model::{KanaalName, Mark, Partition};
use storage::{
    Error, EventLog,
    log::{Limit, Point},
};
use translator::record;

use crate::announced::Announced;

/// Most records of a partition that are read when a node starts: the newest ones.
const MOST_RECORDS: u64 = 50_000;
/// Bounds of one read.
const CHUNK: Limit = Limit { records: 1_000, bytes: 4 * 1024 * 1024 };

/// Reads what is new in the log.
pub struct OwnLog {
    log: Arc<dyn EventLog>,
    next: HashMap<Partition, Mark>,
}

impl OwnLog {
    pub fn new(log: Arc<dyn EventLog>) -> Self {
        Self { log, next: HashMap::new() }
    }

    /// Adds every event that was appended since the last call. Records that hold no readable event are passed over.
    ///
    /// # Errors
    /// The log cannot be read now; what was read is added, and the next call goes on from there.
    pub async fn read_new(&mut self, announced: &mut Announced) -> Result<(), Error> {
        let kanaal = KanaalName::own();
        let places = self.log.partitions_of(vec![kanaal.clone()]).await?;
        let ends = self.log.marks(&places, Point::End).await?;
        for ((_, partition), end) in places.into_iter().zip(ends) {
            let next = self.next.entry(partition).or_insert(Mark(end.0.saturating_sub(MOST_RECORDS)));
            // It decreases when the log was lost and began anew.
            *next = (*next).min(end);
            while *next < end {
                let batch = self.log.read(&kanaal, partition, *next, CHUNK).await?;
                for stored in &batch.records {
                    if let Ok(accepted) = record::decode(&stored.record.headers, stored.record.value.as_ref()) {
                        announced.add(&accepted.event, stored.appended);
                    }
                }
                if batch.next <= *next {
                    break;
                }
                *next = batch.next;
            }
        }
        Ok(())
    }
}
