//! Headers of many requests to one URL, completed once: each request then copies them, and adds no header of its own, for
//! which the copy would have to grow.

use http::header::{ACCEPT, CONTENT_LENGTH, HOST, USER_AGENT};
use http::{HeaderMap, HeaderValue, Uri};

use crate::client::{AGENT, ANYTHING};

/// Adds what every request to this URL has: `Host`, `User-Agent`, `Accept`, and a place for `Content-Length`, whose value
/// each request sets. What is there already stays, except `Host`.
pub fn add_common_headers(headers: &mut HeaderMap, url: &Uri) {
    headers.entry(USER_AGENT).or_insert(AGENT);
    headers.entry(ACCEPT).or_insert(ANYTHING);
    headers.insert(CONTENT_LENGTH, HeaderValue::from(0_usize));
    if let Some(host) = host(url) {
        headers.insert(HOST, host);
    }
}

/// The value of `Host`: without a port that is the default one of the scheme (RFC 9110 section 7.2).
fn host(url: &Uri) -> Option<HeaderValue> {
    let name = url.host()?;
    let default = if url.scheme_str() == Some("https") { 443 } else { 80 };
    let port = url.port_u16().filter(|port| *port != default);
    let text = port.map_or_else(|| name.to_owned(), |port| format!("{name}:{port}"));
    HeaderValue::try_from(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_names_a_port_only_if_it_is_not_the_default() {
        for (url, expected) in [
            ("https://a.example/x?y", "a.example"),
            ("https://a.example:443/", "a.example"),
            ("https://a.example:80/", "a.example:80"),
            ("http://a.example:80/", "a.example"),
            ("http://user@a.example:8080/", "a.example:8080"),
            ("http://[::1]:81/", "[::1]:81"),
        ] {
            let mut headers = HeaderMap::new();
            add_common_headers(&mut headers, &url.parse().unwrap());
            assert_eq!(headers[HOST], expected, "{url}");
        }
    }

    #[test]
    fn headers_of_the_sender_stay() {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("a/b"));
        add_common_headers(&mut headers, &"https://a.example/".parse().unwrap());
        assert_eq!(headers[ACCEPT], "a/b");
        assert_eq!(headers[USER_AGENT], AGENT);
        assert_eq!(headers.len(), 4);
    }
}
