//! An abonnement of the gateway itself at another Notificaties API, on the kanaal where the Autorisaties API tells of its
//! changes. It is looked for by our callback URL, made when it is not there and renewed when it may be out of date; nothing
//! that somebody else made is changed or removed.
//!
//! The token by which that API shows itself at our `/api/v1/callbacks` follows from our secret there and the callback URL:
//! every node knows it, nothing is stored, and another secret makes another token.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use egress::{Egress, Limits, Response};
use http::Method;
use model::Timestamp;
use ring::hmac;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::auth::outbound::Peer;

/// The longest list of abonnementen that is read, in bytes.
const MAX_ANSWER: usize = 8 * 1024 * 1024;
/// The longest part of a refusal that is told, in characters.
const MAX_TOLD: usize = 300;

/// Our abonnement elsewhere.
pub struct Registration {
    /// The root of the other API, without a slash at its end.
    pub root: String,
    /// Who we are there.
    pub client_id: String,
    /// Our secret there.
    pub secret: Vec<u8>,
    /// Where it reaches our callbacks.
    pub callback_url: String,
    /// The kanaal of the Autorisaties API.
    pub kanaal: String,
    /// Time for one request.
    pub timeout: Duration,
}

/// What was found or done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// It is there as we left it.
    Unchanged(Uuid),
    /// It was made or renewed, so something may have been missed before.
    Renewed(Uuid),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Abonnement {
    url: String,
    callback_url: String,
    #[serde(default)]
    kanalen: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    naam: String,
    #[serde(default)]
    filters: Map<String, Value>,
}

impl Abonnement {
    /// Its identity; the host of its URL is not believed.
    fn uuid(&self) -> Option<Uuid> {
        self.url.rsplit('/').next().and_then(|last| Uuid::try_parse(last).ok())
    }
}

impl Registration {
    /// The value of `Authorization` that the other API sends us.
    fn authorization(&self) -> String {
        let tag = hmac::sign(&self.key(), &self.signed());
        format!("Bearer {}", BASE64_URL_SAFE_NO_PAD.encode(tag))
    }

    /// Whether this token is the one that the other API sends us.
    pub fn is_token(&self, token: &str) -> bool {
        let tag = BASE64_URL_SAFE_NO_PAD.decode(token);
        tag.is_ok_and(|tag| hmac::verify(&self.key(), &self.signed(), &tag).is_ok())
    }

