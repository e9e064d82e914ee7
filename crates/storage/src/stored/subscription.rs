//! Stored form of a subscription, with its consent and status.

use std::{num::NonZeroU32, time::Duration};

use model::{
    Mark, Partition, SubscriptionId, consent,
    subscription::{self, Thousandths},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    Moment, applicatie::Sealed, approval::Approval, credential::Credential, kanaal::name, selection::Selection,
};
use crate::Error;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Subscription {
    id: Uuid,
    owner: String,
    selection: Selection,
    sink: String,
    credential: Credential,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tls: Option<String>,
    headers: Vec<(String, String)>,
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
    expires: Option<Moment>,
    created: Moment,
    changed: Moment,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    approvals: Vec<Approval>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    create_key: Option<(String, String)>,
}

impl Subscription {
    /// The oldest version whose readers understand what this says: those of version 1 know no approvals and no end, and
    /// would send what must not be sent; a TLS profile, a key and entries that do not count they would drop.
    pub(super) fn version(&self) -> u32 {
        let newer = !self.approvals.is_empty()
            || matches!(self.status, Status::Expired { .. })
            || self.tls.is_some()
            || self.create_key.is_some();
        if newer { 2 } else { self.selection.version().max(self.credential.version()) }
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

/// Factor, base and jitter in thousandths, as the domain has them.
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
    Validating { attempts: u32, not_before: Moment, last: Option<String> },
    PendingCallback { until: Moment },
    Granted { origin: String, per_minute: Option<NonZeroU32>, at: Moment },
    Refused { reason: String, at: Moment },
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) enum Status {
    Active,
    Paused,
    Suspended { reason: String, at: Moment },
    Gone { at: Moment },
    Expired { at: Moment },
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
            sink: from.sink.clone(),
            credential: (&from.credential).into(),
            tls: from.tls.clone(),
            headers: from.headers.clone(),
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
            selection: form.selection.try_into()?,
            sink: form.sink,
            credential: form.credential.try_into()?,
            tls: form.tls,
            headers: form.headers,
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
            consent::Consent::PendingCallback { until } => Self::PendingCallback { until: (*until).into() },
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
            Consent::PendingCallback { until } => Self::PendingCallback { until: until.into() },
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
