//! The Notificaties API of ZGW, as deployed publishers and subscribers use it, without its defects.
//!
//! It has no storage of its own: an abonnement is a subscription, a notificatie an event. Each handler translates to and
//! from a use case of `management` or `publishing`. Not here: the rules of these, bounds of requests and authentication
//! ([`web`]), and the native API (`api-native`).

pub mod abonnement;
pub mod body;
pub mod callbacks;
pub mod cloudevents;
pub mod fields;
pub mod kanaal;
pub mod notificaties;
pub mod openapi;
pub mod options;
pub mod pages;
pub mod problem;
pub mod root;
mod routes;

use std::{ops::Deref, sync::Arc};

use http::HeaderMap;
use management::Management;
use publishing::Publishing;

pub use self::routes::{UNROUTED, routes};

/// The state of the handlers of this API; cheap to clone.
#[derive(Clone)]
pub struct Api(Arc<Parts>);

/// The contents of an [`Api`].
pub struct Parts {
    /// The use cases of the control plane.
    pub management: Management,
    /// Accepts and stores events.
    pub publishing: Publishing,
    /// The settings of the HTTP layer.
    pub web: web::Context,
}

impl Api {
    /// The state with these parts.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
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
