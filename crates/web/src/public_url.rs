//! The address of the gateway as clients see it, for links in answers.
//!
//! [`crate::edge`] has removed `X-Forwarded-*` of proxies that are not trusted and given HTTP/2 requests a `Host`.

use std::net::SocketAddr;

use http::{HeaderMap, header};

/// The address of the gateway, as far as configuration knows it.
#[derive(Debug, Clone)]
pub struct PublicUrl {
    own: String,
    /// Whether it is configured, so that requests do not change it.
    is_fixed: bool,
    https: bool,
    prefix: String,
}

impl PublicUrl {
    /// `configured` when it is set; else that of the listener, with `prefix` (empty, or with a leading slash).
    pub fn new(configured: Option<&str>, listen: SocketAddr, https: bool, prefix: &str) -> Self {
        let scheme = if https { "https" } else { "http" };
        let own = match configured {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => format!("{scheme}://{listen}{prefix}"),
        };
        Self { own, is_fixed: configured.is_some(), https, prefix: prefix.to_owned() }
    }

    /// The address without a request at hand, without a slash at the end.
    pub fn own(&self) -> &str {
        &self.own
    }

    /// The address for the answer to a request with these headers: scheme, authority and path prefix, without a slash at
    /// the end. Configuration comes first, then the proxy, then `Host`.
    pub fn of(&self, headers: &HeaderMap) -> String {
        if self.is_fixed {
            return self.own.clone();
        }
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let host = text("x-forwarded-host")
            .and_then(|hosts| hosts.split(',').next())
            .map(str::trim)
            .filter(|host| is_authority(host))
            .or_else(|| text(header::HOST.as_str()).filter(|host| is_authority(host)));
        // The first element is what the client used; schemes are case-insensitive.
        let proto = text("x-forwarded-proto").and_then(|protos| protos.split(',').next()).map_or("", str::trim);
        let https = match proto {
            proto if proto.eq_ignore_ascii_case("https") => true,
            proto if proto.eq_ignore_ascii_case("http") => false,
            _ => self.https,
        };
        let scheme = if https { "https" } else { "http" };
        match host {
            Some(host) => format!("{scheme}://{host}{}", self.prefix),
            None => self.own.clone(),
        }
    }
}

/// Whether a text is a host with an optional port, without user information.
pub(crate) fn is_authority(text: &str) -> bool {
    !text.is_empty() && !text.contains('@') && text.parse::<http::uri::Authority>().is_ok()
}

/// `text` as one segment of a path: everything but unreserved characters is percent-encoded (RFC 3986 section 2.3).
pub fn path_segment(text: &str) -> String {
    egress::url_part(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f2_the_scheme_is_the_first_element_in_any_case() {
        let url = PublicUrl::new(None, "127.0.0.1:8080".parse().unwrap(), false, "");
        for (proto, scheme) in
            [("https, http", "https"), ("HTTPS", "https"), (" Http ,https", "http"), ("ftp", "http"), ("", "http")]
        {
            let mut headers = HeaderMap::new();
            headers.insert("host", "gw.example".parse().unwrap());
            headers.insert("x-forwarded-proto", proto.parse().unwrap());
            assert_eq!(url.of(&headers), format!("{scheme}://gw.example"), "{proto}");
        }
    }

    #[test]
    fn links_follow_configuration_then_proxy_then_host() {
        let listen: SocketAddr = "127.0.0.1:8080".parse().unwrap();
        let mut headers = HeaderMap::new();
        let url = PublicUrl::new(None, listen, false, "");
        assert_eq!(url.of(&headers), "http://127.0.0.1:8080");
        headers.insert("host", "gw.example:81".parse().unwrap());
        assert_eq!(url.of(&headers), "http://gw.example:81");
        headers.insert("x-forwarded-host", "outside.example, inside".parse().unwrap());
        headers.insert("x-forwarded-proto", "https".parse().unwrap());
        assert_eq!(url.of(&headers), "https://outside.example");
        headers.insert("x-forwarded-host", "a b\"c".parse().unwrap());
        assert_eq!(url.of(&headers), "https://gw.example:81");
        let url = PublicUrl::new(None, listen, false, "/sub");
        assert_eq!(url.of(&headers), "https://gw.example:81/sub");
        let url = PublicUrl::new(Some("https://fixed.example/gw/"), listen, false, "/sub");
        assert_eq!(url.of(&headers), "https://fixed.example/gw");
    }
}
