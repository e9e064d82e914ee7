//! Sources that verified addresses, in the place of a confirmation (CH-54): which there are, who may name them, and for how long a
//! verification counts. Reading an ID token is elsewhere.

use std::time::Duration;

use message::address::EmailAddress;
use model::{Timestamp, addressee::Basis};

use crate::People;

/// A source that verifies addresses, as configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its name, which is stored with the consent.
    pub name: String,
    /// The clients that may name it, by client_id.
    pub clients: Vec<String>,
    /// For how long a verification counts.
    pub max_age: Duration,
    /// Whether it is a provider whose ID tokens are the evidence; otherwise the client states the moment.
    pub has_tokens: bool,
}

/// Why a verification does not count. The words complete "config.verified.at".
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotVerified {
    /// The moment has not come.
    #[error("must not be in the future")]
    Future,
    /// It is longer ago than the source allows.
    #[error("must be less long ago: the source has a greatest age")]
    TooOld,
}

impl Source {
    /// What a verification at a moment is as a basis of consent.
    ///
    /// # Errors
    /// When the moment is in the future, or longer ago than the greatest age.
    pub fn basis(&self, verified: Timestamp, now: Timestamp) -> Result<Basis, NotVerified> {
        if verified > now {
            return Err(NotVerified::Future);
        }
        if now.since(verified) > self.max_age {
            return Err(NotVerified::TooOld);
        }
        Ok(Basis::Source { name: self.name.clone(), verified: Some(verified) })
    }
}

impl People {
    /// The source of this name, for a client that may name it.
    pub fn source(&self, name: &str, client_id: &str) -> Option<&Source> {
        let is_own = |source: &&Source| source.name == name && source.clients.iter().any(|own| own == client_id);
        self.sources.iter().find(is_own)
    }
}

/// Whether a text is exactly this address, as light subscriptions compare addresses: whole, in any case (CH-15).
pub fn is_same_address(address: &EmailAddress, text: &str) -> bool {
    EmailAddress::parse(text).is_ok_and(|other| other == *address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verification_counts_from_its_moment_until_its_greatest_age_ch_54() {
        let source = Source {
            name: "klantinteracties".into(),
            clients: vec!["balie".into()],
            max_age: Duration::from_hours(24),
            has_tokens: false,
        };
        let now = Timestamp::from_seconds(1_700_000_000);
        for (seconds, expected) in [
            (0, None),
            (-1, None),
            (-86_400, None),
            (1, Some(NotVerified::Future)),
            (-86_401, Some(NotVerified::TooOld)),
        ] {
            let at = Timestamp::from_seconds(1_700_000_000 + seconds);
            let found = source.basis(at, now);
            assert_eq!(found.clone().err(), expected, "{seconds}");
            if let Ok(basis) = found {
                assert_eq!(basis, Basis::Source { name: "klantinteracties".into(), verified: Some(at) });
            }
        }
    }

    #[test]
    fn an_address_is_compared_whole_ch_15_ch_54() {
        let address = EmailAddress::parse("an@x.nl").expect("an address");
        for (text, expected) in
            [("an@x.nl", true), ("AN@X.nl", true), ("jan@x.nl", false), ("an@x.nl.example", false), ("", false)]
        {
            assert_eq!(is_same_address(&address, text), expected, "{text}");
        }
    }
}
