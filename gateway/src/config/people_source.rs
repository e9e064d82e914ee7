//! Section `[[people.source]]`: sources that verified addresses of people, in the place of a confirmation (CH-54). Without them every
//! address is confirmed by the person, or by an agreement.

use std::{num::NonZeroU32, time::Duration};

use people::Source;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::auth::identity_tokens;

use super::People;

/// A source that verified addresses: a register from which a client knows that, or an OpenID Connect provider by its ID tokens.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PeopleSource {
    /// Its name, at most 100 characters, such as `klantinteracties`: clients give it, and it is stored with the consent.
    pub name: String,
    /// The clients that may name it, by client_id.
    #[schema(min_items = 1)]
    pub clients: Vec<String>,
    /// For how long a verification counts, in days; at most 3,660.
    #[schema(value_type = u32, minimum = 1, maximum = 3660)]
    pub max_age_days: NonZeroU32,
    /// The issuer of ID tokens, letter for letter as the provider names itself; absent: the client states the moment of verification.
    pub issuer: Option<String>,
    /// With `issuer`: the client at the provider that the ID tokens are for (`aud`).
    pub audience: Option<String>,
    /// How far the clocks of provider and gateway may differ, in seconds.
    pub leeway_seconds: u32,
    /// Time for one request to the provider, in seconds.
    #[schema(minimum = 1)]
    pub timeout_seconds: u32,
}

impl Default for PeopleSource {
    fn default() -> Self {
        Self {
            name: String::new(),
            clients: Vec::new(),
            max_age_days: NonZeroU32::MIN.saturating_add(364),
            issuer: None,
            audience: None,
            leeway_seconds: 60,
            timeout_seconds: 5,
        }
    }
}

impl PeopleSource {
    /// What is wrong with them: the key and why.
    pub(super) fn fault(people: &People) -> Option<(&'static str, &'static str)> {
        let all = &people.source;
        let is_url = |issuer: &String| {
            issuer.parse::<http::Uri>().is_ok_and(|uri| {
                matches!(uri.scheme_str(), Some("https" | "http")) && uri.host().is_some() && uri.query().is_none()
            })
        };
        let rules = [
            (
                all.iter().all(|own| is_name(&own.name)),
                "people.source.name",
                "must be a text of 1 to 100 characters on one line",
            ),
            (
                all.iter().enumerate().all(|(at, own)| all[..at].iter().all(|other| other.name != own.name)),
                "people.source.name",
                "must be given once",
            ),
            (
                all.iter().all(|own| !own.clients.is_empty() && own.clients.iter().all(|client| !client.is_empty())),
                "people.source.clients",
                "must name the clients that may use the source",
            ),
            (
                all.iter().all(|own| own.max_age_days.get() <= 3_660),
                "people.source.max_age_days",
                "must be at most 3660",
            ),
            (
                all.iter().filter_map(|own| own.issuer.as_ref()).all(is_url),
                "people.source.issuer",
                "must be an absolute http(s) URL without query",
            ),
            (
                all.iter()
                    .all(|own| own.issuer.is_some() == own.audience.as_ref().is_some_and(|text| !text.is_empty())),
                "people.source.audience",
                "belongs with people.source.issuer: give both, or none of them",
            ),
            (all.iter().all(|own| own.timeout_seconds > 0), "people.source.timeout_seconds", "must be at least 1"),
        ];
        rules.into_iter().find(|(holds, ..)| !holds).map(|(_, key, why)| (key, why))
    }

    /// The source, as it is meant.
    pub fn source(&self) -> Source {
        Source {
            name: self.name.clone(),
            clients: self.clients.clone(),
            max_age: Duration::from_hours(24 * u64::from(self.max_age_days.get())),
            has_tokens: self.issuer.is_some(),
        }
    }

    /// Which ID tokens count; `None` for a source without.
    pub fn identity_tokens(&self) -> Option<identity_tokens::Settings> {
        Some(identity_tokens::Settings {
            source: self.name.clone(),
            issuer: self.issuer.clone()?,
            audience: self.audience.clone()?,
            leeway: self.leeway_seconds.into(),
            timeout: Duration::from_secs(self.timeout_seconds.into()),
        })
    }
}

fn is_name(name: &str) -> bool {
    !name.trim().is_empty() && name.chars().nth(100).is_none() && !name.contains(char::is_control)
}

#[cfg(test)]
mod tests {
    use crate::config::parse;

    #[test]
    fn sources_are_off_until_they_name_their_clients_ch_54() {
        let good = "name = \"klantinteracties\"\nclients = [\"balie\"]\n";
        for (text, key) in [
            (good.to_owned(), None),
            (format!("{good}max_age_days = 3660"), None),
            (format!("{good}issuer = \"https://login.example\"\naudience = \"portaal\""), None),
            (good.replace("klantinteracties", " "), Some("people.source.name")),
            (format!("{good}[[people.source]]\n{good}"), Some("people.source.name")),
            (good.replace("\"balie\"", ""), Some("people.source.clients")),
            (good.replace("balie", ""), Some("people.source.clients")),
            (format!("{good}max_age_days = 3661"), Some("people.source.max_age_days")),
            (format!("{good}issuer = \"login\"\naudience = \"portaal\""), Some("people.source.issuer")),
            (format!("{good}issuer = \"https://login.example\""), Some("people.source.audience")),
            (format!("{good}audience = \"portaal\""), Some("people.source.audience")),
            (format!("{good}timeout_seconds = 0"), Some("people.source.timeout_seconds")),
        ] {
            let text = format!("[people]\nurl = \"https://b.example\"\n[[people.source]]\n{text}\n");
            let found = parse(&text).err().map(|error| error.to_string());
            match key {
                None => assert_eq!(found, None, "{text}"),
                Some(key) => assert!(found.as_ref().is_some_and(|why| why.starts_with(key)), "{text}: {found:?}"),
            }
        }
        assert!(parse("[people]\nurl = \"https://b.example\"").unwrap().people.unwrap().source.is_empty());
    }
}
