//! A token endpoint (RFC 6749 sections 2.3.1, 4.4, 5 and 6): the request, and what its answer grants.
//!
//! It keeps nothing and retries nothing. No text of an error holds a secret or a token.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use egress::{Egress, Limits, Owner, Request, Response, SendError};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use model::credential::{ClientAuthentication, TokenEndpoint};
use serde_json::{Map, Value};

use super::CredentialError;

/// The longest answer that is read, in bytes.
pub const MAX_ANSWER: usize = 64 * 1024;
/// The longest token that is used, in bytes.
const MAX_TOKEN: usize = 8_192;
/// How long a token is used when the answer has no `expires_in`.
const DEFAULT_LIFETIME: Duration = Duration::from_mins(5);
/// The longest a token is used before it is renewed.
const LONGEST: Duration = Duration::from_hours(24);
/// How long before its end a token is renewed; a tenth of its life when that is less.
const LEEWAY: Duration = Duration::from_secs(30);
/// The longest text of an endpoint that is repeated, in characters.
const MAX_REPEATED: usize = 200;

/// The grant that a token is requested with.
#[derive(Clone, Copy)]
pub enum Grant<'a> {
    /// The client credentials grant (RFC 6749 section 4.4).
    ClientCredentials {
        /// The parameter `scope`.
        scope: Option<&'a str>,
        /// The parameter `audience`.
        audience: Option<&'a str>,
    },
    /// The refresh token grant (RFC 6749 section 6), with the refresh token.
    Refresh(&'a str),
}

/// A request to a token endpoint.
pub struct TokenRequest<'a> {
    /// The endpoint, and our client there.
    pub endpoint: &'a TokenEndpoint,
    /// The opened secret of the endpoint's client.
    pub secret: Option<&'a str>,
    /// The grant that the token is requested with.
    pub grant: Grant<'a>,
    /// The applicatie of the request; it decides whether a client certificate is presented.
    pub owner: Owner<'a>,
}

/// The tokens in an answer. It has no `Debug`, so that no log can contain them.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenResponse {
    /// The access token.
    pub access_token: String,
    /// How long it is valid, if the answer has `expires_in`.
    pub lifetime: Option<Duration>,
    /// The refresh token for the next renewal, if the endpoint replaced the present one.
    pub refresh_token: Option<String>,
}

impl TokenResponse {
    /// How long the token is taken to hold, from the moment it was asked for.
    pub fn lifetime(&self) -> Duration {
        self.lifetime.unwrap_or(DEFAULT_LIFETIME).min(LONGEST)
    }

    /// How long the token is used, counted from the moment it was asked for.
    pub fn usable(&self) -> Duration {
        let lifetime = self.lifetime();
        lifetime.saturating_sub(LEEWAY.min(lifetime / 10))
    }
}

impl TokenRequest<'_> {
    /// Sends the request. The error is a text for the owner of a subscription.
    pub async fn send(&self, egress: &Egress, limits: Limits) -> Result<TokenResponse, CredentialError> {
        let request = self.request(egress).map_err(CredentialError::Unavailable)?;
        let place = egress::without_query(&request.url);
        let answer = egress.send(request, limits).await.map_err(|error| {
            let reason = format!("the token endpoint {place} cannot be reached: {error}");
            match error {
                SendError::Own(_) => CredentialError::Own(reason),
                _ => CredentialError::Unavailable(reason),
            }
        })?;
        parse_answer(&answer).map_err(|why| CredentialError::Unavailable(format!("the token endpoint {place} {why}")))
    }

    fn request(&self, egress: &Egress) -> Result<Request, String> {
        let url: Uri = self.endpoint.url.parse().map_err(|_| "the token endpoint is no URL".to_owned())?;
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        let mut form = match self.grant {
            Grant::ClientCredentials { .. } => "grant_type=client_credentials".to_owned(),
            Grant::Refresh(_) => "grant_type=refresh_token".to_owned(),
        };
        match self.grant {
            Grant::ClientCredentials { scope, audience } => {
                append(&mut form, "scope", scope);
                append(&mut form, "audience", audience);
            }
            Grant::Refresh(token) => append(&mut form, "refresh_token", Some(token)),
        }
        if let Some(client) = &self.endpoint.client {
            match (self.secret, client.authentication) {
                (Some(secret), ClientAuthentication::Basic) => {
                    let pair = format!("{}:{}", form_encoded(&client.id), form_encoded(secret));
                    let mut value = HeaderValue::try_from(format!("Basic {}", BASE64_STANDARD.encode(pair)))
                        .map_err(|_| "the client of the token endpoint is no header value".to_owned())?;
                    value.set_sensitive(true);
                    headers.insert(header::AUTHORIZATION, value);
                }
                (secret, _) => {
                    append(&mut form, "client_id", Some(&client.id));
                    append(&mut form, "client_secret", secret);
                }
            }
        }
        let tls = self.endpoint.tls.as_deref().map(Into::into).or_else(|| egress.profile_for(&url, self.owner));
        Ok(Request { method: Method::POST, url, headers, body: Bytes::from(form), tls })
    }
}

