//! Parts of a URL: host, port, a literal address, and a form for display. This is not a URL parser: `http::Uri` parses.

use std::net::{IpAddr, Ipv4Addr};

use http::Uri;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// All but the unreserved characters of RFC 3986, section 2.3.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// `text` as one path segment or query value: everything but unreserved characters (RFC 3986, section 2.3) is
/// percent-encoded.
pub fn url_part(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// `url` without query and user information, for messages: these parts may contain tokens (CE-WHA-10).
pub fn without_query(url: &Uri) -> String {
    let scheme = url.scheme_str().unwrap_or("");
    let host = url.host().unwrap_or("");
    match url.port() {
        Some(port) => format!("{scheme}://{host}:{port}{}", url.path()),
        None => format!("{scheme}://{host}{}", url.path()),
    }
}

/// The host without the brackets of an IPv6 literal; `None` if there is none.
pub(crate) fn host(url: &Uri) -> Option<&str> {
    let host = url.host()?;
    let host = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
    (!host.is_empty()).then_some(host)
}

/// The port to dial; `None` if the URL has an impossible one (0, above 65535, not a number).
pub(crate) fn port(url: &Uri) -> Option<u16> {
    let authority = url.authority()?.as_str();
    let after_host = authority.rsplit_once(']').map_or(authority, |(_, rest)| rest);
    match after_host.rsplit_once(':') {
        Some((_, digits)) => digits.parse().ok().filter(|port| *port != 0),
        None if url.scheme_str() == Some("http") => Some(80),
        None => Some(443),
    }
}

/// Whether the URL contains `user@` or `user:password@`.
pub(crate) fn has_user_information(url: &Uri) -> bool {
    url.authority().is_some_and(|authority| authority.as_str().contains('@'))
}

/// The address that a host is the literal of, in every form that the system's resolver accepts: dotted, decimal, octal,
/// hexadecimal and shortened IPv4 (`127.1`, `0x7f000001`, `2130706433`), and IPv6.
pub fn literal(host: &str) -> Option<IpAddr> {
    host.parse().ok().or_else(|| loose_ipv4(host.strip_suffix('.').unwrap_or(host)).map(IpAddr::V4))
}

fn loose_ipv4(host: &str) -> Option<Ipv4Addr> {
    let mut parts = [0_u32; 4];
    let mut count = 0;
    for part in host.split('.') {
        *parts.get_mut(count)? = loose_number(part)?;
        count += 1;
    }
    let last = parts[count - 1];
    // All parts but the last are one byte; the last one fills the rest.
    let room = 8 * (5 - count as u32);
    if room < 32 && last >> room != 0 {
        return None;
    }
    let mut bits = last;
    for (index, part) in parts[..count - 1].iter().enumerate() {
        if *part > 255 {
            return None;
        }
        bits |= part << (24 - 8 * index as u32);
    }
    Some(bits.into())
}

fn loose_number(part: &str) -> Option<u32> {
    let (digits, radix) = if let Some(hex) = part.strip_prefix("0x").or_else(|| part.strip_prefix("0X")) {
        (hex, 16)
    } else if part.len() > 1 && part.starts_with('0') {
        (&part[1..], 8)
    } else {
        (part, 10)
    };
    if digits.starts_with('+') {
        return None;
    }
    u32::from_str_radix(digits, radix).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_a_url_without_secrets_ce_wha_10() {
        for (url, shown) in [
            ("https://h.example/a?access_token=s3cret", "https://h.example/a"),
            ("https://user:s3cret@h.example:8443/a?b=c", "https://h.example:8443/a"),
            ("http://[::1]:80/x", "http://[::1]:80/x"),
        ] {
            assert_eq!(without_query(&url.parse().unwrap()), shown);
        }
    }

    #[test]
    fn a_part_of_a_url_cannot_end_it() {
        for (text, encoded) in [
            ("zaken", "zaken"),
            ("a-b.c_d~e", "a-b.c_d~e"),
            ("a/b?c#d&e=f g+h%", "a%2Fb%3Fc%23d%26e%3Df%20g%2Bh%25"),
            ("é", "%C3%A9"),
        ] {
            assert_eq!(url_part(text), encoded);
        }
    }

    #[test]
    fn reads_odd_spellings_of_an_address_ce_whv_28() {
        for (host, address) in [
            ("127.0.0.1", Some("127.0.0.1")),
            ("127.0.0.1.", Some("127.0.0.1")),
            ("127.1", Some("127.0.0.1")),
            ("127.0.1", Some("127.0.0.1")),
            ("2130706433", Some("127.0.0.1")),
            ("0x7f000001", Some("127.0.0.1")),
            ("0x7f.1", Some("127.0.0.1")),
            ("0177.0.0.01", Some("127.0.0.1")),
            ("0", Some("0.0.0.0")),
            ("::1", Some("::1")),
            ("1.2.3.4.5", None),
            ("256.1", None),
            ("1.2.3.256", None),
            ("4294967296", None),
            ("example.nl", None),
            ("1.example", None),
            ("+1", None),
            ("", None),
        ] {
            assert_eq!(literal(host), address.map(|a| a.parse().unwrap()), "{host}");
        }
    }

    #[test]
    fn finds_host_and_port() {
        for (url, host_is, port_is) in [
            ("https://h.example/", Some("h.example"), Some(443)),
            ("http://h.example/", Some("h.example"), Some(80)),
            ("https://[::1]/", Some("::1"), Some(443)),
            ("https://[::1]:8443/", Some("::1"), Some(8443)),
            ("https://h.example:0/", Some("h.example"), None),
            ("https://h.example:99999/", Some("h.example"), None),
        ] {
            let url: Uri = url.parse().unwrap();
            assert_eq!(host(&url), host_is, "{url}");
            assert_eq!(port(&url), port_is, "{url}");
        }
    }
}
