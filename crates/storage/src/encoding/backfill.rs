//! Stored form of the marker of a migration.

use serde::{Deserialize, Serialize};

use super::{read_known, write};
use crate::Error;

const KIND: &str = "intake";

/// The source of a migration to these topics, and whether it is complete.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackfillMarker {
    /// The fingerprint of the source's content at the start.
    pub source: String,
    /// Whether all records of the source are present.
    pub complete: bool,
}

pub(crate) fn to_body(note: &BackfillMarker) -> Result<String, Error> {
    write(KIND, note)
}

pub(crate) fn from_body(body: &str) -> Result<BackfillMarker, Error> {
    read_known(KIND, body)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The samples were written by the first version and must not change.
    #[test]
    fn version_1_is_read_and_written() {
        let samples = include_str!("../../tests/stored/v1/intake.jsonl");
        let notes = [false, true].map(|complete| BackfillMarker { source: "5e5e".into(), complete });
        let written = notes.each_ref().map(|note| to_body(note).unwrap());
        assert_eq!(written.each_ref().map(String::as_str), *samples.lines().collect::<Vec<_>>());
        assert_eq!(samples.lines().map(|sample| from_body(sample).unwrap()).collect::<Vec<_>>(), notes);
    }

    #[test]
    fn what_is_newer_is_refused() {
        let error = from_body(r#"{"kind":"intake","v":2}"#).unwrap_err();
        assert!(matches!(error, Error::NewerVersion { kind: "intake", found: 2, known: 1 }), "{error}");
    }
}
