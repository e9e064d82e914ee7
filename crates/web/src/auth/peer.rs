//! A request of the gateway to another ZGW API, with a token made for it. The caller interprets the answer.

use bytes::Bytes;
use egress::{Egress, Limits, Owner, Request, Response};
use http::{HeaderMap, HeaderValue, Method, header};
use model::Timestamp;
use serde_json::Value;

use super::jwt;

/// Another ZGW API, and our identity there.
#[derive(Clone, Copy)]
pub struct Peer<'a> {
    /// The root URL of the API, without a slash at its end.
    pub root: &'a str,
    /// Our `client_id` at that API.
    pub client_id: &'a str,
    /// The secret that signs our tokens there.
    pub secret: &'a [u8],
}

impl Peer<'_> {
    /// Sends a request for `path` below the root; an error is the reason why there is no response.
    pub async fn send(
        &self,
        egress: &Egress,
        (method, path, body): (Method, &str, Option<&Value>),
        now: Timestamp,
        limits: Limits,
    ) -> Result<Response, String> {
        let url = format!("{}{path}", self.root);
        let url = egress.policy().check_url(&url).map_err(|error| format!("the URL {error}"))?;
        // A token is good for an hour after it was made, so every request gets its own.
        let token = jwt::mint(self.client_id, self.secret, now);
        let value = HeaderValue::try_from(format!("Bearer {token}"));
        let mut value = value.map_err(|_| "our client_id cannot be in a token".to_owned())?;
        value.set_sensitive(true);
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, value);
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        if body.is_some() {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        let body = body.map_or_else(Bytes::new, |body| Bytes::from(body.to_string()));
        let tls = egress.profile_for(&url, Owner::Gateway);
        egress.send(Request { method, url, headers, body, tls }, limits).await.map_err(|error| error.to_string())
    }
}
