//! Builds new subscriptions and computes changed ones; no other file does.
//!
//! It works on the ports of storage and needs no engine, so that the import can use it while the gateway is stopped. It
//! checks nothing and submits nothing: the use cases do.

use std::{fmt::Write, time::Duration};

use model::{
    Random, Subscription, SubscriptionId, Timestamp,
    consent::{Consent, Rate, Validation},
    credential::Credential,
    sealed::Sealed,
    selection::{NativeSelection, Selection},
    subscription::{CreateKey, Status},
};
use secrets::Secrets;
use storage::{EventLog, control::SharedRegistry};

use super::{
    Start, SubscriptionRequest, headers,
    marks::{self, Marks},
};
use crate::{Error, Management};

/// Builds subscriptions at a given time.
#[derive(Clone, Copy)]
pub struct Builder<'a> {
    /// Gives the start marks.
    pub log: &'a dyn EventLog,
    /// The present kanalen.
    pub registry: &'a SharedRegistry,
    /// Seals callback secrets.
    pub secrets: &'a Secrets,
    /// Randomness for callback secrets.
    pub random: &'a dyn Random,
    /// The origin of consent that was given without a handshake.
    pub origin: &'a str,
    /// The time of the change.
    pub now: Timestamp,
}

/// The identity of a new subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The id, which is not in use yet.
    pub id: SubscriptionId,
    /// The `client_id` it belongs to; empty: only administrators see and change it.
    pub owner: String,
    /// The idempotency key it is created with.
    pub create_key: Option<CreateKey>,
}

/// The state of consent of a new receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receiver {
    /// Nothing: it is asked for consent after the change, unless an agreement replaces that.
    Unasked,
    /// It passed the probes just now. It named no rate, so that it has none.
    Probed,
}

/// A change of a subscription.
#[derive(Debug)]
pub struct Change {
    /// The requested state.
    pub request: SubscriptionRequest,
    /// The new credential, sealed.
    pub credential: Credential,
    /// What is known of the receiver, if that is another one.
    pub receiver: Receiver,
    /// Whether another receiver ends a pause and any other status; else it ends only [`Status::Gone`] and
    /// [`Status::Suspended`].
    pub activates: bool,
    /// Its marks before the change.
    pub marks: Marks,
}

impl Builder<'_> {
    /// A new subscription. Its sink was not asked for consent yet, unless `receiver` passed the probes.
    pub async fn create(
        &self,
        identity: Identity,
        request: SubscriptionRequest,
        credential: Credential,
        receiver: Receiver,
    ) -> Result<Subscription, Error> {
        let consent = initial_consent(&request, receiver, self.origin, self.now);
        let selection = request.selection.unwrap_or_else(everything);
        let start = marks::at(self.log, self.registry, &selection, request.start.unwrap_or(Start::Now)).await?;
        Ok(Subscription {
            id: identity.id,
            owner: identity.owner,
            name: request.name,
            contact: request.contact,
            description: request.description,
            selection,
            sink: request.sink,
            credential,
            credential_changed: None,
            tls: request.tls,
            fsc: request.fsc,
            headers: headers::sealed(request.headers, self.secrets)?,
            format: request.format,
            order: request.order,
            retry: request.retry,
            max_in_flight: request.max_in_flight,
            requested_rate: request.requested_rate,
            validation: request.validation,
            consent,
            generation: 1,
            callback_secret: self.callback_secret()?,
            status: Status::Active,
            start,
            expires: request.expires,
            approvals: Vec::new(),
            create_key: identity.create_key,
            created: self.now,
            changed: self.now,
        })
    }

    /// The changed subscription. Another sink, and another way to ask it, voids its consent (CE-WHV-27).
    pub async fn change(&self, present: &Subscription, change: Change) -> Result<Subscription, Error> {
        let Change { mut request, credential, receiver, activates, marks } = change;
        let headers = headers::changed(present, &mut request, self.secrets)?;
        let mut to = present.clone();
        if request.sink != present.sink || request.validation != present.validation {
            to.consent = initial_consent(&request, receiver, self.origin, self.now);
            to.callback_secret = self.callback_secret()?;
            if activates || matches!(present.status, Status::Gone { .. } | Status::Suspended { .. }) {
                to.status = Status::Active;
            }
        }
        to.selection = match (&present.selection, request.selection) {
            (Selection::Abonnement(_), None) => present.selection.clone(),
            (_, selection) => selection.unwrap_or_else(everything),
        };
        to.name = request.name;
        to.contact = request.contact;
        to.description = request.description;
        to.sink = request.sink;
        to.changed = after(self.now, present);
        to.credential_changed = match &credential {
            Credential::None => None,
            credential if *credential == present.credential => present.credential_changed,
            _ => Some(to.changed),
        };
        to.credential = credential;
        to.tls = request.tls;
        to.fsc = request.fsc;
        to.headers = headers;
        to.format = request.format;
        to.order = request.order;
        to.retry = request.retry;
        to.max_in_flight = request.max_in_flight;
        to.requested_rate = request.requested_rate;
        to.validation = request.validation;
        to.expires = request.expires;
        let returns = present.status.end().is_some() && (to.status.end().is_none() || to.is_put_off());
        to.start = if returns {
            marks::anew(self.log, self.registry, marks, &to.selection).await?
        } else {
            marks::with_new_kanalen(self.log, self.registry, marks, &present.selection, &to.selection).await?
        };
        Ok(to)
    }

    /// A subscription that has ended, with the start for its return; for who makes it active again with another command.
    pub async fn start_anew(&self, present: &Subscription) -> Result<Subscription, Error> {
        let start = marks::anew(self.log, self.registry, present.start.clone(), &present.selection).await?;
        Ok(Subscription { start, changed: after(self.now, present), ..present.clone() })
    }

    /// The secret part of the callback URL: 256 random bits as 64 hexadecimal digits, sealed (CE-WHV-08).
    fn callback_secret(&self) -> Result<Sealed, Error> {
        let mut text = String::with_capacity(64);
        for byte in (0..4).flat_map(|_| self.random.bits().to_le_bytes()) {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        Ok(self.secrets.seal(text.as_bytes())?)
    }
}

