//! Section `[people.inbox.proxy]`: proxies that log people in and name them in a header, such as SiteMinder. Without it no header names a
//! person.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Config, auth_address::faulty_range};

/// The proxies, their listener and their header.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PeopleProxy {
    /// The listener of these proxies, with the certificate of `[tls]`. It serves the inbox and nothing else.
    #[schema(value_type = Option<String>)]
    pub listen: Option<SocketAddr>,
    /// Address ranges (CIDR) of these proxies. Nobody else may be able to send from there.
    #[schema(min_items = 1)]
    pub addresses: Vec<String>,
    /// The header with the identifier of the person. The proxy must replace what the client sent under this name.
    pub header: String,
    /// The name of who gives these identifiers. A person is this issuer and the value of the header; with the value of
    /// `people.inbox.issuer` it is the person with this `sub` there.
    pub issuer: String,
}

impl Default for PeopleProxy {
    fn default() -> Self {
        Self { listen: None, addresses: Vec::new(), header: "SM_UNIVERSALID".to_owned(), issuer: String::new() }
    }
}

impl PeopleProxy {
    /// The proxies of a configuration.
    pub fn of(config: &Config) -> Option<&Self> {
        config.people.as_ref()?.inbox.as_ref()?.proxy.as_ref()
    }

    /// What is wrong with it: the key and why.
    pub(super) fn fault(config: &Config) -> Option<(&'static str, String)> {
        let own = Self::of(config)?;
        if let Some((range, error)) = faulty_range(&own.addresses) {
            return Some(("people.inbox.proxy.addresses", format!("{range}: {error}")));
        }
        let others =
            [Some(config.listen), config.operations.listen, config.portaal.as_ref().and_then(|own| own.listen)];
        let is_apart = own.listen.is_none_or(|listen| listen.port() == 0 || !others.contains(&Some(listen)));
        let is_reserved = ["authorization", "cookie", "host", "client-cert", "x-forwarded-for"]
            .iter()
            .any(|name| own.header.eq_ignore_ascii_case(name));
        let rules = [
            (
                own.listen.is_some(),
                "people.inbox.proxy.listen",
                "is needed: the header is read on a listener of its own",
            ),
            (is_apart, "people.inbox.proxy.listen", "must be another address than those of the other listeners"),
            (!own.addresses.is_empty(), "people.inbox.proxy.addresses", "is empty: no proxy could name anybody"),
            (
                own.header.parse::<http::HeaderName>().is_ok() && !is_reserved,
                "people.inbox.proxy.header",
                "must be the name of a header that has no other meaning",
            ),
            (!own.issuer.is_empty(), "people.inbox.proxy.issuer", "is empty"),
        ];
        rules.into_iter().find(|(holds, ..)| !holds).map(|(_, key, why)| (key, why.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use crate::config::parse;

    #[test]
    fn proxies_have_a_listener_addresses_and_a_name_ch_125() {
        let good = "listen = \"127.0.0.1:8444\"\naddresses = [\"192.0.2.7/32\"]\nissuer = \"siteminder\"\n";
        let tokens = "issuer = \"https://login.example\"\naudience = \"berichten\"\n";
        let kanaal = "[[people.inbox.kanaal]]\nnaam = \"berichten\"\n";
        for (inbox, proxy, key) in [
            (tokens, good.to_owned(), None),
            ("issuer = \"siteminder\"\n", good.to_owned(), None),
            ("", good.to_owned(), Some("people.inbox.issuer")),
            (tokens, good.replace("127.0.0.1:8444", "127.0.0.1:8080"), Some("people.inbox.proxy.listen")),
            (tokens, good.replace("listen = \"127.0.0.1:8444\"\n", ""), Some("people.inbox.proxy.listen")),
            (tokens, good.replace("\"192.0.2.7/32\"", ""), Some("people.inbox.proxy.addresses")),
            (tokens, good.replace("192.0.2.7/32", "proxy"), Some("people.inbox.proxy.addresses")),
            (tokens, good.replace("siteminder", ""), Some("people.inbox.proxy.issuer")),
            (tokens, format!("{good}header = \"Authorization\"\n"), Some("people.inbox.proxy.header")),
            (tokens, format!("{good}header = \"no name\"\n"), Some("people.inbox.proxy.header")),
        ] {
            let text = format!(
                "[people]\nurl = \"https://b.example\"\n[people.inbox]\n{inbox}[people.inbox.proxy]\n{proxy}{kanaal}"
            );
            let found = parse(&text).err().map(|error| error.to_string());
            match key {
                None => assert_eq!(found, None, "{text}"),
                Some(key) => assert!(found.as_ref().is_some_and(|why| why.starts_with(key)), "{text}: {found:?}"),
            }
        }
    }
}
