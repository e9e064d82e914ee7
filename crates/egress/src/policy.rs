//! The address policy: checks a URL when it is registered, and every address before it is dialled. It is not a firewall
//! for the machine: only connections of this crate are checked.

use std::net::IpAddr;

use http::Uri;

use crate::address::AddressClass;
use crate::cidr::Cidr;
use crate::url;

/// The administrator's exceptions. The default has none: only https to public addresses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// Ranges that may be dialled although they are not public.
    pub allow: Vec<Cidr>,
    /// Ranges to which `http://` and other connections without TLS are permitted. A range that is not public must be in `allow` as well.
    pub allow_http: Vec<Cidr>,
}

/// The rule that forbids a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The address is of a class that is closed, and `allow` does not cover it (CE-WHV-28).
    #[error("{address} is a {class} address, which is not allowed (egress.allow)")]
    Address {
        /// The address that would have been dialled.
        address: IpAddr,
        /// The class of the address.
        class: AddressClass,
    },
    /// The URL is `http://` and `allow_http` does not cover the address (CE-WH-01).
    #[error("http:// is not allowed for {address} (egress.allow_http): use https://")]
    PlainHttp {
        /// The address that would have been dialled.
        address: IpAddr,
    },
    /// A stream without TLS, and `allow_http` does not cover the address (CH-23).
    #[error("a connection without TLS is not allowed to {address} (egress.allow_http): use TLS")]
    Plain {
        /// The address that would have been dialled.
        address: IpAddr,
    },
    /// The URL is `http://` and `allow_http` is empty (CE-WH-01).
    #[error("http:// is not allowed (egress.allow_http): use https://")]
    PlainHttpNowhere,
}

/// Why a URL cannot be a destination.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// Not a URL at all, or not an absolute one, or with characters a URL cannot hold.
    #[error("is not an absolute URL")]
    Malformed,
    /// A scheme other than https and http.
    #[error("has a scheme other than https")]
    Scheme,
    /// `user:password@` belongs in a credential, not in a URL.
    #[error("must not hold user information (user@)")]
    UserInformation,
    /// A fragment is never sent to a server.
    #[error("must not have a fragment (#)")]
    Fragment,
    /// The URL has no host.
    #[error("has no host")]
    Host,
    /// A port that does not exist.
    #[error("has an impossible port")]
    Port,
    /// The address policy refuses the URL.
    #[error("is refused: {0}")]
    Refused(#[from] Refusal),
}

impl Policy {
    /// Checks a URL before anything is resolved, for the registration of a destination. A literal address is checked by
    /// the rules for addresses; a name is checked by its address whenever it is dialled.
    pub fn check_url(&self, text: &str) -> Result<Uri, UrlError> {
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(UrlError::Malformed);
        }
        // `Uri` drops a fragment silently.
        if text.contains('#') {
            return Err(UrlError::Fragment);
        }
        let uri: Uri = text.parse().map_err(|_| UrlError::Malformed)?;
        check_parts(&uri)?;
        let Some(host) = url::host(&uri) else { return Err(UrlError::Host) };
        let plain = uri.scheme_str() == Some("http");
        if let Some(address) = url::literal(host) {
            self.check_address(address, plain)?;
        } else if host.contains(':') {
            return Err(UrlError::Host);
        } else if plain && self.allow_http.is_empty() {
            return Err(Refusal::PlainHttpNowhere.into());
        }
        Ok(uri)
    }

    /// Checks an address before it is dialled; `plain` for http.
    pub fn check_address(&self, address: IpAddr, plain: bool) -> Result<(), Refusal> {
        if let Some(class) = AddressClass::of(address)
            && !self.allow.iter().any(|range| range.contains(address))
        {
            return Err(Refusal::Address { address, class });
        }
        if plain && !self.allow_http.iter().any(|range| range.contains(address)) {
            return Err(Refusal::PlainHttp { address });
        }
        Ok(())
    }
}

