//! The adapter on Apache Kafka. The contract suites and most other tests share one real broker, with a topic prefix for
//! each test; tests that configure or pause a broker start one of their own.

mod access;
mod backfill;
mod harness;
mod moved;
mod nodes;
mod outage;
mod people;
mod stored;
mod verify;

use harness::{OnKafka, Port};

mod log {
    storage::log_suite!(crate::OnKafka::new(crate::Port::Log));
}

mod control {
    storage::control_suite!(crate::OnKafka::new(crate::Port::Control));
}

mod audit_trail {
    storage::audit_suite!(crate::OnKafka::new(crate::Port::Control));
}

mod progress {
    storage::progress_suite!(crate::OnKafka::new(crate::Port::Progress));
}

mod journal {
    storage::journal_suite!(crate::OnKafka::new(crate::Port::Journal));
}
