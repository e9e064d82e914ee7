//! Section `[email.inbound]`: the listener for mail that comes back. Without this section there is none, and bounces have no effect.

use std::{
    net::SocketAddr,
    num::{NonZeroU32, NonZeroUsize},
    path::PathBuf,
    time::Duration,
};

use model::addressee::bounce::{SoftThreshold, Threshold};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Config, Tls};

/// The listener for bounces, complaints and mails to unsubscribe, by SMTP; needs `email.envelope_domain`, whose mail the relay, or the
/// MX record, sends here.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct EmailInbound {
    /// Address and port of the listener.
    #[schema(value_type = String)]
    pub listen: SocketAddr,
    /// PEM file with a certificate, for STARTTLS, followed by the rest of its chain; absent: mail comes without TLS. Read again when
    /// it changes.
    #[schema(value_type = Option<String>)]
    pub certificate: Option<PathBuf>,
    /// PEM file with the private key of `certificate`.
    #[schema(value_type = Option<String>)]
    pub key: Option<PathBuf>,
    /// The local part of the address at `email.envelope_domain` to which mail providers send complaints (feedback loops); absent:
    /// complaints are read only where they come to the envelope sender.
    pub complaints: Option<String>,
    /// Hard bounces of an address that end its light subscriptions; at most 20.
    #[schema(value_type = u32, minimum = 1, maximum = 20)]
    pub hard_bounces: NonZeroU32,
    /// The time in which that many must come, in days; at most 365.
    #[schema(value_type = u32, minimum = 1, maximum = 365)]
    pub hard_bounce_days: NonZeroU32,
    /// Mails to an address that were given up for a reason that may pass, without one that arrived between them, that end its light
    /// subscriptions; 2 to 100.
    #[schema(value_type = u32, minimum = 2, maximum = 100)]
    pub soft_bounces: NonZeroU32,
    /// The time in which that many must have been sent, in days; at most 365, and longer than `soft_bounce_settled_days`.
    #[schema(value_type = u32, minimum = 2, maximum = 365)]
    pub soft_bounce_days: NonZeroU32,
    /// How long after it was accepted a mail that did not come back is taken for one that arrived, in days; at most 30.
    #[schema(value_type = u32, minimum = 1, maximum = 30)]
    pub soft_bounce_settled_days: NonZeroU32,
    /// The largest mail, in bytes: 10,000 to 1,048,576.
    #[schema(minimum = 10000, maximum = 1048576)]
    pub mail_bytes: usize,
    /// Most connections at a time; at most 200.
    #[schema(value_type = usize, minimum = 1, maximum = 200)]
    pub connections: NonZeroUsize,
    /// Most connections at a time of one address.
    #[schema(value_type = usize, minimum = 1)]
    pub connections_per_address: NonZeroUsize,
    /// Longest time until the last byte of a mail, since the connection began or the mail before it ended, in seconds.
    #[schema(value_type = u32, minimum = 1)]
    pub seconds: NonZeroU32,
}

impl Default for EmailInbound {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 2525)),
            certificate: None,
            key: None,
            complaints: None,
            hard_bounces: const { NonZeroU32::new(3).expect("not zero") },
            hard_bounce_days: const { NonZeroU32::new(30).expect("not zero") },
            soft_bounces: const { NonZeroU32::new(5).expect("not zero") },
            soft_bounce_days: const { NonZeroU32::new(30).expect("not zero") },
            soft_bounce_settled_days: const { NonZeroU32::new(5).expect("not zero") },
            mail_bytes: message::bounce::MAX_MAIL,
            connections: const { NonZeroUsize::new(20).expect("not zero") },
            connections_per_address: const { NonZeroUsize::new(10).expect("not zero") },
            seconds: const { NonZeroU32::new(300).expect("not zero") },
        }
    }
}

