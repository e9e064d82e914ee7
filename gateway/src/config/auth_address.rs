//! Section `[[auth.address]]`: clients that are recognised by the address of their connection alone. Without it no address gives a right,
//! also not one of this machine.

use model::applicatie::Scope;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::auth::Access;

use super::Config;

/// Addresses, who calls from them, and what may be called. Whoever can send from such an address has these rights.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AuthAddress {
    /// Address ranges (CIDR) of connections. Requests that came through a proxy do not count.
    #[schema(min_items = 1)]
    pub addresses: Vec<String>,
    /// The `client_id` of the `[[applicatie]]` that calls from there.
    pub applicatie: String,
    /// Its scopes there; none that it does not have anyway.
    #[schema(min_items = 1)]
    pub scopes: Vec<String>,
    /// The only routes, as method and path with placeholders: `GET /v1/kanalen/{naam}`.
    #[schema(min_items = 1)]
    pub routes: Vec<String>,
}

impl AuthAddress {
    /// The scopes, as they are meant.
    pub fn scopes(&self) -> Vec<Scope> {
        self.scopes.iter().filter_map(|label| Scope::from_label(label)).collect()
    }

    /// What is wrong with the entries: the key and why.
    pub(super) fn fault(config: &Config) -> Option<(&'static str, String)> {
        let entries = &config.auth.address;
        if entries.is_empty() {
            return None;
        }
        let table = crate::router::table();
        let needs_right = |name: &String| {
            let route = table.iter().find(|own| format!("{} {}", own.method, own.path) == *name);
            route.is_some_and(|own| matches!(own.access, Access::Right(_) | Access::Callback(_)))
        };
        entries.iter().find_map(|own| {
            for (key, is_empty) in [
                ("auth.address.addresses", own.addresses.is_empty()),
                ("auth.address.scopes", own.scopes.is_empty()),
                ("auth.address.routes", own.routes.is_empty()),
            ] {
                if is_empty {
                    return Some((key, "is empty".to_owned()));
                }
            }
            if let Some((range, error)) = faulty_range(&own.addresses) {
                return Some(("auth.address.addresses", format!("{range}: {error}")));
            }
            let Some(client) = config.applicatie.iter().find(|other| other.client_id == own.applicatie) else {
                return Some(("auth.address.applicatie", format!("there is no [[applicatie]] {:?}", own.applicatie)));
            };
            let has = |label: &String| {
                let beheer = Scope::Beheer.label();
                client.scopes.is_empty() || client.scopes.iter().any(|scope| scope == label || scope == beheer)
            };
            if let Some(scope) = own.scopes.iter().find(|label| Scope::from_label(label).is_none() || !has(label)) {
                return Some(("auth.address.scopes", format!("{scope:?} is no scope of {}", own.applicatie)));
            }
            let route = own.routes.iter().find(|name| !needs_right(name))?;
            let why = format!("{route:?} is no route that needs a right; write it as GET /v1/kanalen/{{naam}}");
            Some(("auth.address.routes", why))
        })
    }
}

/// The first text that is no address range, and why.
pub(super) fn faulty_range(ranges: &[String]) -> Option<(&String, String)> {
    ranges.iter().find_map(|range| Some((range, range.parse::<egress::Cidr>().err()?.to_string())))
}

#[cfg(test)]
mod tests {
    use crate::config::parse;

    #[test]
    fn an_address_gives_a_listed_role_on_listed_routes_only_ch_121() {
        let good = "[[auth.address]]\naddresses = [\"192.0.2.7/32\"]\napplicatie = \"cron\"\n\
                    scopes = [\"notificaties.consumeren\"]\nroutes = [\"GET /v1/kanalen\", \"GET /v1/kanalen/{naam}\"]\n";
        for (text, key) in [
            (good.to_owned(), None),
            (good.replace("\"192.0.2.7/32\"", ""), Some("auth.address.addresses")),
            (good.replace("192.0.2.7/32", "localhost"), Some("auth.address.addresses")),
            (good.replace("\"notificaties.consumeren\"", ""), Some("auth.address.scopes")),
            (good.replace("consumeren", "publiceren"), Some("auth.address.scopes")),
            (good.replace("consumeren", "beheer"), Some("auth.address.scopes")),
            (good.replace("\"cron\"", "\"other\""), Some("auth.address.applicatie")),
            (good.replace("GET /v1/kanalen/{naam}", "GET /v1/*"), Some("auth.address.routes")),
            (good.replace("GET /v1/kanalen/{naam}", "GET /v1/inbox"), Some("auth.address.routes")),
            (good.replace("GET /v1/kanalen/{naam}", "GET /livez"), Some("auth.address.routes")),
        ] {
            let text = format!(
                "[[applicatie]]\nclient_id = \"cron\"\nscopes = [\"notificaties.consumeren\"]\n\
                 secret = \"the long enough secret\"\n{text}"
            );
            let found = parse(&text).err().map(|error| error.to_string());
            match key {
                None => assert_eq!(found, None, "{text}"),
                Some(key) => assert!(found.as_ref().is_some_and(|why| why.starts_with(key)), "{text}: {found:?}"),
            }
        }
        assert!(parse("").unwrap().auth.address.is_empty());
    }
}
