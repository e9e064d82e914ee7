//! Waits until the index has what was accepted before a moment, so that a search to that moment finds everything.

use std::time::Duration;

use model::{KanaalName, Timestamp};
use storage::log::Point;

use crate::{Error, Management};

/// The longest wait. A partition that ends with records which hold no event never reaches its mark.
const MAX_WAIT: Duration = Duration::from_secs(5);
/// The time between two looks.
const INTERVAL: Duration = Duration::from_millis(50);

impl Management {
    /// Waits until the events of a kanaal (of all, for `None`) that were accepted before `until` are in the index, at most five
    /// seconds.
    pub(crate) async fn wait_until_indexed(&self, kanaal: Option<&KanaalName>, until: Timestamp) -> Result<(), Error> {
        let kanalen: Vec<KanaalName> = match kanaal {
            Some(kanaal) => vec![kanaal.clone()],
            None => self.registry.read().kanalen().map(|kanaal| kanaal.naam.clone()).collect(),
        };
        let partitions = self.log.partitions_of(kanalen).await?;
        let marks = self.log.marks(&partitions, Point::Since(until)).await?;
        let wait = async {
            for ((kanaal, partition), mark) in partitions.iter().zip(marks) {
                while self.journal.indexed(kanaal, *partition).await? < mark {
                    tokio::time::sleep(INTERVAL).await;
                }
            }
            Ok(())
        };
        tokio::time::timeout(MAX_WAIT, wait).await.unwrap_or(Ok(()))
    }
}
