//! The driver of mails with collected events (CH-101): who chose one mail a day or a week gets all events of that time in one, with
//! one link to leave.
//!
//! A mailing stores that its event waits for the mail of an addressee, which is a due message with a moment (`storage::audience`). This
//! driver reads those whose moment has come, and sends each through the relay in the turns of mailings, so that nobody waits for a
//! confirmation behind them.
//!
//! # What holds
//!
//! - State, address and events are read when the turn has come: nothing goes to who has left (I9).
//! - The events and their evidence are settled in one write. A crash before repeats the mail with the same `Message-ID`.
//! - A failure of the relay costs no attempt. Others are retried as those of mailings are, and end as evidence of each event.

pub(super) mod collect;
mod end;
mod mail;
mod moments;
mod send;

use std::{collections::HashSet, sync::Arc};

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

pub use self::moments::Moments;
use super::MailingParts;
use crate::{Outlet, pause::Pause};

/// What an attempt showed of the provider.
enum Provider {
    Works,
    Fails,
    Unknown,
}

/// Sends until it is to stop and what is under way has ended. When it is dropped, what is under way is sent again by the next one.
pub(super) async fn run(parts: Arc<MailingParts>, stop: CancellationToken) {
    let Some(outlet) = parts.email.clone() else { return };
    let (mut sending, mut under_way, mut pause) = (JoinSet::new(), HashSet::new(), Pause::None);
    loop {
        if !stop.is_cancelled() {
            fill(&parts, &outlet, pause, &mut sending, &mut under_way).await;
        } else if sending.is_empty() {
            return;
        }
        tokio::select! {
            Some(ended) = sending.join_next() => match ended {
                Ok((id, provider)) => {
                    under_way.remove(&id);
                    pause = match provider {
                        Provider::Works => Pause::None,
                        Provider::Fails => pause.failed(parts.clock.instant()),
                        Provider::Unknown => pause,
                    };
                }
                // Its id is not known: it is sent again after the next start.
                Err(error) => tracing::error!(%error, "sending collected events failed unexpectedly"),
            },
            () = tokio::time::sleep(parts.settings.look) => {}
            () = stop.cancelled(), if !stop.is_cancelled() => {}
        }
    }
}

/// Starts to send what is due and not under way, as far as the relay takes it.
async fn fill(
    parts: &Arc<MailingParts>,
    outlet: &Outlet,
    pause: Pause,
    sending: &mut JoinSet<(storage::audience::OutgoingId, Provider)>,
    under_way: &mut HashSet<storage::audience::OutgoingId>,
) {
    let most = pause.most(parts.clock.instant(), outlet.relay.slots());
    let Some(room) = most.checked_sub(sending.len()).filter(|room| *room > 0) else { return };
    let limit = u32::try_from(under_way.len() + room).unwrap_or(u32::MAX).min(storage::audience::MAX_OUTBOX);
    let due = match parts.audience.outbox_collected(parts.clock.now(), limit).await {
        Ok(due) => due,
        Err(error) => {
            tracing::warn!(%error, "mails with collected events cannot be read");
            return;
        }
    };
    let new: Vec<_> = due.into_iter().filter(|due| !under_way.contains(&due.outgoing.id)).take(room).collect();
    for due in new {
        under_way.insert(due.outgoing.id);
        let (parts, outlet) = (Arc::clone(parts), outlet.clone());
        sending.spawn(async move { (due.outgoing.id, send::attempt(&parts, &outlet, &due).await) });
    }
}
