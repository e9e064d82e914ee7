//! What the gateway asks of a sink and how patient it is, from configuration and subscription.

use std::{num::NonZeroU32, time::Duration};

use model::Subscription;
use webhook_validator::{Origin, Rate, Terms};

use super::StartError;
use crate::config::Config;

const DAY: Duration = Duration::from_hours(24);

/// What holds for every subscription.
#[derive(Debug, Clone)]
pub struct General {
    terms: Terms,
    requested_rate: Option<NonZeroU32>,
    /// Where the outside reaches us; no callback is offered without.
    pub public_url: Option<String>,
    /// Time for one request.
    pub timeout: Duration,
}

impl General {
    /// Reads the configuration.
    pub fn new(config: &Config) -> Result<Self, StartError> {
        let origin: Origin = config.origin.parse()?;
        let consent = &config.consent;
        let public_url = config.public_url.as_deref().map(|url| url.trim_end_matches('/').to_owned());
        let terms = Terms {
            origin,
            request_rate: None,
            callback: public_url.is_some(),
            lenient_rate: !consent.strict,
            default_rate: Rate::Unlimited,
            callback_lifetime: DAY * consent.callback_days,
            max_age: consent.max_age_days.map(|days| DAY * days),
            max_attempts: consent.max_attempts,
            first_wait: Duration::from_secs(consent.retry_seconds),
            longest_wait: Duration::from_secs(consent.retry_cap_seconds),
        };
        Ok(Self {
            terms,
            requested_rate: consent.requested_rate,
            public_url,
            timeout: Duration::from_secs(consent.timeout_seconds),
        })
    }

    /// The terms for one subscription.
    pub fn of(&self, subscription: &Subscription) -> Terms {
        Terms { request_rate: subscription.requested_rate.or(self.requested_rate), ..self.terms.clone() }
    }

    /// Who asks.
    pub fn origin(&self) -> &Origin {
        &self.terms.origin
    }
}
