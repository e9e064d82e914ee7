//! Section `[[subscription]]`: subscriptions that configuration declares, with the members of the native API in the spelling
//! of this file. What the members must hold is checked where they are declared (`tasks::declare_subscriptions`).
//!
//! Secrets never leave it: they are neither serialised nor shown by `Debug`.

use std::{collections::BTreeMap, path::PathBuf};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A subscription.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[schema(as = SubscriptionDeclaration)]
#[serde(deny_unknown_fields, default)]
pub struct Subscription {
    /// Its identity, which must not change: a UUID, or a name of your choice from which a UUID is derived.
    pub id: String,
    /// The `client_id` of the applicatie it belongs to; empty: only beheer sees and changes it over the APIs.
    pub owner: String,
    /// A name for people, 1 to 100 characters; it need not be unique.
    #[schema(min_length = 1, max_length = 100)]
    pub name: Option<String>,
    /// Who answers questions about it: a mail address, or an http or https URL.
    #[schema(min_length = 1, max_length = 254)]
    pub contact: Option<String>,
    /// What it is for, 1 to 1,000 characters.
    #[schema(min_length = 1, max_length = 1_000)]
    pub description: Option<String>,
    /// Where events go: an https URL.
    pub sink: String,
    /// What proves to the sink that it is us.
    pub credential: Option<Credential>,
    /// The TLS profile for the sink, see `[egress.tls]`.
    pub tls: Option<String>,
    /// The contract under which the sink, an FSC Outway, is used: `fsc.grant_hash`.
    pub fsc: Option<Fsc>,
    /// Headers that every delivery carries besides the gateway's.
    pub headers: BTreeMap<String, Secret>,
    /// Only events of these kanalen; empty for all, also later ones. Each is declared in this file as well.
    pub kanalen: Vec<String>,
    /// Only events that were posted so: `notificatie` or `cloudevent`.
    #[schema(pattern = "^(notificatie|cloudevent)$")]
    pub born: Option<String>,
    /// Only events with one of these values of `type`; empty for all.
    pub types: Vec<String>,
    /// Only events with this `source`.
    pub source: Option<String>,
    /// Filters that all must hold; dialects exact, prefix, suffix, all, any, not, sql, data.
    #[schema(value_type = Vec<Object>)]
    pub filters: Vec<serde_json::Value>,
    /// Values that the kenmerken (or members of data) must have; `*` and a missing key pass.
    pub kenmerken: BTreeMap<String, String>,
    /// What it selects as an abonnement of the Notificaties API, instead of the members above. It is then shown there as
    /// well; `format` is `legacy` and `validation` is `probe` unless they say otherwise.
    pub abonnement: Option<Abonnement>,
    /// The shape of deliveries: `structured` (default), `binary`, `batch` or `legacy`.
    #[schema(pattern = "^(structured|binary|batch|legacy)$")]
    pub format: Option<String>,
    /// How a notification looks as a structured CloudEvent: `canonical` (default) or `on116` (default of an abonnement).
    #[schema(pattern = "^(canonical|on116)$")]
    pub rendering: Option<String>,
    /// Bounds of a batch.
    pub batch: Option<Batch>,
    /// Order of arrival: `none` (default) or `key`.
    #[schema(pattern = "^(none|key)$")]
    pub order: Option<String>,
    /// How the sink is asked for consent: `handshake` (default), `probe` or `manual`.
    #[schema(pattern = "^(handshake|probe|manual)$")]
    pub validation: Option<String>,
    /// What replaces the handshake when validation is manual, and where it is filed.
    pub agreement: Option<String>,
    /// The rate to ask for in the handshake, requests per minute.
    #[schema(minimum = 1)]
    pub rate: Option<u32>,
    /// Most requests under way at once; absent for the gateway's default.
    #[schema(minimum = 1, maximum = 10_000)]
    pub max_in_flight: Option<u32>,
    /// What happens when the sink fails; what is absent is as `[delivery.retry]` says.
    pub retry: SubscriptionRetry,
    /// Where it starts when it is made: `now` (default), `beginning` or an RFC 3339 moment.
    pub start: Option<String>,
    /// When it lapses, an RFC 3339 moment; absent for never.
    #[schema(format = "date-time")]
    pub expires: Option<String>,
}

/// A contract of FSC.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[schema(as = FscDeclaration)]
#[serde(deny_unknown_fields)]
pub struct Fsc {
    /// The hash of the grant.
    #[schema(min_length = 1, max_length = 256)]
    pub grant_hash: String,
}

/// What an abonnement selects; one entry that matches is enough.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[schema(as = AbonnementDeclaration)]
#[serde(deny_unknown_fields, default)]
pub struct Abonnement {
    /// Entries for notifications.
    pub kanalen: Vec<AbonnementKanaal>,
    /// Entries for CloudEvents; they select only when `format` is one for CloudEvents.
    pub cloudevent_filters: Vec<AbonnementCloudEvents>,
}

