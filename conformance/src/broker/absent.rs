//! Replaces the Kafka client in builds without the feature `kafka`: every operation returns [`BrokerError::Absent`].

use std::collections::BTreeMap;
use std::future::{Ready, ready};
use std::time::Duration;

use super::{BrokerError, Record};
use crate::target::file::Kafka;

/// A reader of a topic; without a Kafka client there is none, so the type has no values.
#[derive(Debug)]
pub enum Reader {}

impl Reader {
    /// Returns [`BrokerError::Absent`].
    pub fn open(_: &Kafka, _: &str, _: Duration) -> Ready<Result<Reader, BrokerError>> {
        ready(Err(BrokerError::Absent))
    }

    /// Cannot be called: no value of this type exists.
    pub fn next(&mut self, _: Duration) -> Ready<Result<Option<Record>, BrokerError>> {
        match *self {}
    }
}

/// Returns [`BrokerError::Absent`].
pub fn produce(_: &Kafka, _: &str, _: &Record, _: Duration) -> Ready<Result<(), BrokerError>> {
    ready(Err(BrokerError::Absent))
}

/// Returns [`BrokerError::Absent`].
pub fn settings(_: &Kafka, _: &str, _: Duration) -> Ready<Result<BTreeMap<String, String>, BrokerError>> {
    ready(Err(BrokerError::Absent))
}

/// Returns [`BrokerError::Absent`].
pub fn everything(_: &Kafka, _: &str, _: Duration) -> Ready<Result<Vec<Record>, BrokerError>> {
    ready(Err(BrokerError::Absent))
}
