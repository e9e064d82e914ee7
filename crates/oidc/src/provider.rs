//! The discovery document of a provider (OpenID Connect Discovery 1.0, section 3).

use serde_json::{Map, Value};

use crate::{Algorithm, Error};

/// The longest discovery document, in bytes.
const MAX_DOCUMENT: usize = 256 << 10;
const WHAT: &str = "the discovery document";

/// The metadata of a provider (OpenID Connect Discovery).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// The issuer, which every token names.
    pub issuer: String,
    /// The authorization endpoint; absent when the provider serves only programs.
    pub authorization_endpoint: Option<String>,
    /// The token endpoint.
    pub token_endpoint: Option<String>,
    /// The URL of the keys (JWKS).
    pub jwks_uri: String,
    /// The end session endpoint, for log-out by the browser.
    pub end_session_endpoint: Option<String>,
    /// The algorithms of ID tokens that both sides know, never empty.
    pub algorithms: Vec<Algorithm>,
    /// Whether it names itself in the response to a log-in (RFC 9207).
    pub names_itself: bool,
}

impl Provider {
    /// The URL of the discovery document of an issuer.
    pub fn discovery_url(issuer: &str) -> String {
        format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'))
    }

    /// Reads the discovery document of `issuer`.
    ///
    /// # Errors
    /// When it is longer than 256 KiB or no JSON object, names another issuer, has no `jwks_uri`, has an endpoint that is
    /// neither https nor on loopback, or knows none of the permitted algorithms.
    pub fn parse(document: &[u8], issuer: &str) -> Result<Self, Error> {
        let document = object(document, WHAT, MAX_DOCUMENT)?;
        let text = |name: &str| document.get(name).and_then(Value::as_str).map(str::to_owned);
        if text("issuer").as_deref() != Some(issuer) {
            return Err(Error::member(WHAT, "issuer", "must be the configured issuer, letter for letter"));
        }
        let endpoint = |name: &'static str| match text(name) {
            Some(url) if !is_safe(&url) => Err(Error::member(WHAT, name, "must be an https URL")),
            url => Ok(url),
        };
        let algorithms = match document.get("id_token_signing_alg_values_supported") {
            Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).filter_map(Algorithm::named).collect(),
            // The default of the standard.
            _ => vec![Algorithm::Rs256],
        };
        if algorithms.is_empty() {
            let rule = "must contain RS256, PS256, ES256 or ES384";
            return Err(Error::member(WHAT, "id_token_signing_alg_values_supported", rule));
        }
        Ok(Self {
            issuer: issuer.to_owned(),
            authorization_endpoint: endpoint("authorization_endpoint")?,
            token_endpoint: endpoint("token_endpoint")?,
            jwks_uri: endpoint("jwks_uri")?.ok_or(Error::member(WHAT, "jwks_uri", "must be there"))?,
            end_session_endpoint: endpoint("end_session_endpoint")?,
            algorithms,
            names_itself: document.get("authorization_response_iss_parameter_supported") == Some(&Value::Bool(true)),
        })
    }
}

/// Whether secrets may travel to a URL: https, or http within this machine.
fn is_safe(url: &str) -> bool {
    let Ok(url) = url.parse::<http::Uri>() else { return false };
    match (url.scheme_str(), url.host()) {
        (Some("https"), Some(_)) => true,
        (Some("http"), Some(host)) => matches!(host, "127.0.0.1" | "[::1]" | "localhost"),
        _ => false,
    }
}

/// A JSON object of at most `limit` bytes.
pub(crate) fn object(bytes: &[u8], what: &'static str, limit: usize) -> Result<Map<String, Value>, Error> {
    if bytes.len() > limit {
        return Err(Error::TooLong { what, limit });
    }
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(object)) => Ok(object),
        _ => Err(Error::NotJson(what)),
    }
}
