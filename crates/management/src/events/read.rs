//! Reads one event: what of it the actor may see, and what the present rules of its kanaal find.
//!
//! Findings are not stored, so a rule that changes applies to old events as well.

use model::{Actor, KanaalName, Partition, Position, Timestamp, approval::Disclosure, event::AcceptedEvent};
use publishing::stored::EventCheck;

use crate::{Error, Management};

/// An event as an actor may see it.
pub struct ShownEvent {
    /// The kanaal of the event.
    pub kanaal: KanaalName,
    /// The partition of the kanaal.
    pub partition: Partition,
    /// The position in the partition.
    pub position: Position,
    /// When it was stored.
    pub appended: Timestamp,
    /// The event, without what is not disclosed.
    pub accepted: AcceptedEvent,
    /// What the present rules find; without findings when a part of the event is not disclosed, since they describe it.
    pub checked: EventCheck,
}

impl Management {
    /// The newest event with this id (and source) that is still kept and that the actor may see.
    pub async fn read_event(&self, actor: &Actor, id: &str, source: Option<String>) -> Result<ShownEvent, Error> {
        let own = self.visible_subscriptions(actor);
        for row in self.find_events(actor, id, source).await? {
            let Some(disclosure) = self.disclosure_to(actor, &own, &row).await? else { continue };
            let Some(event) = self.read_stored(&row).await? else { continue };
            let mut checked = self.publishing.check_stored(&event.kanaal, &event.accepted);
            if disclosure != Disclosure::ALL {
                checked.findings.clear();
            }
            let event = event.disclose(&disclosure);
            return Ok(ShownEvent {
                kanaal: event.kanaal,
                partition: event.partition,
                position: event.position,
                appended: event.appended,
                accepted: event.accepted,
                checked,
            });
        }
        Err(Error::NoLongerKept)
    }
}