/// The part of [`Policy::check_url`] that needs no parsing and is repeated for every request.
pub(crate) fn check_parts(url: &Uri) -> Result<(), UrlError> {
    match url.scheme_str() {
        None => return Err(UrlError::Malformed),
        Some("https" | "http") => {}
        Some(_) => return Err(UrlError::Scheme),
    }
    if url::has_user_information(url) {
        return Err(UrlError::UserInformation);
    }
    if url::host(url).is_none() {
        return Err(UrlError::Host);
    }
    if url::port(url).is_none() {
        return Err(UrlError::Port);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(allow: &[&str], allow_http: &[&str]) -> Policy {
        let parse = |ranges: &[&str]| ranges.iter().map(|range| range.parse().unwrap()).collect();
        Policy { allow: parse(allow), allow_http: parse(allow_http) }
    }

    #[test]
    fn closed_classes_need_an_exception_ce_whv_28() {
        for address in ["127.0.0.1", "::1", "10.1.2.3", "169.254.169.254", "::ffff:127.0.0.1", "64:ff9b::a00:1"] {
            let address: IpAddr = address.parse().unwrap();
            assert!(matches!(Policy::default().check_address(address, false), Err(Refusal::Address { .. })));
            let exact = policy(&[&address.to_string()], &[]);
            assert_eq!(exact.check_address(address, false), Ok(()), "{address}");
        }
        let mapped = policy(&["127.0.0.0/8"], &[]).check_address("::ffff:127.0.0.1".parse().unwrap(), false);
        assert!(mapped.is_err(), "an exception for IPv4 does not cover the mapped form");
    }

    #[test]
    fn g11_a_refusal_names_its_key_in_full() {
        let closed = Policy::default();
        let said = |url: &str, policy: &Policy| policy.check_url(url).unwrap_err().to_string();
        assert_eq!(
            said("https://127.0.0.1/x", &closed),
            "is refused: 127.0.0.1 is a loopback address, which is not allowed (egress.allow)"
        );
        let open = policy(&["127.0.0.0/8"], &["10.0.0.0/8"]);
        let expected = "is refused: http:// is not allowed for 127.0.0.1 (egress.allow_http): use https://";
        assert_eq!(said("http://127.0.0.1/x", &open), expected);
        let expected = "is refused: http:// is not allowed (egress.allow_http): use https://";
        assert_eq!(said("http://a.example/x", &closed), expected);
    }

    #[test]
    fn plain_http_needs_its_own_exception_ce_wh_01() {
        let loopback = "127.0.0.1".parse().unwrap();
        assert!(policy(&["127.0.0.0/8"], &[]).check_address(loopback, true).is_err());
        assert!(policy(&[], &["127.0.0.0/8"]).check_address(loopback, true).is_err());
        assert!(policy(&["127.0.0.0/8"], &["127.0.0.0/8"]).check_address(loopback, true).is_ok());
        assert!(policy(&[], &["0.0.0.0/0"]).check_address("1.1.1.1".parse().unwrap(), true).is_ok());
    }

    #[test]
    fn urls_are_judged_at_registration_ce_whv_28_ce_wh_01() {
        let closed = Policy::default();
        for (url, rule) in [
            ("", "absolute"),
            ("/path", "absolute"),
            ("example.nl", "absolute"),
            ("https://example.nl/a b", "absolute"),
            ("https://voorbeeld.nl/caf\u{e9}", "absolute"),
            ("ftp://example.nl/", "scheme"),
            ("https://me@example.nl/", "user information"),
            ("https://me:pw@example.nl/", "user information"),
            ("https://example.nl/#x", "fragment"),
            ("https://example.nl:0/", "port"),
            ("http://example.nl/", "use https"),
            ("http://1.1.1.1/", "allow_http"),
            ("https://127.0.0.1/", "loopback"),
            ("https://[::1]/", "loopback"),
            ("https://169.254.169.254/latest", "metadata"),
            ("https://2130706433/", "loopback"),
            ("https://0x7f.1/", "loopback"),
            ("https://[::ffff:10.0.0.1]/", "mapped"),
            ("https://10.0.0.1:8443/x?y=z", "private"),
        ] {
            let error = closed.check_url(url).expect_err(url).to_string();
            assert!(error.contains(rule), "{url}: {error}");
        }
        for url in
            ["https://example.nl", "https://example.nl:8443/a?b=c&d", "https://1.1.1.1/", "https://[2606:4700::1]/"]
        {
            assert!(closed.check_url(url).is_ok(), "{url}");
        }
        let open = policy(&["127.0.0.0/8"], &["127.0.0.0/8"]);
        assert!(open.check_url("http://127.0.0.1:9000/sink").is_ok());
        assert!(open.check_url("http://sink.internal/").is_ok(), "judged by address when dialled");
    }
}
