//! Stands in where the package is built without a Kafka client: nothing works, and says why.

use std::collections::BTreeMap;
use std::future::{Ready, ready};
use std::time::Duration;

use super::{BrokerError, Record};
use crate::target::file::Kafka;

/// Never made.
#[derive(Debug)]
pub enum Reader {}

impl Reader {
    /// Fails.
    pub fn open(_: &Kafka, _: &str, _: Duration) -> Ready<Result<Reader, BrokerError>> {
        ready(Err(BrokerError::Absent))
    }

    /// The next record; there is none.
    pub fn next(&mut self, _: Duration) -> Ready<Result<Option<Record>, BrokerError>> {
        match *self {}
    }
}

/// Fails.
pub fn produce(_: &Kafka, _: &str, _: &Record, _: Duration) -> Ready<Result<(), BrokerError>> {
    ready(Err(BrokerError::Absent))
}

/// Fails.
pub fn settings(_: &Kafka, _: &str, _: Duration) -> Ready<Result<BTreeMap<String, String>, BrokerError>> {
    ready(Err(BrokerError::Absent))
}

/// Fails.
pub fn everything(_: &Kafka, _: &str, _: Duration) -> Ready<Result<Vec<Record>, BrokerError>> {
    ready(Err(BrokerError::Absent))
}
