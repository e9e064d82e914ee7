//! Sends one test event to the sink of a subscription, and to no other. It is on no log and in no journal, and is no delivery:
//! nothing is retried, and no figure of deliveries changes.
//!
//! It honours what deliveries honour: consent, approval, the granted rate, `Retry-After` and 410. It does not need the
//! subscription to deliver: a paused or suspended one can be tested before it is resumed.

use std::time::Duration;

use delivery::{Cause, Class, DecodedEvent, ExtraRequest, Reply, RequestResult};
use event_reader::StoredEvent;
use model::{
    Actor, AttributeName, Data, Event, KanaalName, Partition, Position, Subscription, SubscriptionId, Timestamp, Value,
    decide::Rejection,
    event::{AcceptedEvent, PublishedAs},
    subscription::{Format, Status},
};
use storage::log::{Record, Stored};

use crate::{Conflict, Error, InTwoLanguages, Management};

/// `source` of test events.
const SOURCE: &str = "urn:nl-gov-event-gateway:test";
/// `type` of test events, unless the client gives another one.
const KIND: &str = "nl.gov-event-gateway.test";
/// The extension attribute that marks them; its value is true.
const MARK: &str = "gatewaytest";
/// The name of the kanaal in test notifications, as Open Notificaties sends them.
const KANAAL: &str = "test";
/// The payload of a test event.
const DATA: &str = r#"{"test":true}"#;
/// The longest wait for the rate or `Retry-After` of the sink.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// A test event and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestDelivery {
    /// Its `id`.
    pub id: String,
    /// Its `source`.
    pub source: &'static str,
    /// Its `type`.
    pub kind: String,
    /// When the request started.
    pub at: Timestamp,
    /// How long it took.
    pub duration: Duration,
    /// What the answer means.
    pub outcome: TestOutcome,
    /// The code of the receiver's answer, if there was one.
    pub status: Option<u16>,
    /// The start of the answer as text, if there was one.
    pub excerpt: Option<String>,
    /// Why there was no answer, or why nothing was sent.
    pub failure: Option<String>,
    /// The transaction id that FSC logs it under.
    pub fsc_transaction: Option<uuid::Uuid>,
}

/// What the answer to a test event means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TestOutcome {
    /// The sink accepted the event.
    Accepted,
    /// The sink does not exist any more: its subscriptions end.
    Gone,
    /// The sink asks for no request within this time.
    Paced(Duration),
    /// The sink refuses the event.
    Refused,
    /// The sink refuses the format.
    Format,
    /// The sink answers that it fails, or that it can take nothing now.
    Failed,
    /// There was no answer.
    NoAnswer,
    /// Nothing was sent.
    NotSent,
}

impl Management {
    /// Sends one test event, with this `type` if it is given, to the sink of a subscription of the actor. Takes at most
    /// one request timeout and five seconds.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Invalid`] names `type`; [`Error::Rejected`] when the subscription is gone or expired;
    /// [`Conflict::CannotSend`] without consent or approval, and while the sink asked for no requests;
    /// [`Conflict::SinkBusy`].
    pub async fn test_subscription(
        &self,
        actor: &Actor,
        id: SubscriptionId,
        kind: Option<String>,
    ) -> Result<TestDelivery, Error> {
        self.send_test(actor, id, kind.unwrap_or_else(|| KIND.to_owned()), DATA.to_owned()).await
    }

    /// The same with the example that the catalogue has for the type as payload, if it has one.
    ///
    /// # Errors
    /// As [`Self::test_subscription`]; [`Error::NotFound`] for a type that is not in the catalogue.
    pub async fn send_example(&self, actor: &Actor, id: SubscriptionId, kind: &str) -> Result<TestDelivery, Error> {
        let example = self.find_type(kind)?.schema.example.clone();
        let data = example.unwrap_or_else(|| DATA.to_owned());
        self.send_test(actor, id, kind.to_owned(), data).await
    }

    async fn send_test(
        &self,
        actor: &Actor,
        id: SubscriptionId,
        kind: String,
        data: String,
    ) -> Result<TestDelivery, Error> {
        let subscription = self.own_subscription(actor, id)?;
        check_may_send(&subscription, self.clock.now())?;
        let event_id = self.random.uuid().to_string();
        let event = test_event((&event_id, &kind), data, subscription.format, self.clock.now())?;
        let _turn = self.sink_turns.begin(&subscription.sink)?;
        self.wait_for_sink(id).await?;
        let (at, started) = (self.clock.now(), self.clock.instant());
        let reply = self.receivers.send_test(&subscription, event).await;
        let duration = self.clock.instant().since(started);
        self.engine.extra_request_answered(id, reply.class).await;
        tracing::info!(subscription = %id, status = reply.code(), "test event sent");
        Ok(TestDelivery::new(event_id, kind, at, duration, reply))
    }

