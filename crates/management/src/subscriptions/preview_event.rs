//! Tests a selection on one event: whether it selects the event, the criterion that the event fails, and whether a subscription
//! with this selection would get it.

use model::{
    Actor, Subscription,
    selection::{NativeSelection, Selection},
};

use super::PreviewedEvent;
use crate::{
    Error, Management,
    events::{Receives, receives},
};

/// What a selection does with one event.
#[derive(Debug)]
pub struct EventPreview {
    /// The event, without what is not disclosed to the actor, with the criterion that it fails.
    pub event: PreviewedEvent,
    /// Whether the subscription would get the event; `None` without a subscription, and when a criterion fails.
    pub receives: Option<Receives>,
}

impl Management {
    /// Tests a selection on the newest event with this id that is still kept and that the actor may see. `present` is the
    /// subscription whose selection it would be.
    ///
    /// # Errors
    /// [`Error::NotIndexed`], [`Error::NoLongerKept`]; [`Error::Invalid`] names `selection.config.kanalen` or
    /// `selection.config.kenmerken.<key>`, or `source` when events of several sources have the id.
    pub async fn preview_event(
        &self,
        actor: &Actor,
        selection: NativeSelection,
        id: &str,
        present: Option<&Subscription>,
    ) -> Result<EventPreview, Error> {
        self.previewed_kanalen(&selection)?;
        let own = self.visible_subscriptions(actor);
        for row in self.find_events(actor, id, None).await? {
            let Some(disclosure) = self.disclosure_to(actor, &own, &row).await? else { continue };
            let Some(event) = self.read_stored(&row).await? else { continue };
            let event = event.disclose(&disclosure);
            let facts = event.facts(true);
            let failing = selection.failing(&facts);
            let receives = present.filter(|_| failing.is_none()).map(|present| {
                let changed = Subscription { selection: Selection::Native(selection.clone()), ..present.clone() };
                receives(&changed, &facts, self.clock.now())
            });
            let attributes = &event.accepted.event;
            let event = PreviewedEvent {
                id: attributes.id().to_owned(),
                source: attributes.source().to_owned(),
                kind: attributes.kind().to_owned(),
                subject: attributes.subject().map(str::to_owned),
                accepted: event.appended,
                failing,
                kanaal: event.kanaal.clone(),
            };
            return Ok(EventPreview { event, receives });
        }
        Err(Error::NoLongerKept)
    }
}
