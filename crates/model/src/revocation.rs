//! What is no longer accepted although it is signed or sealed and not yet too old: sessions of a person that were ended, and
//! links, tokens and forms that hold once.
//!
//! Every node folds these from control, so that a session which any node opens is ended on all of them. An entry is forgotten
//! when what it is about would be too old anyway.

use std::fmt;

use uuid::Uuid;

use crate::Timestamp;

/// What is revoked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Revoked {
    /// The sessions of a person that started at or before the moment.
    Person {
        /// The issuer of the identity.
        issuer: String,
        /// The id of the person there.
        subject: String,
    },
    /// One session of a person in one browser.
    Session(Uuid),
    /// The sessions that belong to one session at the provider.
    ProviderSession {
        /// The issuer of the identity.
        issuer: String,
        /// The session there (`sid`).
        session: String,
    },
    /// A login link, which holds once.
    LoginLink(Uuid),
    /// A logout token, which holds once.
    LogoutToken {
        /// The provider.
        issuer: String,
        /// The id of the token there (`jti`).
        id: String,
    },
    /// A form of a page, which is handled once.
    Form(Uuid),
}

impl Revoked {
    /// The text that [`fmt::Display`] writes, read back; `None` for any other.
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, rest) = text.split_once(' ')?;
        // Neither part contains a space: issuers are URLs or fixed words, and spaces in ids are escaped.
        let pair = || rest.split_once(' ').map(|(issuer, id)| (unescape(issuer), unescape(id)));
        Some(match kind {
            "person" => pair().map(|(issuer, subject)| Self::Person { issuer, subject })?,
            "session" => pair().map(|(issuer, session)| Self::ProviderSession { issuer, session })?,
            "browser" => Self::Session(rest.parse().ok()?),
            "link" => Self::LoginLink(rest.parse().ok()?),
            "form" => Self::Form(rest.parse().ok()?),
            "token" => pair().map(|(issuer, id)| Self::LogoutToken { issuer, id })?,
            _ => return None,
        })
    }
}

/// The key under which it is stored.
impl fmt::Display for Revoked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person { issuer, subject } => write!(f, "person {} {}", escape(issuer), escape(subject)),
            Self::ProviderSession { issuer, session } => write!(f, "session {} {}", escape(issuer), escape(session)),
            Self::Session(id) => write!(f, "browser {id}"),
            Self::LoginLink(id) => write!(f, "link {id}"),
            Self::Form(id) => write!(f, "form {id}"),
            Self::LogoutToken { issuer, id } => write!(f, "token {} {}", escape(issuer), escape(id)),
        }
    }
}

fn escape(text: &str) -> String {
    text.replace('%', "%25").replace(' ', "%20")
}

fn unescape(text: &str) -> String {
    text.replace("%20", " ").replace("%25", "%")
}

/// A revocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocation {
    /// What is revoked.
    pub what: Revoked,
    /// From when on.
    pub at: Timestamp,
    /// When it may be forgotten.
    pub until: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_back_and_do_not_collide() {
        let pair = |one: &str, two: &str| (one.to_owned(), two.to_owned());
        let id = Uuid::from_u128(7);
        let mut all = vec![Revoked::LoginLink(id), Revoked::Session(id), Revoked::Form(id)];
        for (issuer, id) in [pair("https://i.example", "a b%20c"), pair("https://i.example a", "b%20c"), pair("", "")] {
            all.push(Revoked::Person { issuer: issuer.clone(), subject: id.clone() });
            all.push(Revoked::ProviderSession { issuer: issuer.clone(), session: id.clone() });
            all.push(Revoked::LogoutToken { issuer, id });
        }
        for (at, one) in all.iter().enumerate() {
            assert_eq!(Revoked::parse(&one.to_string()).as_ref(), Some(one));
            assert!(all[..at].iter().all(|other| other.to_string() != one.to_string()));
        }
        for text in ["", "link x", "person x", "other a b"] {
            assert_eq!(Revoked::parse(text), None, "{text}");
        }
    }
}
