//! Readiness of this node: storage responds, the journal is written, and deliveries make progress if this node delivers.
//!
//! It does not cover single subscriptions, nor whether some node decides on commands: publishing works without one.

use std::time::Duration;

use model::clock::Instant;

use crate::Management;

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

/// The name of each check, with the reason if it failed.
pub type Check = (&'static str, Option<String>);

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
        let mut checks = vec![("storage", self.check_storage().await)];
        checks.push(("journal", self.journal.health().err().map(|error| error.to_string())));
        if self.settings.node.delivers {
            checks.push(("deliveries", self.check_deliveries()));
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
