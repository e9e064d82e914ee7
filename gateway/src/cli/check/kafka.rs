//! The part of `gateway check` about Apache Kafka: whether the brokers answer, let the gateway do its work, and hold
//! topics with the required settings. The checks are in `storage::kafka::inspect`.

use super::CheckResult;
use crate::config::{self, Config};

/// The checks of the brokers. They take seconds, or `kafka.timeout_seconds` when no broker answers.
#[cfg(feature = "kafka")]
pub fn check(config: &Config, own: &config::Kafka) -> Vec<CheckResult> {
    use std::sync::Arc;

    use model::{
        Clock, Random,
        clock::{SystemClock, SystemRandom},
    };
    use storage::kafka::inspect;

    use crate::{config::Severity, stores};

    let (clock, random): (Arc<dyn Clock>, Arc<dyn Random>) = (Arc::new(SystemClock::default()), Arc::new(SystemRandom));
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return vec![failed(format!("Kafka is not looked at: {error}"))],
    };
    match runtime.block_on(stores::inspect(config, own, &clock, &random)) {
        Err(error) => vec![failed(format!("[kafka]: {error}"))],
        Ok(findings) => findings
            .into_iter()
            .map(|finding| CheckResult {
                severity: match finding.severity {
                    inspect::Severity::Pass => Severity::Pass,
                    inspect::Severity::Advice => Severity::Advice,
                    inspect::Severity::Failure => Severity::Failure,
                },
                ..CheckResult::good("kafka", (finding.text, dutch(finding.severity)))
            })
            .collect(),
    }
}

/// That a check passed or not. What exactly was found is in English, with the commands that correct it.
#[cfg(feature = "kafka")]
const fn dutch(severity: storage::kafka::inspect::Severity) -> &'static str {
    use storage::kafka::inspect::Severity;

    match severity {
        Severity::Pass => "dit deel van Kafka is in orde",
        Severity::Advice => "dit deel van Kafka werkt, maar kan beter; de technische uitleg noemt wat u kunt doen",
        Severity::Failure => "een node kan zo niet werken met Kafka; de technische uitleg noemt wat u kunt doen",
    }
}

/// A failed check: this program was built without Kafka.
#[cfg(not(feature = "kafka"))]
pub fn check(_: &Config, _: &config::Kafka) -> Vec<CheckResult> {
    vec![failed("[kafka] is set, and this program was built without it")]
}

fn failed(text: impl Into<String>) -> CheckResult {
    let text = (text, "Kafka kon niet worden gecontroleerd");
    CheckResult::bad("kafka", text, ("correct [kafka], or start the brokers", "verbeter [kafka], of start de brokers"))
}
