//! API keys of NotifyNL, and the tokens that are made of them.

use std::fmt;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use model::Timestamp;
use ring::hmac;
use serde_json::{Value, json};

use crate::secret::Secret;

/// The characters of a UUID.
const UUID: usize = 36;

/// An API key: its name, the id of the service and a secret, joined by hyphens. `Debug` shows the service only.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey {
    service: String,
    secret: Secret,
}

/// Why a text is no API key. It does not repeat the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the API key must end in two UUIDs joined by a hyphen: the id of the service and the secret")]
pub struct KeyError;

impl ApiKey {
    /// Parses a key, as the site of NotifyNL shows it once. White space at its ends does not count.
    ///
    /// # Errors
    /// When it does not end in two UUIDs.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let text = text.trim();
        let (rest, secret) = split_end(text)?;
        let rest = rest.strip_suffix('-').ok_or(KeyError)?;
        let (_, service) = split_end(rest)?;
        Ok(Self { service: service.to_owned(), secret: Secret::new(secret) })
    }
}

/// A text without the UUID at its end, and that.
fn split_end(text: &str) -> Result<(&str, &str), KeyError> {
    let at = text.len().checked_sub(UUID).ok_or(KeyError)?;
    let (rest, end) = text.split_at_checked(at).ok_or(KeyError)?;
    if is_uuid(end) { Ok((rest, end)) } else { Err(KeyError) }
}

/// Whether it is a UUID in its usual form.
pub(super) fn is_uuid(text: &str) -> bool {
    let fits = |(at, byte): (usize, u8)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    text.len() == UUID && text.bytes().enumerate().all(fits)
}

/// The token of a request at a moment: HS256 with the claims `iss` and `iat`. NotifyNL accepts it for 30 seconds around `iat`, so it
/// is made for each request.
pub fn token(key: &ApiKey, now: Timestamp) -> String {
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let header = part(&json!({ "typ": "JWT", "alg": "HS256" }));
    let claims = part(&json!({ "iss": key.service, "iat": now.as_micros().div_euclid(1_000_000) }));
    let signed = format!("{header}.{claims}");
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.secret.expose().as_bytes());
    let tag = hmac::sign(&key, signed.as_bytes());
    format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(tag))
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ApiKey({})", self.service)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVICE: &str = "26785a09-ab16-4eb0-8407-a37497a57506";
    const SECRET: &str = "3d844edf-8d35-48ac-975b-e847b4f122b0";

    #[test]
    fn ch_146_a_key_ends_in_service_and_secret() {
        for name in ["sleutel", "a-b-c", ""] {
            let key = ApiKey::parse(&format!(" {name}-{SERVICE}-{SECRET}\n")).unwrap();
            assert_eq!((key.service.as_str(), key.secret.expose()), (SERVICE, SECRET), "{name}");
            assert_eq!(format!("{key:?}"), format!("ApiKey({SERVICE})"));
        }
        for text in ["", "x", SECRET, &format!("naam-{SECRET}"), &format!("naam-{SERVICE}_{SECRET}"), &"é".repeat(80)]
        {
            assert_eq!(ApiKey::parse(text), Err(KeyError), "{text}");
        }
    }

    #[test]
    fn ch_146_a_token_has_issuer_and_moment_and_is_signed_with_the_secret() {
        let key = ApiKey::parse(&format!("naam-{SERVICE}-{SECRET}")).unwrap();
        let token = token(&key, Timestamp::from_micros(1_568_818_578_900_000));
        let parts: Vec<&str> = token.split('.').collect();
        let decode =
            |part: &str| -> Value { serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap() };
        assert_eq!(decode(parts[0]), json!({ "alg": "HS256", "typ": "JWT" }));
        assert_eq!(decode(parts[1]), json!({ "iss": SERVICE, "iat": 1_568_818_578 }));
        let signed = format!("{}.{}", parts[0], parts[1]);
        let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
        let tag = BASE64_URL_SAFE_NO_PAD.decode(parts[2]).unwrap();
        assert!(hmac::verify(&key, signed.as_bytes(), &tag).is_ok());
        assert!(!token.contains(SECRET));
    }
}
