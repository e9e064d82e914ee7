//! Support for every test here: a gateway, clients by role, and scriptable sinks.

mod client;
mod gateway;
#[cfg(feature = "console")]
pub mod html;
mod issuer;
#[path = "../../support/process.rs"]
pub mod process;
#[path = "../../support/program.rs"]
pub mod program;
#[cfg(feature = "console")]
#[path = "../../support/provider.rs"]
mod provider;
mod sink;
pub mod tls;

pub use client::{Answer, Client};
pub use gateway::{BEHEER, CONSUMER, Gateway, OTHER, PUBLISHER};
pub use issuer::Issuer;
#[cfg(feature = "console")]
pub use provider::{Provider, TokenAnswer};
pub use sink::{ReceivedRequest, Sink};

use std::time::Duration;

/// How long anything may take before a test fails; far more than is needed.
pub const PATIENCE: Duration = Duration::from_mins(5);

/// Asks again and again until there is an answer.
pub async fn eventually<T, F, Asking>(what: &str, ask: F) -> T
where
    F: Fn() -> Asking,
    Asking: Future<Output = Option<T>>,
{
    let asking = async {
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let Ok(answer) = tokio::time::timeout(PATIENCE, asking).await else {
        panic!("{what}: not within {PATIENCE:?}");
    };
    answer
}