/// The time of a change: a version is never used twice.
fn after(now: Timestamp, present: &Subscription) -> Timestamp {
    now.max(present.changed + Duration::from_micros(1))
}

/// The consent of a receiver that is new to a subscription.
fn initial_consent(request: &SubscriptionRequest, receiver: Receiver, origin: &str, now: Timestamp) -> Consent {
    let granted = |rate| Consent::Granted { origin: origin.to_owned(), rate, at: now };
    match (&request.validation, receiver) {
        (Validation::Handshake, _) | (Validation::Probe, Receiver::Unasked) => Consent::fresh(now),
        (Validation::Probe | Validation::Manual { .. }, Receiver::Probed) => granted(Rate::Unlimited),
        (Validation::Manual { .. }, Receiver::Unasked) => {
            granted(request.requested_rate.map_or(Rate::Unlimited, Rate::PerMinute))
        }
    }
}

fn everything() -> Selection {
    Selection::Native(NativeSelection::default())
}

impl Management {
    /// A builder at the present time.
    pub(super) fn builder(&self) -> Builder<'_> {
        Builder {
            log: self.log.as_ref(),
            registry: &self.registry,
            secrets: &self.secrets,
            random: self.random.as_ref(),
            origin: &self.settings.origin,
            now: self.clock.now(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use model::{Sink, subscription::RetryPolicy};

    use super::*;

    #[test]
    fn only_an_agreement_and_passed_probes_replace_asking() {
        let rate = NonZeroU32::new(60);
        let manual = Validation::Manual { agreement: "contract 1".into() };
        for (validation, receiver, expected) in [
            (Validation::Handshake, Receiver::Unasked, None),
            (Validation::Handshake, Receiver::Probed, None),
            (Validation::Probe, Receiver::Unasked, None),
            (Validation::Probe, Receiver::Probed, Some(Rate::Unlimited)),
            (manual.clone(), Receiver::Probed, Some(Rate::Unlimited)),
            (manual, Receiver::Unasked, rate.map(Rate::PerMinute)),
        ] {
            let sink = Sink::Webhook("https://sink.example/".into());
            let mut request = SubscriptionRequest::new(sink, RetryPolicy::default());
            (request.validation, request.requested_rate) = (validation, rate);
            let consent = initial_consent(&request, receiver, "gw.example", Timestamp::default());
            let granted = consent.granted();
            assert_eq!(granted, expected.map(|rate| ("gw.example", rate)), "{:?} {receiver:?}", request.validation);
        }
    }
}
