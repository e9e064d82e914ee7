//! What the tests share: nodes as processes, a client, and a sink.

#[cfg(feature = "console")]
pub mod browser;
pub mod client;
pub mod flow;
pub mod node;
#[path = "../../support/process.rs"]
pub mod process;
#[path = "../../support/program.rs"]
mod program;
#[cfg(feature = "console")]
#[expect(dead_code, reason = "the tests of log-ins, in another executable, use all of it")]
#[path = "../../support/provider.rs"]
pub mod provider;
pub mod sink;

use std::time::Duration;

pub use self::{client::Client, flow::Flow, node::Cluster, sink::Sink};

/// Waits until something is there, for as long as a slow machine may need.
pub async fn eventually<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    for _ in 0..3_000 {
        if let Some(found) = look().await {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("after five minutes: no {what}");
}

/// Waits until a count has reached `wanted`, for as long as it keeps growing.
pub async fn reaches(what: &str, wanted: usize, count: impl Fn() -> usize) {
    loop {
        let before = count();
        if before >= wanted {
            return;
        }
        eventually(what, async || (count() > before).then_some(())).await;
    }
}
