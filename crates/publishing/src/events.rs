//! Publishes CloudEvents in structured, binary and batched mode: examines every event, then appends all in one append.

use model::{
    clock::Now,
    event::{AcceptedEvent, PublishedAs},
};
use translator::cloudevents::Mode;

use super::{Candidate, Error, Examined, Headers, LOG_TARGET, Publishing, Submission, metrics::Form, record_of};

impl Publishing {
    /// Accepts the events of a request, all or none; when it returns `Ok` they are durable. `publisher` is the
    /// `client_id` of the caller.
    pub async fn publish_events<H: Headers>(
        &self,
        publisher: &str,
        submission: Submission<'_, H>,
    ) -> Result<Examined, Error> {
        let Now { wall: now, instant } = self.clock.moment();
        let Examined { mode, events, via } = self.examine(publisher, submission).await?;
        let mut records = Vec::with_capacity(events.len());
        let mut taken = Vec::with_capacity(events.len());
        for candidate in events {
            self.0.findings.count(&candidate.kanaal.naam, &candidate.findings);
            let accepted = AcceptedEvent {
                event: candidate.event,
                published_as: PublishedAs::CloudEvent,
                received: Some(now),
                publisher: Some(publisher.into()),
            };
            records.push((candidate.kanaal.naam.clone(), record_of(&accepted, via.as_ref())));
            taken.push(Candidate { event: accepted.event, ..candidate });
        }
        if !records.is_empty() {
            self.log.append(records).await?;
        }
        self.0.accepted.count(form(mode), taken.len(), self.clock.instant().since(instant));
        for Candidate { event, kanaal, .. } in &taken {
            tracing::debug!(
                target: LOG_TARGET,
                event_id = event.id(),
                r#type = event.kind(),
                kanaal = kanaal.naam.as_str(),
                client_id = publisher,
                "accepted"
            );
        }
        Ok(Examined { mode, events: taken, via })
    }
}

pub(crate) fn form(mode: Mode) -> Form {
    match mode {
        Mode::Structured => Form::Structured,
        Mode::Batch => Form::Batch,
        Mode::Binary => Form::Binary,
    }
}
