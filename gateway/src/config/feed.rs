//! Section `[[feed]]`: RSS and Atom feeds that are polled, and whose new items become events of a kanaal. Crate `feeds` polls them.

use std::collections::HashSet;

use model::KanaalName;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Config;

/// A feed. On Kafka one of the nodes with the role `deliver` polls it.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Feed {
    /// Its name, 1 to 40 lower-case letters, digits and hyphens. It must not change: the ids of its events begin with it, and what was
    /// seen is stored under it.
    pub name: String,
    /// Where it is: an https URL, or an http URL of an address in `egress.allow_http`. TLS profiles of `[egress.tls]` with its host
    /// apply. A secret in it is stored nowhere else, and never logged.
    pub url: String,
    /// The kanaal of its events.
    pub kanaal: String,
    /// The `type` of its events, such as `nl.gemeente.nieuws.bericht`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The `source` of its events; absent: the general `source`.
    pub source: Option<String>,
    /// The `client_id` that it publishes as, with the rights of that applicatie; absent: `feed:` and the name.
    pub applicatie: Option<String>,
    /// The time between two polls in seconds, 1 to 604,800.
    #[schema(minimum = 1, maximum = 604_800)]
    pub interval_seconds: u32,
    /// The times of its polls instead of `interval_seconds`, as a cron expression of six fields in Dutch time: second, minute, hour, day of
    /// the month, month, day of the week.
    pub cron: Option<String>,
    /// What identifies an item.
    pub key: FeedKey,
    /// The fields whose change makes an item a changed one.
    pub compare: Vec<FeedField>,
    /// Whether a changed item is published, with another id.
    pub include_updated: bool,
    /// After how many polls without it an item is forgotten, so that it is new when it comes back; at least 1.
    #[schema(minimum = 1)]
    pub forget_after: u16,
    /// What happens to the items of the first poll.
    pub first_poll: FirstPoll,
    /// The most items that are read, from the top; 1 to 10,000.
    #[schema(minimum = 1, maximum = 10_000)]
    pub max_items: usize,
    /// The most bytes of the feed, 1,024 to 33,554,432.
    #[schema(minimum = 1_024, maximum = 33_554_432)]
    pub max_bytes: usize,
    /// The most time of a poll, redirects included, in seconds; 1 to 300.
    #[schema(minimum = 1, maximum = 300)]
    pub timeout_seconds: u32,
}

/// What identifies an item within its feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum FeedKey {
    /// `guid` of RSS, `rdf:about` of RSS 1.0, `id` of Atom; the link when there is none.
    #[default]
    Guid,
    /// The link.
    Link,
    /// The title.
    Title,
}

/// A field of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum FeedField {
    /// When it was published; when it was changed, if that is all there is.
    Published,
    /// When it was changed last.
    Updated,
    /// The title.
    Title,
    /// The link.
    Link,
    /// The summary.
    Summary,
    /// The content.
    Content,
}

/// What happens to the items of the first poll.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum FirstPoll {
    /// They are published.
    #[default]
    Publish,
    /// They only count as seen: items that come later are published.
    Skip,
}

impl Default for Feed {
    fn default() -> Self {
        Self {
            name: String::new(),
            url: String::new(),
            kanaal: String::new(),
            kind: String::new(),
            source: None,
            applicatie: None,
            interval_seconds: 900,
            cron: None,
            key: FeedKey::default(),
            compare: vec![FeedField::Published],
            include_updated: false,
            forget_after: 1,
            first_poll: FirstPoll::default(),
            max_items: 500,
            max_bytes: 4 << 20,
            timeout_seconds: 30,
        }
    }
}

impl Feed {
    /// What is wrong with the feeds: the key and why.
    pub(super) fn fault(config: &Config) -> Option<(&'static str, String)> {
        let mut names = HashSet::new();
        config.feed.iter().find_map(|feed| feed.own_fault(config, names.insert(&feed.name)))
    }

