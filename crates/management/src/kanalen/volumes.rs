//! How many events a kanaal took in periods that follow each other, from the positions of its log: they outlast a restart.

use std::time::Duration;

use model::{Actor, Timestamp};
use storage::log::Point;

use crate::{Error, Management};

/// The longest wait for the log.
const WAIT: Duration = Duration::from_secs(3);

/// Most periods.
pub(super) const MAX_PERIODS: usize = 31;

impl Management {
    /// How many events were appended in each period, for who answers for the kanaal. A period lasts from its start to the next one,
    /// the last until now. At most 31 are counted. Events that were removed since do not count. Takes at most three seconds.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Forbidden`] when the actor does not answer for the kanaal; [`Error::Storage`];
    /// [`Error::Interrupted`] when the log does not answer in time.
    pub(super) async fn kanaal_volumes(
        &self,
        actor: &Actor,
        naam: &str,
        starts: &[Timestamp],
    ) -> Result<Vec<u64>, Error> {
        let naam = self.find_own_kanaal(actor, naam)?.naam.clone();
        let read = async {
            let partitions = self.log.partitions_of(vec![naam]).await?;
            let starts = starts.iter().take(MAX_PERIODS).map(|start| Point::Since(*start));
            let mut sums = Vec::new();
            for point in starts.chain([Point::End]) {
                let marks = self.log.marks(&partitions, point).await?;
                sums.push(marks.iter().map(|mark| mark.0).sum());
            }
            Ok(differences(&sums))
        };
        tokio::time::timeout(WAIT, read).await.map_err(|_| Error::Interrupted)?
    }
}

/// What each number is more than the one before it.
fn differences(sums: &[u64]) -> Vec<u64> {
    sums.windows(2).map(|pair| pair[1].saturating_sub(pair[0])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_has_the_events_between_its_start_and_the_next_one() {
        assert_eq!(differences(&[3, 3, 10, 12]), [0, 7, 2]);
        // The log was lost and began anew between two reads.
        assert_eq!(differences(&[3, 10, 2]), [7, 0]);
        assert_eq!(differences(&[5]), [0; 0]);
    }
}
