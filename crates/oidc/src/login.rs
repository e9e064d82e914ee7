//! One log-in with the authorization code flow and PKCE, from the first redirect to the identity.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use model::{Random, Timestamp};
use ring::digest;
use serde_json::{Value, json};

use crate::{Claims, Error, Expected, KeySet, Provider, id_token, provider::object, signed};

/// The longest query that a provider may send the browser back with, in bytes.
const MAX_QUERY: usize = 8 << 10;
/// The errors a provider may send a browser back with (RFC 6749, 4.1.2.1; OpenID Connect Core, 3.1.2.6). Another text is
/// not repeated, because anybody can write it.
const KNOWN: [&str; 12] = [
    "access_denied",
    "account_selection_required",
    "consent_required",
    "interaction_required",
    "invalid_request",
    "invalid_scope",
    "login_required",
    "server_error",
    "temporarily_unavailable",
    "unauthorized_client",
    "unmet_authentication_requirements",
    "unsupported_response_type",
];

/// The configured conditions of a log-in.
#[derive(Debug, Clone, Copy)]
pub struct LoginTerms<'a> {
    /// The id of the client at the provider.
    pub client_id: &'a str,
    /// The redirect URI, as it is registered at the provider.
    pub redirect_uri: &'a str,
    /// Scopes beside `openid`, separated by spaces.
    pub scope: &'a str,
    /// The authentication context that is demanded (`acr`), such as one with a second factor.
    pub acr: Option<&'a str>,
}

/// A log-in that is under way, kept by the caller in the browser that started it.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    state: String,
    nonce: String,
    verifier: String,
}

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Login(..)")
    }
}

impl Login {
    /// Starts a log-in: 244 random bits each for `state`, `nonce` and the verifier.
    pub fn start(random: &dyn Random) -> Self {
        let secret = || {
            let bytes = [random.uuid().into_bytes(), random.uuid().into_bytes()].concat();
            BASE64_URL_SAFE_NO_PAD.encode(bytes)
        };
        Self { state: secret(), nonce: secret(), verifier: secret() }
    }

    /// The form in which it is kept; the caller seals it.
    pub fn to_bytes(&self) -> Vec<u8> {
        json!([self.state, self.nonce, self.verifier]).to_string().into_bytes()
    }

