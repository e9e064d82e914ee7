//! Who is logged in, as the audit trail has it.
//!
//! Sessions are in the browsers of people, so no node has a list of them. Each log-in has an entry in the audit trail before the
//! session starts, and what ends a session early is in control; together they give every session that may still hold, on all
//! nodes. Whether it is in use is not known here.

use std::collections::HashMap;

use model::{
    Actor, Timestamp,
    audit::{Action, Subject, Verdict},
    revocation::Revoked,
};
use storage::audit::{Line, Record};
use uuid::Uuid;

use super::LIFETIME;
use crate::{Error, Management, Right, audit::reader::TrailReader};

/// Most lines of the trail that are read for the list.
const MAX_LINES: usize = 20_000;

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
}

/// The list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartedSessions {
    /// The sessions, newest first.
    pub sessions: Vec<StartedSession>,
    /// Whether all log-ins of the last eight hours were looked at; not when the trail has more than 20,000 lines of them.
    pub is_complete: bool,
}

/// Whether an entry is a log-in that succeeded.
pub(super) fn is_log_in(record: &Record) -> bool {
    record.action == Action::SessionStart.label() && record.result == Verdict::Accepted.label()
}

impl Management {
    /// The sessions that started in the last eight hours and were not ended; without [`Right::SeeSessions`] only those of the
    /// actor.
    ///
    /// # Errors
    /// The trail cannot be read.
    pub async fn list_sessions(&self, actor: &Actor) -> Result<StartedSessions, Error> {
        let now = self.clock.now();
        let own = (!Right::SeeSessions.is_granted_to(actor)).then(|| Subject::from(&actor.identity).id);
        let from = Timestamp::from_micros(now.as_micros() - i64::try_from(LIFETIME.as_micros()).unwrap_or(i64::MAX));
        let mut reader = TrailReader::new(&self.trail, Some(from), None);
        let mut last: HashMap<Person, (Timestamp, String)> = HashMap::new();
        let mut sessions = Vec::new();
        while reader.lines() < MAX_LINES {
            for Line { record, .. } in reader.next().await? {
                let Some(person) =
                    Person::of(&record).filter(|_| own.as_ref().is_none_or(|own| *own == record.actor_id))
                else {
                    continue;
                };
                let newest = last.entry(person.clone()).or_insert_with(|| (record.at, record.action.clone())).clone();
                let id = is_log_in(&record).then(|| record.object_id.parse::<Uuid>().ok()).flatten();
                if let Some(id) = id.filter(|id| record.at + LIFETIME > now && !self.was_ended(*id, &person, record.at))
                {
                    let granted_by = record.given_reason().map(str::to_owned);
                    let roles = record.scopes;
                    sessions.push(StartedSession { id, person, roles, granted_by, started: record.at, last: newest });
                }
            }
            if reader.is_over() {
                break;
            }
        }
        Ok(StartedSessions { sessions, is_complete: reader.is_over() })
    }

    fn was_ended(&self, id: Uuid, person: &Person, started: Timestamp) -> bool {
        let Person { issuer, subject } = person.clone();
        self.is_ended(&Revoked::Session(id), started) || self.is_ended(&Revoked::Person { issuer, subject }, started)
    }
}
