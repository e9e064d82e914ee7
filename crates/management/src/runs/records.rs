//! Starts runs over chosen records: one run per subscription, split so that no run grows without bound.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use model::{
    Actor, SubscriptionId,
    decide::Rejection,
    run::{Run, RunSelection},
};
use storage::journal::RecordPlace;

use crate::{Error, Management};

/// Most records of one run.
pub(crate) const MAX_RECORDS: usize = 5_000;

/// The records to deliver again, by subscription.
pub(crate) type Records = BTreeMap<SubscriptionId, BTreeSet<RecordPlace>>;

impl Management {
    /// The active run that delivers this record to this subscription.
    pub(crate) fn active_run_of(&self, subscription: SubscriptionId, record: &RecordPlace) -> Option<Arc<Run>> {
        let registry = self.registry.read();
        let delivers = |run: &Run| matches!(&run.what, RunSelection::Records(records) if records.contains(record));
        registry.runs().find(|run| run.subscription == subscription && delivers(run)).cloned()
    }

    /// Leaves out the records that active runs deliver to the same subscription.
    pub(crate) fn leave_out_active(&self, records: &mut Records) {
        let registry = self.registry.read();
        for run in registry.runs() {
            if let RunSelection::Records(active) = &run.what
                && let Some(records) = records.get_mut(&run.subscription)
            {
                for record in active {
                    records.remove(record);
                }
            }
        }
    }

    /// Starts the runs. Subscriptions that were deleted are left out.
    pub(crate) async fn start_runs_of_records(&self, actor: &Actor, records: Records) -> Result<Vec<Arc<Run>>, Error> {
        let mut started = Vec::new();
        for (id, records) in records {
            let Some(subscription) = self.registry.read().subscription(id).cloned() else { continue };
            let records: Vec<_> = records.into_iter().collect();
            for records in records.chunks(MAX_RECORDS) {
                match self.start_run(actor, &subscription, RunSelection::Records(records.to_vec())).await {
                    Ok(run) => started.push(run),
                    Err(Error::Rejected(Rejection::UnknownSubscription(_))) => break,
                    Err(other) => return Err(other),
                }
            }
        }
        Ok(started)
    }
}
