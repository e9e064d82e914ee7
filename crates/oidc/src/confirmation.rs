//! To which key an access token is bound (claim `cnf`, RFC 7800): a bound token is of use only to who holds that key.
//!
//! Not here: the comparison with the certificate of a connection, which the caller knows.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::Value;

use crate::{Claims, Error};

/// The key that an access token is bound to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Confirmation {
    /// The token is bound to no key.
    None,
    /// The SHA-256 of a client certificate in DER (RFC 8705 section 3.1, `x5t#S256`).
    Certificate([u8; 32]),
    /// A key of the client that signs every request (DPoP, RFC 9449, `jkt`).
    Dpop,
    /// A key that is named in another way.
    Other,
}

impl Claims {
    /// The key that the token is bound to. A token with several confirmations is bound to all of them, so one that is not
    /// supported counts.
    ///
    /// # Errors
    /// When `cnf` is no object with members, or `x5t#S256` is no SHA-256 in base64url without padding.
    pub fn confirmation(&self) -> Result<Confirmation, Error> {
        let wrong = |reason| Error::member("the access token", "cnf", reason);
        let members = match self.0.get("cnf") {
            None => return Ok(Confirmation::None),
            Some(Value::Object(members)) if !members.is_empty() => members,
            Some(_) => return Err(wrong("must be an object that names a key")),
        };
        if members.contains_key("jkt") {
            return Ok(Confirmation::Dpop);
        }
        let Some(thumbprint) = members.get("x5t#S256").filter(|_| members.len() == 1) else {
            return Ok(Confirmation::Other);
        };
        let digest = thumbprint.as_str().and_then(|text| BASE64_URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok());
        digest.map(Confirmation::Certificate).ok_or_else(|| wrong("x5t#S256 must be a SHA-256 in base64url"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_key_of_a_token_rfc_7800() {
        // SHA-256 of nothing.
        let thumbprint = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";
        let digest = BASE64_URL_SAFE_NO_PAD.decode(thumbprint).unwrap().try_into().unwrap();
        for (cnf, expected) in [
            (json!({"x5t#S256": thumbprint}), Some(Confirmation::Certificate(digest))),
            (json!({"jkt": "x"}), Some(Confirmation::Dpop)),
            (json!({"x5t#S256": thumbprint, "jkt": "x"}), Some(Confirmation::Dpop)),
            (json!({"x5t#S256": thumbprint, "jwk": {}}), Some(Confirmation::Other)),
            (json!({"kid": "k"}), Some(Confirmation::Other)),
            (json!({"x5t#S256": format!("{thumbprint}=")}), None),
            (json!({"x5t#S256": "AAAA"}), None),
            (json!({"x5t#S256": 1}), None),
            (json!({}), None),
            (json!(null), None),
            (json!("x"), None),
        ] {
            let claims = Claims([("cnf".to_owned(), cnf.clone())].into_iter().collect());
            assert_eq!(claims.confirmation().ok(), expected, "{cnf}");
        }
        assert_eq!(Claims(serde_json::Map::new()).confirmation(), Ok(Confirmation::None));
    }
}
