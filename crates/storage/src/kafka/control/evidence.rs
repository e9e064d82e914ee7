//! Whether `control` was lost while no node ran: it is absent or empty, and other topics hold what only follows from it.
//!
//! Then a node does not start: it would begin without kanalen and subscriptions, and nobody would notice. An
//! installation that was never used has no such records.

use std::sync::Arc;

use model::Partition;
use rdkafka::Offset;

use crate::{
    Error,
    kafka::{Options, admin::Admin, admin::topic_partitions, topics::Topics},
};

/// The topics whose records only follow from a record of `control`.
const WITNESSES: [&str; 3] = ["progress", "outcomes", "dead-letters"];

/// Fails if `control` was lost, unless the options say to begin anew.
///
/// # Errors
/// `Corrupt` with the remedy, `Unavailable` when the brokers are away.
pub(in crate::kafka) async fn check(admin: &Arc<Admin>, topics: &Topics, options: &Options) -> Result<(), Error> {
    if options.new_control {
        return Ok(());
    }
    let control = topics.internal("control");
    let present = admin.find(control.clone()).await?.is_some();
    if present && admin.end((control.clone(), Partition(0))).await? > 0 {
        return Ok(());
    }
    for name in WITNESSES {
        let witness = topics.internal(name);
        let Some(partitions) = admin.find(witness.clone()).await? else { continue };
        let ends = admin.offsets(topic_partitions(&witness, partitions), Offset::End).await?;
        if ends.iter().flatten().any(|end| *end > 0) {
            let state = if present { "is empty" } else { "does not exist" };
            return Err(Error::Corrupt {
                kind: "topic of control",
                reason: format!(
                    "topic {control} {state}, and {witness} has records: kanalen, subscriptions and clients are lost. \
                     Restore the topic from a copy, or begin without them: gateway serve --new-control"
                ),
            });
        }
    }
    Ok(())
}