    fn own_fault(&self, config: &Config, is_new: bool) -> Option<(&'static str, String)> {
        let name = &self.name;
        let declared = |client: &String| config.applicatie.iter().any(|own| own.client_id == *client);
        let rules = [
            (is_name(name), "feed.name", "must be 1 to 40 lower-case letters, digits and hyphens"),
            (is_new, "feed.name", "is there twice"),
            (is_url(&self.url), "feed.url", "must be an absolute http(s) URL without user and fragment"),
            (KanaalName::new(&self.kanaal).is_some(), "feed.kanaal", "must be the name of a kanaal"),
            (!self.kind.is_empty() && is_attribute("type", &self.kind), "feed.type", "must be the type of its events"),
            (
                self.source.as_deref().is_none_or(|source| is_attribute("source", source)),
                "feed.source",
                "must be a URI-reference",
            ),
            (
                self.applicatie.as_ref().is_none_or(declared),
                "feed.applicatie",
                "must be the client_id of an [[applicatie]]",
            ),
            ((1..=604_800).contains(&self.interval_seconds), "feed.interval_seconds", "must be 1 to 604800"),
            (self.forget_after >= 1, "feed.forget_after", "must be at least 1"),
            ((1..=10_000).contains(&self.max_items), "feed.max_items", "must be 1 to 10000"),
            ((1_024..=32 << 20).contains(&self.max_bytes), "feed.max_bytes", "must be 1024 to 33554432"),
            ((1..=300).contains(&self.timeout_seconds), "feed.timeout_seconds", "must be 1 to 300"),
        ];
        let broken = rules.into_iter().find(|(holds, ..)| !holds);
        let fault = |(key, why)| (key, format!("of {name:?} {why}"));
        if let Some(error) = self.cron.as_ref().and_then(|cron| feeds::Cron::parse(cron).err()) {
            return Some(fault(("feed.cron", error.to_string())));
        }
        broken.map(|(_, key, why)| fault((key, why.to_owned())))
    }

    /// The `client_id` that it publishes as.
    pub fn publisher(&self) -> String {
        self.applicatie.clone().unwrap_or_else(|| format!("feed:{}", self.name))
    }
}

fn is_name(name: &str) -> bool {
    let is_good = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=40).contains(&name.len()) && name.bytes().all(is_good)
}

fn is_url(url: &str) -> bool {
    let Ok(uri) = url.parse::<http::Uri>() else { return false };
    matches!(uri.scheme_str(), Some("https" | "http"))
        && uri.authority().is_some_and(|authority| !authority.as_str().contains('@'))
        && !url.contains('#')
}

/// Whether an event may have this value of an attribute.
fn is_attribute(name: &str, text: &str) -> bool {
    use model::{AttributeName, Event, Value};
    let attributes = ["id", "source", "type"].into_iter().filter_map(|own| {
        let value = if own == name { text } else { "x" };
        Some((AttributeName::new(own).ok()?, Value::text(value).ok()?))
    });
    Event::new(attributes.collect(), None).is_ok()
}

#[cfg(test)]
mod tests {
    use crate::config::parse;

    const FEED: &str =
        "[[feed]]\nname = \"nieuws\"\nurl = \"https://a.example/rss?key=1\"\nkanaal = \"nieuws\"\ntype = \"nl.x\"\n";

    #[test]
    fn a_feed_has_bounds_on_either_storage_ch_103() {
        let kafka = "[kafka]\nbrokers = \"b:9092\"\n[secrets]\nkey_file = \"k\"\n";
        let applicatie = "[[applicatie]]\nclient_id = \"a\"\nsecret = \"x\"\n";
        let with = |more: &str| format!("{FEED}{more}\n");
        let without = |key: &str| {
            let lines = FEED.lines().filter(|line| !line.starts_with(key));
            lines.collect::<Vec<_>>().join("\n")
        };
        for (text, key) in [
            (FEED.to_owned(), None),
            (with("compare = [\"title\", \"published\"]\nkey = \"link\"\nfirst_poll = \"skip\""), None),
            (format!("{}applicatie = \"a\"\n{applicatie}", with("")), None),
            (with("applicatie = \"a\""), Some("feed.applicatie")),
            (format!("{FEED}{FEED}"), Some("feed.name")),
            (without("name"), Some("feed.name")),
            (without("url"), Some("feed.url")),
            (without("kanaal"), Some("feed.kanaal")),
            (without("type"), Some("feed.type")),
            (FEED.replace("nieuws\"\nurl", "Nieuws\"\nurl"), Some("feed.name")),
            (FEED.replace("https://", "https://an@"), Some("feed.url")),
            (FEED.replace("https", "file"), Some("feed.url")),
            (with("source = \"a b\""), Some("feed.source")),
            (with("interval_seconds = 0"), Some("feed.interval_seconds")),
            (with("cron = \"0 */5 * * * *\""), None),
            (with("cron = \"*/5 * * * *\""), Some("feed.cron")),
            (with("forget_after = 0"), Some("feed.forget_after")),
            (with("max_items = 10001"), Some("feed.max_items")),
            (with("max_bytes = 1"), Some("feed.max_bytes")),
            (with("timeout_seconds = 0"), Some("feed.timeout_seconds")),
            (format!("{kafka}{FEED}"), None),
        ] {
            let found = parse(&text).err().map(|error| error.to_string());
            match key {
                None => assert_eq!(found, None, "{text}"),
                Some(key) => assert!(found.as_ref().is_some_and(|why| why.starts_with(key)), "{text}: {found:?}"),
            }
        }
        for wrong in ["compare = [\"guid\"]", "key = \"id\"", "interval = 5"] {
            assert!(parse(&with(wrong)).is_err(), "{wrong}");
        }
    }
}
