//! An abonnement of the gateway itself at another Notificaties API, on the kanaal where the Autorisaties API publishes its
//! changes. It is found by our callback URL, created when it is absent and renewed when it may be out of date; abonnementen of
//! other clients are not changed.
//!
//! The token with which that API authenticates at our `/api/v1/callbacks` is derived from our secret there and the callback
//! URL: every node can compute it, nothing is stored, and another secret gives another token.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use egress::{Egress, Limits, Response};
use http::Method;
use model::Timestamp;
use ring::hmac;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::auth::peer::Peer;

/// The longest list of abonnementen that is read, in bytes.
const MAX_ANSWER: usize = 8 * 1024 * 1024;
/// The longest part of a refusal that is logged, in characters.
const MAX_LOGGED: usize = 300;

/// The configuration of our abonnement at another Notificaties API.
pub struct Registration {
    /// The root of the other API, without a slash at its end.
    pub root: String,
    /// The `client_id` of the gateway at that API.
    pub client_id: String,
    /// The secret of that client.
    pub secret: Vec<u8>,
    /// The URL of our `/api/v1/callbacks`, as that API reaches it.
    pub callback_url: String,
    /// The kanaal of the Autorisaties API.
    pub kanaal: String,
    /// Time limit of one request.
    pub timeout: Duration,
}

/// The result of [`Registration::ensure`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegistrationState {
    /// The abonnement is as this process created or renewed it.
    Unchanged(Uuid),
    /// The abonnement was created or renewed, so notifications may have been missed before.
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
    /// Its UUID; the host of its URL is ignored.
    fn uuid(&self) -> Option<Uuid> {
        self.url.rsplit('/').next().and_then(|last| Uuid::try_parse(last).ok())
    }
}

impl Registration {
    /// The value of `Authorization` that the other API sends us.
    fn authorization(&self) -> String {
        let tag = hmac::sign(&self.key(), &self.signed_text());
        format!("Bearer {}", BASE64_URL_SAFE_NO_PAD.encode(tag))
    }

    /// Whether this token is the one that the other API sends us.
    pub fn is_token(&self, token: &str) -> bool {
        let tag = BASE64_URL_SAFE_NO_PAD.decode(token);
        tag.is_ok_and(|tag| hmac::verify(&self.key(), &self.signed_text(), &tag).is_ok())
    }

    fn key(&self) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, &self.secret)
    }

    fn signed_text(&self) -> Vec<u8> {
        format!("notifications to {}", self.callback_url).into_bytes()
    }

    /// Finds the abonnement, and creates or renews it. `own` is the one that this process created or renewed before: the other
    /// API does not return `auth`, so any other is renewed.
    ///
    /// # Errors
    /// Why it cannot be found, created or renewed, for logs; it holds no token.
    pub async fn ensure(
        &self,
        egress: &Egress,
        own: Option<Uuid>,
        now: Timestamp,
    ) -> Result<RegistrationState, String> {
        let answer = self.send(egress, (Method::GET, "/abonnement", None), now).await?;
        if answer.status != 200 {
            return Err(self.refusal_text("the list of abonnementen", &answer));
        }
        let all: Vec<Abonnement> = serde_json::from_slice(&answer.body)
            .map_err(|error| format!("its list of abonnementen is none: {error}"))?;
        let ours = all.iter().filter(|one| one.callback_url == self.callback_url);
        for (present, uuid) in ours.filter_map(|one| Some((one, one.uuid()?))) {
            let has_kanaal = present.kanalen.iter().any(|entry| entry.naam == self.kanaal && entry.filters.is_empty());
            if has_kanaal && own == Some(uuid) {
                return Ok(RegistrationState::Unchanged(uuid));
            }
            let body = self.body(&present.kanalen);
            let path = format!("/abonnement/{uuid}");
            let answer = self.send(egress, (Method::PUT, &path, Some(&body)), now).await?;
            match answer.status.as_u16() {
                200 => return Ok(RegistrationState::Renewed(uuid)),
                // It belongs to another client with the same callback, or was deleted meanwhile.
                403 | 404 => {}
                _ => return Err(self.refusal_text("the change of our abonnement", &answer)),
            }
        }
        let answer = self.send(egress, (Method::POST, "/abonnement", Some(&self.body(&[]))), now).await?;
        if answer.status != 201 {
            return Err(self.refusal_text("our abonnement", &answer));
        }
        let made: Option<Abonnement> = serde_json::from_slice(&answer.body).ok();
        let uuid = made.and_then(|made| made.uuid());
        uuid.map(RegistrationState::Renewed).ok_or_else(|| "it does not say where the new abonnement is".to_owned())
    }

    /// The body of the abonnement; its other kanalen stay.
    fn body(&self, present: &[Entry]) -> Value {
        let others = present.iter().filter(|entry| entry.naam != self.kanaal || !entry.filters.is_empty());
        let others = others.map(|entry| json!({"naam": entry.naam, "filters": entry.filters}));
        let kanalen: Vec<Value> = others.chain([json!({"naam": self.kanaal, "filters": {}})]).collect();
        json!({"callbackUrl": self.callback_url, "auth": self.authorization(), "kanalen": kanalen})
    }

    async fn send(
        &self,
        egress: &Egress,
        what: (Method, &str, Option<&Value>),
        now: Timestamp,
    ) -> Result<Response, String> {
        let peer = Peer { root: &self.root, client_id: &self.client_id, secret: &self.secret };
        let limits = Limits { total: self.timeout, idle: self.timeout, keep: MAX_ANSWER, drain: 0 };
        peer.send(egress, what, now, limits).await
    }

    /// The text of a refusal: the status, and the details of the error document.
    fn refusal_text(&self, what: &str, answer: &Response) -> String {
        let document: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let params = document["invalidParams"].as_array().into_iter().flatten();
        let reasons = params.filter_map(|param| param["reason"].as_str());
        let details: Vec<&str> = document["detail"].as_str().into_iter().chain(reasons).collect();
        // An API that repeats our request must not bring the token into a log.
        let details: String =
            details.join("; ").replace(&self.authorization(), "***").chars().take(MAX_LOGGED).collect();
        let details = if details.is_empty() { details } else { format!(": {details}") };
        format!("it answers {} to {what}{details}", answer.status.as_u16())
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
    fn the_token_is_derived_from_secret_and_callback() {
        let one = registration("een");
        let token = one.authorization().strip_prefix("Bearer ").unwrap().to_owned();
        assert!(one.is_token(&token) && registration("een").is_token(&token));
        let elsewhere = Registration { callback_url: "https://other.example/callbacks".into(), ..registration("een") };
        assert!(!registration("twee").is_token(&token) && !elsewhere.is_token(&token));
        assert!(!one.is_token("") && !one.is_token("een") && !one.is_token(&token[1..]));
        assert!(!token.contains("een"));
    }

    #[test]
    fn other_kanalen_of_an_abonnement_stay() {
        let entry = |naam: &str| Entry { naam: naam.to_owned(), filters: Map::new() };
        let body = registration("x").body(&[entry("zaken"), entry("autorisaties")]);
        assert_eq!(body["kanalen"], json!([{"naam": "zaken", "filters": {}}, {"naam": "autorisaties", "filters": {}}]));
    }

    #[test]
    fn a_logged_refusal_holds_no_token() {
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
        assert_eq!(own.refusal_text("x", &answer), "it answers 400 to x: Ongeldig.; *** werkt niet");
    }
}
