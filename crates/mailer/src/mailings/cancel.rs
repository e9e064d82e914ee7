//! Cancels mailings that wait for the moment of their event, all of them or none (CH-98).

use std::sync::Arc;

use model::mailing::{Checkpoint, Counts, Cursor, MailingId, Phase};
use people::administration::MailingCancel;

use super::{MailingParts, stops::Turn};

/// Cancels them; durable when this returns.
pub(super) async fn all(parts: &MailingParts, mut ids: Vec<MailingId>) -> Result<MailingCancel, storage::Error> {
    // In one order, so that two requests do not wait for each other.
    ids.sort();
    let mut held = Vec::with_capacity(ids.len());
    for id in ids {
        let Some(entry) = parts.stops.get(id) else { return Ok(MailingCancel::NotHere) };
        let turn = Arc::clone(&entry.turn).lock_owned().await;
        if *turn == Turn::Started || entry.due.is_none_or(|due| due <= parts.clock.now()) {
            return Ok(MailingCancel::Started);
        }
        held.push((id, entry, turn));
    }
    // None of them starts meanwhile. One that is stored is over, whatever becomes of the others.
    for (id, ..) in &held {
        parts.mailings.apply(*id, stopped()).await?;
    }
    for (_, entry, _) in held {
        entry.token.cancel();
    }
    Ok(MailingCancel::Cancelled)
}

/// What is stored of a mailing that ends before it began.
fn stopped() -> Checkpoint {
    Checkpoint {
        cursor: Cursor::After(None),
        phase: Phase::Stopped,
        counts: Counts::default(),
        changed: Vec::new(),
        ended: Vec::new(),
    }
}
