//! Tokens of the Notificaties API, a new one for every request as its publishers make them, so that the gateway cannot use a
//! cached token. Not how a request carries them.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;

pub struct TokenSigner {
    client_id: String,
    key: hmac::Key,
    issued: AtomicU64,
}

impl TokenSigner {
    pub fn new(client_id: &str, secret: &str) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        Self { client_id: client_id.to_owned(), key, issued: AtomicU64::new(0) }
    }

    /// A new token, different from every earlier one and valid from now on.
    pub fn token(&self) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let (client_id, number) = (&self.client_id, self.issued.fetch_add(1, Ordering::Relaxed));
        let claims = format!(
            "{{\"iss\":\"{client_id}\",\"iat\":{now},\"client_id\":\"{client_id}\",\"user_id\":\"{number}\",\
             \"user_representation\":\"\"}}"
        );
        let header = URL_SAFE_NO_PAD.encode("{\"typ\":\"JWT\",\"alg\":\"HS256\"}");
        let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims));
        let signature = hmac::sign(&self.key, signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn tokens_are_signed_and_none_comes_twice() {
        let signer = TokenSigner::new("bench", "secret");
        let (one, other) = (signer.token(), signer.token());
        assert_ne!(one, other);
        for token in [one, other] {
            let (signed, signature) = token.rsplit_once('.').expect("a signature");
            let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64");
            hmac::verify(&signer.key, signed.as_bytes(), &signature).expect("its own signature");
            let (_, claims) = signed.split_once('.').expect("claims");
            let claims = URL_SAFE_NO_PAD.decode(claims).expect("base64");
            let claims: Value = serde_json::from_slice(&claims).expect("JSON");
            assert_eq!((&claims["client_id"], claims["iat"].is_u64()), (&"bench".into(), true));
        }
    }
}
