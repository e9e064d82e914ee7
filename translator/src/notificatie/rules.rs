//! Rules on single values of a notification as in Open Notificaties: the accepted URLs. Texts and lengths are in
//! `decode`.

use std::net::{Ipv4Addr, Ipv6Addr};

/// The longest URL, in characters.
const MAX_URL: usize = 2_048;

/// Whether `text` has more than `limit` characters.
pub(super) fn is_longer(text: &str, limit: usize) -> bool {
    text.len() > limit && text.chars().nth(limit).is_some()
}

/// Whether `text` is a URL by the rules of the Notificaties API: http(s) or ftp(s), with a host that has a dot, is
/// `localhost` or is an address; no white space.
pub fn is_url(text: &str) -> bool {
    if is_longer(text, MAX_URL) || text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return false;
    }
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    if !["http", "https", "ftp", "ftps"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
        return false;
    }
    let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
    let host_and_port = match authority.rsplit_once('@') {
        Some((user, host)) if user.is_empty() || user.contains('@') || host.is_empty() => return false,
        Some((_, host)) => host,
        None => authority,
    };
    if let Some(rest) = host_and_port.strip_prefix('[') {
        return rest.split_once(']').is_some_and(|(host, port)| host.parse::<Ipv6Addr>().is_ok() && is_port(port));
    }
    let (host, port) = host_and_port.split_at(host_and_port.find(':').unwrap_or(host_and_port.len()));
    is_host(host) && is_port(port)
}

/// Whether `text` is a URL with http or https.
pub(super) fn is_web_url(text: &str) -> bool {
    text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("http")) && is_url(text)
}

fn is_port(text: &str) -> bool {
    match text.strip_prefix(':') {
        Some(digits) => (1..=5).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()),
        None => text.is_empty(),
    }
}

fn is_host(host: &str) -> bool {
    if host.eq_ignore_ascii_case("localhost") || host.parse::<Ipv4Addr>().is_ok() {
        return true;
    }
    let host = host.strip_suffix('.').unwrap_or(host);
    if host.len() > 253 {
        return false;
    }
    let is_label = |label: &str| {
        (1..=63).contains(&label.chars().count())
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let is_top_level = |label: &str| {
        label.starts_with("xn--")
            || (label.chars().count() >= 2
                && label.chars().all(|c| c == '-' || (c.is_alphanumeric() && !c.is_numeric())))
    };
    host.rsplit_once('.').is_some_and(|(_, top)| is_top_level(top)) && host.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::is_url;

    #[test]
    fn urls_are_read_as_publishers_know_it() {
        for good in [
            "https://zaken.nl/api/v1/zaken/1",
            "http://localhost:8000/a",
            "http://localhost",
            "http://10.0.0.1/x",
            "http://[::1]:80/x",
            "ftp://a.nl",
            "HTTPS://A.NL/",
            "https://user:pass@a.nl/",
            "https://a.nl?x=1",
            "https://a.nl#x",
            "https://münchen.de/é",
            "https://a.xn--p1ai/",
            "http://open-zaak.svc.cluster.local:8080/x",
        ] {
            assert!(is_url(good), "{good}");
        }
        for bad in [
            "",
            "http://openzaak/1",
            "urn:nld:oin:1",
            "/zaken/1",
            "https://",
            "https:///x",
            "https://a.nl/a b",
            "https://a..nl/",
            "https://-a.nl/",
            "https://a.1/",
            "https://256.1.1.1/",
            "https://a.nl:123456/",
            "https://a.nl:/",
            "http://[::zz]/",
            "gopher://a.nl/",
            "https://@a.nl/",
        ] {
            assert!(!is_url(bad), "{bad}");
        }
        assert!(is_url(&format!("https://a.nl/{}", "x".repeat(2_035))));
        assert!(!is_url(&format!("https://a.nl/{}", "x".repeat(2_036))));
    }
}
