//! Cancels or replaces what waits for the moment of an event, all of its mailings or none (CH-98). The store decides; here none of them
//! begins meanwhile.

use std::sync::Arc;

use model::mailing::MailingId;
use people::administration::{EventReplace, MailingCancel};
use storage::mailings::{Replaced, Replacement};
use tokio::sync::OwnedMutexGuard;
use tokio_util::sync::CancellationToken;

use super::{MailingParts, stops::Turn};

/// A mailing that waits, and does not begin while this lives.
struct Held {
    token: CancellationToken,
    turn: OwnedMutexGuard<Turn>,
}

/// Why mailings cannot be held.
enum NotHeld {
    /// One of them does not wait any more.
    Over,
    /// One of them is not in this process.
    NotHere,
}

/// Cancels mailings; durable when this returns.
pub(super) async fn all(parts: &MailingParts, ids: Vec<MailingId>) -> Result<MailingCancel, storage::Error> {
    let held = match hold(parts, ids.clone()).await {
        Ok(held) => held,
        Err(NotHeld::Over) => return Ok(MailingCancel::Started),
        Err(NotHeld::NotHere) => return Ok(MailingCancel::NotHere),
    };
    if !parts.mailings.cancel(ids).await? {
        return Ok(MailingCancel::Started);
    }
    end(held);
    Ok(MailingCancel::Cancelled)
}

/// Replaces an event; durable when this returns.
pub(super) async fn replace(parts: &MailingParts, replacement: Replacement) -> Result<EventReplace, storage::Error> {
    let held = match hold(parts, replacement.mailings.clone()).await {
        Ok(held) => held,
        Err(NotHeld::Over) => return Ok(EventReplace::Started),
        Err(NotHeld::NotHere) => return Ok(EventReplace::NotHere),
    };
    let replaced = parts.mailings.replace(replacement, parts.clock.now()).await?;
    if replaced == Replaced::Done {
        end(held);
    }
    Ok(replaced.into())
}

/// Holds mailings that wait.
async fn hold(parts: &MailingParts, mut ids: Vec<MailingId>) -> Result<Vec<Held>, NotHeld> {
    // In one order, so that two requests do not wait for each other.
    ids.sort();
    let mut held = Vec::with_capacity(ids.len());
    for id in ids {
        let entry = parts.stops.get(id).ok_or(NotHeld::NotHere)?;
        let turn = Arc::clone(&entry.turn).lock_owned().await;
        if *turn != Turn::Waits || entry.due.is_none_or(|due| due <= parts.clock.now()) {
            return Err(NotHeld::Over);
        }
        held.push(Held { token: entry.token, turn });
    }
    Ok(held)
}

/// Lets mailings end that are stored as stopped.
fn end(held: Vec<Held>) {
    for mut one in held {
        *one.turn = Turn::Cancelled;
        one.token.cancel();
    }
}
