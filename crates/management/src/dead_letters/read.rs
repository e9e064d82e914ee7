//! Reads one dead letter with its event, which it keeps even when the log no longer does.

use event_reader::StoredEvent;
use model::{Actor, approval::Disclosure, event::AcceptedEvent};
use storage::{journal::DeadLetter, log::Stored};
use uuid::Uuid;

use crate::{Error, Management};

/// A dead letter as an actor may see it.
pub struct ShownDeadLetter {
    /// The dead letter.
    pub letter: DeadLetter,
    /// Its event without what is not disclosed; `None` when the actor may not see it or it cannot be read.
    pub event: Option<AcceptedEvent>,
}

impl Management {
    /// The dead letter with this id, if the actor may see it.
    pub async fn read_dead_letter(&self, actor: &Actor, id: Uuid) -> Result<ShownDeadLetter, Error> {
        let letter = self.visible_dead_letter(actor, id).await?;
        let event = self.disclosed_event(actor, &letter);
        Ok(ShownDeadLetter { letter, event })
    }

    fn disclosed_event(&self, actor: &Actor, letter: &DeadLetter) -> Option<AcceptedEvent> {
        if letter.is_unreadable() {
            return None;
        }
        let kanaal = &letter.delivery.kanaal;
        let subscription = self.registry.read().subscription(letter.delivery.subscription).cloned();
        let admitted = subscription.as_ref().is_none_or(|own| own.is_admitted(kanaal));
        if !admitted && !actor.sees_all() {
            return None;
        }
        let disclosure = subscription.as_ref().and_then(|own| own.disclosure(kanaal));
        let disclosure = disclosure.filter(|_| !actor.sees_all()).unwrap_or(&Disclosure::ALL);
        let stored = Stored { position: letter.delivery.position, appended: letter.at, record: letter.record.clone() };
        let event = StoredEvent::decode(kanaal.clone(), letter.delivery.partition, stored);
        let event = event
            .inspect_err(|error| tracing::warn!(error = %error.reason, "the event of a dead letter cannot be read"));
        Some(event.ok()?.disclose(disclosure).accepted)
    }
}
