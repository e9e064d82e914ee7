//! Tests of the suite itself: its steps work as documented, on HTTP and on a broker, and it can fail. No gateway is involved.

#[cfg(feature = "kafka")]
#[path = "../kafka/broker.rs"]
mod broker;
mod faulty;
mod steps;
#[cfg(feature = "kafka")]
#[path = "../kafka/topic.rs"]
mod topic;
#[cfg(feature = "kafka")]
mod topics;
