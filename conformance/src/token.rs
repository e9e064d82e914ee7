//! Mints ZGW tokens: JWT with HS256 over the claims `client_id` and `iat`, as the Notificaties API of ZGW asks.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ring::hmac;

/// The token of a client, issued at `iat` (seconds since 1970).
pub fn mint(client_id: &str, secret: &str, iat: u64) -> String {
    let claims = serde_json::json!({ "iss": client_id, "client_id": client_id, "iat": iat });
    let header = BASE64_URL_SAFE_NO_PAD.encode(r#"{"typ":"JWT","alg":"HS256"}"#);
    let signed = format!("{header}.{}", BASE64_URL_SAFE_NO_PAD.encode(claims.to_string()));
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let signature = hmac::sign(&key, signed.as_bytes());
    format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_three_parts_and_depends_on_the_secret() {
        let one = mint("open-zaak", "geheim", 1_700_000_000);
        let other = mint("open-zaak", "anders", 1_700_000_000);
        let parts: Vec<_> = one.split('.').collect();
        assert_eq!(parts.len(), 3);
        let claims: serde_json::Value =
            serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap();
        assert_eq!(claims["client_id"], "open-zaak");
        assert_eq!(claims["iat"], 1_700_000_000);
        assert_ne!(one.rsplit('.').next(), other.rsplit('.').next());
    }
}
