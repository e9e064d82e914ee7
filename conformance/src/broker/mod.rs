//! The broker behind a target, for requirements about records on topics: reads a topic from its beginning, produces a
//! record, reads the settings of a topic.
//! Uses Kafka only with the feature `kafka` of this package; without it every operation returns an error.

use crate::message::Headers;

#[cfg(not(feature = "kafka"))]
mod absent;
#[cfg(feature = "kafka")]
mod real;

#[cfg(not(feature = "kafka"))]
pub use absent::{Reader, everything, produce, settings};
#[cfg(feature = "kafka")]
pub use real::{Reader, everything, produce, settings};

/// Whether this program is built with a Kafka client.
pub const AVAILABLE: bool = cfg!(feature = "kafka");

/// A record of a topic.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    /// Its key; none is not the same as empty.
    pub key: Option<Vec<u8>>,
    /// Names and values of its headers, in order.
    pub headers: Headers,
    /// Its value; none is a tombstone.
    pub value: Option<Vec<u8>>,
    /// Partition and offset; none for one that is not on a topic yet.
    pub position: Option<(i32, i64)>,
}

impl Record {
    /// Whether `text` is in the key, a header or the value.
    pub fn mentions(&self, text: &str) -> bool {
        let holds = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).contains(text);
        self.key.iter().chain(&self.value).any(holds) || self.headers.iter().any(|(_, value)| holds(value))
    }
}

/// A broker that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BrokerError {
    /// The program is built without a Kafka client.
    #[error("this program is built without the feature kafka, which scenarios about topics need")]
    Absent,
    /// The Kafka client failed, with its message.
    #[error("broker: {0}")]
    Client(String),
    /// The topic did not exist within the patience of the run.
    #[error("there is no topic {0}")]
    NoTopic(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_mentions_what_is_in_any_part_of_it() {
        let headers = vec![("ce_id".to_owned(), b"42".to_vec())];
        let record = Record { key: Some(b"key".to_vec()), headers, value: Some(b"value".to_vec()), position: None };
        for (text, found) in [("key", true), ("42", true), ("alu", true), ("ce_id", false), ("", true)] {
            assert_eq!(record.mentions(text), found, "{text}");
        }
        assert!(!Record::default().mentions("x"));
    }
}