/// An entry for notifications.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AbonnementKanaal {
    /// The kanaal; it is declared in this file as well.
    pub naam: String,
    /// Values of its kenmerken, and of `#actie`, `#resource` and `#hoofdObject`.
    #[serde(default)]
    pub filters: BTreeMap<String, String>,
}

/// An entry for CloudEvents.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AbonnementCloudEvents {
    /// Part of `type`.
    pub type_substring: String,
    /// Values of members of data.
    #[serde(default)]
    pub filters: BTreeMap<String, String>,
}

/// Bounds of a batch.
#[derive(Debug, Clone, Copy, Default, Deserialize, Serialize, ToSchema)]
#[schema(as = BatchDeclaration)]
#[serde(deny_unknown_fields, default)]
pub struct Batch {
    /// Most events in one request.
    #[schema(minimum = 1, maximum = 1_000)]
    pub max_events: Option<u32>,
    /// How long the first event waits for more, in milliseconds.
    #[schema(maximum = 60_000)]
    pub linger_ms: Option<u32>,
}

/// Retries of one subscription, under the names of `[delivery.retry]` and those of Open Notificaties.
#[derive(Debug, Clone, Copy, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SubscriptionRetry {
    /// Retries after the first attempt.
    #[schema(maximum = 100)]
    #[serde(alias = "notification_delivery_max_retries")]
    pub max_retries: Option<u32>,
    /// Multiplies every wait, in seconds.
    #[schema(minimum = 0, maximum = 3_600)]
    #[serde(alias = "notification_delivery_retry_backoff")]
    pub factor: Option<f64>,
    /// Raised to the number of retries made.
    #[schema(minimum = 1, maximum = 10)]
    #[serde(alias = "notification_delivery_base_factor")]
    pub base: Option<f64>,
    /// The longest wait, in seconds.
    #[schema(minimum = 1, maximum = 86_400)]
    #[serde(alias = "notification_delivery_retry_backoff_max")]
    pub cap_seconds: Option<u32>,
    /// Part of a wait that is random.
    #[schema(minimum = 0, maximum = 1)]
    pub jitter: Option<f64>,
    /// Whether a failing sink is never treated as an outage.
    pub ladder_only: Option<bool>,
}

/// What proves to a sink that it is us. Tokens that lapse are not for a file; they are given over the API.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[schema(as = CredentialDeclaration)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum Credential {
    /// The value of `Authorization`, as it is sent (`auth` of an abonnement).
    Authorization {
        /// The value, with its scheme.
        authorization: Secret,
    },
    /// HTTP Basic.
    Basic {
        /// The user.
        identifier: String,
        /// The password.
        secret: Secret,
    },
    /// A ZGW token that is made for each delivery.
    Zgw {
        /// The claim `client_id`.
        client_id: String,
        /// What the token is signed with.
        secret: Secret,
    },
    /// A token of an OAuth 2.0 server (client credentials).
    OAuth2 {
        /// Where tokens come from.
        token_url: String,
        /// Who we are there.
        client_id: String,
        /// Our secret there; absent when a client certificate is enough.
        secret: Option<Secret>,
        /// How it is shown: `basic` (default) or `post`.
        authentication: Option<String>,
        /// What is asked for.
        scope: Option<String>,
        /// For whom.
        audience: Option<String>,
        /// The TLS profile of the endpoint.
        tls: Option<String>,
    },
}

/// A text that may be secret: the text itself, or the file or variable that holds it.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(untagged, expecting = "a secret is a text, { file = \"…\" } or { env = \"…\" }")]
pub enum Secret {
    /// Itself.
    Text(String),
    /// In a file; white space at its end does not count.
    File(SecretFile),
    /// In a variable of the environment.
    Environment(SecretVariable),
}

/// A secret in a file.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SecretFile {
    /// The file.
    #[schema(value_type = String)]
    pub file: PathBuf,
}

/// A secret in the environment.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SecretVariable {
    /// The name of the variable.
    pub env: String,
}

impl Secret {
    /// The text; or why there is none, without the text. `environment` gives the value of a variable.
    pub fn read(&self, environment: &dyn Fn(&str) -> Option<String>) -> Result<String, String> {
        let text = match self {
            Self::Text(text) => text.clone(),
            Self::File(SecretFile { file }) => secrets::read_text(file)
                .map(|text| text.trim_end().to_owned())
                .map_err(|error| format!("the file {}: {error}", file.display()))?,
            Self::Environment(SecretVariable { env }) => {
                environment(env).ok_or_else(|| format!("the environment variable {env} is not set"))?
            }
        };
        if text.is_empty() { Err("it is empty".to_owned()) } else { Ok(text) }
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl Serialize for Secret {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("***")
    }
}
