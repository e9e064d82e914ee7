//! Section `[people]`: light subscriptions of people, who get messages by e-mail or SMS. Without this section there are none, and no
//! file is made for them.

use std::{collections::BTreeSet, num::NonZeroU32, path::PathBuf, time::Duration};

use model::KanaalName;
use people_filter::{Dialects, Functions};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Config, PeopleClass, PeopleCollected, PeopleExpression, PeopleInbox, PeopleOwnerAttribute, PeoplePage,
    PeopleSource, PeopleTemplate,
};

/// Light subscriptions of people. On Kafka one of the nodes with the role `deliver` works for them.
#[derive(Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct People {
    /// The address of the pages behind the links in messages, such as `https://berichten.gemeente.example`: `/a/…` below it
    /// must reach this gateway.
    pub url: String,
    /// The name of the organisation on those pages.
    pub organisation: String,
    /// File with the keys of addresses; absent: `people.key` in the data directory, made at the first start. It must not get
    /// lost: without it no address can be read. With `[kafka]` it is needed, is not made, and must be the same on all nodes.
    #[schema(value_type = Option<String>)]
    pub key_file: Option<PathBuf>,
    /// How long leaving can be undone, in hours; at most 8,760.
    #[schema(value_type = u32, minimum = 1, maximum = 8760)]
    pub undo_hours: NonZeroU32,
    /// Most requests to subscribe of one client and address of origin in an hour. Five an hour for an e-mail address is a fixed
    /// bound beside it.
    #[schema(value_type = u32, minimum = 1)]
    pub subscriptions_per_source: NonZeroU32,
    /// Most requests of one address of origin in a minute for pages to confirm and for wrong links. Links to leave always work.
    #[schema(value_type = u32, minimum = 1)]
    pub pages_per_source: NonZeroU32,
    /// The secret of the addresses at which providers of messages report, `/v1/receipts/notifynl/<secret>` and
    /// `/v1/receipts/sms/<secret>`, or the bearer token without it; at least 20 letters, digits, hyphens and underscores. Absent:
    /// there are no such addresses.
    #[serde(serialize_with = "super::hidden")]
    pub receipts_secret: Option<String>,
    /// A file with it, read at the start; white space at its end does not count.
    #[schema(value_type = Option<String>)]
    pub receipts_secret_file: Option<PathBuf>,
    /// The attributes that clients may set for a person, by name, at most 32: what filters of senders look at. Without them no request
    /// sets any.
    pub attributes: Vec<String>,
    /// The attributes that people may change of themselves on the page of their data; absent: none.
    pub owner_attribute: Vec<PeopleOwnerAttribute>,
    /// The clients that may filter on attributes of people (`addresseefilter`), by client_id; they can find out what these are.
    pub filter_senders: Vec<String>,
    /// The clients that may make a light subscription confirmed, by client_id: they name the agreement of the person (`config.agreement`).
    pub confirming_clients: Vec<String>,
    /// Sources that verified addresses, in the place of a confirmation; absent: none.
    pub source: Vec<PeopleSource>,
    /// The origins that `[[people.page]] redirect` may lead to, such as `https://www.gemeente.example`; absent: none.
    pub redirects: Vec<String>,
    /// What people see after confirming or leaving, per kanaal; absent: built-in texts.
    pub page: Vec<PeoplePage>,
    /// Named expressions for filters in JMESPath, at most 32.
    pub expression: Vec<PeopleExpression>,
    /// The texts of mails about events, per kanaal and language; absent: built-in ones without the payload.
    pub template: Vec<PeopleTemplate>,
    /// When people get the mail with all events of a day or a week, if they chose that.
    pub collected: PeopleCollected,
    /// Messages that people read at the gateway; absent: none.
    pub inbox: Option<PeopleInbox>,
}

impl Default for People {
    fn default() -> Self {
        let number = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        Self {
            url: String::new(),
            organisation: String::new(),
            key_file: None,
            undo_hours: number(720),
            subscriptions_per_source: number(100),
            pages_per_source: number(60),
            receipts_secret: None,
            receipts_secret_file: None,
            attributes: Vec::new(),
            owner_attribute: Vec::new(),
            filter_senders: Vec::new(),
            confirming_clients: Vec::new(),
            source: Vec::new(),
            redirects: Vec::new(),
            page: Vec::new(),
            expression: Vec::new(),
            template: Vec::new(),
            collected: PeopleCollected::default(),
            inbox: None,
        }
    }
}

