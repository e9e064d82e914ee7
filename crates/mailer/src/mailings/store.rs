//! Stores what a mailing hands over: evidence before the checkpoint behind it, each until it is durable. A resend has evidence of its
//! own.

use std::{fmt::Display, sync::Arc};

use model::{
    addressee::Evidence,
    mailing::{Checkpoint, MailingId},
};

use super::MailingParts;

/// Stores evidence and then a checkpoint.
pub(super) async fn checkpoint(
    parts: Arc<MailingParts>,
    (id, is_resend): (MailingId, bool),
    evidence: Vec<Evidence>,
    checkpoint: Checkpoint,
) {
    if !evidence.is_empty() {
        let record = || async {
            let evidence = evidence.clone();
            if is_resend {
                parts.audience.record_resend(id, evidence).await
            } else {
                parts.audience.record(evidence).await
            }
        };
        until_durable(&parts, record).await;
    }
    until_durable(&parts, || parts.mailings.apply(id, checkpoint.clone())).await;
}

/// Repeats an operation until it succeeds, and returns its result.
pub(super) async fn until_durable<T, E: Display, F>(parts: &MailingParts, operation: impl Fn() -> F) -> T
where
    F: Future<Output = Result<T, E>>,
{
    loop {
        match operation().await {
            Ok(result) => return result,
            Err(error) => tracing::warn!(%error, "mailings wait for storage; this is retried"),
        }
        tokio::time::sleep(parts.settings.storage_retry).await;
    }
}
