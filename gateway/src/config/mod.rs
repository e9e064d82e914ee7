//! Configuration: one TOML file, every key overridable by environment, one section per file here.
//!
//! Unknown keys are refused by name. What the values do is documented where they are used. The
//! JSON Schema in `schemas/config.json` is generated from these types.

use std::{net::SocketAddr, path::PathBuf};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

mod advice;
mod audit;
mod auth;
mod auth_address;
mod autorisaties;
mod client_certificate;
mod consent;
mod console;
mod console_afnemer;
mod console_oidc;
mod contact;
mod cors;
mod declared;
mod delivery;
mod egress;
mod email;
mod email_dkim;
mod email_inbound;
mod environment;
mod feed;
mod ingest;
mod kafka;
mod kafka_oauth;
mod limits;
mod load;
mod log;
mod notificaties;
mod notifynl;
mod oidc;
mod operations;
mod own_events;
mod people;
mod people_collected;
mod people_expression;
mod people_inbox;
mod people_owner_attribute;
mod people_page;
mod people_proxy;
mod people_source;
mod portaal;
mod proxy;
mod roles;
pub mod schema;
mod secrets;
mod security;
mod sms;
mod subscription;
mod subscriptions;
mod target;
mod template;
mod tls;
mod validate;

pub use audit::Audit;
pub use auth::Auth;
pub use auth_address::AuthAddress;
pub use autorisaties::{Autorisaties, AutorisatiesAbonnement};
pub use client_certificate::ClientCertificate;
pub use consent::Consent;
pub use console::Console;
pub use console_afnemer::ConsoleAfnemer;
pub use console_oidc::{ConsoleClaims, ConsoleOidc, LogInAuthentication};
pub use contact::Contact;
pub use cors::Cors;
pub use declared::{Applicatie, Kanaal, PayloadSchemas, Schema};
pub use delivery::{Delivery, Retry};
pub use egress::{Egress, TlsProfile};
pub use email::{Email, RelaySecurity};
pub use email_dkim::EmailDkim;
pub use email_inbound::EmailInbound;
pub use feed::{Feed, FeedField, FeedKey, FirstPoll};
pub use ingest::{Ingest, Path as IngestPath, Profile, Strictness};
pub use kafka::{Compression, Kafka, Property};
pub use kafka_oauth::{ClientAuthentication, KafkaOauth};
pub use limits::Limits;
pub use load::{ConfigError, load, parse};
pub use log::{Log, LogFormat};
pub use notificaties::Notificaties;
pub use notifynl::NotifyNl;
pub use oidc::OidcTokens;
pub use operations::Operations;
pub use own_events::OwnEvents;
pub use people::{People, is_receipts_secret};
pub use people_collected::{PeopleCollected, Weekday};
pub use people_expression::PeopleExpression;
pub use people_inbox::{InboxKanaalSettings, PeopleInbox};
pub use people_owner_attribute::PeopleOwnerAttribute;
pub use people_page::PeoplePage;
#[cfg(feature = "console")]
pub use people_page::outcomes as people_outcomes;
pub use people_proxy::PeopleProxy;
pub use people_source::PeopleSource;
pub use portaal::Portaal;
pub use proxy::Proxy;
pub use roles::Role;
pub use secrets::Secrets;
pub use security::Security;
pub use sms::{Sms, SmsHttp, SmsProvider};
pub use subscription::{Abonnement, Credential, Secret, Subscription};
pub use subscriptions::Subscriptions;
pub use target::Target;
pub use template::{PeopleClass, PeopleLanguage, PeopleTemplate, PeopleWmebv};
pub use tls::Tls;
pub use validate::{CheckResult, Severity};

