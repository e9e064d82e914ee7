//! Changes of the registry that delivery asks for: a subscription that is gone or suspended, a run that is over.

use std::sync::Arc;

use model::{SubscriptionId, decide::Command, run::RunId, subscription::Status};

use super::EngineParts;

/// Records the new status of a subscription, unless its generation is another one by now.
pub(super) async fn set_status(parts: Arc<EngineParts>, id: SubscriptionId, generation: u64, status: Status) {
    loop {
        let current = parts.control.registry().read().subscription(id).map(|now| now.generation);
        if current != Some(generation) {
            return;
        }
        if submitted(&parts, Command::SetStatus { id, status: status.clone() }).await {
            return;
        }
    }
}

/// Records that a run is over.
pub(super) async fn end_run(parts: Arc<EngineParts>, id: RunId) {
    while !submitted(&parts, Command::EndRun(id)).await {}
}

/// Whether control decided; waits a moment when it could not.
async fn submitted(parts: &EngineParts, command: Command) -> bool {
    match parts.control.submit(command).await {
        Ok(Ok(_)) => true,
        Ok(Err(rejection)) => {
            tracing::info!(%rejection, "a change that delivery asked for was not accepted");
            true
        }
        Err(error) => {
            tracing::warn!(%error, "a change that delivery asks for cannot be recorded now");
            tokio::time::sleep(parts.settings.storage_retry).await;
            false
        }
    }
}
