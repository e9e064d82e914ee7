//! How far the deliveries of events are, over the subscriptions that the actor may see.

use std::collections::HashSet;

use model::{Actor, SubscriptionId};
use storage::journal::{EventRow, RecordPlace};

use super::missed::{self, Record};
use crate::{Error, Management};

/// How many subscriptions have a delivery of an event, by what became of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EventProgress {
    /// A delivery succeeded.
    pub delivered: u64,
    /// None succeeded yet, and one goes on.
    pub open: u64,
    /// All ended without success.
    pub failed: u64,
}

impl Management {
    /// The progress of each event, in their order. Subscriptions without a delivery are not counted.
    ///
    /// # Errors
    /// [`Error::Storage`] when the journal cannot be read.
    pub async fn event_progress(&self, actor: &Actor, rows: &[EventRow]) -> Result<Vec<EventProgress>, Error> {
        let visible: HashSet<SubscriptionId> = self.visible_subscriptions(actor).iter().map(|own| own.id).collect();
        let places: Vec<RecordPlace> =
            rows.iter().map(|row| (row.kanaal.clone(), row.partition, row.position)).collect();
        let outcomes = self.journal.outcomes_of(places).await?;
        let progress = |outcomes: Vec<_>| {
            let mut progress = EventProgress::default();
            for (id, record) in missed::by_subscription(&outcomes) {
                if visible.contains(&id) {
                    progress.add(record);
                }
            }
            progress
        };
        Ok(outcomes.into_iter().map(progress).collect())
    }
}

impl EventProgress {
    fn add(&mut self, record: Record) {
        match record {
            Record::Delivered => self.delivered += 1,
            Record::Open => self.open += 1,
            Record::Failed => self.failed += 1,
        }
    }
}