fn parse_answer(answer: &Response) -> Result<TokenResponse, String> {
    let object: Map<String, Value> = serde_json::from_slice(&answer.body).unwrap_or_default();
    if answer.status != StatusCode::OK {
        let text = |name: &str| object.get(name).and_then(Value::as_str).map(printable);
        let reason = [text("error"), text("error_description")].into_iter().flatten().collect::<Vec<_>>().join(": ");
        let status = answer.status.as_u16();
        return Err(if reason.is_empty() {
            format!("answered {status}")
        } else {
            format!("answered {status}: {reason}")
        });
    }
    if let Some(kind) = object.get("token_type")
        && !kind.as_str().is_some_and(|kind| kind.eq_ignore_ascii_case("bearer"))
    {
        return Err("grants a token of another type than Bearer".to_owned());
    }
    let token = |name: &str| object.get(name).and_then(Value::as_str).filter(|token| is_token(token));
    let access_token = token("access_token").ok_or("answered 200 without a usable access_token")?.to_owned();
    let lifetime = match object.get("expires_in") {
        None | Some(Value::Null) => None,
        Some(value) => Some(seconds(value).ok_or("answered 200 with an expires_in that is no number of seconds")?),
    };
    Ok(TokenResponse { access_token, lifetime, refresh_token: token("refresh_token").map(str::to_owned) })
}

/// Seconds as a number, or as text of one, as some endpoints have it.
fn seconds(value: &Value) -> Option<Duration> {
    let seconds = match value {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    Duration::try_from_secs_f64(seconds).ok().filter(|lifetime| !lifetime.is_zero())
}

fn is_token(text: &str) -> bool {
    !text.is_empty() && text.len() <= MAX_TOKEN && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Text of an endpoint as one bounded line.
fn printable(text: &str) -> String {
    text.chars().take(MAX_REPEATED).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn append(form: &mut String, name: &str, value: Option<&str>) {
    if let Some(value) = value {
        form.push('&');
        form.push_str(name);
        form.push('=');
        form.push_str(&form_encoded(value));
    }
}

/// A value of `application/x-www-form-urlencoded`.
fn form_encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use model::credential::TokenClient;

    use super::*;

    fn endpoint(client: Option<(&str, ClientAuthentication)>) -> TokenEndpoint {
        let client = client.map(|(id, authentication)| TokenClient { id: id.into(), secret: None, authentication });
        TokenEndpoint { url: "https://token.example/t?x=1".into(), client, tls: None }
    }

    #[test]
    fn requests_are_those_of_rfc_6749() {
        let egress = Egress::new(egress::Settings::default()).unwrap();
        let both = Grant::ClientCredentials { scope: Some("a b"), audience: Some("urn:x") };
        let plain = Grant::ClientCredentials { scope: None, audience: None };
        let basic = Some(("me:1", ClientAuthentication::Basic));
        let post = Some(("me", ClientAuthentication::Post));
        for (client, secret, grant, body, header) in [
            // base64 of `me%3A1:s%26+%C3%A9`
            (
                basic,
                Some("s& \u{e9}"),
                both,
                "grant_type=client_credentials&scope=a+b&audience=urn%3Ax",
                Some("Basic bWUlM0ExOnMlMjYrJUMzJUE5"),
            ),
            (post, Some("s"), plain, "grant_type=client_credentials&client_id=me&client_secret=s", None),
            (basic, None, plain, "grant_type=client_credentials&client_id=me%3A1", None),
            (None, None, Grant::Refresh("r/1"), "grant_type=refresh_token&refresh_token=r%2F1", None),
        ] {
            let endpoint = endpoint(client);
            let request =
                TokenRequest { endpoint: &endpoint, secret, grant, owner: Owner::Gateway }.request(&egress).unwrap();
            assert_eq!((&*request.body, request.method), (body.as_bytes(), Method::POST));
            assert_eq!(request.headers.get(header::AUTHORIZATION).map(|value| value.to_str().unwrap()), header);
            assert_eq!(request.url, "https://token.example/t?x=1");
        }
    }

    fn read(status: u16, body: &str) -> Result<TokenResponse, String> {
        parse_answer(&Response {
            version: http::Version::HTTP_11,
            status: StatusCode::from_u16(status).unwrap(),
            headers: HeaderMap::new(),
            body: Bytes::copy_from_slice(body.as_bytes()),
            truncated: false,
            remote: None,
        })
    }

    #[test]
    fn a_grant_is_used_until_shortly_before_its_end() {
        for (more, used) in [
            (r#","token_type":"bearer","expires_in":3600"#, 3_570),
            (r#","token_type":"Bearer","expires_in":"100""#, 90),
            (r#","expires_in":10"#, 9),
            (r#","expires_in":1e9"#, 86_370),
            ("", 270),
        ] {
            let granted = read(200, &format!(r#"{{"access_token":"t"{more}}}"#)).map_err(|why| (more, why)).ok();
            assert_eq!(granted.unwrap().usable(), Duration::from_secs(used), "{more}");
        }
    }

    #[test]
    fn what_grants_nothing_is_told() {
        for (status, body, why) in [
            (200, "", "without a usable access_token"),
            (200, "[1]", "without a usable access_token"),
            (200, r#"{"access_token":"a\nb"}"#, "without a usable access_token"),
            (200, r#"{"access_token":"t","token_type":"mac"}"#, "another type"),
            (200, r#"{"access_token":"t","expires_in":-1}"#, "expires_in"),
            (200, r#"{"access_token":"t","expires_in":0}"#, "expires_in"),
            (
                401,
                r#"{"error":"invalid_client","error_description":"who\nis this"}"#,
                "401: invalid_client: who is this",
            ),
            (302, "", "answered 302"),
            (503, "<html>", "answered 503"),
        ] {
            let refused = read(status, body).err().unwrap();
            assert!(refused.contains(why), "{body}: {refused}");
        }
        let long = read(400, &format!(r#"{{"error":"{}"}}"#, "x".repeat(9_000))).err().unwrap();
        assert!(long.len() < 300);
    }
}