impl EmailInbound {
    /// What is wrong with it: the key and why.
    pub(super) fn fault(config: &Config) -> Option<(&'static str, &'static str)> {
        let email = config.email.as_ref()?;
        let own = email.inbound.as_ref()?;
        let is_local = |text: &str| {
            !text.is_empty()
                && text.len() <= 64
                && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
        };
        let rules = [
            (
                email.envelope_domain.is_some(),
                "email.inbound",
                "needs email.envelope_domain: mail comes back to addresses at that domain",
            ),
            (
                own.certificate.is_some() == own.key.is_some(),
                "email.inbound.certificate",
                "needs a key, and a key needs it",
            ),
            (
                own.complaints.as_deref().is_none_or(is_local),
                "email.inbound.complaints",
                "must be the part before the @: letters, digits, hyphens, dots and underscores",
            ),
            (own.hard_bounces.get() <= 20, "email.inbound.hard_bounces", "must be at most 20"),
            (own.hard_bounce_days.get() <= 365, "email.inbound.hard_bounce_days", "must be at most 365"),
            ((2..=100).contains(&own.soft_bounces.get()), "email.inbound.soft_bounces", "must be between 2 and 100"),
            (
                own.soft_bounce_days.get() <= 365 && own.soft_bounce_days > own.soft_bounce_settled_days,
                "email.inbound.soft_bounce_days",
                "must be at most 365, and more than soft_bounce_settled_days",
            ),
            (own.soft_bounce_settled_days.get() <= 30, "email.inbound.soft_bounce_settled_days", "must be at most 30"),
            (
                (10_000..=message::bounce::MAX_MAIL).contains(&own.mail_bytes),
                "email.inbound.mail_bytes",
                "must be between 10000 and 1048576",
            ),
            (own.connections.get() <= 200, "email.inbound.connections", "must be at most 200"),
        ];
        rules.into_iter().find(|(holds, ..)| !holds).map(|(_, key, why)| (key, why))
    }

    /// When hard bounces end the light subscriptions of an address.
    pub fn threshold(&self) -> Threshold {
        let within = Duration::from_hours(24) * self.hard_bounce_days.get();
        Threshold { bounces: self.hard_bounces.get() as usize, within }
    }

    /// When soft bounces do that.
    pub fn soft_threshold(&self) -> SoftThreshold {
        let days = |number: NonZeroU32| Duration::from_hours(24) * number.get();
        SoftThreshold {
            bounces: self.soft_bounces.get() as usize,
            within: days(self.soft_bounce_days),
            settled: days(self.soft_bounce_settled_days),
        }
    }

    /// Certificate and key, when there are any.
    pub fn tls(&self) -> Option<Tls> {
        let (certificate, key) = (self.certificate.clone()?, self.key.clone()?);
        Some(Tls { certificate, key, client_ca: None, client_crl: Vec::new() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::parse;

    const EMAIL: &str = "[people]\nurl = \"https://b.example\"\n[email]\nhost = \"relay.example\"\nfrom = \"noreply@b.example\"\n\
                         name = \"B\"\n";

    #[test]
    fn mail_comes_back_once_it_is_configured_and_has_a_domain() {
        assert!(parse(EMAIL).unwrap().email.unwrap().inbound.is_none());
        let text = |more: &str| format!("{EMAIL}envelope_domain = \"bounce.b.example\"\n[email.inbound]\n{more}");
        for (text, key) in [
            (text(""), None),
            (format!("{EMAIL}[email.inbound]\n"), Some("email.inbound: ")),
            (text("certificate = \"c\""), Some("email.inbound.certificate")),
            (text("certificate = \"c\"\nkey = \"k\""), None),
            (text("complaints = \"klachten@b.example\""), Some("email.inbound.complaints")),
            (text("complaints = \"klachten\""), None),
            (text("hard_bounces = 21"), Some("email.inbound.hard_bounces")),
            (text("hard_bounce_days = 366"), Some("email.inbound.hard_bounce_days")),
            (text("soft_bounces = 1"), Some("email.inbound.soft_bounces")),
            (text("soft_bounces = 101"), Some("email.inbound.soft_bounces")),
            (text("soft_bounce_days = 366"), Some("email.inbound.soft_bounce_days")),
            (text("soft_bounce_days = 5"), Some("email.inbound.soft_bounce_days")),
            (
                text("soft_bounce_days = 60\nsoft_bounce_settled_days = 31"),
                Some("email.inbound.soft_bounce_settled_days"),
            ),
            (text("mail_bytes = 9999"), Some("email.inbound.mail_bytes")),
            (text("mail_bytes = 1048577"), Some("email.inbound.mail_bytes")),
            (text("connections = 201"), Some("email.inbound.connections")),
            (text("port = 25"), Some("email.inbound")),
        ] {
            let found = parse(&text).err().map(|error| error.to_string());
            match key {
                None => assert_eq!(found, None, "{text}"),
                Some(key) => assert!(found.as_ref().is_some_and(|why| why.starts_with(key)), "{text}: {found:?}"),
            }
        }
        let own = parse(&text("hard_bounces = 2\nhard_bounce_days = 7")).unwrap().email.unwrap().inbound.unwrap();
        assert_eq!(own.threshold(), Threshold { bounces: 2, within: Duration::from_hours(168) });
        assert_eq!(EmailInbound::default().threshold(), Threshold::default());
        assert_eq!(EmailInbound::default().soft_threshold(), SoftThreshold::default());
    }
}
