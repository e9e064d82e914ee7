//! The checks of webhook receivers that `management` asks for, over `egress`, the configured TLS profiles and the probes of
//! `channel-webhook`.

use std::{collections::HashMap, path::Path, sync::Arc, time::Duration};

use async_trait::async_trait;
use channel_webhook::{
    consent::{self, Service},
    credentials::{Authorization, Opener},
};
use delivery::{Channels, Class, DecodedEvent, Reply};
use egress::{Egress, Limits, Owner, Request};
use http::{HeaderMap, Method, StatusCode};
use management::{CertificateEnds, CheckRequest, FetchError, Probe, ProbeError, ReceiverReport, Receivers, ascii_url};
use model::{Actor, Sink, Subscription, Timestamp, credential::Credential};

use crate::{config::Config, own_urls::OwnUrls, receiver_check};

/// Test events that were sent, by what the answer means.
pub const TESTS: &str = "gateway_test_deliveries_total";

/// The adapter of [`Receivers`] for webhooks.
pub struct WebhookReceivers {
    egress: Arc<Egress>,
    own: OwnUrls,
    credentials: Arc<Opener>,
    consent: Service,
    channels: Channels,
    /// By the name of a TLS profile, the clients that may use it; all when the list is empty.
    profiles: HashMap<String, Vec<String>>,
    /// How long a receiver may take to answer.
    timeout: Duration,
    /// What receivers are checked with.
    checks: receiver_check::Parts,
}

impl WebhookReceivers {
    /// Checks URLs by the policy of `egress`, and TLS profiles by their `applicaties` in `config`; sends probes with opened
    /// `credentials` and the settings of `consent`, and test events through `channels`; checks
    /// receivers with clients of their own with the settings `clients`.
    pub fn new(
        egress: Arc<Egress>,
        credentials: Arc<Opener>,
        consent: Service,
        channels: Channels,
        clients: egress::Settings,
        config: &Config,
    ) -> Self {
        let profiles = config.egress.tls.iter().map(|(name, profile)| (name.clone(), profile.applicaties.clone()));
        let timeout = Duration::from_secs(config.consent.timeout_seconds);
        let checks = receiver_check::Parts {
            egress: Arc::clone(&egress),
            credentials: Arc::clone(&credentials) as _,
            clients,
            origin: config.origin.clone(),
            timeout,
        };
        let own = OwnUrls::of(config);
        Self { egress, own, credentials, consent, channels, profiles: profiles.collect(), timeout, checks }
    }
}

#[async_trait]
impl Receivers for WebhookReceivers {
    fn check_url(&self, url: &str) -> Result<(), String> {
        check_url(self.egress.policy(), &self.own, url)
    }

    fn may_use_tls_profile(&self, name: &str, actor: &Actor) -> bool {
        let Some(clients) = self.profiles.get(name) else { return false };
        clients.is_empty() || actor.is_beheer() || clients.iter().any(|own| actor.client_id() == Some(own))
    }

    async fn probe(
        &self,
        sink: &Sink,
        credential: &Credential,
        tls: Option<&str>,
        owner: &str,
    ) -> Result<(), ProbeError> {
        let Sink::Webhook(url) = sink;
        let opened = self.credentials.open(credential, owner).await;
        let opened = opened.map_err(|error| ProbeError::Credential(error.reason().to_owned()))?;
        let header = match &opened.authorization {
            Authorization::Header(text) => Some(text.as_str()),
            Authorization::None | Authorization::QueryToken(_) => None,
        };
        self.consent.probe_url(url, header, tls, owner).await.map_err(|error| match error {
            consent::ProbeError::Unguarded { status } => ProbeError::Unguarded { status },
            consent::ProbeError::NotAccepted { status, expected } => ProbeError::NotAccepted { status, expected },
            consent::ProbeError::NoAnswer { probe, label, problem } => {
                let probe = match probe {
                    consent::Probe::WithoutCredential => Probe::WithoutCredential,
                    consent::Probe::WithCredential => Probe::WithCredential,
                };
                ProbeError::NoAnswer { probe, label, problem }
            }
            consent::ProbeError::Unusable(problem) => ProbeError::Unusable(problem),
        })
    }

    async fn send_test(&self, subscription: &Arc<Subscription>, event: DecodedEvent) -> Reply {
        let sender = self.channels.of(&subscription.sink).sender(Arc::clone(subscription));
        let reply = sender.send(&[Arc::new(event)], false).await;
        metrics::counter!(TESTS, "class" => Class::LABELS[reply.class.number()]).increment(1);
        reply
    }

    async fn check(&self, subscription: &Arc<Subscription>, request: CheckRequest) -> ReceiverReport {
        receiver_check::run(&self.checks, subscription, request).await
    }

    async fn certificate_ends(&self, subscription: &Subscription) -> CertificateEnds {
        let Sink::Webhook(url) = &subscription.sink;
        let Ok(url) = self.egress.policy().check_url(url) else { return CertificateEnds::default() };
        let by_destination = || self.egress.profile_for(&url, Owner::Applicatie(&subscription.owner));
        let profile = subscription.tls.as_deref().map(Into::into).or_else(by_destination);
        let file = profile.and_then(|name| self.egress.certificate_of(&name)).map(Path::to_owned);
        let own = match file {
            Some(file) => tokio::task::spawn_blocking(move || egress::certificate_end(&file)).await.ok(),
            None => None,
        };
        CertificateEnds {
            receiver: self.egress.server_certificate_end(&url).map(Timestamp::from_seconds),
            own: own.and_then(Result::ok).flatten().map(Timestamp::from_seconds),
        }
    }

    async fn fetch_documentation(&self, url: &str) -> Result<(), FetchError> {
        // A fragment is not part of a request.
        let address = url.split_once('#').map_or(url, |(address, _)| address);
        let address = &ascii_url(address);
        let unusable = |error: egress::UrlError| FetchError::Unusable(error.to_string());
        let url = self.egress.policy().check_url(address).map_err(unusable)?;
        // Any publisher may name this URL.
        let tls = self.egress.profile_for(&url, Owner::Anonymous);
        let request = Request { method: Method::GET, url, headers: HeaderMap::new(), body: bytes::Bytes::new(), tls };
        match self.egress.send(request, Limits { total: self.timeout, ..Limits::default() }).await {
            Ok(answer) if answer.status == StatusCode::OK => Ok(()),
            Ok(answer) => Err(FetchError::Status(answer.status.as_u16())),
            Err(error) => Err(FetchError::NoAnswer { label: error.label(), problem: error.to_string() }),
        }
    }
}

/// Checks that `policy` allows deliveries to a URL, and that it is not one of this gateway's `own`; `Err` holds the rule it
/// breaks.
pub fn check_url(policy: &egress::Policy, own: &OwnUrls, url: &str) -> Result<(), String> {
    policy.check_url(url).map_err(|error| error.to_string())?;
    if own.contains(url) {
        return Err("is an address of this gateway itself, which would deliver to itself without end".to_owned());
    }
    Ok(())
}