    /// Waits until a request to the sink may start, and counts it in the granted rate. Another node that delivers to the sink
    /// does not count it.
    pub(super) async fn wait_for_sink(&self, id: SubscriptionId) -> Result<(), Error> {
        let until = self.clock.now() + LONGEST_WAIT;
        loop {
            match self.engine.start_extra_request(id).await {
                Some(ExtraRequest::NotBefore(moment)) if moment > until => {
                    let reason = format!("its sink gets no request before {moment}");
                    return Err(Conflict::CannotSend(reason).into());
                }
                Some(ExtraRequest::NotBefore(moment)) => tokio::time::sleep(moment.since(self.clock.now())).await,
                Some(ExtraRequest::Start) | None => return Ok(()),
            }
        }
    }
}

/// Checks that requests to the sink are permitted; unlike deliveries also while the subscription is paused or suspended.
pub(super) fn check_may_send(subscription: &Subscription, now: Timestamp) -> Result<(), Error> {
    check_may_ask(subscription, now)?;
    if subscription.consent.granted().is_none() {
        return Err(Conflict::CannotSend("its sink has not consented".to_owned()).into());
    }
    Ok(())
}

/// Checks that the sink may be asked for consent.
pub(super) fn check_may_ask(subscription: &Subscription, now: Timestamp) -> Result<(), Error> {
    let id = subscription.id;
    match subscription.status {
        Status::Gone { .. } => return Err(Rejection::Gone(id).into()),
        Status::Expired { .. } => return Err(Rejection::Expired(id).into()),
        Status::Active | Status::Paused | Status::Suspended { .. } => {}
    }
    if subscription.expires.is_some_and(|end| end <= now) {
        return Err(Rejection::Expired(id).into());
    }
    if let Some(held) = subscription.held_by() {
        let reason = format!("the owner of kanaal {} has not approved it", held.kanaal);
        return Err(Conflict::CannotSend(reason).into());
    }
    Ok(())
}

/// A test event with this id, `type` and JSON payload; for format legacy the test notification of Open Notificaties, with the
/// present time.
fn test_event(
    (id, kind): (&str, &str),
    payload: String,
    format: Format,
    now: Timestamp,
) -> Result<DecodedEvent, Error> {
    let (published_as, data) = match format {
        Format::Legacy => (PublishedAs::Notificatie, notification(now)),
        _ => (PublishedAs::CloudEvent, payload),
    };
    let mut attributes = Vec::new();
    for (member, text) in [
        ("id", id),
        ("source", SOURCE),
        ("type", kind),
        ("time", &now.to_rfc3339()),
        ("datacontenttype", "application/json"),
    ] {
        let value = Value::text(text).map_err(|error| Error::invalid(member, error.to_string()))?;
        attributes.push((AttributeName::new(member).map_err(|_| Error::Interrupted)?, value));
    }
    attributes.push((AttributeName::new(MARK).map_err(|_| Error::Interrupted)?, Value::Boolean(true)));
    let event = Event::new(attributes, Some(Data::Json(data.into())));
    let event = event.map_err(|error| Error::invalid("type", error.to_string()))?;
    let accepted = AcceptedEvent { event, published_as, received: Some(now), publisher: None };
    let stored = Stored { position: Position(0), appended: now, record: Record::default() };
    let kanaal = KanaalName::new(KANAAL).ok_or(Error::Interrupted)?;
    Ok(DecodedEvent::new(StoredEvent::new(kanaal, Partition(0), stored, accepted), 0))
}

fn notification(now: Timestamp) -> String {
    format!(
        r#"{{"kanaal":"{KANAAL}","hoofdObject":"http://some.hoofdobject.nl/","resource":"some_resource","resourceUrl":"http://some.resource.nl/","actie":"create","aanmaakdatum":"{}","kenmerken":{{}}}}"#,
        now.to_rfc3339()
    )
}

impl TestOutcome {
    /// The word of the native API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::Format => "format-refused",
            Self::Paced(_) => "retry-later",
            Self::Failed => "failed",
            Self::NoAnswer => "no-answer",
            Self::NotSent => "not-sent",
            Self::Gone => "gone",
        }
    }
}

