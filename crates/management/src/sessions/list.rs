//! Who is logged in, as the audit trail has it.
//!
//! Sessions are in the browsers of people, so no node has a list of them. Each log-in has an entry in the audit trail before the
//! session starts, and what ends a session early is in control; together they give every session that may still hold, on all
//! nodes. Whether it is in use is not known here.

use model::{Actor, Timestamp, audit::Subject, revocation::Revoked};
use storage::audit::Record;
use uuid::Uuid;

use super::log_ins::{LogIn, RecentLogIns};
use crate::{Error, Management, Right};

/// A session that may still hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartedSession {
    /// Its id, by which it is ended.
    pub id: Uuid,
    /// Whose it is.
    pub person: Person,
    /// The roles and extra rights at the log-in.
    pub roles: Vec<String>,
    /// The claims that gave them; `None` for a login link.
    pub granted_by: Option<String>,
    /// When the person logged in.
    pub started: Timestamp,
    /// The newest entry of the person in the trail: when, and the action.
    pub last: (Timestamp, String),
}

/// Who a person is: an identifier, never a name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Person {
    /// The issuer of the identity.
    pub issuer: String,
    /// The stable id of the person there.
    pub subject: String,
}

impl Person {
    /// The person of an entry of the trail. An issuer is a URL without a fragment, or a word.
    pub(super) fn of(record: &Record) -> Option<Self> {
        let (issuer, subject) = record.actor_id.split_once('#').filter(|_| record.actor_kind == "person")?;
        Some(Self { issuer: issuer.to_owned(), subject: subject.to_owned() })
    }

    /// Whether this is the id of the person in an entry.
    fn is(&self, id: &str) -> bool {
        id.split_once('#') == Some((self.issuer.as_str(), self.subject.as_str()))
    }
}

/// The list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartedSessions {
    /// The sessions, newest first.
    pub sessions: Vec<StartedSession>,
    /// Whether all log-ins of the last eight hours were looked at; not when the trail got more than 20,000 lines
    /// between two requests.
    pub is_complete: bool,
}

impl Management {
    /// The sessions that started in the last eight hours and were not ended; without [`Right::SeeSessions`] only those of the
    /// actor.
    ///
    /// # Errors
    /// The trail cannot be read.
    pub async fn list_sessions(&self, actor: &Actor) -> Result<StartedSessions, Error> {
        let own = (!Right::SeeSessions.is_granted_to(actor)).then(|| Subject::from(&actor.identity).id);
        let RecentLogIns { log_ins, is_complete } = self.log_ins.recent(&self.trail, self.clock.now()).await?;
        let is_visible = |person: &Person| own.as_ref().is_none_or(|own| person.is(own));
        let sessions = log_ins
            .into_iter()
            .filter(|log_in| is_visible(&log_in.person) && !self.was_ended(log_in.id, &log_in.person, log_in.at));
        let sessions = sessions.map(|LogIn { id, person, roles, granted_by, at, last }| StartedSession {
            id,
            person,
            roles,
            granted_by,
            started: at,
            last,
        });
        Ok(StartedSessions { sessions: sessions.collect(), is_complete })
    }

    fn was_ended(&self, id: Uuid, person: &Person, started: Timestamp) -> bool {
        let Person { issuer, subject } = person.clone();
        self.is_ended(&Revoked::Session(id), started) || self.is_ended(&Revoked::Person { issuer, subject }, started)
    }
}
