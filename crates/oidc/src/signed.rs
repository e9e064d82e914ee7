//! Signed JSON Web Tokens in compact form (RFC 7515): parsed within bounds and verified, before a claim is read.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Map, Value};

use crate::{Algorithm, Claims, Error, KeySet};

/// The longest token, in bytes. Tokens with hundreds of groups stay below it.
pub(crate) const MAX_TOKEN: usize = 32 << 10;
/// The longest header that [`algorithm_of`] reads, in bytes.
const MAX_HEADER: usize = 4 << 10;

/// The permitted algorithm that a token names, without verifying anything: it tells an access token from a ZGW token, which is
/// signed with HS256.
pub fn algorithm_of(token: &str) -> Option<Algorithm> {
    let (header, _) = token.split_once('.').filter(|(header, _)| header.len() <= MAX_HEADER)?;
    Algorithm::named(part(header).ok()?.get("alg")?.as_str()?)
}

/// A token whose signature was verified.
#[derive(Debug)]
pub(crate) struct Verified {
    /// `typ` of the header, in lower case.
    pub kind: Option<String>,
    pub claims: Claims,
}

/// Verifies a token with one of the permitted algorithms.
pub(crate) fn verify(token: &str, keys: &KeySet, permitted: &[Algorithm]) -> Result<Verified, Error> {
    if token.len() > MAX_TOKEN {
        return Err(Error::TooLong { what: "the token", limit: MAX_TOKEN });
    }
    let (signed, signature) = token.rsplit_once('.').ok_or(Error::NotSigned)?;
    let (header, claims) = signed.split_once('.').ok_or(Error::NotSigned)?;
    let header = part(header)?;
    // Extensions that the sender declares critical and nobody here knows (RFC 7515, 4.1.11).
    if header.contains_key("crit") {
        return Err(Error::member("the header of the token", "crit", "names extensions that are not known"));
    }
    let text = |name: &str| header.get(name).and_then(Value::as_str);
    let named = text("alg").ok_or(Error::Algorithm)?;
    let algorithm =
        Algorithm::named(named).filter(|algorithm| permitted.contains(algorithm)).ok_or(Error::Algorithm)?;
    let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).map_err(|_| Error::NotSigned)?;
    let claims = part(claims)?;
    keys.verify(text("kid"), algorithm, signed.as_bytes(), &signature)?;
    Ok(Verified { kind: text("typ").map(str::to_ascii_lowercase), claims: Claims(claims) })
}

/// A part of a token: a JSON object in base64url without padding.
fn part(text: &str) -> Result<Map<String, Value>, Error> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| Error::NotSigned)?;
    match serde_json::from_slice(&bytes) {
        Ok(Value::Object(object)) => Ok(object),
        _ => Err(Error::NotSigned),
    }
}
