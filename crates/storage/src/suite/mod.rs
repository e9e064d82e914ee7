//! The contract suites: what every adapter of a port must do, one case per guarantee.
//!
//! A case is an async function that takes a [`Harness`]; `log_suite!`, `control_suite!`, `audit_suite!`, `progress_suite!`,
//! `journal_suite!`, `audience_suite!`, `mailings_suite!`, `collected_suite!`, `replacements_suite!`, `inbox_suite!` and
//! `feeds_suite!` turn the cases into tests. Cases know nothing of an adapter: positions are opaque and
//! there may be many partitions. Guarantees of one adapter are tested beside it.

pub mod audience;
pub mod audit;
pub mod collected;
pub mod control;
pub mod dead_letters;
pub mod delivery_counts;
pub mod feeds;
pub mod inbox;
pub mod journal;
pub mod log;
pub mod log_retention;
pub mod mailings;
pub mod progress;
pub mod replacements;
pub mod runs;
pub mod sample;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use model::Timestamp;

use crate::{AuditLog, Control, EventLog, Journal, Progress};

/// The ports of an open store.
#[derive(Clone)]
pub struct Store {
    /// The port EventLog.
    pub log: Arc<dyn EventLog>,
    /// The port Control.
    pub control: Arc<dyn Control>,
    /// The port AuditLog, to which `control` adds.
    pub audit: Arc<dyn AuditLog>,
    /// The port Progress.
    pub progress: Arc<dyn Progress>,
    /// The port Journal.
    pub journal: Arc<dyn Journal>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store")
    }
}

/// Gives a suite access to an adapter. Every test has a harness of its own, with a store that is initially empty.
#[async_trait]
pub trait Harness: Send {
    /// Opens the store; after [`Harness::close`], with the data stored before.
    async fn open(&mut self) -> Store;

    /// Closes the store, as at the end of a process.
    async fn close(&mut self, store: Store);

    /// Advances the clock of append times.
    async fn advance(&mut self, time: Duration);

    /// The current time of the clock of append times.
    fn now(&self) -> Timestamp;
}

/// Closes the store and opens it again.
pub async fn reopen(harness: &mut dyn Harness, store: Store) -> Store {
    harness.close(store).await;
    harness.open().await
}

/// Makes one test per case, each with the harness that the expression returns.
#[doc(hidden)]
#[macro_export]
macro_rules! suite_tests {
    ($suite:ident, $harness:expr, $($case:ident),+ $(,)?) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                let mut harness = $harness;
                let case = $crate::suite::$suite::$case(&mut harness);
                tokio::time::timeout(std::time::Duration::from_mins(10), case).await.expect("the case ends in time");
            }
        )+
    };
}
