//! The part of `gateway check` about Apache Kafka: whether the brokers answer, let the gateway do its work, and hold
//! topics as they must be. What is looked at, and how, stands with `storage::kafka::inspect`.

use super::{Verdict, bad};
use crate::config::{self, Config};

/// What the brokers say. Seconds; when they do not answer, `kafka.timeout_seconds`.
#[cfg(feature = "kafka")]
pub fn look(config: &Config, own: &config::Kafka) -> Vec<Verdict> {
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
        Err(error) => return vec![bad(format!("Kafka is not looked at: {error}"))],
    };
    match runtime.block_on(stores::inspect(config, own, &clock, &random)) {
        Err(error) => vec![bad(format!("[kafka]: {error}"))],
        Ok(findings) => findings
            .into_iter()
            .map(|finding| Verdict {
                severity: match finding.severity {
                    inspect::Severity::Good => Severity::Good,
                    inspect::Severity::Advice => Severity::Advice,
                    inspect::Severity::Bad => Severity::Bad,
                },
                text: finding.text,
            })
            .collect(),
    }
}

/// This program cannot use them.
#[cfg(not(feature = "kafka"))]
pub fn look(_: &Config, _: &config::Kafka) -> Vec<Verdict> {
    vec![bad("[kafka] is set, and this program was built without it".to_owned())]
}
