//! What the gateway is made of: ports, clock, randomness, configuration, and the services over them. The only place
//! that names adapters.

use std::{ops::Deref, sync::Arc};

use model::{Clock, Random};
use storage::{Control, EventLog, Journal, control::SharedRegistry};

use crate::{auth::Tokens, config::Config, inbound::rate::Rate, secrets::Secrets};

/// The gateway, as every handler sees it; cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// What an [`App`] gives access to.
pub struct Parts {
    /// Configuration, as checked.
    pub config: Arc<Config>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn Random>,
    /// Events.
    pub log: Arc<dyn EventLog>,
    /// Changes of kanalen, subscriptions, applicaties and runs.
    pub control: Arc<dyn Control>,
    /// What happened.
    pub journal: Arc<dyn Journal>,
    /// What there is now.
    pub registry: SharedRegistry,
    /// Seals and opens secrets.
    pub secrets: Arc<Secrets>,
    /// Judges tokens.
    pub tokens: Tokens,
    /// The way out.
    pub egress: Arc<egress::Egress>,
    /// The pace of publishers.
    pub rate: Rate,
    /// Proxies whose `X-Forwarded-*` are believed.
    pub trusted_proxies: Vec<egress::Cidr>,
}

impl App {
    /// Puts the parts together.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// Where the outside reaches us, for links in the answer to a request with these headers; no slash at the end.
    pub fn public_url(&self, headers: &http::HeaderMap) -> String {
        crate::inbound::public_url::public_url(&self.config, headers)
    }
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
