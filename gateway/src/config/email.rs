//! Section `[email]`: the mail relay and how mails to people look. Without this section nothing is sent, and what is due waits.

use std::{
    num::{NonZeroU16, NonZeroU32, NonZeroUsize},
    path::PathBuf,
};

use message::address::EmailAddress;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Config, EmailDkim, EmailInbound};

/// The mail relay that sends to people; needs `[people]`.
#[derive(Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Email {
    /// The host of the relay. If it is private, it must be in `egress.allow`.
    pub host: String,
    /// The port of the relay; absent: 587, or 465 with `security = "tls"`.
    #[schema(value_type = Option<u16>, minimum = 1)]
    pub port: Option<NonZeroU16>,
    /// How connections to the relay are protected.
    pub security: RelaySecurity,
    /// The profile of `[egress.tls.…]` for the relay; absent: the general certificates.
    pub tls_profile: Option<String>,
    /// Our name at the relay; absent: no authentication. Not without TLS.
    pub user: Option<String>,
    /// The password of `user`.
    #[serde(serialize_with = "super::hidden")]
    pub password: Option<String>,
    /// A file with the password, read again for each new connection; white space at its end does not count.
    #[schema(value_type = Option<String>)]
    pub password_file: Option<PathBuf>,
    /// The address that mails come from.
    pub from: String,
    /// The name beside that address.
    pub name: String,
    /// Domain of the envelope senders, at which the relay accepts what comes back; absent: `from` is the envelope sender.
    pub envelope_domain: Option<String>,
    /// Most connections at a time.
    #[schema(value_type = usize, minimum = 1)]
    pub connections: NonZeroUsize,
    /// Most mails a minute; absent: no limit.
    #[schema(value_type = Option<u32>, minimum = 1)]
    pub rate_per_minute: Option<NonZeroU32>,
    /// For tests: all mails go to this address instead of their addressee.
    pub test_override: Option<String>,
    /// The DKIM signature of the gateway; absent: none, the relay signs.
    pub dkim: Option<EmailDkim>,
    /// The listener for mail that comes back; absent: none.
    pub inbound: Option<EmailInbound>,
}

/// How connections to a relay are protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum RelaySecurity {
    /// STARTTLS, which is required.
    #[default]
    Starttls,
    /// TLS from the first byte.
    Tls,
    /// None; only to addresses in `egress.allow_http`.
    Plain,
}

impl Default for Email {
    fn default() -> Self {
        Self {
            host: String::new(),
            port: None,
            security: RelaySecurity::default(),
            tls_profile: None,
            user: None,
            password: None,
            password_file: None,
            from: String::new(),
            name: String::new(),
            envelope_domain: None,
            connections: const { NonZeroUsize::new(10).expect("not zero") },
            rate_per_minute: None,
            test_override: None,
            dkim: None,
            inbound: None,
        }
    }
}

impl std::fmt::Debug for Email {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Email").field("host", &self.host).field("security", &self.security).finish_non_exhaustive()
    }
}

/// Most connections at a time.
const MOST_CONNECTIONS: usize = 100;

impl Email {
    /// What is wrong with it: the key and why.
    pub(super) fn fault(config: &Config) -> Option<(&'static str, &'static str)> {
        let own = config.email.as_ref()?;
        let is_address = |text: &str| EmailAddress::parse(text).is_ok();
        let has_password = own.password.is_some() || own.password_file.is_some();
        let profile = own.tls_profile.as_ref();
        let rules = [
            (config.people.is_some(), "email", "needs [people]: nothing else sends mails"),
            (!own.host.is_empty() && own.host.is_ascii(), "email.host", "is empty or no host name"),
            (is_address(&own.from), "email.from", "must be an e-mail address such as noreply@gemeente.example"),
            (
                !own.name.is_empty() && !own.name.contains(char::is_control),
                "email.name",
                "is empty or has a control character",
            ),
            (own.test_override.as_deref().is_none_or(is_address), "email.test_override", "must be an e-mail address"),
            (
                own.envelope_domain.as_ref().is_none_or(|domain| is_address(&format!("a@{domain}"))),
                "email.envelope_domain",
                "must be a domain name",
            ),
            (own.connections.get() <= MOST_CONNECTIONS, "email.connections", "must be at most 100"),
            (own.user.is_some() == has_password, "email.user", "needs a password, and a password needs it"),
            (
                own.password.is_none() || own.password_file.is_none(),
                "email.password",
                "give either password or password_file",
            ),
            (
                own.user.is_none() || own.security != RelaySecurity::Plain,
                "email.security",
                "must be starttls or tls with a password, which would be readable on the way",
            ),
            (
                profile.is_none_or(|profile| config.egress.tls.contains_key(profile)),
                "email.tls_profile",
                "must be the name of a profile in [egress.tls]",
            ),
        ];
        rules.into_iter().find(|(holds, ..)| !holds).map(|(_, key, why)| (key, why))
    }

