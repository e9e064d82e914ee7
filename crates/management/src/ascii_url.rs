//! URLs with characters outside US-ASCII (IRIs) as URLs that can be requested, as the HTTP client of Open Notificaties makes
//! them: the host by IDNA, the rest percent-encoded in UTF-8 (RFC 3987 section 3.1).

use std::borrow::Cow;

use percent_encoding::{CONTROLS, utf8_percent_encode};

/// A URL in US-ASCII; one that cannot be converted, and one that is in US-ASCII, comes back as it is. Nothing else is checked.
pub fn ascii_url(url: &str) -> Cow<'_, str> {
    if url.is_ascii() || url.contains(char::is_control) {
        return Cow::Borrowed(url);
    }
    let Some((scheme, rest)) = url.split_once("://") else { return Cow::Borrowed(url) };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, rest) = rest.split_at(end);
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (host, &authority[host.len()..]),
        _ => (authority, ""),
    };
    let Ok(host) = idna::domain_to_ascii(host) else { return Cow::Borrowed(url) };
    Cow::Owned(format!("{scheme}://{host}{port}{}", utf8_percent_encode(rest, CONTROLS)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f9_names_and_paths_outside_ascii_are_converted() {
        for (url, expected) in [
            ("https://s.example/a%20b?c", "https://s.example/a%20b?c"),
            ("https://gemeente-súdwest.nl/x", "https://xn--gemeente-sdwest-cvb.nl/x"),
            ("https://BÜCHER.example:8443/ä?b=é", "https://xn--bcher-kva.example:8443/%C3%A4?b=%C3%A9"),
            ("https://s.example/a%20é", "https://s.example/a%20%C3%A9"),
            ("https://例え.jp", "https://xn--r8jz45g.jp"),
            ("é", "é"),
        ] {
            assert_eq!(ascii_url(url), expected, "{url}");
        }
    }
}
