//! The typed request to create or change a subscription. Both APIs, the configuration and the import translate into it.

use std::num::NonZeroU32;

use model::{
    Sink, Subscription, Timestamp,
    consent::Validation,
    selection::Selection,
    subscription::{Format, Fsc, Order, Rendering, RetryPolicy},
};

use super::CredentialRequest;
use crate::Update;

/// A complete requested subscription. A change replaces every member, except those whose `None` keeps the present value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionRequest {
    /// A name for people, see [`super::rules::check_name`].
    pub name: Option<String>,
    /// Who answers questions about it, see [`super::rules::check_contact`].
    pub contact: Option<String>,
    /// What it is for, see [`super::rules::check_description`].
    pub description: Option<String>,
    /// Which events; `None` for every event, but an abonnement keeps what it selects.
    pub selection: Option<Selection>,
    /// The receiver of the events.
    pub sink: Sink,
    /// What authorises deliveries at the sink; `None` keeps the present credential.
    pub credential: Option<CredentialRequest>,
    /// Name of the TLS profile for the sink; `None` for the default one.
    pub tls: Option<String>,
    /// The contract under which the sink, an FSC Outway, is used.
    pub fsc: Option<Fsc>,
    /// Headers that every delivery carries besides those of the gateway; [`Update::Keep`] keeps the present value of one.
    pub headers: Vec<(String, Update<String>)>,
    /// The shape in which events arrive.
    pub format: Format,
    /// The order in which events arrive.
    pub order: Order,
    /// What happens when the sink fails.
    pub retry: RetryPolicy,
    /// The maximum number of concurrent requests, 1 to 10,000; `None` for the default of the gateway.
    pub max_in_flight: Option<NonZeroU32>,
    /// The rate to ask for in the handshake, in requests per minute.
    pub requested_rate: Option<NonZeroU32>,
    /// How the sink is asked for consent.
    pub validation: Validation,
    /// Where a new subscription starts reading; `None` for [`Start::Now`]. A change must not name one.
    pub start: Option<Start>,
    /// When the subscription expires; `None` for never.
    pub expires: Option<Timestamp>,
}

/// Where a new subscription starts reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// At the next event that is accepted.
    Now,
    /// At the oldest event that is kept.
    Beginning,
    /// At the first event accepted at or after this time.
    At(Timestamp),
}

impl SubscriptionRequest {
    /// Asks for every event at `sink` as a structured CloudEvent, after a handshake, without a credential.
    pub fn new(sink: Sink, retry: RetryPolicy) -> Self {
        Self {
            name: None,
            contact: None,
            description: None,
            selection: None,
            sink,
            credential: None,
            tls: None,
            fsc: None,
            headers: Vec::new(),
            format: Format::Structured(Rendering::Canonical),
            order: Order::None,
            retry,
            max_in_flight: None,
            requested_rate: None,
            validation: Validation::Handshake,
            start: None,
            expires: None,
        }
    }

    /// Asks for what `present` is already.
    pub fn of(present: &Subscription) -> Self {
        Self {
            name: present.name.clone(),
            contact: present.contact.clone(),
            description: present.description.clone(),
            selection: Some(present.selection.clone()),
            sink: present.sink.clone(),
            credential: None,
            tls: present.tls.clone(),
            fsc: present.fsc.clone(),
            headers: present.headers.iter().map(|(name, _)| (name.clone(), Update::Keep)).collect(),
            format: present.format,
            order: present.order,
            retry: present.retry,
            max_in_flight: present.max_in_flight,
            requested_rate: present.requested_rate,
            validation: present.validation.clone(),
            start: None,
            expires: present.expires,
        }
    }
}
