//! Section `[people.inbox]`: messages that people read at the gateway, by an access token of the provider of people.

use std::{num::NonZeroU32, time::Duration};

use model::{
    AttributeName, KanaalName,
    approval::Disclosure,
    data_filter::DataPath,
    inbox::{InboxKanaal, InboxKanalen},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::PeopleProxy;

/// The inbox: who reads it, and which kanalen are in it.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PeopleInbox {
    /// The issuer of the access tokens of people, letter for letter as the provider names itself. A person is this issuer and the
    /// claim `sub`. Without `audience` it is the issuer of `[people.inbox.proxy]`.
    pub issuer: String,
    /// The name of this gateway in the claim `aud`. Empty: no token is accepted, which needs `[people.inbox.proxy]`.
    pub audience: String,
    /// How long a person can undo a deletion, in days; at most 366.
    #[schema(value_type = u32, minimum = 1, maximum = 366)]
    pub undo_days: NonZeroU32,
    /// How long messages that expired are kept for the totals of their sender, in days; at most 3,660.
    #[schema(value_type = u32, minimum = 1, maximum = 3660)]
    pub keep_days: NonZeroU32,
    /// How far clocks may differ, in seconds.
    pub leeway_seconds: u32,
    /// Time for one request to the provider, in seconds.
    #[schema(minimum = 1)]
    pub timeout_seconds: u32,
    /// Proxies that name people in a header; absent: none does.
    pub proxy: Option<PeopleProxy>,
    /// The kanalen with the channel `inbox`.
    pub kanaal: Vec<InboxKanaalSettings>,
}

/// A kanaal whose events are messages. Events that name nobody are refused.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct InboxKanaalSettings {
    /// The name of the kanaal.
    pub naam: String,
    /// The member of the payload, as a JSON Pointer, with the `sub` of the one person that an event is for.
    pub addressee: String,
    /// The member of the payload, as a JSON Pointer, that is `true` in events for everybody.
    pub broadcast: String,
    /// The optional attributes of events that people see; absent: all.
    pub attributes: Option<Vec<String>>,
    /// Whether people see the payload.
    pub data: bool,
}

impl Default for PeopleInbox {
    fn default() -> Self {
        let days = NonZeroU32::MIN.saturating_add(29);
        Self {
            issuer: String::new(),
            audience: String::new(),
            undo_days: days,
            keep_days: days,
            leeway_seconds: 60,
            timeout_seconds: 5,
            proxy: None,
            kanaal: Vec::new(),
        }
    }
}

impl Default for InboxKanaalSettings {
    fn default() -> Self {
        Self {
            naam: String::new(),
            addressee: "/addressee".to_owned(),
            broadcast: "/broadcast".to_owned(),
            attributes: None,
            data: true,
        }
    }
}

impl PeopleInbox {
    /// What is wrong with it: the key and why.
    pub(super) fn fault(&self) -> Option<(&'static str, &'static str)> {
        let is_url = self.issuer.parse::<http::Uri>().is_ok_and(|uri| {
            matches!(uri.scheme_str(), Some("https" | "http")) && uri.host().is_some() && uri.query().is_none()
        });
        let is_url = is_url || !self.takes_tokens() && self.proxy.is_some();
        let is_same = self.takes_tokens() || self.proxy.as_ref().is_none_or(|own| own.issuer == self.issuer);
        let all = |holds: fn(&InboxKanaalSettings) -> bool| self.kanaal.iter().all(holds);
        let is_once = self.kanalen().len() == self.kanaal.len();
        let rules = [
            (is_same, "people.inbox.issuer", "must be that of people.inbox.proxy while people.inbox.audience is empty"),
            (is_url, "people.inbox.issuer", "must be an absolute http(s) URL without query"),
            (self.takes_tokens() || self.proxy.is_some(), "people.inbox.audience", "is empty"),
            (self.undo_days.get() <= 366, "people.inbox.undo_days", "must be at most 366"),
            (self.keep_days.get() <= 3_660, "people.inbox.keep_days", "must be at most 3660"),
            (self.timeout_seconds > 0, "people.inbox.timeout_seconds", "must be at least 1"),
            (!self.kanaal.is_empty(), "people.inbox.kanaal", "is empty: the inbox would have no messages"),
            (
                all(|own| KanaalName::new(&own.naam).is_some_and(|naam| !naam.is_own())),
                "people.inbox.kanaal.naam",
                "must be the name of a kanaal, and not that of the events of the gateway itself",
            ),
            (
                all(|own| DataPath::new(&own.addressee).is_ok() && DataPath::new(&own.broadcast).is_ok()),
                "people.inbox.kanaal",
                "must have JSON Pointers such as /addressee in addressee and broadcast",
            ),
            (
                all(|own| own.addressee != own.broadcast),
                "people.inbox.kanaal.broadcast",
                "must be another member than addressee",
            ),
            (
                all(|own| own.attributes.iter().flatten().all(|name| AttributeName::new(name).is_ok())),
                "people.inbox.kanaal.attributes",
                "must be names of attributes",
            ),
            (is_once, "people.inbox.kanaal.naam", "must be given once"),
        ];
        rules.into_iter().find(|(holds, ..)| !holds).map(|(_, key, why)| (key, why))
    }

