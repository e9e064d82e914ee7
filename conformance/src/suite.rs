//! What every scenario of a run shares: the target, the subscribers, time-outs and parallelism. Runs nothing itself;
//! [`crate::runner`] does.

use std::time::Duration;

use crate::clock;
use crate::receiver::Receiver;
use crate::target::Target;

/// The target, the subscribers and the settings of a run.
#[derive(Debug, Clone)]
pub struct Suite {
    /// The system under test.
    pub target: Target,
    /// The server that acts as the subscribers.
    pub receiver: Receiver,
    /// How long something expected may take before it counts as missing.
    pub patience: Duration,
    /// How many scenarios run concurrently, at least 1.
    pub parallel: usize,
    /// Part of every name in this run, so that runs against one target share no names.
    pub run: String,
}

impl Suite {
    /// A suite with a patience of 30 s and 16 scenarios at a time.
    pub fn new(target: Target, receiver: Receiver) -> Suite {
        let run = format!("{:x}", clock::unix_nanos() / 1_000_000);
        Suite { target, receiver, patience: Duration::from_secs(30), parallel: 16, run }
    }
}
