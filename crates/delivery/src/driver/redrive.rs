//! The dead letters that a run redrives: reads one, since it still holds the record when the log was trimmed, and removes
//! those whose event was settled in the run. Which those are is decided by the machine.

use std::time::Duration;

use model::{KanaalName, Partition, Position, outcome::DeliveryKey, run::Run};
use storage::{
    Error, Journal,
    journal::{DeadLetter, DeadLetterQuery, Page},
};

/// Most deliveries whose dead letters are removed in one transaction.
const BATCH: usize = 1_000;
/// Most dead letters of one record that are read: its own, and those of runs that failed.
const OF_RECORD: u32 = 20;

/// The newest dead letter of a record that this run redrives; `None` when there is none.
///
/// # Errors
/// The errors of the journal.
pub(super) async fn find(
    journal: &dyn Journal,
    run: &Run,
    kanaal: &KanaalName,
    record: (Partition, Position),
) -> Result<Option<DeadLetter>, Error> {
    let query = DeadLetterQuery {
        subscription: Some(run.subscription),
        kanaal: Some(kanaal.clone()),
        record: Some(record),
        without_records: true,
        ..DeadLetterQuery::default()
    };
    // One whole record is read, however many dead letters it has.
    let letters = journal.dead_letters(query, Page { offset: 0, limit: OF_RECORD }).await?;
    let Some(newest) = letters.into_iter().find(|letter| letter.delivery.run != Some(run.id)) else { return Ok(None) };
    let query = DeadLetterQuery { ids: vec![newest.id], ..DeadLetterQuery::default() };
    Ok(journal.dead_letters(query, Page { offset: 0, limit: 1 }).await?.pop())
}

/// Removes the dead letters that these deliveries redrove; retries while storage is unavailable.
///
/// # Errors
/// `NewerVersion`: this node must stop.
pub(super) async fn remove(journal: &dyn Journal, deliveries: &[DeliveryKey], retry: Duration) -> Result<(), Error> {
    for batch in deliveries.chunks(BATCH) {
        loop {
            match journal.remove_redriven(batch.to_vec()).await {
                Ok(_) => break,
                Err(error @ Error::Unavailable { .. }) => {
                    tracing::warn!(%error, "redriven dead letters cannot be removed now; it is retried");
                    tokio::time::sleep(retry).await;
                }
                Err(error @ Error::NewerVersion { .. }) => return Err(error),
                Err(error) => {
                    tracing::error!(%error, "redriven dead letters cannot be removed");
                    break;
                }
            }
        }
    }
    Ok(())
}