impl std::fmt::Debug for People {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("People").field("url", &self.url).finish_non_exhaustive()
    }
}

impl People {
    /// What is wrong with it: the key and why.
    pub(super) fn fault(config: &Config) -> Option<(&'static str, &'static str)> {
        let own = config.people.as_ref()?;
        let rules = [
            (
                config.kafka.is_none() || own.key_file.is_some(),
                "people.key_file",
                "is needed with [kafka]: all nodes must have the same key",
            ),
            (cfg!(feature = "console"), "people", "needs a program that is built with its pages (feature console)"),
            (
                is_address(&own.url),
                "people.url",
                "must be an absolute https URL without path, such as https://berichten.gemeente.example; http only on a \
                 loopback address",
            ),
            (own.undo_hours.get() <= 8_760, "people.undo_hours", "must be at most 8760, a year"),
            (
                own.attributes.len() <= 32 && own.attributes.iter().all(|name| is_attribute(name)),
                "people.attributes",
                "must be at most 32 names of 1 to 40 letters, digits and underscores that begin with a letter",
            ),
            (
                own.receipts_secret.is_none() || own.receipts_secret_file.is_none(),
                "people.receipts_secret",
                "give either receipts_secret or receipts_secret_file",
            ),
            (
                own.receipts_secret.as_ref().is_none_or(|secret| is_receipts_secret(secret)),
                "people.receipts_secret",
                "must have at least 20 letters, digits, hyphens and underscores",
            ),
        ];
        let fault = rules.into_iter().find(|(holds, ..)| !holds).map(|(_, key, why)| (key, why));
        let fault = fault.or_else(|| PeopleOwnerAttribute::fault(own)).or_else(|| PeopleSource::fault(own));
        let fault = fault.or_else(|| own.collected.fault());
        fault.or_else(|| own.inbox.as_ref().and_then(PeopleInbox::fault))
    }

    /// What is wrong with a named expression: its name and why.
    pub(super) fn expression_fault(&self) -> Option<String> {
        self.functions().err()
    }

    /// What is wrong with the classes of texts: the kanaal, the key and the rule.
    pub(super) fn template_fault(&self) -> Option<String> {
        PeopleTemplate::class_fault(&self.template)
    }

    fn functions(&self) -> Result<Functions, String> {
        let mut functions = Functions::default();
        for own in &self.expression {
            let declared = functions.declare(&own.name, &own.parameters, &own.expression);
            declared.map_err(|fault| format!("{:?}: {fault}", own.name))?;
        }
        Ok(functions)
    }

    /// The dialects of filters of people; they were checked.
    pub fn dialects(&self) -> Dialects {
        Dialects::new(self.functions().unwrap_or_default())
    }

    /// The kanalen with an inbox.
    pub fn inbox_kanalen(&self) -> model::inbox::InboxKanalen {
        self.inbox.as_ref().map(PeopleInbox::kanalen).unwrap_or_default()
    }

    /// The kanalen whose messages must be sent.
    pub fn obligatory_kanalen(&self) -> BTreeSet<KanaalName> {
        let obligatory = self.template.iter().filter(|own| own.class != PeopleClass::Normal);
        obligatory.filter_map(|own| KanaalName::new(&own.kanaal)).collect()
    }

    /// The file with the keys of addresses.
    pub fn key_file(&self, config: &Config) -> PathBuf {
        self.key_file.clone().unwrap_or_else(|| config.data.join("people.key"))
    }

    /// The values for the use cases.
    pub fn settings(&self) -> people::Settings {
        people::Settings {
            undo: Duration::from_hours(self.undo_hours.get().into()),
            subscriptions_per_source: self.subscriptions_per_source.get(),
            pages_per_source: self.pages_per_source.get(),
        }
    }
}

