//! The session of a person: who it is, what the person was granted, and until when it holds.
//!
//! A session is kept nowhere but in a sealed cookie of the browser ([`cookie`]), which every node opens. It ends 15 minutes
//! after the last request, and 8 hours after the log-in.

pub mod activity;
pub mod cookie;
pub(crate) mod kept;
mod stored;

use std::time::Duration;

use model::{Actor, Grants, Origin, Random, Timestamp, revocation::Revoked};
use uuid::Uuid;
use web::language::Language;

use crate::{
    area::Area,
    settings::{IDLE, LIFETIME},
};

/// The shortest time between two cookies that prolong a session.
const RENEWAL: Duration = Duration::from_secs(30);

/// How a person logged in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoggedInBy {
    /// A login link that the command line printed.
    Link,
    /// An identity provider, with its session (`sid`) when it named one.
    Provider {
        /// The session at the provider.
        session: Option<String>,
    },
}

/// The session of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its id, by which it is ended.
    pub id: Uuid,
    /// The issuer of the identity.
    pub issuer: String,
    /// The stable id of the person there.
    pub subject: String,
    /// The name that is shown to the person, and to nobody else.
    pub name: String,
    /// What the person was granted.
    pub grants: Grants,
    /// How the person logged in.
    pub by: LoggedInBy,
    /// The language that the person chose.
    pub language: Option<Language>,
    /// The secret that every form of the session contains.
    pub token: String,
    /// When the person logged in.
    pub started: Timestamp,
    /// The last request, to within 30 seconds.
    pub seen: Timestamp,
}

impl Session {
    /// A session that starts at `now`.
    pub fn start(
        (issuer, subject, name): (String, String, String),
        grants: Grants,
        by: LoggedInBy,
        now: Timestamp,
        random: &dyn Random,
    ) -> Self {
        let (id, token) = (random.uuid(), random.uuid().simple().to_string());
        Self { id, issuer, subject, name, grants, by, language: None, token, started: now, seen: now }
    }

    /// Whether it still holds at `now`. One from the future, by a clock that was set back, does not.
    pub fn holds(&self, now: Timestamp) -> bool {
        self.started <= now && self.seen <= now && now < self.seen + IDLE && now < self.started + LIFETIME
    }

    /// When it ends without further requests.
    pub fn ends(&self) -> Timestamp {
        (self.seen + IDLE).min(self.started + LIFETIME)
    }

    /// The same after a request at `now`, when its cookie has to be written again.
    pub fn renewed(&self, now: Timestamp) -> Option<Self> {
        (now >= self.seen + RENEWAL).then(|| Self { seen: now, ..self.clone() })
    }

    /// What ends it when it is revoked.
    pub fn revocations(&self) -> impl Iterator<Item = Revoked> {
        let provider = match &self.by {
            LoggedInBy::Provider { session } => session.clone(),
            LoggedInBy::Link => None,
        };
        let issuer = self.issuer.clone();
        let session = provider.map(|session| Revoked::ProviderSession { issuer, session });
        let person = Revoked::Person { issuer: self.issuer.clone(), subject: self.subject.clone() };
        [Some(Revoked::Session(self.id)), Some(person), session].into_iter().flatten()
    }

    /// Who acts in this session, with what the person may use in an area.
    pub fn actor(&self, origin: Origin, area: Area) -> Actor {
        Actor::person(self.issuer.as_str(), self.subject.as_str(), area.grants(&self.grants)).with_origin(origin)
    }
}

#[cfg(test)]
mod tests {
    use model::{Role, clock::SystemRandom};

    use super::*;

    #[test]
    fn a_session_slides_and_ends() {
        let start = Timestamp::from_seconds(1_800_000_000);
        let minutes = |minutes| start + Duration::from_mins(minutes);
        let person = ("i".to_owned(), "s".to_owned(), "n".to_owned());
        let session = Session::start(person, Grants::of(Role::Lezer), LoggedInBy::Link, start, &SystemRandom);
        assert!(session.holds(start) && session.holds(minutes(14)) && !session.holds(minutes(15)));
        assert!(!session.holds(Timestamp::from_seconds(1_799_999_999)));
        assert_eq!(session.renewed(start + Duration::from_secs(29)), None);
        let mut later = session.renewed(minutes(10)).unwrap();
        assert!(later.holds(minutes(24)) && !later.holds(minutes(25)));
        assert_eq!(later.ends(), minutes(25));
        later.seen = minutes(479);
        assert!(later.holds(minutes(479)) && !later.holds(minutes(480)));
        assert_eq!(later.ends(), minutes(480));
    }
}
