//! The native API under `/v1`: JSON to and from the use cases of `management` and `publishing`, one directory per resource,
//! one file per operation, and the OpenAPI document ([`openapi`]).
//!
//! Not here: rules of a use case (`management`, `publishing`), bounds of requests and authentication ([`web`]), and the
//! Notificaties API (`api-zgw`).

pub mod audit;
pub mod consent;
pub mod dead_letters;
mod delivery;
pub mod events;
mod if_match;
pub mod inbox;
pub mod kanalen;
mod list;
pub mod members;
pub mod openapi;
pub mod operations;
pub mod receipts;
mod routes;
pub mod runs;
pub mod schemas;
pub mod subscriptions;
pub mod to_people;
mod turns;
pub mod types;

use std::{ops::Deref, sync::Arc};

use http::HeaderMap;
use management::Management;
use publishing::Publishing;

use self::turns::Turns;
pub use self::{consent::ConsentEndpoint, routes::routes};

/// The state of the handlers of this API; cheap to clone.
#[derive(Clone)]
pub struct Api(Arc<Parts>, Arc<Turns>);

/// The contents of an [`Api`].
pub struct Parts {
    /// The use cases of the control plane.
    pub management: Management,
    /// Accepts events.
    pub publishing: Publishing,
    /// The settings of the HTTP layer.
    pub web: web::Context,
    /// Answers the requests of the handshake.
    pub consent: Arc<dyn ConsentEndpoint>,
    /// Light subscriptions of people, when they are configured.
    pub people: Option<Arc<people::People>>,
    /// Verifies ID tokens of providers that verified addresses of people.
    pub identity_tokens: Arc<web::auth::IdentityTokens>,
    /// Settles what providers of messages to people report, when that is configured.
    pub receipts: Option<Arc<dyn receipts::ReceiptEndpoint>>,
    /// What administrators see of messages to people, when they are configured.
    pub people_administration: Option<Arc<people::administration::Administration>>,
    /// The inbox of people, when it is configured.
    pub inbox: Option<Arc<::inbox::Inbox>>,
}

impl Api {
    /// The state with these parts.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts), Arc::default())
    }

    /// The turns of the requests for lists.
    fn turns(&self) -> Arc<Turns> {
        Arc::clone(&self.1)
    }

    /// The address of the gateway for links in the answer to a request with these headers, without a slash at the end.
    fn public_url(&self, headers: &HeaderMap) -> String {
        self.web.public_url(headers)
    }
}

impl Deref for Api {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl axum::extract::FromRef<Api> for web::Context {
    fn from_ref(api: &Api) -> Self {
        api.web.clone()
    }
}
