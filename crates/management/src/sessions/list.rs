//! Who is logged in, as the audit trail has it.
//!
//! Sessions are in the browsers of people, so no node has a list of them. Each log-in has an entry in the audit trail before the
//! session starts, and what ends a session early is in control; together they give every session that may still hold, on all
//! nodes. Whether it is in use is not known here.

use std::collections::{HashMap, HashSet};

use model::{
    Actor, Timestamp,
    audit::{Action, Subject, Verdict},
    revocation::Revoked,
};
use storage::audit::Record;
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

/// What is before the id of a person in a line. Quotes in values are escaped, so it is nowhere else.
const PERSON: &str = "\"actor\":{\"kind\":\"person\",\"id\":\"";
/// The action of a log-in in a line.
const LOG_IN: &str = "\"action\":\"session.start\"";

/// Whether the list needs the contents of a line: the first that is seen of a person, and each log-in. Reading all of many
/// lines takes long.
fn is_needed(seen: &mut HashSet<String>, text: &str) -> bool {
    let Some((_, rest)) = text.split_once(PERSON) else { return false };
    // An id with an escaped quote is cut there; its lines are always read.
    let (id, _) = rest.split_once('"').unwrap_or((rest, ""));
    if id.ends_with('\\') || rest.contains(LOG_IN) {
        return true;
    }
    !seen.contains(id) && seen.insert(id.to_owned())
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
        let mut seen = HashSet::new();
        while reader.lines() < MAX_LINES {
            for line in reader.next_stored().await? {
                if !is_needed(&mut seen, &line.text) {
                    continue;
                }
                let record = line.read().record;
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

#[cfg(test)]
mod tests {
    use super::*;

    fn line(kind: &str, id: &str, action: &str) -> String {
        format!(r#"{{"kind":"audit","v":2,"actor":{{"kind":"{kind}","id":"{id}"}},"action":"{action}","changes":[]}}"#)
    }

    #[test]
    fn only_log_ins_and_the_newest_line_of_each_person_are_read() {
        let mut seen = HashSet::new();
        let mut needed = |kind: &str, id: &str, action: &str| is_needed(&mut seen, &line(kind, id, action));
        assert!(!needed("applicatie", "zaken", "token.refuse"));
        assert!(needed("person", "https://idp#1", "kanaal.change"));
        assert!(!needed("person", "https://idp#1", "kanaal.change"));
        assert!(needed("person", "https://idp#1", "session.start"));
        assert!(needed("person", "https://idp#2", "kanaal.change"));
        // A quote in an id is escaped.
        for _ in 0..2 {
            assert!(needed("person", "https://idp#\\\"", "kanaal.change"));
        }
    }

    #[test]
    fn the_action_of_a_log_in_is_the_one_that_is_sought() {
        assert!(LOG_IN.contains(&format!(":\"{}\"", Action::SessionStart.label())));
    }
}
