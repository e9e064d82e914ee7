//! What every test here needs: a gateway, clients by role, and scriptable sinks.

mod client;
mod gateway;
mod issuer;
mod sink;

pub use client::{Answer, Client};
pub use gateway::{BEHEER, CONSUMER, Gateway, OTHER, PUBLISHER};
pub use issuer::Issuer;
pub use sink::{Seen, Sink};

use std::time::Duration;

/// How long anything may take before a test gives up; nothing takes nearly as long.
pub const PATIENCE: Duration = Duration::from_secs(20);

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
