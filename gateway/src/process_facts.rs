//! What this process knows about itself, for the list of nodes.

use std::sync::Arc;

use async_trait::async_trait;
use management::nodes::{Disk, Facts, ProcessFacts};
use model::Timestamp;

use crate::{
    config::{Config, Role},
    telemetry::{process, samples},
};

/// The adapter of [`Facts`].
pub struct OwnProcess {
    /// The configuration that this gateway runs with.
    pub config: Arc<Config>,
    /// When it started.
    pub started: Timestamp,
}

#[async_trait]
impl Facts for OwnProcess {
    async fn facts(&self) -> ProcessFacts {
        let config = &self.config;
        let [free, size] = samples::disk(config.data.clone()).await;
        let roles = Role::ALL.into_iter().filter(|role| config.has(*role));
        ProcessFacts {
            id: format!("{}:{}", config.audit.node(), config.listen.port()),
            roles: roles.map(Role::word).collect(),
            version: crate::VERSION,
            store: if config.kafka.is_some() { "kafka" } else { "embedded" },
            started: self.started,
            disk: free.zip(size).map(|(free, size)| Disk { free, size }),
            memory: process::memory(),
        }
    }
}
