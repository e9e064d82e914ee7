//! One request for a feed, with its redirects: conditional, through the address policy, and within bounds (CH-107, CH-108).

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use egress::{Egress, Limits, Owner, Request, Response};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use storage::feeds::FeedState;
use tokio::time::Instant;

use crate::settings::Feed;

/// The most redirects of one poll.
const MAX_REDIRECTS: usize = 3;
/// The longest validator that is kept, in bytes.
const MAX_VALIDATOR: usize = 512;
/// The longest silence that a server gets, whatever `Retry-After` says.
const MAX_SILENCE: Duration = Duration::from_hours(7 * 24);
/// The longest pause within an answer.
const IDLE: Duration = Duration::from_secs(10);

const ACCEPT: HeaderValue = HeaderValue::from_static(
    "application/atom+xml, application/rss+xml, application/rdf+xml;q=0.9, application/xml;q=0.8, text/xml;q=0.8, */*;q=0.1",
);

/// The answer to a poll.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fetched {
    /// 304: nothing has changed.
    NotModified,
    /// 410: the feed has gone for good.
    Gone,
    /// The feed.
    Feed {
        /// The body, complete.
        body: Bytes,
        /// `Content-Type`.
        content_type: Option<String>,
        /// `ETag`, for the next poll.
        etag: Option<String>,
        /// `Last-Modified`, for the next poll.
        last_modified: Option<String>,
    },
}

/// Why there is no answer that can be used. The text has nothing of the URL and of the answer but its status.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct FetchError {
    /// What failed.
    pub reason: String,
    /// How long the server asked to wait.
    pub retry_after: Option<Duration>,
}

impl FetchError {
    fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), retry_after: None }
    }
}

/// Asks for a feed. Follows redirects to `http` and `https`, never from `https` to `http`.
///
/// # Errors
/// No answer, one that is no success, one that is too large, or too many redirects.
pub async fn fetch(egress: &Egress, feed: &Feed, state: &FeedState, now: SystemTime) -> Result<Fetched, FetchError> {
    let deadline = Instant::now() + feed.timeout;
    let mut url = feed.url.clone();
    for _ in 0..=MAX_REDIRECTS {
        let is_own = url.authority() == feed.url.authority();
        let owner = if is_own { Owner::Gateway } else { Owner::Anonymous };
        let tls = egress.profile_for(&url, owner);
        let request =
            Request { method: Method::GET, url: url.clone(), headers: request_headers(state), body: Bytes::new(), tls };
        let total = deadline.saturating_duration_since(Instant::now());
        let limits = Limits { total, idle: IDLE.min(total), keep: feed.max_bytes, drain: 0 };
        let answer = egress.send(request, limits).await;
        let answer = answer.map_err(|error| FetchError::new(format!("it cannot be reached ({})", error.label())))?;
        match redirect(&url, &answer)? {
            Some(next) => url = next,
            None => return read(answer, now),
        }
    }
    Err(FetchError::new(format!("it redirects more than {MAX_REDIRECTS} times")))
}

fn request_headers(state: &FeedState) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(header::ACCEPT, ACCEPT);
    headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    for (name, value) in [(header::IF_NONE_MATCH, &state.etag), (header::IF_MODIFIED_SINCE, &state.last_modified)] {
        if let Some(value) = value.as_ref().and_then(|value| HeaderValue::from_str(value).ok()) {
            headers.insert(name, value);
        }
    }
    headers
}

