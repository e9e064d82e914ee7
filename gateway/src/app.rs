//! The state shared by handlers and tasks: ports, clock, randomness, configuration, and the services over them.
//!
//! Each API gets only the part that it uses ([`App::native_api`], [`App::notificaties_api`]). Not here: building and starting
//! it ([`crate::start`]).

use std::{ops::Deref, sync::Arc};

use api_native::consent::{CallbackOutcome, ConsentEndpoint};
use async_trait::async_trait;
use channel_webhook::{consent, credentials::Opener};
use http::{HeaderMap, Method};
use management::Management;
use metrics_exporter_prometheus::PrometheusHandle;
use model::{Clock, Random};
use publishing::Publishing;
use storage::{Audience, Control, EventLog, Journal, control::SharedRegistry};
use webhook_validator::target::ConsentPolicy;

use secrets::Secrets;

use crate::{config::Config, telemetry::samples::Samples};

/// The shared state; cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// What an [`App`] gives access to.
pub struct Parts {
    /// The validated configuration.
    pub config: Arc<Config>,
    /// The time, replaced in tests.
    pub clock: Arc<dyn Clock>,
    /// Ids and jitter, replaced in tests.
    pub random: Arc<dyn Random>,
    /// Events, by kanaal.
    pub log: Arc<dyn EventLog>,
    /// Changes of kanalen, subscriptions, applicaties and runs.
    pub control: Arc<dyn Control>,
    /// Attempts, outcomes and dead letters.
    pub journal: Arc<dyn Journal>,
    /// The present kanalen, subscriptions, applicaties and runs.
    pub registry: SharedRegistry,
    /// Seals and opens secrets.
    pub secrets: Arc<Secrets>,
    /// Opens the credentials of subscriptions.
    pub credentials: Arc<Opener>,
    /// Sends requests to other hosts.
    pub egress: Arc<egress::Egress>,
    /// The delivery engine.
    pub engine: delivery::Handle,
    /// Asks subscribers for consent.
    pub consent: consent::Service,
    /// Which systems may deliver to this gateway after a handshake.
    pub consent_policy: ConsentPolicy,
    /// The use cases of the control plane.
    pub management: Management,
    /// Accepts and stores events.
    pub publishing: Publishing,
    /// Addressees, when people are configured.
    pub audience: Option<Arc<dyn Audience>>,
    /// Whether this node works for people.
    pub people_owner: crate::people_owner::PeopleOwner,
    /// Light subscriptions of people, when they are configured.
    pub people: Option<Arc<people::People>>,
    /// Verifies ID tokens of providers that verified addresses of people.
    pub identity_tokens: Arc<web::auth::IdentityTokens>,
    /// Settles what providers of messages to people report, when that is configured.
    pub receipts: Option<Arc<crate::receipts::Receipts>>,
    /// What administrators see of messages to people, when they are configured.
    pub people_administration: Option<Arc<people::administration::Administration>>,
    /// What publishes events that replace another one, when there are people.
    pub replacements: Option<Arc<people::Replacements>>,
    /// What sends mails to people, when a relay is configured.
    pub mail: Option<crate::mail::Mail>,
    /// What sends text messages to people, when a provider is configured.
    pub sms: Option<crate::mail::Mail>,
    /// The recipients of mail that comes back, when its listener is configured.
    pub inbound_mail: Option<Arc<crate::inbound_mail::InboundMail>>,
    /// What mailings work with, when a channel is configured.
    pub mailings: Option<Arc<mailer::mailings::MailingParts>>,
    /// The inbox of people, when it is configured.
    pub inbox: Option<Arc<inbox::Inbox>>,
    /// What was seen of feeds, when there are any.
    pub feeds: Option<crate::feeds::FeedStates>,
    /// The state of the layers around handlers.
    pub web: web::Context,
    /// The web console, when one is configured.
    #[cfg(feature = "console")]
    pub console: Option<Arc<console::Site>>,
    /// The pages of people, when they are configured.
    #[cfg(feature = "console")]
    pub people_site: Option<Arc<console::people::Site>>,
    /// Renders the metrics of this process.
    pub metrics: PrometheusHandle,
    /// Metrics that are looked up now and then.
    pub samples: Samples,
}

impl App {
    /// The state of handlers with these parts.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// The state of the native API.
    pub fn native_api(&self) -> api_native::Api {
        api_native::Api::new(api_native::Parts {
            management: self.management.clone(),
            publishing: self.publishing.clone(),
            web: self.web.clone(),
            consent: Arc::new(self.clone()),
            people: self.people.clone(),
            identity_tokens: Arc::clone(&self.identity_tokens),
            receipts: self.receipts.clone().map(|receipts| receipts as _),
            people_administration: self.people_administration.clone(),
            inbox: self.inbox.clone(),
        })
    }

    /// The state of the web console, when one is configured.
    #[cfg(feature = "console")]
    pub fn console(&self) -> Option<console::Console> {
        let site = self.console.clone()?;
        Some(console::Console { site, web: self.web.clone() })
    }

    /// The state of the pages of people, when they are configured.
    #[cfg(feature = "console")]
    pub fn people_pages(&self) -> Option<console::people::Pages> {
        let site = self.people_site.clone()?;
        Some(console::people::Pages { site, web: self.web.clone() })
    }

    /// The state of the Notificaties API.
    pub fn notificaties_api(&self) -> api_zgw::Api {
        api_zgw::Api::new(api_zgw::Parts {
            management: self.management.clone(),
            publishing: self.publishing.clone(),
            web: self.web.clone(),
        })
    }
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

#[async_trait]
impl ConsentEndpoint for App {
    async fn call_back(
        &self,
        id: &str,
        secret: &str,
        method: Method,
        headers: &HeaderMap,
    ) -> Result<CallbackOutcome, management::Error> {
        Ok(match self.consent.call_back(id, secret, method, headers).await? {
            consent::CalledBack::Granted => CallbackOutcome::Granted,
            consent::CalledBack::BadRate => CallbackOutcome::BadRate,
            consent::CalledBack::MethodNotAllowed => CallbackOutcome::MethodNotAllowed,
            consent::CalledBack::Closed => CallbackOutcome::Closed,
            consent::CalledBack::Unknown => CallbackOutcome::Unknown,
        })
    }

    fn answer(&self, headers: &HeaderMap) -> HeaderMap {
        self.consent_policy.answer(headers)
    }
}
