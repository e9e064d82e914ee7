//! The path prefix under which a proxy serves the gateway, removed before routing.

use axum::extract::Request;
use http::{Uri, uri::PathAndQuery};

/// Removes `prefix` from the path of a request that has it. Other paths stay, for proxies that remove the prefix themselves.
pub fn strip(prefix: &str, request: &mut Request) {
    if prefix.is_empty() {
        return;
    }
    if let Some(uri) = without_prefix(prefix, request.uri()) {
        *request.uri_mut() = uri;
    }
}

fn without_prefix(prefix: &str, uri: &Uri) -> Option<Uri> {
    let rest = uri.path_and_query()?.as_str().strip_prefix(prefix)?;
    let rest = match rest.as_bytes().first() {
        Some(b'/') => PathAndQuery::try_from(rest).ok()?,
        None | Some(b'?') => PathAndQuery::try_from(format!("/{rest}")).ok()?,
        Some(_) => return None,
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(rest);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_segments_are_taken_off() {
        for (uri, expected) in [
            ("/gw/api/v1/kanaal?naam=x", Some("/api/v1/kanaal?naam=x")),
            ("/gw", Some("/")),
            ("/gw?x=1", Some("/?x=1")),
            ("/gw/", Some("/")),
            ("http://h.nl/gw/livez", Some("http://h.nl/livez")),
            ("/gwx/api", None),
            ("/api/v1/", None),
            ("/", None),
        ] {
            let expected: Option<Uri> = expected.map(|uri| uri.parse().unwrap());
            assert_eq!(without_prefix("/gw", &uri.parse().unwrap()), expected, "{uri}");
        }
    }
}