/// The whole configuration of a gateway.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Revision of the declared state below; a node with an older one does not put it back. Absent: always applied.
    pub revision: Option<u64>,
    /// Address and port of the HTTP listener.
    #[schema(value_type = String)]
    pub listen: SocketAddr,
    /// Directory of the embedded storage, or of this node's index when `[kafka]` is set; made when it is not there.
    #[schema(value_type = String)]
    pub data: PathBuf,
    /// Apache Kafka as the storage, instead of the embedded file.
    pub kafka: Option<Kafka>,
    /// What this node does; fewer than all only with `[kafka]`.
    #[schema(min_items = 1)]
    pub roles: Vec<Role>,
    /// Our DNS name towards subscribers: `WebHook-Request-Origin`.
    pub origin: String,
    /// `source` of events that bring none and whose applicatie and kanaal set none. A URI-reference.
    pub source: String,
    /// Where the outside reaches the gateway (`https://…`), for links and consent callbacks. Absent: links follow the
    /// `Host` header and no callback is offered.
    pub public_url: Option<String>,
    /// Other URLs at which the gateway is reached (`https://…`), such as an internal name. No subscription may deliver to one of
    /// these, to `public_url` or to the listeners.
    pub own_urls: Vec<String>,
    /// Kanaal of CloudEvents that no rule routes; empty refuses them.
    pub default_kanaal: String,
    /// How long events and what happened to them are kept, in days.
    #[schema(minimum = 1)]
    pub retention_days: u32,
    /// Whom users of the APIs turn to.
    pub contact: Contact,
    /// Whom researchers tell about a weakness: `/.well-known/security.txt`.
    pub security: Security,
    /// TLS of the listener; absent for plain HTTP.
    pub tls: Option<Tls>,
    /// The listener of health and metrics.
    pub operations: Operations,
    /// Bounds of what comes in.
    pub limits: Limits,
    /// The audit trail.
    pub audit: Audit,
    /// Tokens of applicaties.
    pub auth: Auth,
    /// How strictly events are read.
    pub ingest: Ingest,
    /// The Notificaties API.
    pub notificaties: Notificaties,
    /// Cross-origin requests of browsers.
    pub cors: Cors,
    /// Reverse proxies in front.
    pub proxy: Proxy,
    /// Requests to subscribers.
    pub egress: Egress,
    /// The gateway as a subscriber of another gateway.
    pub target: Target,
    /// The handshake with subscribers.
    pub consent: Consent,
    /// The web console; absent: none.
    pub console: Option<Console>,
    /// The portal of subscribers and publishers; absent: none.
    pub portaal: Option<Portaal>,
    /// Events of the gateway about itself; absent: none.
    pub own_events: Option<OwnEvents>,
    /// Light subscriptions of people; absent: none.
    pub people: Option<People>,
    /// The mail relay that sends to people; absent: nothing is sent.
    pub email: Option<Email>,
    /// The provider of text messages to people; absent: no number can subscribe.
    pub sms: Option<Sms>,
    /// NotifyNL, for text messages, mails or both; absent: it is not used.
    pub notifynl: Option<NotifyNl>,
    /// Management of subscriptions.
    pub subscriptions: Subscriptions,
    /// Deliveries.
    pub delivery: Delivery,
    /// Logs.
    pub log: Log,
    /// The key that encrypts stored secrets.
    pub secrets: Secrets,
    /// Clients, declared.
    pub applicatie: Vec<Applicatie>,
    /// Kanalen, declared.
    pub kanaal: Vec<Kanaal>,
    /// Schemas of payloads, declared.
    pub schema: Vec<Schema>,
    /// Subscriptions, declared.
    pub subscription: Vec<Subscription>,
    /// Feeds that are polled.
    pub feed: Vec<Feed>,
}

/// Writes nothing in the place of a secret. It is not skipped, since then it would be no key of the schema.
fn hidden<T: Default + Serialize, S: serde::Serializer>(_: &T, serializer: S) -> Result<S::Ok, S::Error> {
    T::default().serialize(serializer)
}

impl Config {
    /// The file with the key of stored secrets.
    pub fn key_file(&self) -> PathBuf {
        self.secrets.key_file.clone().unwrap_or_else(|| self.data.join("secrets.key"))
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            revision: None,
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            data: "data".into(),
            kafka: None,
            roles: Role::ALL.to_vec(),
            origin: "localhost".into(),
            source: "urn:nl-gov-event-gateway".into(),
            public_url: None,
            own_urls: Vec::new(),
            default_kanaal: "cloudevents".into(),
            retention_days: 30,
            contact: Contact::default(),
            security: Security::default(),
            tls: None,
            operations: Operations::default(),
            limits: Limits::default(),
            audit: Audit::default(),
            auth: Auth::default(),
            ingest: Ingest::default(),
            notificaties: Notificaties::default(),
            cors: Cors::default(),
            proxy: Proxy::default(),
            egress: Egress::default(),
            target: Target::default(),
            consent: Consent::default(),
            console: None,
            portaal: None,
            own_events: None,
            people: None,
            email: None,
            sms: None,
            notifynl: None,
            subscriptions: Subscriptions::default(),
            delivery: Delivery::default(),
            log: Log::default(),
            secrets: Secrets::default(),
            applicatie: Vec::new(),
            kanaal: Vec::new(),
            schema: Vec::new(),
            subscription: Vec::new(),
            feed: Vec::new(),
        }
    }
}
