//! Access tokens in the form of JWTs, with which programs call an API (RFC 9068). Opaque tokens are not accepted.

use model::Timestamp;

use crate::{Algorithm, Claims, Error, Expected, KeySet, signed};

/// Checks an access token and returns its claims. The client is `client_id`, or `azp` with providers that write that one.
///
/// `typ` must be `at+jwt`, or `JWT` or absent with providers that do not follow RFC 9068; an ID token, which has a `nonce`
/// or `at_hash`, is refused then, and so is a logout token.
///
/// # Errors
/// When it is not signed by the provider, is meant for somebody else, has expired or names no client.
/// [`Error::UnknownKey`] when the keys of the provider may have changed.
pub fn access_token(token: &str, keys: &KeySet, expected: &Expected<'_>) -> Result<Claims, Error> {
    const WHAT: &str = "the access token";
    let verified = signed::verify(token, keys, &Algorithm::ALL)?;
    let claims = verified.claims;
    let other = || ["nonce", "at_hash", "events"].iter().any(|name| claims.0.contains_key(*name));
    match verified.kind.as_deref() {
        Some("at+jwt" | "application/at+jwt") => {}
        None | Some("jwt") if !other() => {}
        _ => return Err(Error::member(WHAT, "typ", "must be at+jwt: this is a token of another kind")),
    }
    claims.check(expected)?;
    if claims.client().is_none() {
        return Err(Error::member(WHAT, "client_id", "must be there"));
    }
    Ok(claims)
}

impl Claims {
    /// The client that an access token was issued to.
    pub fn client(&self) -> Option<&str> {
        self.text("client_id").or_else(|| self.text("azp")).filter(|client| !client.is_empty())
    }

    /// When the token ends.
    pub fn expires(&self) -> Option<Timestamp> {
        self.seconds("exp").ok().flatten().map(Timestamp::from_seconds)
    }
}
