//! The part of `gateway check` about what is stored, for a gateway that is stopped: whether the rules for outgoing requests
//! allow the sinks of subscriptions. A running gateway compares its own registry (`GET /v1/configuration/checks`).

use management::configuration::{
    Check, Verdict,
    sinks::{check_sinks, sinks_of},
};
use model::Registry;
use storage::{Error, sqlite};

use super::CheckResult;
use crate::{
    config::{self, Config, Severity},
    own_urls::OwnUrls,
    receivers, start,
};

/// The checks of stored sinks; none when nothing is stored yet, or when brokers that do not answer are reported already.
pub fn check(config: &Config) -> Vec<CheckResult> {
    let stored = match &config.kafka {
        None => sqlite::stored_registry(&config.data),
        Some(own) => of_topics(config, own),
    };
    let registry = match stored {
        Ok(Some(registry)) => registry,
        Ok(None) => return Vec::new(),
        Err(Error::Unavailable { .. }) if config.kafka.is_some() => return Vec::new(),
        Err(error) => {
            let text = (
                format!("stored subscriptions cannot be read: {error}"),
                "de opgeslagen abonnementen zijn niet te lezen",
            );
            let remedy = ("see gateway verify", "zie gateway verify");
            return vec![CheckResult::bad("subscription.sink", text, remedy)];
        }
    };
    // A range that cannot be read is reported with the configuration.
    let Ok(policy) = start::policy(config) else { return Vec::new() };
    let own = OwnUrls::of(config);
    let checks = check_sinks(&sinks_of(&registry), |url| receivers::check_url(&policy, &own, url));
    checks.into_iter().map(printed).collect()
}

fn printed(check: Check) -> CheckResult {
    CheckResult {
        item: check.item,
        severity: match check.verdict {
            Verdict::Ok => Severity::Pass,
            Verdict::Warning => Severity::Advice,
            Verdict::Wrong => Severity::Failure,
        },
        text: check.finding,
        remedy: check.remedy,
        expires: check.expires,
    }
}

#[cfg(feature = "kafka")]
fn of_topics(config: &Config, own: &config::Kafka) -> Result<Option<Registry>, Error> {
    use std::{sync::Arc, time::Duration};

    use model::{
        Clock, Random,
        clock::{SystemClock, SystemRandom},
    };

    use crate::stores;

    let unavailable = |reason: String| Error::Unavailable { reason, retry_after: Duration::ZERO };
    let (clock, random): (Arc<dyn Clock>, Arc<dyn Random>) = (Arc::new(SystemClock::default()), Arc::new(SystemRandom));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| unavailable(error.to_string()))?;
    let kafka = runtime.block_on(stores::to_examine(config, own, &clock, &random));
    runtime.block_on(kafka.map_err(|error| unavailable(error.to_string()))?.stored_registry())
}

#[cfg(not(feature = "kafka"))]
fn of_topics(_: &Config, _: &config::Kafka) -> Result<Option<Registry>, Error> {
    Ok(None)
}
