//! Starting the runs that redrive dead letters: one per subscription, split so that no run grows without bound.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    KanaalName, Partition, Position, SubscriptionId,
    decide::{Command, Rejection},
    run::{Run, RunId, RunSelection},
};

use crate::{api::v1::runs::RunView, app::App, auth::Caller, problem::Problem};

/// Most records of one run.
const MAX_RECORDS: usize = 5_000;

/// The places of the records to send again, by subscription.
pub type Places = BTreeMap<SubscriptionId, BTreeSet<(KanaalName, Partition, Position)>>;

/// Starts the runs. Subscriptions that were deleted are left out.
pub async fn runs(app: &App, caller: &Caller, places: Places) -> Result<Vec<RunView>, Problem> {
    let mut started = Vec::new();
    for (id, records) in places {
        let Some(subscription) = app.registry.read().subscription(id).cloned() else { continue };
        let records: Vec<_> = records.into_iter().collect();
        for records in records.chunks(MAX_RECORDS) {
            let run = Run {
                id: RunId(app.random.uuid()),
                subscription: id,
                what: RunSelection::Records(records.to_vec()),
                asked_by: caller.client_id.to_string(),
                created: app.clock.now(),
            };
            match app.control.submit(Command::StartRun(run.clone())).await? {
                Ok(_) => started.push(app.runs.started(&run, &subscription)),
                Err(Rejection::UnknownSubscription(_)) => break,
                Err(other) => return Err(other.into()),
            }
        }
    }
    Ok(started)
}