    /// The port of the relay.
    pub fn port(&self) -> u16 {
        let usual = if self.security == RelaySecurity::Tls { 465 } else { 587 };
        self.port.map_or(usual, NonZeroU16::get)
    }
}

#[cfg(test)]
mod tests {
    use crate::config::parse;

    const PEOPLE: &str = "[people]\nurl = \"https://b.example\"\n";
    const EMAIL: &str = "[email]\nhost = \"relay.example\"\nfrom = \"noreply@b.example\"\nname = \"B\"\n";

    #[test]
    fn mails_need_people_and_a_relay_that_protects_the_password_ch_23_ch_25() {
        assert!(parse(PEOPLE).unwrap().email.is_none());
        for (text, key) in [
            (format!("{PEOPLE}{EMAIL}"), None),
            (EMAIL.to_owned(), Some("email: ")),
            (format!("{PEOPLE}[email]\nfrom = \"a@b.example\"\nname = \"B\""), Some("email.host")),
            (format!("{PEOPLE}[email]\nhost = \"h\"\nfrom = \"b.example\"\nname = \"B\""), Some("email.from")),
            (format!("{PEOPLE}[email]\nhost = \"h\"\nfrom = \"a@b.example\""), Some("email.name")),
            (format!("{PEOPLE}{EMAIL}user = \"u\""), Some("email.user")),
            (format!("{PEOPLE}{EMAIL}password = \"p\""), Some("email.user")),
            (format!("{PEOPLE}{EMAIL}user = \"u\"\npassword = \"p\""), None),
            (format!("{PEOPLE}{EMAIL}user = \"u\"\npassword = \"p\"\npassword_file = \"f\""), Some("email.password")),
            (format!("{PEOPLE}{EMAIL}user = \"u\"\npassword = \"p\"\nsecurity = \"plain\""), Some("email.security")),
            (format!("{PEOPLE}{EMAIL}security = \"plain\"\nport = 25"), None),
            (format!("{PEOPLE}{EMAIL}envelope_domain = \"a b\""), Some("email.envelope_domain")),
            (format!("{PEOPLE}{EMAIL}test_override = \"x\""), Some("email.test_override")),
            (format!("{PEOPLE}{EMAIL}tls_profile = \"x\""), Some("email.tls_profile")),
            (format!("{PEOPLE}{EMAIL}connections = 101"), Some("email.connections")),
        ] {
            let found = parse(&text).err().map(|error| error.to_string());
            match key {
                None => assert_eq!(found, None, "{text}"),
                Some(key) => assert!(found.as_ref().is_some_and(|why| why.starts_with(key)), "{text}: {found:?}"),
            }
        }
        let config = parse(&format!("{PEOPLE}{EMAIL}user = \"u\"\npassword = \"geheim\"")).unwrap();
        assert!(!format!("{config:?}").contains("geheim"));
        assert!(!serde_json::to_string(&config).unwrap().contains("geheim"));
        let ports = ["starttls", "tls"]
            .map(|kind| parse(&format!("{PEOPLE}{EMAIL}security = \"{kind}\"")).unwrap().email.unwrap().port());
        assert_eq!(ports, [587, 465]);
    }
}
