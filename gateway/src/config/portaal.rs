//! Section `[portaal]`: the portal of subscribers and publishers. Without this section there is none.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Config;

/// The portal under `/portaal`, on nodes with the role beheer. Log-in and look are those of `[console]`.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Portaal {
    /// A listener of its own, with the certificate of `[tls]`; absent: the main one.
    #[schema(value_type = Option<String>)]
    pub listen: Option<SocketAddr>,
    /// The address at which people reach the portal, such as `https://portaal.gemeente.example`, when it is another than that of
    /// the gateway.
    pub public_url: Option<String>,
}

impl Portaal {
    /// What is wrong with it, or with `[console]` beside it: the key and why.
    pub(super) fn fault(config: &Config) -> Option<(&'static str, &'static str)> {
        let Some(own) = &config.portaal else {
            let is_alone = config.console.as_ref().is_some_and(|console| !console.beheer);
            return is_alone.then_some(("console.beheer", "can be false only with [portaal]: no page would be left"));
        };
        let is_address = |url: &String| {
            url.parse::<http::Uri>().is_ok_and(|uri| {
                let has_path = !matches!(uri.path(), "" | "/") || uri.query().is_some();
                matches!(uri.scheme_str(), Some("https" | "http")) && uri.host().is_some() && !has_path
            })
        };
        let is_apart = own.listen.is_none_or(|listen| listen.port() == 0 || listen != config.listen);
        let needs_url = own.listen.is_some() && config.public_url.is_some() && own.public_url.is_none();
        let rules = [
            (config.console.is_some(), "portaal", "needs [console], which has its log-in and look"),
            (
                own.public_url.as_ref().is_none_or(is_address),
                "portaal.public_url",
                "must be an absolute http(s) URL without path",
            ),
            (is_apart, "portaal.listen", "must be another address than listen"),
            (
                !needs_url,
                "portaal.public_url",
                "is needed beside portaal.listen, since public_url is the address of the other listener",
            ),
        ];
        rules.into_iter().find(|(holds, ..)| !holds).map(|(_, key, why)| (key, why))
    }

    /// Whether people reach it at another address than the gateway.
    pub fn is_apart(&self) -> bool {
        self.listen.is_some() || self.public_url.is_some()
    }

    /// The address at which people reach it, without a slash at the end.
    pub fn address(&self, config: &Config) -> String {
        let scheme = if config.tls.is_some() { "https" } else { "http" };
        match (&self.public_url, self.listen) {
            (Some(url), _) => url.trim_end_matches('/').to_owned(),
            (None, Some(listen)) => format!("{scheme}://{listen}"),
            (None, None) => config.own_url(),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::config::parse;

    #[test]
    fn the_portal_is_off_until_it_is_configured_and_needs_the_console() {
        assert!(parse("[console]\n").unwrap().portaal.is_none());
        for (text, key) in [
            ("[console]\n[portaal]\n", None),
            ("[console]\nbeheer = false\n[portaal]\n", None),
            ("[portaal]\n", Some("portaal")),
            ("[console]\nbeheer = false\n", Some("console.beheer")),
            ("[console]\n[portaal]\nlisten = \"127.0.0.1:8443\"\n", None),
            ("[console]\n[portaal]\nlisten = \"127.0.0.1:8080\"\n", Some("portaal.listen")),
            ("[console]\n[portaal]\npublic_url = \"https://p.example/x\"\n", Some("portaal.public_url")),
            ("[console]\n[portaal]\npublic_url = \"ftp://p.example\"\n", Some("portaal.public_url")),
            (
                "public_url = \"https://g.example\"\n[console]\n[portaal]\nlisten = \"127.0.0.1:8443\"\n",
                Some("portaal.public_url"),
            ),
        ] {
            let found = parse(text).err().map(|error| error.to_string());
            match key {
                None => assert_eq!(found, None, "{text}"),
                Some(key) => assert!(found.as_ref().is_some_and(|why| why.starts_with(key)), "{text}: {found:?}"),
            }
        }
    }

    #[test]
    fn people_reach_it_at_its_own_address_or_at_that_of_the_gateway() {
        let address = |text: &str| {
            let config = parse(text).unwrap();
            config.portaal.as_ref().unwrap().address(&config)
        };
        assert_eq!(address("public_url = \"https://g.example\"\n[console]\n[portaal]\n"), "https://g.example");
        assert_eq!(address("[console]\n[portaal]\nlisten = \"127.0.0.1:1\"\n"), "http://127.0.0.1:1");
        assert_eq!(address("[console]\n[portaal]\npublic_url = \"https://p.example/\"\n"), "https://p.example");
    }
}
