//! Readiness of this node: storage responds, the journal is written, and deliveries make progress if this node delivers.
//!
//! It does not cover single subscriptions, nor whether some node decides on commands: publishing works without one.

use std::time::Duration;

use model::clock::Instant;

use crate::{InTwoLanguages, Management};

/// How long storage may take to show that it can write.
const TIMEOUT: Duration = Duration::from_secs(2);

/// How long a result is reused, so that probes cannot keep storage busy.
const CACHED: Duration = Duration::from_secs(1);

/// The role of this node in a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Node {
    /// Whether other nodes share the storage (Kafka).
    pub clustered: bool,
    /// Whether this node has the role deliver.
    pub delivers: bool,
}

/// A part of this node that has to work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Storage responds and can write.
    Storage,
    /// The journal is written.
    Journal,
    /// Deliveries make progress.
    Deliveries,
}

impl Part {
    /// The name in the answers of `/readyz` and in the configuration checks.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Storage => "storage",
            Self::Journal => "journal",
            Self::Deliveries => "deliveries",
        }
    }

    /// That it does not work, without the reason.
    pub fn fault(self) -> InTwoLanguages {
        match self {
            Self::Storage => ("storage does not work", "de opslag werkt niet"),
            Self::Journal => ("the journal is not written", "het journaal wordt niet geschreven"),
            Self::Deliveries => ("nothing is delivered", "er wordt niet bezorgd"),
        }
        .into()
    }
}

/// A part, with the reason if it does not work, which is in English.
pub type Check = (Part, Option<String>);

/// The cached result of the last checks.
#[derive(Debug, Default)]
pub struct Readiness(tokio::sync::Mutex<Option<(Instant, Vec<Check>)>>);

impl Management {
    /// Checks storage and the journal, and deliveries if this node delivers. A result is reused for a second.
    pub async fn check_readiness(&self) -> Vec<Check> {
        let mut last = self.readiness.0.lock().await;
        let now = self.clock.instant();
        if let Some((at, checks)) = &*last
            && now.since(*at) < CACHED
        {
            return checks.clone();
        }
        let mut checks = vec![(Part::Storage, self.check_storage().await)];
        checks.push((Part::Journal, self.journal.health().err().map(|error| error.to_string())));
        if self.settings.node.delivers {
            checks.push((Part::Deliveries, self.check_deliveries()));
        }
        *last = Some((now, checks.clone()));
        checks
    }

    /// What operators should know and does not keep this node from working, by name.
    pub fn remarks(&self) -> Vec<(&'static str, String)> {
        let journal = self.journal.health().ok().flatten().map(|remark| ("journal", remark));
        let log = self.log.damage().map(|remark| ("log", remark));
        journal.into_iter().chain(log).collect()
    }

    /// Why storage is not ready.
    async fn check_storage(&self) -> Option<String> {
        match tokio::time::timeout(TIMEOUT, self.control.probe()).await {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(error.to_string()),
            Err(_) => Some("storage does not answer in time".to_owned()),
        }
    }

    /// Why deliveries are not ready. A node of a cluster may own no shard.
    fn check_deliveries(&self) -> Option<String> {
        let state = self.engine.state();
        let state = state.borrow();
        if let Some((shard, reason)) = state.failures.iter().min_by_key(|(shard, _)| **shard) {
            return Some(format!("shard {}: {reason}", shard.0));
        }
        let no_shard = !self.settings.node.clustered && state.owned.is_empty();
        let reason = state.ownership_error.clone().or_else(|| self.engine.unowned());
        reason.or_else(|| no_shard.then(|| "no shard is being delivered".to_owned()))
    }
}
