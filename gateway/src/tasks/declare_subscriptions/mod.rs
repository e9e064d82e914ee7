//! Creates the subscriptions that configuration declares, and changes those that differ. A subscription that is no longer
//! declared is left alone, as kanalen are: it may have undelivered events; it can be deleted over
//! the API.
//!
//! Several nodes may apply the same configuration concurrently: after a conflict the state is read again. The use case is in
//! `management`; `read` translates the configuration.

mod credential;
mod faults;
mod read;

use management::{Error, Management, subscriptions::Declared};
use model::decide::Rejection;

pub use self::read::{Declaration, id_of, subscriptions};
use super::declare::{MAX_ATTEMPTS, RETRY_INTERVAL};

/// Why a declared subscription cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("subscription {name:?}: {why}")]
pub struct SubscriptionError {
    /// Its name in the configuration.
    pub name: String,
    /// The reason; it holds no secret.
    pub why: String,
}

/// Applies all of them. Each is tried again, for half a minute, while storage does not confirm and while others change the
/// same subscription.
pub async fn apply(management: &Management, declared: Vec<Declaration>) -> Result<(), SubscriptionError> {
    for one in declared {
        let failed = |why: String| SubscriptionError { name: one.name.clone(), why };
        let mut tries = 0;
        loop {
            match management.declare_subscription(one.id, &one.owner, one.request.clone()).await {
                Ok(done) => {
                    log(&one, done);
                    break;
                }
                Err(Error::Storage(error)) if tries < MAX_ATTEMPTS => {
                    tracing::warn!(subscription = %one.id, %error, "a declared subscription waits for storage");
                    tokio::time::sleep(RETRY_INTERVAL).await;
                }
                Err(Error::Rejected(rejection @ (Rejection::Conflict(_) | Rejection::SubscriptionExists(_))))
                    if tries < MAX_ATTEMPTS =>
                {
                    let caught_up = management.control.catch_up().await;
                    caught_up.map_err(|error| failed(format!("{rejection}; {error}")))?;
                }
                Err(error) => return Err(failed(error.to_string())),
            }
            tries += 1;
        }
    }
    Ok(())
}

fn log(declared: &Declaration, done: Declared) {
    let what = match done {
        Declared::Unchanged => return,
        Declared::Created => "was created",
        Declared::Changed => "was changed",
        Declared::Expired => "has expired and is not created",
    };
    tracing::info!(subscription = %declared.id, name = declared.name, "a declared subscription {what}");
}
