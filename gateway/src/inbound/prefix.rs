//! The path under which a proxy offers the gateway, taken off before anything else looks at the request.

use axum::extract::Request;
use http::{Uri, uri::PathAndQuery};

/// Takes `prefix` off the path of a request that has it; others stay as they are, so that a proxy may also take it off.
pub fn strip(prefix: &str, request: &mut Request) {
    if prefix.is_empty() {
        return;
    }
    if let Some(uri) = stripped(prefix, request.uri()) {
        *request.uri_mut() = uri;
    }
}

fn stripped(prefix: &str, uri: &Uri) -> Option<Uri> {
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
            assert_eq!(stripped("/gw", &uri.parse().unwrap()), expected, "{uri}");
        }
    }
}
