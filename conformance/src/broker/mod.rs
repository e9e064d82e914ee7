//! The broker behind a target, for rows about records on topics: reads a topic from its beginning, puts a record on it,
//! looks at its settings.
//! Speaks Kafka only with the feature `kafka` of this package; without it every use is an error that says so.

use crate::message::Headers;

#[cfg(not(feature = "kafka"))]
mod absent;
#[cfg(feature = "kafka")]
mod real;

#[cfg(not(feature = "kafka"))]
pub use absent::{Reader, everything, produce, settings};
#[cfg(feature = "kafka")]
pub use real::{Reader, everything, produce, settings};

/// Whether this program can speak to a broker.
pub const AVAILABLE: bool = cfg!(feature = "kafka");

/// A record of a topic.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    /// Its key; none is not the same as empty.
    pub key: Option<Vec<u8>>,
    /// Its headers, in order.
    pub headers: Headers,
    /// Its value; none is a tombstone.
    pub value: Option<Vec<u8>>,
    /// Partition and offset; none for one that is not on a topic yet.
    pub place: Option<(i32, i64)>,
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
    /// Built without it.
    #[error("this program is built without the feature kafka, which scenarios about topics need")]
    Absent,
    /// What the client says.
    #[error("broker: {0}")]
    Client(String),
    /// Nobody made the topic in time.
    #[error("there is no topic {0}")]
    NoTopic(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_mentions_what_is_in_any_part_of_it() {
        let headers = vec![("ce_id".to_owned(), b"42".to_vec())];
        let record = Record { key: Some(b"key".to_vec()), headers, value: Some(b"value".to_vec()), place: None };
        for (text, found) in [("key", true), ("42", true), ("alu", true), ("ce_id", false), ("", true)] {
            assert_eq!(record.mentions(text), found, "{text}");
        }
        assert!(!Record::default().mentions("x"));
    }
}
