//! The contract suites on Apache Kafka: one real broker for all of them, a prefix of topics for each test.

#[path = "kafka/harness.rs"]
mod harness;

use harness::{OnKafka, Port};

mod log {
    storage::log_suite!(crate::OnKafka::new(crate::Port::Log));
}

mod control {
    storage::control_suite!(crate::OnKafka::new(crate::Port::Control));
}

mod progress {
    storage::progress_suite!(crate::OnKafka::new(crate::Port::Progress));
}

mod journal {
    storage::journal_suite!(crate::OnKafka::new(crate::Port::Journal));
}