    /// Reads what [`Self::to_bytes`] made; `None` for anything else.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let [state, nonce, verifier]: [String; 3] = serde_json::from_slice(bytes).ok()?;
        Some(Self { state, nonce, verifier })
    }

    /// The URL at which the browser logs in.
    ///
    /// # Errors
    /// When the provider has no authorization endpoint.
    pub fn url(&self, provider: &Provider, terms: &LoginTerms<'_>) -> Result<String, Error> {
        let endpoint = provider.authorization_endpoint.as_deref();
        let endpoint =
            endpoint.ok_or(Error::member("the discovery document", "authorization_endpoint", "must be there"))?;
        let challenge = digest::digest(&digest::SHA256, self.verifier.as_bytes());
        let mut query = form_urlencoded::Serializer::new(String::new());
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", terms.client_id)
            .append_pair("redirect_uri", terms.redirect_uri)
            .append_pair("scope", format!("openid {}", terms.scope).trim_end())
            .append_pair("state", &self.state)
            .append_pair("nonce", &self.nonce)
            .append_pair("code_challenge", &BASE64_URL_SAFE_NO_PAD.encode(challenge))
            .append_pair("code_challenge_method", "S256");
        if let Some(acr) = terms.acr {
            query.append_pair("acr_values", acr);
        }
        let separator = if endpoint.contains('?') { '&' } else { '?' };
        Ok(format!("{endpoint}{separator}{}", query.finish()))
    }

    /// The PKCE verifier, for the request that exchanges the code.
    pub(crate) fn verifier(&self) -> &str {
        &self.verifier
    }

    /// The code in the query with which the provider sent the browser back.
    ///
    /// # Errors
    /// [`Error::State`] when another browser or nobody started the log-in, [`Error::Refused`] with the error of the provider,
    /// [`Error::Member`] when a parameter is there twice or `iss` is not the provider.
    pub fn code(&self, query: &str, provider: &Provider) -> Result<String, Error> {
        const WHAT: &str = "the response of the provider";
        if query.len() > MAX_QUERY {
            return Err(Error::TooLong { what: WHAT, limit: MAX_QUERY });
        }
        let parameter = |name: &'static str| {
            let mut values = form_urlencoded::parse(query.as_bytes()).filter(|(own, _)| own == name);
            match (values.next(), values.next()) {
                (_, Some(_)) => Err(Error::member(WHAT, name, "must not be there twice")),
                (value, None) => Ok(value.map(|(_, value)| value.into_owned())),
            }
        };
        let state = parameter("state")?.ok_or(Error::State)?;
        if !is_same(&state, &self.state) {
            return Err(Error::State);
        }
        match parameter("iss")? {
            Some(issuer) if issuer != provider.issuer => {
                return Err(Error::member(WHAT, "iss", "must be the configured issuer"));
            }
            None if provider.names_itself => return Err(Error::member(WHAT, "iss", "must be there")),
            _ => {}
        }
        if let Some(error) = parameter("error")? {
            let known = KNOWN.contains(&error.as_str());
            return Err(Error::Refused(if known { error } else { "an unknown error".to_owned() }));
        }
        parameter("code")?.filter(|code| !code.is_empty()).ok_or(Error::member(WHAT, "code", "must be there"))
    }

    /// Checks an ID token (OpenID Connect Core, 3.1.3.7) and returns its claims, among them `sub`.
    ///
    /// # Errors
    /// When it is not signed by the provider for this client and this log-in, has expired, has no `sub` of 1 to 255
    /// bytes, or has not the demanded `acr`. [`Error::UnknownKey`] when the keys of the provider may have changed.
    pub fn identity(
        &self,
        id_token: &str,
        provider: &Provider,
        keys: &KeySet,
        terms: &LoginTerms<'_>,
        now: Timestamp,
    ) -> Result<Claims, Error> {
        const WHAT: &str = "the ID token";
        let claims = signed::verify(id_token, keys, &provider.algorithms)?.claims;
        id_token::check(
            &claims,
            &Expected { issuer: &provider.issuer, audience: terms.client_id, now, leeway: LEEWAY },
        )?;
        let nonce = claims.text("nonce").unwrap_or_default();
        if !is_same(nonce, &self.nonce) {
            return Err(Error::member(WHAT, "nonce", "must be that of this log-in"));
        }
        if terms.acr.is_some_and(|acr| claims.text("acr") != Some(acr)) {
            return Err(Error::member(WHAT, "acr", "must be the one that is demanded"));
        }
        if !claims.text("sub").is_some_and(|subject| (1..=255).contains(&subject.len())) {
            return Err(Error::member(WHAT, "sub", "must be text of 1 to 255 bytes"));
        }
        Ok(claims)
    }
}

/// Compares digests, so that the time it takes does not depend on how much of the texts is the same.
fn is_same(given: &str, own: &str) -> bool {
    let digest = |text: &str| digest::digest(&digest::SHA256, text.as_bytes());
    digest(given).as_ref() == digest(own).as_ref()
}

/// How far the clocks of a provider and the gateway may differ, in seconds.
pub(crate) const LEEWAY: i64 = 60;

/// The error that a response of a token endpoint names, if it is known.
pub(crate) fn refusal(body: &[u8]) -> Error {
    const TOKEN_ERRORS: [&str; 6] = [
        "invalid_client",
        "invalid_grant",
        "invalid_request",
        "invalid_scope",
        "unauthorized_client",
        "unsupported_grant_type",
    ];
    let named = object(body, "the response of the token endpoint", MAX_QUERY).ok();
    let named = named.as_ref().and_then(|body| body.get("error")).and_then(Value::as_str);
    let known = named.filter(|error| TOKEN_ERRORS.contains(error));
    Error::Refused(known.unwrap_or("an unknown error").to_owned())
}
