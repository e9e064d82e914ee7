//! Stores dead letters: all that came from the machine together in one durable write.

use std::sync::Arc;

use storage::{Journal, journal::DeadLetter};
use tokio::sync::mpsc;

use super::message::Message;
use crate::{
    arena::Id,
    machine::{Delivery, Input},
};

/// Stores dead letters and reports for each whether it is durable.
pub(super) async fn store(
    journal: Arc<dyn Journal>,
    letters: Vec<(Id<Delivery>, DeadLetter)>,
    sender: mpsc::UnboundedSender<Message>,
) {
    let (ids, letters) = letters.into_iter().unzip();
    let mut storing = ReportOnDrop { ids, sender, stored: false };
    match journal.store_dead_letters(letters).await {
        Ok(()) => storing.stored = true,
        Err(error) => tracing::warn!(%error, "dead letters cannot be stored now; they are retried"),
    }
}

/// Reports when it is dropped, so that every dead letter is answered even when the task panics.
struct ReportOnDrop {
    ids: Vec<Id<Delivery>>,
    sender: mpsc::UnboundedSender<Message>,
    stored: bool,
}

impl Drop for ReportOnDrop {
    fn drop(&mut self) {
        for id in self.ids.drain(..) {
            // The shard may have stopped meanwhile.
            let _ = self.sender.send(Message::Input(Input::DeadLetterStored(id, self.stored)));
        }
    }
}
