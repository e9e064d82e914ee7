//! Keeping dead letters: all that came up together in one durable write.

use std::sync::Arc;

use storage::{Journal, journal::DeadLetter};
use tokio::sync::mpsc;

use super::shard::Message;
use crate::{
    arena::Id,
    machine::{Delivery, Input},
};

/// Keeps dead letters and reports back on each.
pub(super) async fn bury(
    journal: Arc<dyn Journal>,
    letters: Vec<(Id<Delivery>, DeadLetter)>,
    sender: mpsc::UnboundedSender<Message>,
) {
    let (ids, letters) = letters.into_iter().unzip();
    let mut burial = Burial { ids, sender, kept: false };
    match journal.bury(letters).await {
        Ok(()) => burial.kept = true,
        Err(error) => tracing::warn!(%error, "dead letters cannot be kept now"),
    }
}

/// Reports when it is dropped, so that none stays unanswered.
struct Burial {
    ids: Vec<Id<Delivery>>,
    sender: mpsc::UnboundedSender<Message>,
    kept: bool,
}

impl Drop for Burial {
    fn drop(&mut self) {
        for id in self.ids.drain(..) {
            // The shard may have stopped meanwhile.
            let _ = self.sender.send(Message::Input(Input::Buried(id, self.kept)));
        }
    }
}
