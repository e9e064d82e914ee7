//! ID tokens: the rules that hold for each (OpenID Connect Core, 3.1.3.7), and an ID token that another client got, which shows that
//! the provider verified the e-mail address of its person.

use model::Timestamp;
use serde_json::Value;

use crate::{Claims, Error, Expected, KeySet, Provider, signed};

const WHAT: &str = "the ID token";

/// An e-mail address that a provider verified; `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifiedEmail {
    /// The address, as the provider writes it.
    pub address: String,
    /// When the provider stated that: `iat` of the token.
    pub at: Timestamp,
}

impl std::fmt::Debug for VerifiedEmail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "VerifiedEmail(at {})", self.at)
    }
}

/// Checks an ID token that the client `expected.audience` got, and returns the address that it verifies. There is no `nonce` to
/// compare: the log-in was one of that client.
///
/// # Errors
/// When it is not signed by the provider for that client, has expired, is a token of another kind, or has no `email` with
/// `email_verified` true. [`Error::UnknownKey`] when the keys of the provider may have changed.
pub fn verified_email(
    token: &str,
    provider: &Provider,
    keys: &KeySet,
    expected: &Expected<'_>,
) -> Result<VerifiedEmail, Error> {
    let verified = signed::verify(token, keys, &provider.algorithms)?;
    let claims = verified.claims;
    // An access token and a logout token may have the same audience.
    let is_other = claims.0.contains_key("events") || !matches!(verified.kind.as_deref(), None | Some("jwt"));
    if is_other {
        return Err(Error::member(WHAT, "typ", "must be JWT or absent: this is a token of another kind"));
    }
    check(&claims, expected)?;
    if claims.0.get("email_verified") != Some(&Value::Bool(true)) {
        return Err(Error::member(WHAT, "email_verified", "must be true"));
    }
    let address = claims.text("email").filter(|address| !address.is_empty());
    let address = address.ok_or(Error::member(WHAT, "email", "must be there"))?.to_owned();
    let issued = claims.seconds("iat")?.ok_or(Error::member(WHAT, "iat", "must be there"))?;
    Ok(VerifiedEmail { address, at: Timestamp::from_seconds(issued) })
}

/// Checks issuer, audiences and times.
pub(crate) fn check(claims: &Claims, expected: &Expected<'_>) -> Result<(), Error> {
    let audiences = claims.check(expected)?.len();
    match claims.text("azp") {
        Some(party) if party != expected.audience => {
            return Err(Error::member(WHAT, "azp", "must be the client id"));
        }
        None if audiences > 1 => return Err(Error::member(WHAT, "azp", "must be there for several audiences")),
        _ => {}
    }
    if claims.seconds("iat")?.is_none() {
        return Err(Error::member(WHAT, "iat", "must be there"));
    }
    Ok(())
}
