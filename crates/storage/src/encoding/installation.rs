//! Stored form of what an installation on Kafka must find again at every start.

use serde::{Deserialize, Serialize};

use super::{read_known, write};
use crate::Error;

const KIND: &str = "installation";

/// The cluster that the topics of an installation were made on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Installation {
    /// The id of the cluster, as its brokers report it.
    pub(crate) cluster: String,
}

pub(crate) fn to_body(installation: &Installation) -> Result<String, Error> {
    write(KIND, installation)
}

pub(crate) fn from_body(body: &str) -> Result<Installation, Error> {
    read_known(KIND, body)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sample was written by the first version and must not change.
    #[test]
    fn version_1_is_read_and_written() {
        let sample = include_str!("../../tests/stored/v1/installation.jsonl").trim_end();
        let installation = Installation { cluster: "MkU3OEVBNTcwNTJENDM2Qg".to_owned() };
        assert_eq!(to_body(&installation).unwrap(), sample);
        assert_eq!(from_body(sample).unwrap(), installation);
    }
}
