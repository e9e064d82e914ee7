//! What the gateway asks of a sink and how patient it is, from settings and subscription.

use std::{num::NonZeroU32, time::Duration};

use model::Subscription;
use webhook_validator::{Origin, Rate, Terms, probe::Accepted};

use super::StartError;

/// The configured terms of consent, for every sink.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The DNS name in `WebHook-Request-Origin` (CE-WHV-05).
    pub origin: String,
    /// The public base URL of the gateway; without it no callback is offered.
    pub public_url: Option<String>,
    /// Whether consent without `WebHook-Allowed-Rate` counts where a rate was asked for.
    pub lenient_rate: bool,
    /// The rate asked for when a subscription names none, per minute.
    pub requested_rate: Option<NonZeroU32>,
    /// How long a subscriber may use the callback.
    pub callback_lifetime: Duration,
    /// Ask again when consent is older; `None` never does.
    pub max_age: Option<Duration>,
    /// Requests made before an unreachable subscriber counts as refusing; at least 1.
    pub max_attempts: u32,
    /// The first wait between requests; it doubles.
    pub first_wait: Duration,
    /// The longest wait between requests.
    pub longest_wait: Duration,
    /// The time limit of one request.
    pub timeout: Duration,
    /// Most handshakes and probes a second to one host; as many may start at once.
    pub per_host: NonZeroU32,
    /// Which answers to the test notification of the Notificaties API count.
    pub accepted: Accepted,
}

/// The terms of a handshake before those of a subscription, and the settings they come from.
#[derive(Debug, Clone)]
pub(super) struct HandshakeDefaults {
    terms: Terms,
    pub settings: Settings,
}

impl HandshakeDefaults {
    /// Checks the settings and parses the origin.
    pub fn new(mut settings: Settings) -> Result<Self, StartError> {
        let origin: Origin = settings.origin.parse()?;
        settings.public_url = settings.public_url.map(|url| url.trim_end_matches('/').to_owned());
        let terms = Terms {
            origin,
            request_rate: None,
            callback: settings.public_url.is_some(),
            lenient_rate: settings.lenient_rate,
            default_rate: Rate::Unlimited,
            callback_lifetime: settings.callback_lifetime,
            max_age: settings.max_age,
            max_attempts: settings.max_attempts,
            first_wait: settings.first_wait,
            longest_wait: settings.longest_wait,
        };
        Ok(Self { terms, settings })
    }

    /// The terms for one subscription.
    pub fn of(&self, subscription: &Subscription) -> Terms {
        Terms { request_rate: subscription.requested_rate.or(self.settings.requested_rate), ..self.terms.clone() }
    }

    /// The DNS name in `WebHook-Request-Origin`.
    pub fn origin(&self) -> &Origin {
        &self.terms.origin
    }
}
