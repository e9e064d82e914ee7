//! Stored form of a subscription, with its consent and status.

use std::{num::NonZeroU32, time::Duration};

use model::{
    Mark, Partition, SubscriptionId, consent,
    subscription::{self, HeaderText, Thousandths},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    Micros, applicatie::Sealed, approval::Approval, credential::Credential, kanaal::name, selection::Selection,
};
use crate::Error;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Subscription {
    id: Uuid,
    owner: String,
    selection: Selection,
    sink: Sink,
    credential: Credential,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tls: Option<String>,
    headers: Vec<(String, String)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    sealed_headers: Vec<(String, Sealed)>,
    format: Format,
    order: Order,
    retry: Retry,
    max_in_flight: Option<NonZeroU32>,
    requested_rate: Option<NonZeroU32>,
    validation: Validation,
    consent: Consent,
    generation: u64,
    callback_secret: Sealed,
    status: Status,
    start: Vec<(String, u32, u64)>,
    expires: Option<Micros>,
    created: Micros,
    changed: Micros,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    approvals: Vec<Approval>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    create_key: Option<(String, String)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    contact: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fsc: Option<Fsc>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    credential_changed: Option<Micros>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fsc {
    grant_hash: String,
}

impl Subscription {
    /// The oldest version whose readers treat this subscription correctly. Version 1 has no approvals and no expiry, so
    /// its readers would send what must not be sent; they would drop a TLS profile, an idempotency key and entries
    /// without effect. A sink other than a webhook needs version 3, a sealed header or an answer to the handshake beside a
    /// pending callback version 4, a name, contact, description or FSC contract version 5, a filter on the payload version 6, a
    /// credential that was set after the creation version 8.
    pub(super) fn version(&self) -> u32 {
        let newer = !self.approvals.is_empty()
            || matches!(self.status, Status::Expired { .. })
            || self.tls.is_some()
            || self.create_key.is_some();
        let older = if newer { 2 } else { self.selection.version().max(self.credential.version()) };
        let headers = if self.sealed_headers.is_empty() { 1 } else { 4 };
        let payload = if self.selection.has_data() { 6 } else { 1 };
        let described = self.name.is_some() || self.contact.is_some() || self.description.is_some();
        let members = if described || self.fsc.is_some() { 5 } else { 1 };
        let credential = if self.credential_changed.is_some() { 8 } else { 1 };
        let parts = [self.sink.version(), headers, self.consent.version(), payload, members, credential];
        parts.into_iter().fold(older, u32::max)
    }
}

/// Versions 1 and 2 store the URL of a webhook as a string. Version 3 also accepts an object with a `kind`; webhooks
/// are still written as a string. An unknown kind is an error.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged, expecting = "a sink is a URL, or an object of a kind that this version knows")]
enum Sink {
    Url(String),
    OfKind(SinkOfKind),
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "kind", deny_unknown_fields, rename_all = "kebab-case")]
enum SinkOfKind {
    Webhook { url: String },
}

impl Sink {
    /// The oldest version with this shape.
    fn version(&self) -> u32 {
        match self {
            Self::Url(_) => 1,
            Self::OfKind(_) => 3,
        }
    }
}

impl From<&model::Sink> for Sink {
    fn from(sink: &model::Sink) -> Self {
        match sink {
            model::Sink::Webhook(url) => Self::Url(url.clone()),
        }
    }
}