    fn key(&self) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, &self.secret)
    }

    fn signed(&self) -> Vec<u8> {
        format!("notifications to {}", self.callback_url).into_bytes()
    }

    /// Looks for it, and makes or renews it. `own` is the one that this process made or renewed before: the other API does
    /// not tell its `auth`, so any other is renewed.
    pub async fn keep(&self, egress: &Egress, own: Option<Uuid>, now: Timestamp) -> Result<Kept, String> {
        let answer = self.ask(egress, (Method::GET, "/abonnement", None), now).await?;
        if answer.status != 200 {
            return Err(self.refused("the list of abonnementen", &answer));
        }
        let all: Vec<Abonnement> = serde_json::from_slice(&answer.body)
            .map_err(|error| format!("its list of abonnementen is none: {error}"))?;
        let ours = all.iter().filter(|one| one.callback_url == self.callback_url);
        for (present, uuid) in ours.filter_map(|one| Some((one, one.uuid()?))) {
            let has_kanaal = present.kanalen.iter().any(|entry| entry.naam == self.kanaal && entry.filters.is_empty());
            if has_kanaal && own == Some(uuid) {
                return Ok(Kept::Unchanged(uuid));
            }
            let body = self.body(&present.kanalen);
            let path = format!("/abonnement/{uuid}");
            let answer = self.ask(egress, (Method::PUT, &path, Some(&body)), now).await?;
            match answer.status.as_u16() {
                200 => return Ok(Kept::Renewed(uuid)),
                // Somebody else's with the same callback, or gone meanwhile.
                403 | 404 => {}
                _ => return Err(self.refused("the change of our abonnement", &answer)),
            }
        }
        let answer = self.ask(egress, (Method::POST, "/abonnement", Some(&self.body(&[]))), now).await?;
        if answer.status != 201 {
            return Err(self.refused("our abonnement", &answer));
        }
        let made: Option<Abonnement> = serde_json::from_slice(&answer.body).ok();
        let uuid = made.and_then(|made| made.uuid());
        uuid.map(Kept::Renewed).ok_or_else(|| "it does not say where the new abonnement is".to_owned())
    }

    /// The abonnement as it should be; what it covers besides stays.
    fn body(&self, present: &[Entry]) -> Value {
        let others = present.iter().filter(|entry| entry.naam != self.kanaal || !entry.filters.is_empty());
        let others = others.map(|entry| json!({"naam": entry.naam, "filters": entry.filters}));
        let kanalen: Vec<Value> = others.chain([json!({"naam": self.kanaal, "filters": {}})]).collect();
        json!({"callbackUrl": self.callback_url, "auth": self.authorization(), "kanalen": kanalen})
    }

    async fn ask(
        &self,
        egress: &Egress,
        what: (Method, &str, Option<&Value>),
        now: Timestamp,
    ) -> Result<Response, String> {
        let peer = Peer { root: &self.root, client_id: &self.client_id, secret: &self.secret };
        let limits = Limits { total: self.timeout, idle: self.timeout, keep: MAX_ANSWER, drain: 0 };
        peer.ask(egress, what, now, limits).await
    }

    /// A refusal in words: the status, and what the error document says of it.
    fn refused(&self, what: &str, answer: &Response) -> String {
        let document: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let params = document["invalidParams"].as_array().into_iter().flatten();
        let reasons = params.filter_map(|param| param["reason"].as_str());
        let said: Vec<&str> = document["detail"].as_str().into_iter().chain(reasons).collect();
        // An API that repeats what it was given must not bring the token into a log.
        let said: String = said.join("; ").replace(&self.authorization(), "***").chars().take(MAX_TOLD).collect();
        let said = if said.is_empty() { said } else { format!(": {said}") };
        format!("it answers {} to {what}{said}", answer.status.as_u16())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registration(secret: &str) -> Registration {
        Registration {
            root: "https://nrc.example/api/v1".into(),
            client_id: "gateway".into(),
            secret: secret.as_bytes().to_vec(),
            callback_url: "https://gw.example/api/v1/callbacks".into(),
            kanaal: "autorisaties".into(),
            timeout: Duration::from_secs(1),
        }
    }

    #[test]
    fn the_token_follows_from_the_secret_and_the_callback() {
        let one = registration("een");
        let token = one.authorization().strip_prefix("Bearer ").unwrap().to_owned();
        assert!(one.is_token(&token) && registration("een").is_token(&token));
        let elsewhere = Registration { callback_url: "https://other.example/callbacks".into(), ..registration("een") };
        assert!(!registration("twee").is_token(&token) && !elsewhere.is_token(&token));
        assert!(!one.is_token("") && !one.is_token("een") && !one.is_token(&token[1..]));
        assert!(!token.contains("een"));
    }

    #[test]
    fn what_an_abonnement_covers_besides_stays() {
        let entry = |naam: &str| Entry { naam: naam.to_owned(), filters: Map::new() };
        let body = registration("x").body(&[entry("zaken"), entry("autorisaties")]);
        assert_eq!(body["kanalen"], json!([{"naam": "zaken", "filters": {}}, {"naam": "autorisaties", "filters": {}}]));
    }

    #[test]
    fn a_refusal_is_told_without_the_token() {
        let own = registration("x");
        let body = json!({"detail": "Ongeldig.", "invalidParams": [{"reason": format!("{} werkt niet", own.authorization())}]});
        let answer = Response {
            status: http::StatusCode::BAD_REQUEST,
            headers: http::HeaderMap::new(),
            body: body.to_string().into(),
            truncated: false,
            remote: None,
            version: http::Version::HTTP_11,
        };
        assert_eq!(own.refused("x", &answer), "it answers 400 to x: Ongeldig.; *** werkt niet");
    }
}
