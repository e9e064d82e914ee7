//! Builds the webhook channel and its settings from configuration.

use std::{sync::Arc, time::Duration};

use channel_webhook::{
    Parts, Webhooks,
    consent::{self, Accepted},
    credentials::{Credentials, endpoint},
};
use egress::{Egress, Limits};
use model::{Clock, Random};
use storage::control::SharedRegistry;

use crate::config::{self, Config};

const DAY: Duration = Duration::from_hours(24);

/// The webhook channel, over egress and the credentials of subscriptions; with the id of this installation and the registry.
pub fn channel(
    config: &Config,
    egress: &Arc<Egress>,
    credentials: Arc<dyn Credentials>,
    (installation, registry): (&str, SharedRegistry),
    (clock, random): (&Arc<dyn Clock>, &Arc<dyn Random>),
) -> Webhooks {
    let limits = Limits {
        total: Duration::from_secs(config.egress.timeout_seconds),
        idle: Duration::from_secs(config.egress.idle_timeout_seconds),
        ..Limits::default()
    };
    let (egress, clock, random) = (Arc::clone(egress), Arc::clone(clock), Arc::clone(random));
    let (installation, gateway_url) = (installation.into(), config.own_url().into());
    Webhooks::new(Parts { egress, limits, credentials, registry, clock, random, installation, gateway_url })
}

/// The settings of the consent service.
pub fn consent(config: &Config) -> consent::Settings {
    let own = &config.consent;
    let only_204 = config.notificaties.callback_must_answer_204;
    consent::Settings {
        origin: config.origin.clone(),
        public_url: config.public_url.clone(),
        lenient_rate: !own.strict,
        requested_rate: own.requested_rate,
        callback_lifetime: DAY * own.callback_days,
        max_age: own.max_age_days.map(|days| DAY * days),
        max_attempts: own.max_attempts,
        first_wait: Duration::from_secs(own.retry_seconds),
        longest_wait: Duration::from_secs(own.retry_cap_seconds),
        timeout: Duration::from_secs(own.timeout_seconds),
        per_host: own.requests_per_host,
        accepted: if only_204 { Accepted::Only204 } else { Accepted::From200To209 },
    }
}

/// Bounds of one request to a token endpoint.
pub fn token_limits(config: &config::Egress) -> Limits {
    Limits {
        total: Duration::from_secs(config.timeout_seconds),
        idle: Duration::from_secs(config.idle_timeout_seconds),
        keep: endpoint::MAX_ANSWER,
        drain: 0,
    }
}
