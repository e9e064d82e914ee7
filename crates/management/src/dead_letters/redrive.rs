//! Delivers dead letters again: one run per subscription, split so that no run grows without bound. A dead letter stays
//! until its delivery has ended in the run and that is stored; while the run is active, it is not delivered again by
//! another one.

use std::sync::Arc;

use model::{Actor, outcome::DeliveryKey, run::Run};
use storage::journal::DeadLetterQuery;
use uuid::Uuid;

use crate::{Conflict, Error, Management, runs::Records};

/// Most dead letters of one request.
const MAX_LETTERS: u64 = 100_000;
/// Deliveries of one read.
const CHUNK: u32 = 5_000;

/// The result of a redrive.
#[derive(Debug)]
pub struct Redriven {
    /// How many dead letters match.
    pub count: u64,
    /// The runs that deliver them; those that active runs deliver already are in none of these.
    pub runs: Vec<Arc<Run>>,
}

impl Management {
    /// Delivers the actor's dead letters that match again.
    ///
    /// # Errors
    /// [`Error::TooBroad`] when more than 100,000 match, [`Conflict::Quota`] when the actor has too many redrives under way;
    /// nothing is started then.
    pub async fn redrive(&self, actor: &Actor, query: DeadLetterQuery) -> Result<Redriven, Error> {
        self.check_redrives(actor)?;
        let queries = self.narrow_to_own(actor, query)?;
        let count = self.count_dead_letters(&queries).await?;
        if count > MAX_LETTERS {
            return Err(Error::TooBroad(format!(
                "{count} dead letters match; redrive at most {MAX_LETTERS} at once by narrowing the filter."
            )));
        }
        let mut records = Records::new();
        for query in queries {
            let mut after: Option<DeliveryKey> = None;
            let mut left = MAX_LETTERS;
            while left > 0 {
                let limit = CHUNK.min(u32::try_from(left).unwrap_or(CHUNK));
                let page = self.journal.dead_letter_deliveries(query.clone(), after, limit).await?;
                left -= page.len() as u64;
                after = page.last().cloned();
                let last = page.len() < limit as usize;
                for DeliveryKey { subscription, kanaal, partition, position, .. } in page {
                    records.entry(subscription).or_default().insert((kanaal, partition, position));
                }
                if last {
                    break;
                }
            }
        }
        self.leave_out_active(&mut records);
        Ok(Redriven { count, runs: self.start_runs_of_records(actor, records).await? })
    }

    /// Delivers one dead letter of the actor again; returns the active run that does so, if there is one.
    ///
    /// # Errors
    /// [`Conflict::Unreadable`] when it holds no readable event; [`Conflict::SubscriptionDeleted`]; [`Conflict::Quota`].
    pub async fn redrive_one(&self, actor: &Actor, id: Uuid) -> Result<Arc<Run>, Error> {
        let letter = self.own_dead_letter(actor, id).await?;
        if letter.is_unreadable() {
            return Err(Conflict::Unreadable.into());
        }
        let delivery = letter.delivery;
        let record = (delivery.kanaal, delivery.partition, delivery.position);
        if let Some(run) = self.active_run_of(delivery.subscription, &record) {
            return Ok(run);
        }
        self.check_redrives(actor)?;
        let records = Records::from([(delivery.subscription, [record].into())]);
        let run = self.start_runs_of_records(actor, records).await?.pop();
        run.ok_or_else(|| Conflict::SubscriptionDeleted.into())
    }
}
