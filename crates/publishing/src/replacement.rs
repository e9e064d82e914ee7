//! The event of a request that is to replace one that waits for its moment (CH-98): examined like any other, and made a record. It is
//! appended once the other one is replaced (`people`), so not here.

use model::{
    clock::{Instant, Now},
    event::{AcceptedEvent, PublishedAs},
    mailing::{self, DELIVER_AFTER},
};
use storage::log::Record;

use super::{
    Candidate, Error, Examined, Headers, LOG_TARGET, Publishing, Refusal, Submission, events::form, record_of,
};

/// An event that may replace another one.
#[derive(Debug)]
pub struct Prepared {
    /// The one event of the request.
    pub examined: Examined,
    /// Its record.
    pub record: Record,
    since: Instant,
}

impl Publishing {
    /// Examines the event of a request that is to replace the event with this source and id. `publisher` is the `client_id` of its
    /// publisher. Stores nothing.
    ///
    /// # Errors
    /// As for an event that is published; and there is one event, with the same source, another id and a moment that is to come.
    pub async fn prepare_replacement<H: Headers>(
        &self,
        publisher: &str,
        submission: Submission<'_, H>,
        (source, id): (&str, &str),
    ) -> Result<Prepared, Error> {
        let Now { wall: now, instant } = self.clock.moment();
        let Examined { mode, events, via } = self.examine(publisher, submission).await?;
        let [candidate] = <[Candidate; 1]>::try_from(events).map_err(|_| Error::TooManyEvents(1))?;
        let event = &candidate.event;
        let refused = |member, rule: &str| Err(Error::Event(Refusal::ForPeople { member, rule: rule.to_owned() }));
        if event.source() != source {
            return refused("source", "must be that of the event that is replaced");
        }
        if event.id() == id {
            return refused("id", "must be another one than that of the event that is replaced");
        }
        if mailing::due(event).is_none_or(|due| due <= now) {
            return refused(DELIVER_AFTER, "must be a moment that is to come");
        }
        let accepted = AcceptedEvent {
            event: candidate.event,
            published_as: PublishedAs::CloudEvent,
            received: Some(now),
            publisher: Some(publisher.into()),
        };
        let record = record_of(&accepted, via.as_ref());
        let events = vec![Candidate { event: accepted.event, ..candidate }];
        Ok(Prepared { examined: Examined { mode, events, via }, record, since: instant })
    }

    /// Counts and logs an event that replaces another one; to be called when that is durable.
    pub fn replaced(&self, publisher: &str, Prepared { examined, since, .. }: &Prepared) {
        self.0.accepted.count(form(examined.mode), examined.events.len(), self.clock.instant().since(*since));
        for Candidate { event, kanaal, findings, .. } in &examined.events {
            self.0.findings.count(&kanaal.naam, findings);
            let (event_id, kind, kanaal) = (event.id(), event.kind(), kanaal.naam.as_str());
            tracing::debug!(target: LOG_TARGET, event_id, r#type = kind, kanaal, client_id = publisher, "accepted as a replacement");
        }
    }
}
