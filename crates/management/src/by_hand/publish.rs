//! Publishes a draft.

use model::{
    Actor,
    audit::{Action, Object, ObjectKind, Verdict},
};

use super::{Draft, DraftError, ExaminedDraft};
use crate::{Error, Management};

impl Management {
    /// Publishes a draft: first the entry of the audit trail, then the event. Both are durable when it returns `Ok`.
    ///
    /// # Errors
    /// The draft is refused, the person may not publish it, or storage did not confirm. When the append fails, a second entry
    /// of the audit trail has that.
    pub async fn publish_by_hand(&self, actor: &Actor, draft: &Draft) -> Result<ExaminedDraft, DraftError> {
        let examined = self.examine_draft(actor, draft).await?;
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
}
