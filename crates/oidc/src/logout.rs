//! Logging out: at the provider too (RP-Initiated Logout 1.0), and by the provider (Back-Channel Logout 1.0).

use model::Timestamp;

use crate::{Error, Expected, KeySet, Provider, login::LEEWAY, signed};

/// The event that a logout token has.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
const WHAT: &str = "the logout token";

/// Whom the provider logged out: one session, or all of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedOut {
    /// The person, by `sub`.
    pub subject: Option<String>,
    /// The session at the provider, by `sid`.
    pub session: Option<String>,
    /// The id of the token, which is accepted once.
    pub id: String,
    /// When the token is too old, without the leeway of clocks.
    pub expires: Timestamp,
}

/// Where a browser goes to log out at the provider and come back; `None` when the provider has no such place.
pub fn end_session_url(provider: &Provider, client_id: &str, back: &str) -> Option<String> {
    let endpoint = provider.end_session_endpoint.as_deref()?;
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("client_id", client_id).append_pair("post_logout_redirect_uri", back);
    let separator = if endpoint.contains('?') { '&' } else { '?' };
    Some(format!("{endpoint}{separator}{}", query.finish()))
}

/// Checks a logout token (Back-Channel Logout, section 2.6).
///
/// # Errors
/// When it is not signed by the provider for this client, has expired, has a `nonce`, lacks the event or `jti`, or names
/// neither a person nor a session.
pub fn logout_token(
    token: &str,
    provider: &Provider,
    keys: &KeySet,
    client_id: &str,
    now: Timestamp,
) -> Result<LoggedOut, Error> {
    let claims = signed::verify(token, keys, &provider.algorithms)?.claims;
    claims.check(&Expected { issuer: &provider.issuer, audience: client_id, now, leeway: LEEWAY })?;
    if claims.0.contains_key("nonce") {
        return Err(Error::member(WHAT, "nonce", "must not be there"));
    }
    if !claims.0.get("events").is_some_and(|events| events.get(EVENT).is_some_and(serde_json::Value::is_object)) {
        return Err(Error::member(WHAT, "events", "must contain the event of a back-channel logout"));
    }
    let id = claims.text("jti").ok_or(Error::member(WHAT, "jti", "must be there"))?.to_owned();
    let (subject, session) = (claims.text("sub").map(str::to_owned), claims.text("sid").map(str::to_owned));
    if subject.is_none() && session.is_none() {
        return Err(Error::member(WHAT, "sub", "or `sid` must be there"));
    }
    let expires = claims.seconds("exp")?.unwrap_or_default();
    Ok(LoggedOut { subject, session, id, expires: Timestamp::from_seconds(expires) })
}
