//! Fills the topic with the people of an embedded file, before any node works on it. Only a migration needs this.

use std::{collections::BTreeMap, sync::Arc};

use super::KafkaPeople;
use crate::{
    Error,
    sqlite::{Places, SqliteAudience},
};

/// What a file and the topic have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilledPeople {
    /// The number of rows of each table of the file, as they are on Kafka.
    pub source: BTreeMap<String, u64>,
    /// The digest of those rows.
    pub source_digest: String,
    /// The number of rows of each table on Kafka.
    pub target: BTreeMap<String, u64>,
    /// The digest of those.
    pub target_digest: String,
    /// How many rows were missing before.
    pub added: u64,
}

impl FilledPeople {
    /// Whether both have the same rows.
    pub fn is_equal(&self) -> bool {
        self.source == self.target && self.source_digest == self.target_digest
    }
}

impl KafkaPeople {
    /// Stores the rows of a file that are not there yet, and compares. This node must be the owner. Repeat it after an error: what
    /// was stored is not stored again.
    ///
    /// # Errors
    /// `Fenced` or `Unavailable` when another node became the owner, or the brokers are away; `Corrupt`.
    pub async fn fill(&self, source: &SqliteAudience, places: Arc<dyn Places>) -> Result<FilledPeople, Error> {
        let mut added = 0;
        let mut rows = source.rows(Some(places)).await?;
        while let Some(part) = rows.next().await? {
            added += self.audience.adopt(part).await? as u64;
        }
        let (source, source_digest) = rows.finish();
        let (target, target_digest) = self.audience.rows(None).await?.count().await?;
        Ok(FilledPeople { source, source_digest, target, target_digest, added })
    }
}