impl TestDelivery {
    /// What came of it, in sentences.
    pub fn explanation(&self) -> InTwoLanguages {
        let (status, failure) = (self.status.unwrap_or_default(), self.failure.as_deref().unwrap_or_default());
        let (en, nl) = match self.outcome {
            TestOutcome::Accepted => (
                format!("The sink accepted the test event ({status}). That is its answer, not its processing."),
                format!(
                    "De ontvanger heeft de testgebeurtenis aangenomen ({status}). Dat is het antwoord, niet de verwerking."
                ),
            ),
            TestOutcome::Refused => (
                format!("The sink refused the test event ({status}); an event with this answer becomes a dead letter."),
                format!(
                    "De ontvanger weigerde de testgebeurtenis ({status}); bij dit antwoord wordt een gebeurtenis een dead letter."
                ),
            ),
            TestOutcome::Format => (
                format!("The sink refused the format ({status}); choose another format."),
                format!("De ontvanger weigerde het formaat ({status}); kies een ander formaat."),
            ),
            TestOutcome::Paced(wait) => (
                format!("The sink asked for no requests for {} seconds ({status}).", wait.as_secs()),
                format!("De ontvanger wil {} seconden geen verzoeken ({status}).", wait.as_secs()),
            ),
            TestOutcome::Failed => (
                format!("The sink failed on the test event ({status}); an event with this answer is sent again later."),
                format!(
                    "De ontvanger faalde op de testgebeurtenis ({status}); bij dit antwoord volgt later een nieuwe poging."
                ),
            ),
            TestOutcome::NoAnswer => {
                (format!("The sink did not answer: {failure}."), "De ontvanger antwoordde niet.".to_owned())
            }
            TestOutcome::NotSent => (format!("Nothing was sent: {failure}."), "Er is niets gestuurd.".to_owned()),
            TestOutcome::Gone => (
                format!("The sink answered {status} Gone: every subscription to it ends."),
                format!("De ontvanger antwoordde {status} Gone: elk abonnement naar deze ontvanger eindigt."),
            ),
        };
        InTwoLanguages { en, nl }
    }

    fn new(id: String, kind: String, at: Timestamp, duration: Duration, reply: Reply) -> Self {
        let (status, fsc_transaction) = (reply.code(), reply.fsc_transaction);
        let outcome = match (&reply.result, reply.class) {
            (RequestResult::NotSent(_), _) => TestOutcome::NotSent,
            (RequestResult::Failed(_), _) => TestOutcome::NoAnswer,
            (_, Class::Delivered) => TestOutcome::Accepted,
            (_, Class::Gone) => TestOutcome::Gone,
            (_, Class::Paced(wait)) => TestOutcome::Paced(wait),
            (_, Class::Refused) => TestOutcome::Refused,
            (_, Class::Format) => TestOutcome::Format,
            (_, Class::Failed(Cause::Gateway) | Class::Untranslatable) => TestOutcome::NotSent,
            (_, Class::Failed(_)) => TestOutcome::Failed,
        };
        let (excerpt, failure) = match reply.result {
            RequestResult::Answered { excerpt, .. } => (Some(excerpt.into_string()), None),
            RequestResult::Failed(reason) | RequestResult::NotSent(reason) => (None, Some(reason)),
        };
        Self { id, source: SOURCE, kind, at, duration, outcome, status, excerpt, failure, fsc_transaction }
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use model::subscription::Rendering;

    use super::*;

    #[test]
    fn a_test_event_is_marked_in_every_format() {
        let now = Timestamp::from_seconds(1_800_000_000);
        let batch = Format::Batch { max_events: NonZeroU32::MIN, linger: Duration::ZERO };
        for format in [Format::Structured(Rendering::Canonical), Format::Binary, batch, Format::Legacy] {
            let event = test_event(("1", "a.b"), DATA.to_owned(), format, now).unwrap();
            let attributes = &event.accepted.event;
            assert_eq!((attributes.id(), attributes.kind()), ("1", "a.b"));
            assert!(
                attributes
                    .attributes()
                    .iter()
                    .any(|(name, value)| { name.as_str() == MARK && *value == Value::Boolean(true) })
            );
            assert_eq!(event.accepted.published_as == PublishedAs::Notificatie, format == Format::Legacy);
        }
        assert!(matches!(test_event(("1", ""), DATA.to_owned(), Format::Binary, now), Err(Error::Invalid(_))));
    }
}