/// Whether it can be a part of a path, and not be guessed.
pub fn is_receipts_secret(secret: &str) -> bool {
    let is_fit = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    secret.len() >= 20 && secret.bytes().all(is_fit)
}

/// Whether it can be the name of an attribute in every dialect of filters.
fn is_attribute(name: &str) -> bool {
    let is_fit = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    (1..=40).contains(&name.len())
        && name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.bytes().all(is_fit)
}

/// Whether it is scheme and authority of `https`, or of `http` on a loopback address.
pub(super) fn is_address(url: &str) -> bool {
    let Ok(uri) = url.parse::<http::Uri>() else { return false };
    let Some(host) = uri.host() else { return false };
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let is_local = bare == "localhost" || bare.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    let is_safe = uri.scheme_str() == Some("https") || (uri.scheme_str() == Some("http") && is_local);
    is_safe && matches!(uri.path(), "" | "/") && uri.query().is_none() && !url.contains('@')
}

#[cfg(test)]
mod tests {
    use crate::config::parse;

    #[test]
    fn people_are_off_until_they_are_configured_and_need_a_key_file_on_kafka() {
        assert!(parse("").unwrap().people.is_none());
        let kafka = "[kafka]\nbrokers = \"b:9092\"\n[secrets]\nkey_file = \"k\"\n";
        let text = |people: &str| format!("[people]\n{people}\n");
        let expression = |name: &str, expression: &str| {
            let head = "url = \"https://b.example\"\n[[people.expression]]\nparameters = [\"postcode\"]";
            format!("{head}\nname = \"{name}\"\nexpression = \"{expression}\"")
        };
        for (text, key) in [
            (text("url = \"https://b.example\""), None),
            (text("url = \"http://127.0.0.1:8080\""), None),
            (text("url = \"http://[::1]:8080/\""), None),
            (text("url = \"http://b.example\""), Some("people.url")),
            (text("url = \"https://b.example/x\""), Some("people.url")),
            (text("url = \"https://an@b.example\""), Some("people.url")),
            (text(""), Some("people.url")),
            (text("url = \"https://b.example\"\nundo_hours = 9000"), Some("people.undo_hours")),
            (
                text(
                    "url = \"https://b.example\"\n[people.collected]\nhour = 6\nweekday = \"sunday\"\ntime_zone = \"UTC\"",
                ),
                None,
            ),
            (text("url = \"https://b.example\"\n[people.collected]\nhour = 24"), Some("people.collected")),
            (
                text("url = \"https://b.example\"\n[people.collected]\ntime_zone = \"Nergens\""),
                Some("people.collected"),
            ),
            (text("url = \"https://b.example\"\nreceipts_secret = \"0123456789-0123456789_x\""), None),
            (text("url = \"https://b.example\"\nattributes = [\"postcode\"]\nfilter_senders = [\"zaken\"]"), None),
            (text("url = \"https://b.example\"\nattributes = [\"post code\"]"), Some("people.attributes")),
            (text(&expression("in_wijk", "starts_with(postcode, '10')")), None),
            (
                text(&expression("in_wijk", "in_wijk(postcode)")),
                Some("people.expression: \"in_wijk\": there is no function"),
            ),
            (text(&expression("in_wijk", "postcode ===")), Some("people.expression: \"in_wijk\"")),
            (text(&expression("length", "postcode")), Some("people.expression: \"length\"")),
            (text("url = \"https://b.example\"\nreceipts_secret = \"0123456789\""), Some("people.receipts_secret")),
            (
                text("url = \"https://b.example\"\nreceipts_secret = \"0123456789/0123456789\""),
                Some("people.receipts_secret"),
            ),
            (format!("{kafka}{}", text("url = \"https://b.example\"")), Some("people.key_file")),
            (format!("{kafka}{}", text("url = \"https://b.example\"\nkey_file = \"p\"")), None),
        ] {
            let found = parse(&text).err().map(|error| error.to_string());
            match key {
                None => assert_eq!(found, None, "{text}"),
                Some(key) => assert!(found.as_ref().is_some_and(|why| why.starts_with(key)), "{text}: {found:?}"),
            }
        }
    }
}
