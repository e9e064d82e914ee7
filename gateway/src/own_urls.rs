//! The URLs at which this gateway itself is reached: no sink may be one of them, since an event that it delivers to itself
//! would be delivered again without end.
//!
//! A name that resolves to an address of this machine is not found here; what comes back over it is refused by its header
//! `Gateway-Via`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

use http::Uri;

use crate::config::{Config, PeopleProxy};

/// The URLs of this gateway.
#[derive(Debug, Clone, Default)]
pub struct OwnUrls {
    /// Configured URLs: host in lower case, port, and the path below which everything is the gateway's.
    urls: Vec<(String, u16, String)>,
    /// Addresses of listeners.
    listeners: Vec<SocketAddr>,
}

impl OwnUrls {
    /// Those of a configuration: `public_url`, `own_urls`, and the addresses of its listeners.
    pub fn of(config: &Config) -> Self {
        let of_portal = config.portaal.as_ref().and_then(|portal| portal.public_url.as_ref());
        let urls = config.public_url.iter().chain(&config.own_urls).chain(of_portal).filter_map(|url| {
            let url: Uri = url.parse().ok()?;
            Some((host(&url)?, port(&url)?, url.path().trim_end_matches('/').to_owned()))
        });
        let of_portal = config.portaal.as_ref().and_then(|portal| portal.listen);
        let of_proxies = PeopleProxy::of(config).and_then(|own| own.listen);
        let others = config.operations.listen.into_iter().chain(of_portal).chain(of_proxies);
        let listeners = std::iter::once(config.listen).chain(others);
        Self { urls: urls.collect(), listeners: listeners.collect() }
    }

    /// Whether a URL is one of this gateway.
    pub fn contains(&self, url: &str) -> bool {
        let Ok(url) = url.parse::<Uri>() else { return false };
        let (Some(host), Some(port)) = (host(&url), port(&url)) else { return false };
        let below =
            |prefix: &str| url.path().strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        self.urls.iter().any(|(own, own_port, path)| *own == host && *own_port == port && below(path))
            || self.listeners.iter().any(|listener| listener.port() == port && reaches(*listener, &host))
    }
}

/// Whether a connection to `host` ends at the address of a listener.
fn reaches(listener: SocketAddr, host: &str) -> bool {
    let own = listener.ip().to_canonical();
    let Some(address) = egress::literal_address(host).map(|address| address.to_canonical()) else {
        let is_localhost = host == "localhost" || host.ends_with(".localhost");
        return is_localhost && (own.is_loopback() || own.is_unspecified());
    };
    // The unspecified address is this machine itself.
    let dialled = match address {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => IpAddr::V6(Ipv6Addr::LOCALHOST),
        other => other,
    };
    if own.is_unspecified() { is_of_this_machine(dialled) } else { dialled == own }
}

/// Whether an address belongs to this machine: a socket can be bound to it. Nothing is sent.
fn is_of_this_machine(address: IpAddr) -> bool {
    address.is_loopback() || UdpSocket::bind((address, 0)).is_ok()
}

fn host(url: &Uri) -> Option<String> {
    let host = url.host()?.trim_end_matches('.');
    Some(host.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase())
}

fn port(url: &Uri) -> Option<u16> {
    match (url.port_u16(), url.scheme_str()) {
        (Some(port), _) => Some(port),
        (None, Some("http")) => Some(80),
        (None, Some("https")) => Some(443),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;

    #[test]
    fn d4_own_urls_are_recognised_in_every_spelling() {
        let config = config::parse(
            r#"
            listen = "127.0.0.1:8080"
            public_url = "https://Gateway.example/events/"
            own_urls = ["http://inside.example:81"]
            operations.listen = "0.0.0.0:9090"
            "#,
        );
        let own = OwnUrls::of(&config.unwrap());
        for (url, is) in [
            ("https://gateway.example/events", true),
            ("https://GATEWAY.example.:443/events/api/v1/notificaties?x=y", true),
            ("http://gateway.example/events", false),
            ("https://gateway.example/eventsource", false),
            ("https://gateway.example/other", false),
            ("http://inside.example:81/anything", true),
            ("http://inside.example/anything", false),
            ("http://127.0.0.1:8080/v1/events", true),
            ("https://127.0.0.1:8080/v1/events", true),
            ("http://localhost:8080/", true),
            ("http://127.1:8080/", true),
            ("http://2130706433:8080/", true),
            ("http://0.0.0.0:8080/", true),
            ("http://[::ffff:127.0.0.1]:8080/", true),
            ("http://127.0.0.1:8081/", false),
            ("http://127.0.0.2:8080/", false),
            ("http://127.0.0.2:9090/", true),
            ("http://[::1]:9090/", true),
            ("http://192.0.2.1:9090/", false),
            ("no url", false),
        ] {
            assert_eq!(own.contains(url), is, "{url}");
        }
    }
}
