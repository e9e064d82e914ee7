//! Examines a draft: reads it, finds its kanaal, applies the rules, and checks that the person may publish there.

use model::{
    Actor,
    audit::{Action, Object, ObjectKind, Verdict},
    event::{AcceptedEvent, PublishedAs},
};
use publishing::{Candidate, Headers, Submission};

use super::{Draft, DraftError, ExaminedDraft, PUBLISHER};
use crate::{Error, Management, Right};

/// The media type of a CloudEvent in structured mode.
const STRUCTURED: &str = "application/cloudevents+json";

/// A request without headers.
struct NoHeaders;

impl Headers for NoHeaders {
    fn lines(&self) -> impl Iterator<Item = (&str, &[u8])> {
        std::iter::empty()
    }
}

impl Management {
    /// Examines a draft for a person. An administrator publishes on every kanaal, the owner of a kanaal on its own.
    ///
    /// # Errors
    /// [`Error::Forbidden`] without [`Right::PublishByHand`] and for the kanaal of another client, of which the audit trail gets an
    /// entry; the refusal of the event otherwise.
    pub(super) async fn examine_draft(&self, actor: &Actor, draft: &Draft) -> Result<ExaminedDraft, DraftError> {
        if !Right::PublishByHand.is_granted_to(actor) {
            return Err(Error::Forbidden("This needs the right to publish by hand.".to_owned()).into());
        }
        let (published_as, kanaal, event, findings) = match draft {
            Draft::CloudEvent { body, kanaal } => {
                let rules = self.publishing.settings.events;
                let (content_type, kanaal) = (Some(STRUCTURED), kanaal.as_deref());
                let submission = Submission { content_type, headers: NoHeaders, body, kanaal, rules };
                let mut events = self.publishing.examine(PUBLISHER, submission).await?.events;
                // Structured mode has one event.
                let Candidate { event, kanaal, findings, .. } = events.pop().ok_or(Error::Interrupted)?;
                (PublishedAs::CloudEvent, kanaal, event, findings)
            }
            Draft::Notificatie { body, id } => {
                let examined = self.publishing.examine_notification(PUBLISHER, *id, body).await?;
                (PublishedAs::Notificatie, examined.kanaal, examined.event, examined.findings)
            }
            Draft::Copy { source, id } => {
                let original = self.read_event(actor, id, Some(source.clone())).await?;
                // Before the copy is made: others see only a part of the event.
                self.check_kanaal(actor, original.kanaal.as_str()).await?;
                let copy = self.publishing.examine_copy(PUBLISHER, &original.kanaal, &original.accepted)?;
                (original.accepted.published_as, copy.kanaal, copy.event, copy.findings)
            }
        };
        self.check_kanaal(actor, kanaal.naam.as_str()).await?;
        let publisher = Some(PUBLISHER.into());
        let accepted = AcceptedEvent { event, published_as, received: Some(self.clock.now()), publisher };
        Ok(ExaminedDraft { kanaal, accepted, findings })
    }

    async fn check_kanaal(&self, actor: &Actor, naam: &str) -> Result<(), Error> {
        if actor.is_beheer() || self.is_kanaaleigenaar(actor, naam) {
            return Ok(());
        }
        let (object, verdict) = (Object::new(ObjectKind::Kanaal, naam), Verdict::Refused("not its owner".to_owned()));
        self.recorder.record_refused(actor, Action::EventPublish, object, verdict).await;
        Err(Error::Forbidden("Only administrators and the owner of a kanaal publish on it by hand.".to_owned()))
    }
}
