//! Commands of the engine to the registry: a subscription is gone or suspended, a run is over. They are retried until
//! control decides.

use std::sync::Arc;

use model::{SubscriptionId, decide::Command, run::RunId, subscription::Status};

use super::EngineParts;

/// Sets the status of a subscription, unless its generation has changed meanwhile.
pub(super) async fn set_status(parts: Arc<EngineParts>, id: SubscriptionId, generation: u64, status: Status) {
    loop {
        let current = parts.control.registry().read().subscription(id).map(|now| now.generation);
        if current != Some(generation) {
            return;
        }
        if submit(&parts, Command::SetStatus { id, status: status.clone() }).await {
            return;
        }
    }
}

/// Submits the end of a run to control until control accepts it.
pub(super) async fn end_run(parts: Arc<EngineParts>, id: RunId) {
    while !submit(&parts, Command::EndRun(id)).await {}
}

/// Submits a command; `false`, after a pause, when control cannot decide now.
async fn submit(parts: &EngineParts, command: Command) -> bool {
    match parts.control.submit(&model::Actor::gateway(), command).await {
        Ok(Ok(_)) => true,
        Ok(Err(rejection)) => {
            tracing::info!(%rejection, "control rejected a command of the delivery engine");
            true
        }
        Err(error) => {
            tracing::warn!(%error, "a command of the delivery engine cannot be decided now; it is retried");
            tokio::time::sleep(parts.settings.storage_retry).await;
            false
        }
    }
}