/// Where an answer redirects to; `None` when it does not.
fn redirect(url: &Uri, answer: &Response) -> Result<Option<Uri>, FetchError> {
    if !matches!(answer.status.as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let location = answer.headers.get(header::LOCATION).and_then(|value| value.to_str().ok());
    let target = location.and_then(|location| resolve(url, location));
    target.map(Some).ok_or_else(|| FetchError::new("it redirects to what is no http(s) URL, or from https to http"))
}

/// An absolute URL, or a path of the same origin.
fn resolve(url: &Uri, location: &str) -> Option<Uri> {
    let location = location.split('#').next()?.trim();
    if location.starts_with('/') && !location.starts_with("//") {
        let mut parts = url.clone().into_parts();
        parts.path_and_query = Some(location.parse().ok()?);
        return Uri::from_parts(parts).ok();
    }
    let target: Uri = location.parse().ok()?;
    let is_allowed = match target.scheme_str()? {
        "https" => true,
        "http" => url.scheme_str() == Some("http"),
        _ => false,
    };
    is_allowed.then_some(target)
}

fn read(answer: Response, now: SystemTime) -> Result<Fetched, FetchError> {
    let status = answer.status;
    if status != StatusCode::OK {
        return match status {
            StatusCode::NOT_MODIFIED => Ok(Fetched::NotModified),
            StatusCode::GONE => Ok(Fetched::Gone),
            _ => {
                let retry_after = egress::retry_after(&answer.headers, now).map(|wait| wait.min(MAX_SILENCE));
                Err(FetchError { reason: format!("it answers {}", status.as_u16()), retry_after })
            }
        };
    }
    if answer.truncated {
        return Err(FetchError::new("it is larger than allowed, too slow, or breaks off"));
    }
    let text = |name: HeaderName| answer.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    if text(header::CONTENT_ENCODING).is_some_and(|encoding| !encoding.eq_ignore_ascii_case("identity")) {
        return Err(FetchError::new("it is compressed, which was not asked for"));
    }
    let validator = |name| text(name).filter(|value| value.len() <= MAX_VALIDATOR);
    Ok(Fetched::Feed {
        content_type: text(header::CONTENT_TYPE),
        etag: validator(header::ETAG),
        last_modified: validator(header::LAST_MODIFIED),
        body: answer.body,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_stay_on_http_and_never_leave_tls_ch_108() {
        for (url, location, expected) in [
            ("https://a.example/feed?x=1", "/rss.xml?y=2#top", Some("https://a.example/rss.xml?y=2")),
            ("https://a.example/feed", "https://b.example/rss", Some("https://b.example/rss")),
            ("http://a.example/feed", "https://a.example/feed", Some("https://a.example/feed")),
            ("http://a.example/feed", "http://b.example/", Some("http://b.example/")),
            ("https://a.example/feed", "http://a.example/feed", None),
            ("https://a.example/feed", "//b.example/", None),
            ("https://a.example/feed", "file:///etc/passwd", None),
            ("https://a.example/feed", "rss.xml", None),
            ("https://a.example/feed", "", None),
        ] {
            let found = resolve(&url.parse().unwrap(), location).map(|uri| uri.to_string());
            assert_eq!(found.as_deref(), expected, "{url} {location}");
        }
    }

    fn answer(status: u16, headers: &[(&'static str, &str)], truncated: bool) -> Response {
        Response {
            version: http::Version::HTTP_11,
            status: StatusCode::from_u16(status).unwrap(),
            headers: headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect(),
            body: Bytes::from_static(b"x"),
            truncated,
            remote: None,
        }
    }

    #[test]
    fn answers_are_classified_ch_107() {
        let read_with =
            |status, headers: &[(&'static str, &str)]| read(answer(status, headers, false), SystemTime::UNIX_EPOCH);
        assert_eq!(read_with(304, &[]), Ok(Fetched::NotModified));
        assert_eq!(read_with(410, &[]), Ok(Fetched::Gone));
        for (status, headers, seconds) in [
            (429, &[("retry-after", "30")][..], Some(30)),
            (503, &[("retry-after", "99999999")], Some(7 * 86_400)),
            (503, &[], None),
            (404, &[], None),
            (206, &[], None),
        ] {
            let found = read_with(status, headers).unwrap_err();
            assert_eq!(found.retry_after, seconds.map(Duration::from_secs), "{status}");
            assert_eq!(found.reason, format!("it answers {status}"));
        }
        assert!(read_with(200, &[("content-encoding", "gzip")]).is_err());
        assert!(read(answer(200, &[], true), SystemTime::UNIX_EPOCH).is_err());
        let long = "x".repeat(600);
        let found =
            read_with(200, &[("etag", "\"a\""), ("last-modified", long.as_str()), ("content-type", "text/xml")])
                .unwrap();
        let expected = Fetched::Feed {
            body: Bytes::from_static(b"x"),
            content_type: Some("text/xml".to_owned()),
            etag: Some("\"a\"".to_owned()),
            last_modified: None,
        };
        assert_eq!(found, expected);
    }
}
