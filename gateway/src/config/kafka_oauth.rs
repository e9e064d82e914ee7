//! Section `[kafka.oauth]`: a token endpoint that grants what brokers ask for with SASL OAUTHBEARER.

use std::{collections::BTreeMap, path::PathBuf};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where the access token for the brokers comes from (OAuth 2.0, client credentials).
#[derive(Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct KafkaOauth {
    /// The token endpoint. Its host, if private, must be in `egress.allow`.
    pub token_url: String,
    /// Who we are there.
    pub client_id: String,
    /// Our secret there.
    #[serde(skip_serializing)]
    pub client_secret: Option<String>,
    /// A file with the secret, read again whenever a token is asked for; white space at its end does not count.
    #[schema(value_type = Option<String>)]
    pub client_secret_file: Option<PathBuf>,
    /// How the secret travels to the endpoint.
    pub client_authentication: ClientAuthentication,
    /// `scope` of the request.
    pub scope: Option<String>,
    /// `audience` of the request.
    pub audience: Option<String>,
    /// What brokers want beside the token (RFC 7628), such as `logicalCluster`; names are letters only.
    pub extensions: BTreeMap<String, String>,
}

/// How a client proves itself to a token endpoint (RFC 6749 section 2.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = KafkaClientAuthentication)]
pub enum ClientAuthentication {
    /// In the header `Authorization`.
    #[default]
    Basic,
    /// In the body.
    Post,
}

impl std::fmt::Debug for KafkaOauth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KafkaOauth")
            .field("token_url", &self.token_url)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

impl KafkaOauth {
    /// What is wrong with it: the key and why.
    pub(super) fn fault(&self) -> Option<(&'static str, &'static str)> {
        let absolute = |uri: &http::Uri| matches!(uri.scheme_str(), Some("https" | "http")) && uri.host().is_some();
        if !self.token_url.parse::<http::Uri>().is_ok_and(|uri| absolute(&uri)) {
            return Some(("kafka.oauth.token_url", "must be an absolute http(s) URL"));
        }
        if self.client_id.is_empty() {
            return Some(("kafka.oauth.client_id", "is empty"));
        }
        let empty = self.client_secret.as_deref().is_some_and(str::is_empty);
        if empty || self.client_secret.is_some() == self.client_secret_file.is_some() {
            return Some(("kafka.oauth.client_secret", "give either client_secret or client_secret_file"));
        }
        let letters = |name: &String| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphabetic());
        if !self.extensions.keys().all(|name| letters(name) && name != "auth") {
            return Some(("kafka.oauth.extensions", "names are letters only, and not \"auth\""));
        }
        let printable = |value: &String| value.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
        if !self.extensions.values().all(printable) {
            return Some(("kafka.oauth.extensions", "values are printable ASCII"));
        }
        None
    }
}
