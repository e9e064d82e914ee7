//! Clients that are recognised by the address of their connection alone, on routes that the operator listed (CH-121).
//!
//! An address that a header names never counts, nor does the connection of a proxy: whoever reaches the proxy would have the rights.
//! Not here: addresses of proxies (`proxy.trusted`), and the warning about this (`gateway`).

use std::{net::IpAddr, sync::Arc};

use compact_str::CompactString;
use egress::Cidr;
use http::{HeaderMap, HeaderName, header};
use model::applicatie::Scope;

use super::Caller;

/// Headers that a proxy adds. A request with one of them came through a proxy, whichever it was.
const OF_PROXIES: [HeaderName; 4] =
    [HeaderName::from_static("x-forwarded-for"), HeaderName::from_static("x-real-ip"), header::FORWARDED, header::VIA];

/// Addresses, who calls from them, and on which routes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressEntry {
    /// The addresses.
    pub ranges: Vec<Cidr>,
    /// The `client_id` of the applicatie that calls from there.
    pub client_id: CompactString,
    /// Its scopes there.
    pub scopes: Vec<Scope>,
    /// The routes, each as method and path with placeholders.
    pub routes: Vec<String>,
}

/// The entries for one route; for most routes none.
#[derive(Debug, Clone, Default)]
pub struct RouteAddresses(Vec<Arc<AddressEntry>>);

impl RouteAddresses {
    /// The entries that list this route.
    pub fn of(entries: &[Arc<AddressEntry>], route: &str) -> Self {
        let listed = entries.iter().filter(|entry| entry.routes.iter().any(|own| own == route));
        Self(listed.map(Arc::clone).collect())
    }

    /// Whether no address gives a right to the route.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Who calls from `peer`, the other end of the connection, when the request did not pass a proxy.
    pub fn caller(&self, peer: IpAddr, headers: &HeaderMap) -> Option<Caller> {
        if OF_PROXIES.iter().any(|name| headers.contains_key(name)) {
            return None;
        }
        let entry = self.0.iter().find(|entry| entry.ranges.iter().any(|range| range.contains(peer)))?;
        Some(Caller::new(entry.client_id.clone(), entry.scopes.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_listed_address_on_a_listed_route_without_a_proxy_is_recognised_ch_121() {
        let entry = AddressEntry {
            ranges: vec!["192.0.2.8/30".parse().unwrap()],
            client_id: "cron".into(),
            scopes: vec![Scope::Consumeren],
            routes: vec!["GET /v1/kanalen".to_owned()],
        };
        let entries = [Arc::new(entry)];
        for (route, peer, header, recognised) in [
            ("GET /v1/kanalen", "192.0.2.9", "", true),
            ("GET /v1/kanalen", "192.0.2.12", "", false),
            ("GET /v1/kanalen", "127.0.0.1", "", false),
            ("POST /v1/kanalen", "192.0.2.9", "", false),
            ("GET /v1/kanalen", "192.0.2.9", "x-forwarded-for", false),
            ("GET /v1/kanalen", "192.0.2.9", "forwarded", false),
            ("GET /v1/kanalen", "192.0.2.9", "via", false),
            ("GET /v1/kanalen", "192.0.2.9", "x-real-ip", false),
        ] {
            let mut headers = HeaderMap::new();
            if !header.is_empty() {
                headers.insert(HeaderName::try_from(header).unwrap(), "192.0.2.9".parse().unwrap());
            }
            let found = RouteAddresses::of(&entries, route).caller(peer.parse().unwrap(), &headers);
            assert_eq!(found.is_some(), recognised, "{route} {peer} {header}");
        }
        assert!(RouteAddresses::of(&[], "GET /v1/kanalen").is_empty());
    }
}
