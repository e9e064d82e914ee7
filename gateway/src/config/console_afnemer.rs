//! Section `[[console.afnemer]]`: persons who act for clients by a claim that does not name these clients itself, such as a group.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Most clients of one entry: a person acts for no more.
const MAX_CLIENTS: usize = 20;
/// Most bytes of a client.
const MAX_CLIENT: usize = 100;

/// A claim of the provider by which persons act for clients, beside those of `claims.client_ids`. Roles come from `claims.grants`.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ConsoleAfnemer {
    /// The path of the claim, such as `["groups"]`. The person must not be able to change it.
    #[schema(min_items = 1)]
    pub claim: Vec<String>,
    /// The values of the claim. `*` at the end of one covers every ending.
    #[schema(min_items = 1)]
    pub values: Vec<String>,
    /// The `client_id`s that a person with one of these values acts for, at most 20.
    #[schema(min_items = 1)]
    pub client_ids: Vec<String>,
}

impl ConsoleAfnemer {
    /// What is wrong with it: the key and why.
    pub(super) fn fault(&self) -> Option<(&'static str, &'static str)> {
        let is_path = !self.claim.is_empty() && self.claim.iter().all(|name| !name.is_empty());
        let is_value = |value: &String| !value.is_empty() && value != "*" && !value.contains(char::is_whitespace);
        let is_client = |client: &String| (1..=MAX_CLIENT).contains(&client.len());
        let rules = [
            (is_path, "console.afnemer.claim", "must be a path of member names"),
            (
                !self.values.is_empty() && self.values.iter().all(is_value),
                "console.afnemer.values",
                "must have values without spaces, of which none covers everybody",
            ),
            (
                (1..=MAX_CLIENTS).contains(&self.client_ids.len()) && self.client_ids.iter().all(is_client),
                "console.afnemer.client_ids",
                "must have 1 to 20 clients of 1 to 100 bytes",
            ),
        ];
        rules.into_iter().find(|(holds, ..)| !holds).map(|(_, key, why)| (key, why))
    }
}

#[cfg(test)]
mod tests {
    use crate::config::parse;

    #[test]
    fn persons_are_mapped_to_clients_by_values_of_a_claim() {
        let oidc = "[console.oidc]\nissuer = \"https://i.example\"\nclient_id = \"g\"\nclient_secret = \"s\"\n\
                    [console.claims.grants]\nafnemer = [\"gw\"]\n";
        let good =
            "[[console.afnemer]]\nclaim = [\"groups\"]\nvalues = [\"lev-a\", \"lev-b-*\"]\nclient_ids = [\"zaken\"]\n";
        let many = format!("client_ids = {:?}", vec!["x"; 21]);
        for (text, key) in [
            (format!("{oidc}{good}"), None),
            (format!("{oidc}{good}{good}"), None),
            (format!("[console]\n{good}"), Some("console.afnemer")),
            (format!("{oidc}{}", good.replace("[\"groups\"]", "[]")), Some("console.afnemer.claim")),
            (format!("{oidc}{}", good.replace("lev-b-*", "*")), Some("console.afnemer.values")),
            (format!("{oidc}{}", good.replace("lev-a", "lev a")), Some("console.afnemer.values")),
            (format!("{oidc}{}", good.replace("[\"lev-a\", \"lev-b-*\"]", "[]")), Some("console.afnemer.values")),
            (format!("{oidc}{}", good.replace("\"zaken\"", "")), Some("console.afnemer.client_ids")),
            (format!("{oidc}{}", good.replace("zaken", &"x".repeat(101))), Some("console.afnemer.client_ids")),
            (format!("{oidc}{}", good.replace("client_ids = [\"zaken\"]", &many)), Some("console.afnemer.client_ids")),
        ] {
            let found = parse(&text).err().map(|error| error.to_string());
            match key {
                None => assert_eq!(found, None, "{text}"),
                Some(key) => assert!(found.as_ref().is_some_and(|why| why.starts_with(key)), "{text}: {found:?}"),
            }
        }
        let own = parse(&format!("{oidc}{good}")).unwrap().console.unwrap().afnemer.remove(0);
        assert_eq!(
            (own.claim, own.values, own.client_ids),
            (vec!["groups".into()], vec!["lev-a".into(), "lev-b-*".into()], vec!["zaken".to_owned()])
        );
    }
}