impl From<Sink> for model::Sink {
    fn from(form: Sink) -> Self {
        match form {
            Sink::Url(url) | Sink::OfKind(SinkOfKind::Webhook { url }) => Self::Webhook(url),
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
enum Format {
    Legacy,
    Structured,
    StructuredOn116,
    Binary,
    Batch { max_events: NonZeroU32, linger_micros: u64 },
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
enum Order {
    None,
    Key,
}

/// The policy for retries; factor, base and jitter are in thousandths.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Retry {
    max_retries: u32,
    factor: u32,
    base: u32,
    cap_micros: u64,
    jitter: u32,
    ladder_only: bool,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
enum Validation {
    Handshake,
    Probe,
    Manual { agreement: String },
}

/// A granted rate of `None` has no bound.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) enum Consent {
    Validating {
        attempts: u32,
        not_before: Micros,
        last: Option<String>,
    },
    PendingCallback {
        until: Micros,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        last: Option<String>,
    },
    Granted {
        origin: String,
        per_minute: Option<NonZeroU32>,
        at: Micros,
    },
    Refused {
        reason: String,
        at: Micros,
    },
}

impl Consent {
    /// The oldest version with this shape.
    pub(super) fn version(&self) -> u32 {
        match self {
            Self::PendingCallback { last: Some(_), .. } => 4,
            _ => 1,
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) enum Status {
    Active,
    Paused,
    Suspended { reason: String, at: Micros },
    Gone { at: Micros },
    Expired { at: Micros },
}

fn clear_headers(headers: &[(String, HeaderText)]) -> Vec<(String, String)> {
    let clear = headers.iter().filter_map(|(name, text)| match text {
        HeaderText::Clear(text) => Some((name.clone(), text.clone())),
        HeaderText::Sealed(_) => None,
    });
    clear.collect()
}

fn sealed_headers(headers: &[(String, HeaderText)]) -> Vec<(String, Sealed)> {
    let sealed = headers.iter().filter_map(|(name, text)| match text {
        HeaderText::Sealed(sealed) => Some((name.clone(), sealed.into())),
        HeaderText::Clear(_) => None,
    });
    sealed.collect()
}

fn headers(clear: Vec<(String, String)>, sealed: Vec<(String, Sealed)>) -> Result<Vec<(String, HeaderText)>, Error> {
    let clear = clear.into_iter().map(|(name, text)| Ok((name, HeaderText::Clear(text))));
    let sealed = sealed.into_iter().map(|(name, sealed)| Ok((name, HeaderText::Sealed(sealed.try_into()?))));
    clear.chain(sealed).collect()
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

impl From<&subscription::Subscription> for Subscription {
    fn from(from: &subscription::Subscription) -> Self {
        Self {
            id: from.id.0,
            owner: from.owner.clone(),
            selection: (&from.selection).into(),
            sink: (&from.sink).into(),
            credential: (&from.credential).into(),
            tls: from.tls.clone(),
            headers: clear_headers(&from.headers),
            sealed_headers: sealed_headers(&from.headers),
            format: from.format.into(),
            order: match from.order {
                subscription::Order::None => Order::None,
                subscription::Order::Key => Order::Key,
            },
            retry: Retry {
                max_retries: from.retry.max_retries,
                factor: from.retry.factor.0,
                base: from.retry.base.0,
                cap_micros: micros(from.retry.cap),
                jitter: from.retry.jitter.0,
                ladder_only: from.retry.ladder_only,
            },
            max_in_flight: from.max_in_flight,
            requested_rate: from.requested_rate,
            validation: match &from.validation {
                consent::Validation::Handshake => Validation::Handshake,
                consent::Validation::Probe => Validation::Probe,
                consent::Validation::Manual { agreement } => Validation::Manual { agreement: agreement.clone() },
            },
            consent: (&from.consent).into(),
            generation: from.generation,
            callback_secret: (&from.callback_secret).into(),
            status: (&from.status).into(),
            start: from.start.iter().map(|(naam, part, mark)| (naam.to_string(), part.0, mark.0)).collect(),
            expires: from.expires.map(Into::into),
            created: from.created.into(),
            changed: from.changed.into(),
            approvals: from.approvals.iter().map(Into::into).collect(),
            create_key: from.create_key.as_ref().map(|own| (own.key.clone(), own.digest.clone())),
            name: from.name.clone(),
            contact: from.contact.clone(),
            description: from.description.clone(),
            fsc: from.fsc.as_ref().map(|own| Fsc { grant_hash: own.grant_hash.clone() }),
            credential_changed: from.credential_changed.map(Into::into),
        }
    }
}

impl TryFrom<Subscription> for subscription::Subscription {
    type Error = Error;

    fn try_from(form: Subscription) -> Result<Self, Error> {
        let start = |(naam, partition, mark): (String, u32, u64)| {
            Ok::<_, Error>((name(&naam)?, Partition(partition), Mark(mark)))
        };
        Ok(Self {
            id: SubscriptionId(form.id),
            owner: form.owner,
            name: form.name,
            contact: form.contact,
            description: form.description,
            fsc: form.fsc.map(|own| subscription::Fsc { grant_hash: own.grant_hash }),
            selection: form.selection.try_into()?,
            sink: form.sink.into(),
            credential: form.credential.try_into()?,
            credential_changed: form.credential_changed.map(Into::into),
            tls: form.tls,
            headers: headers(form.headers, form.sealed_headers)?,
            format: form.format.into(),
            order: match form.order {
                Order::None => subscription::Order::None,
                Order::Key => subscription::Order::Key,
            },
            retry: subscription::RetryPolicy {
                max_retries: form.retry.max_retries,
                factor: Thousandths(form.retry.factor),
                base: Thousandths(form.retry.base),
                cap: Duration::from_micros(form.retry.cap_micros),
                jitter: Thousandths(form.retry.jitter),
                ladder_only: form.retry.ladder_only,
            },
            max_in_flight: form.max_in_flight,
            requested_rate: form.requested_rate,
            validation: match form.validation {
                Validation::Handshake => consent::Validation::Handshake,
                Validation::Probe => consent::Validation::Probe,
                Validation::Manual { agreement } => consent::Validation::Manual { agreement },
            },
            consent: form.consent.into(),
            generation: form.generation,
            callback_secret: form.callback_secret.try_into()?,
            status: form.status.into(),
            start: form.start.into_iter().map(start).collect::<Result<_, _>>()?,
            expires: form.expires.map(Into::into),
            created: form.created.into(),
            changed: form.changed.into(),
            approvals: form.approvals.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?,
            create_key: form.create_key.map(|(key, digest)| subscription::CreateKey { key, digest }),
        })
    }
}

impl From<subscription::Format> for Format {
    fn from(format: subscription::Format) -> Self {
        match format {
            subscription::Format::Legacy => Self::Legacy,
            subscription::Format::Structured(subscription::Rendering::Canonical) => Self::Structured,
            subscription::Format::Structured(subscription::Rendering::On116) => Self::StructuredOn116,
            subscription::Format::Binary => Self::Binary,
            subscription::Format::Batch { max_events, linger } => {
                Self::Batch { max_events, linger_micros: micros(linger) }
            }
        }
    }
}

impl From<Format> for subscription::Format {
    fn from(form: Format) -> Self {
        match form {
            Format::Legacy => Self::Legacy,
            Format::Structured => Self::Structured(subscription::Rendering::Canonical),
            Format::StructuredOn116 => Self::Structured(subscription::Rendering::On116),
            Format::Binary => Self::Binary,
            Format::Batch { max_events, linger_micros } => {
                Self::Batch { max_events, linger: Duration::from_micros(linger_micros) }
            }
        }
    }
}

impl From<&consent::Consent> for Consent {
    fn from(consent: &consent::Consent) -> Self {
        match consent {
            consent::Consent::Validating { attempts, not_before, last } => {
                Self::Validating { attempts: *attempts, not_before: (*not_before).into(), last: last.clone() }
            }
            consent::Consent::PendingCallback { until, last } => {
                Self::PendingCallback { until: (*until).into(), last: last.clone() }
            }
            consent::Consent::Granted { origin, rate, at } => Self::Granted {
                origin: origin.clone(),
                per_minute: match rate {
                    consent::Rate::Unlimited => None,
                    consent::Rate::PerMinute(rate) => Some(*rate),
                },
                at: (*at).into(),
            },
            consent::Consent::Refused { reason, at } => Self::Refused { reason: reason.clone(), at: (*at).into() },
        }
    }
}

impl From<Consent> for consent::Consent {
    fn from(form: Consent) -> Self {
        match form {
            Consent::Validating { attempts, not_before, last } => {
                Self::Validating { attempts, not_before: not_before.into(), last }
            }
            Consent::PendingCallback { until, last } => Self::PendingCallback { until: until.into(), last },
            Consent::Granted { origin, per_minute, at } => Self::Granted {
                origin,
                rate: per_minute.map_or(consent::Rate::Unlimited, consent::Rate::PerMinute),
                at: at.into(),
            },
            Consent::Refused { reason, at } => Self::Refused { reason, at: at.into() },
        }
    }
}

impl From<&subscription::Status> for Status {
    fn from(status: &subscription::Status) -> Self {
        match status {
            subscription::Status::Active => Self::Active,
            subscription::Status::Paused => Self::Paused,
            subscription::Status::Suspended { reason, at } => {
                Self::Suspended { reason: reason.clone(), at: (*at).into() }
            }
            subscription::Status::Gone { at } => Self::Gone { at: (*at).into() },
            subscription::Status::Expired { at } => Self::Expired { at: (*at).into() },
        }
    }
}

impl From<Status> for subscription::Status {
    fn from(form: Status) -> Self {
        match form {
            Status::Active => Self::Active,
            Status::Paused => Self::Paused,
            Status::Suspended { reason, at } => Self::Suspended { reason, at: at.into() },
            Status::Gone { at } => Self::Gone { at: at.into() },
            Status::Expired { at } => Self::Expired { at: at.into() },
        }
    }
}
