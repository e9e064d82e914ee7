//! A request of ours to another ZGW API, with a token made for it.
//!
//! What its answer means is the business of whoever asks.

use bytes::Bytes;
use egress::{Egress, Limits, Request, Response};
use http::{HeaderMap, HeaderValue, Method, header};
use model::Timestamp;
use serde_json::Value;

use super::jwt;
use crate::consent::tls_profile;

/// Another ZGW API, and who we are there.
#[derive(Clone, Copy)]
pub struct Peer<'a> {
    /// Its root, without a slash at its end.
    pub root: &'a str,
    /// Our `client_id`.
    pub client_id: &'a str,
    /// Our secret.
    pub secret: &'a [u8],
}

impl Peer<'_> {
    /// Asks for `path` below the root; the text of an error says why nothing came back.
    pub async fn ask(
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
        let tls = tls_profile(egress, &url);
        egress.send(Request { method, url, headers, body, tls }, limits).await.map_err(|error| error.to_string())
    }
}
