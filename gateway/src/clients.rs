//! What `web` knows of clients, for the use cases of `management`: the use of their tokens and their cached rights.

use std::sync::Arc;

use async_trait::async_trait;
use management::applicaties::{Activity, CachedRights, Clients, RightsSource};
use model::Clock;
use web::auth::{Autorisaties, Usage};

/// The adapter of [`Clients`].
pub struct WebClients {
    /// The use of tokens.
    pub usage: Arc<Usage>,
    /// The cache of rights, when an Autorisaties API is configured.
    pub autorisaties: Option<Arc<Autorisaties>>,
    /// The time that the last 24 hours are counted from.
    pub clock: Arc<dyn Clock>,
}

#[async_trait]
impl Clients for WebClients {
    fn activity(&self, client_id: &str) -> Activity {
        Activity {
            last_used: self.usage.last_used(client_id),
            refused_last_day: self.usage.refused_last_day(client_id, self.clock.now()),
        }
    }

    fn rights(&self, client_id: &str) -> RightsSource {
        let Some(autorisaties) = &self.autorisaties else { return RightsSource::Declared };
        RightsSource::Asked(autorisaties.cached(client_id).map(|cached| CachedRights {
            scopes: cached.scopes,
            age: cached.age,
            error: cached.error.map(|error| error.to_string()),
        }))
    }

    async fn ask_rights(&self, client_id: &str) -> RightsSource {
        if let Some(autorisaties) = &self.autorisaties {
            autorisaties.ask_again(client_id).await;
        }
        self.rights(client_id)
    }
}