    /// The kanalen, as they are meant.
    pub fn kanalen(&self) -> InboxKanalen {
        self.kanaal.iter().filter_map(|own| Some((KanaalName::new(&own.naam)?, own.kanaal()?))).collect()
    }

    /// Whether access tokens of people are accepted.
    pub fn takes_tokens(&self) -> bool {
        !self.audience.is_empty()
    }

    /// How long a deletion can be undone.
    pub fn undo(&self) -> Duration {
        days(self.undo_days)
    }

    /// How long expired messages are kept.
    pub fn keep(&self) -> Duration {
        days(self.keep_days)
    }
}

impl InboxKanaalSettings {
    fn kanaal(&self) -> Option<InboxKanaal> {
        let names =
            self.attributes.as_ref().map(|own| own.iter().filter_map(|name| AttributeName::new(name).ok()).collect());
        Some(InboxKanaal {
            addressee: DataPath::new(&self.addressee).ok()?,
            broadcast: DataPath::new(&self.broadcast).ok()?,
            disclosure: Disclosure { attributes: names, data: self.data },
        })
    }
}

fn days(number: NonZeroU32) -> Duration {
    Duration::from_hours(24 * u64::from(number.get()))
}

#[cfg(test)]
mod tests {
    use crate::config::parse;

    #[test]
    fn ch_1_an_inbox_names_its_provider_and_its_kanalen() {
        let own = "issuer = \"https://login.example\"\naudience = \"berichten\"\n";
        let kanaal = |more: &str| format!("{own}[[people.inbox.kanaal]]\nnaam = \"berichten\"\n{more}\n");
        for (text, key) in [
            (kanaal(""), None),
            (kanaal("addressee = \"/userId\"\nbroadcast = \"/isBroadcast\"\nattributes = [\"subject\"]"), None),
            (String::new(), Some("people.inbox.issuer")),
            (own.replace("https://login.example", "login"), Some("people.inbox.issuer")),
            (own.replace("berichten", ""), Some("people.inbox.audience")),
            (own.to_owned(), Some("people.inbox.kanaal")),
            (format!("undo_days = 367\n{}", kanaal("")), Some("people.inbox.undo_days")),
            (format!("keep_days = 3661\n{}", kanaal("")), Some("people.inbox.keep_days")),
            (format!("timeout_seconds = 0\n{}", kanaal("")), Some("people.inbox.timeout_seconds")),
            (kanaal("addressee = \"userId\""), Some("people.inbox.kanaal")),
            (kanaal("addressee = \"/broadcast\""), Some("people.inbox.kanaal.broadcast")),
            (kanaal("attributes = [\"No\"]"), Some("people.inbox.kanaal.attributes")),
            (kanaal("[[people.inbox.kanaal]]\nnaam = \"berichten\""), Some("people.inbox.kanaal.naam")),
            (format!("{own}[[people.inbox.kanaal]]\nnaam = \"\""), Some("people.inbox.kanaal.naam")),
        ] {
            let text = format!("[people]\nurl = \"https://b.example\"\n[people.inbox]\n{text}");
            let found = parse(&text).err().map(|error| error.to_string());
            match key {
                None => assert_eq!(found, None, "{text}"),
                Some(key) => assert!(found.as_ref().is_some_and(|why| why.starts_with(key)), "{text}: {found:?}"),
            }
        }
    }
}
