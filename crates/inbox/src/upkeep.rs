//! Retention of the inbox (CH-136): messages that expired some time ago, and those whose event has left the log. What people can
//! see does not depend on it: that is `model::inbox`.

use std::{sync::Arc, time::Duration};

use model::{Mark, Partition};
use storage::{inbox::InboxPurge, log::Limit};

use crate::{Error, Inbox};

/// The pause between two passes.
const INTERVAL: Duration = Duration::from_mins(10);
/// Most rows of one step.
const STEP: u32 = 1_000;
/// The pause between two steps, so that what people do goes first.
const PAUSE: Duration = Duration::from_millis(20);

impl Inbox {
    pub(crate) async fn keep_up(self: Arc<Self>) {
        let mut ticks = tokio::time::interval(INTERVAL);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if let Err(error) = self.pass().await {
                tracing::warn!(%error, "retention of the inbox is retried in the next pass");
            }
        }
    }

    /// Removes everything that is kept no longer; returns the number of messages.
    ///
    /// # Errors
    /// `Storage`; what was done stays.
    pub async fn pass(&self) -> Result<u64, Error> {
        let before = self.parts.clock.now() - self.parts.settings.keep;
        let mut removed = self.remove(InboxPurge::Expired { before }).await?;
        for kanaal in self.parts.settings.kanalen.keys() {
            for partition in (0..self.parts.log.partitions(kanaal).await?).map(Partition) {
                let limit = Limit { records: 1, bytes: 1 };
                let oldest = self.parts.log.read(kanaal, partition, Mark::BEGINNING, limit).await?.oldest;
                removed += self.remove(InboxPurge::Trimmed { kanaal: kanaal.clone(), partition, oldest }).await?;
            }
        }
        Ok(removed)
    }

    async fn remove(&self, purge: InboxPurge) -> Result<u64, Error> {
        let mut removed = 0;
        loop {
            let step = self.parts.store.remove(purge.clone(), STEP).await?;
            removed += step;
            if step < u64::from(STEP) {
                return Ok(removed);
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}
