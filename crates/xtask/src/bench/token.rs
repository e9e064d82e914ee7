//! Tokens of the Notificaties API, made anew for every request as its publishers do: the gateway then cannot know a token
//! from an earlier one. Not how a request carries them.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;

pub struct Mint {
    client_id: String,
    key: hmac::Key,
    minted: AtomicU64,
}

impl Mint {
    pub fn new(client_id: &str, secret: &str) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        Self { client_id: client_id.to_owned(), key, minted: AtomicU64::new(0) }
    }

    /// A token unlike any before it, good from now on.
    pub fn token(&self) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let (client_id, number) = (&self.client_id, self.minted.fetch_add(1, Ordering::Relaxed));
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
        let mint = Mint::new("bench", "secret");
        let (one, other) = (mint.token(), mint.token());
        assert_ne!(one, other);
        for token in [one, other] {
            let (signed, signature) = token.rsplit_once('.').expect("a signature");
            let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64");
            hmac::verify(&mint.key, signed.as_bytes(), &signature).expect("its own signature");
            let (_, claims) = signed.split_once('.').expect("claims");
            let claims = URL_SAFE_NO_PAD.decode(claims).expect("base64");
            let claims: Value = serde_json::from_slice(&claims).expect("JSON");
            assert_eq!((&claims["client_id"], claims["iat"].is_u64()), (&"bench".into(), true));
        }
    }
}
