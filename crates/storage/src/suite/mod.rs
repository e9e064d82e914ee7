//! The contract suites: what every adapter of a port must do, one case per promise.
//!
//! A case is an async function that takes a [`Harness`]; `log_suite!`, `control_suite!`, `progress_suite!` and
//! `journal_suite!` make a test of each. The cases know nothing of an adapter: positions are opaque,
//! partitions may be many. What only one adapter promises is tested beside it.

pub mod control;
pub mod dead_letters;
pub mod journal;
pub mod log;
pub mod log_retention;
pub mod progress;
pub mod sample;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use model::Timestamp;

use crate::{Control, EventLog, Journal, Progress};

/// The ports of one opened store.
#[derive(Clone)]
pub struct Store {
    /// The event logs.
    pub log: Arc<dyn EventLog>,
    /// Control.
    pub control: Arc<dyn Control>,
    /// Progress.
    pub progress: Arc<dyn Progress>,
    /// The journal.
    pub journal: Arc<dyn Journal>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store")
    }
}

/// What a suite needs from an adapter. Every test has its own harness, with a store that starts empty.
#[async_trait]
pub trait Harness: Send {
    /// Opens the store; again after [`Harness::close`], with what was kept.
    async fn open(&mut self) -> Store;

    /// Closes the store, as at the end of a process.
    async fn close(&mut self, store: Store);

    /// Lets time pass, as append times will show it.
    async fn pass(&mut self, time: Duration);

    /// The present moment by the clock that stamps appended records.
    fn now(&self) -> Timestamp;
}

/// Closes the store and opens it again.
pub async fn reopen(harness: &mut dyn Harness, store: Store) -> Store {
    harness.close(store).await;
    harness.open().await
}

/// One test per case, each with the harness that the expression makes.
#[doc(hidden)]
#[macro_export]
macro_rules! suite_tests {
    ($suite:ident, $harness:expr, $($case:ident),+ $(,)?) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                let mut harness = $harness;
                let case = $crate::suite::$suite::$case(&mut harness);
                tokio::time::timeout(std::time::Duration::from_secs(120), case).await.expect("the case ends in time");
            }
        )+
    };
}
