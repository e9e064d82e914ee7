//! Publishes a draft.

use model::{
    Actor,
    audit::{Action, Object, ObjectKind, Verdict},
};
use storage::journal::{EventQuery, Page};

use super::{Draft, DraftError, ExaminedDraft};
use crate::{Error, Management};

impl Management {
    /// Publishes a draft: first the entry of the audit trail, then the event. Both are durable when it returns `Ok`. A notification
    /// that was published before with its id is not published again; moments after the first time it may be, as the same event.
    ///
    /// # Errors
    /// The draft is refused, the person may not publish it, or storage did not confirm. When the append fails, a second entry
    /// of the audit trail has that.
    pub async fn publish_by_hand(&self, actor: &Actor, draft: &Draft) -> Result<ExaminedDraft, DraftError> {
        let examined = self.examine_draft(actor, draft).await?;
        if matches!(draft, Draft::Notificatie { .. }) && self.is_published(&examined).await? {
            return Ok(examined);
        }
        let object = Object::new(ObjectKind::Event, examined.accepted.event.id());
        self.recorder.record(actor, Action::EventPublish, object.clone()).await.map_err(Error::from)?;
        let ExaminedDraft { kanaal, accepted, findings } = &examined;
        if let Err(error) = self.publishing.append_examined(&kanaal.naam, accepted, findings).await {
            let verdict = Verdict::Failed("not stored".to_owned());
            self.recorder.record_refused(actor, Action::EventPublish, object, verdict).await;
            return Err(Error::from(error).into());
        }
        Ok(examined)
    }

    /// Whether the index has this event.
    async fn is_published(&self, examined: &ExaminedDraft) -> Result<bool, Error> {
        let event = &examined.accepted.event;
        let query = EventQuery {
            id: Some(event.id().to_owned()),
            source: Some(event.source().to_owned()),
            kanaal: Some(examined.kanaal.naam.clone()),
            ..EventQuery::default()
        };
        Ok(!self.journal.events(query, Page { offset: 0, limit: 1 }).await?.is_empty())
    }
}
