//! Everybody who logged in during a period, with their roles: for the review of rights (BIO2 5.18.02, 8.02.01).

use std::{collections::BTreeMap, time::Duration};

use model::{
    Actor, Timestamp,
    audit::{Action, Object, ObjectKind},
};
use storage::audit::Line;

use super::{list::Person, log_ins::is_log_in};
use crate::{Error, Management, Right, audit::reader::TrailReader};

/// The period: a quarter.
pub const PERIOD: Duration = Duration::from_hours(92 * 24);

/// Most lines of the trail that are read.
const MAX_LINES: usize = 200_000;

/// A person who logged in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonLogIns {
    /// The person.
    pub person: Person,
    /// The roles and extra rights at the last log-in.
    pub roles: Vec<String>,
    /// The claims that gave them then; `None` for a login link.
    pub granted_by: Option<String>,
    /// The last log-in.
    pub last: Timestamp,
    /// The number of log-ins.
    pub number: u64,
}

impl Management {
    /// Everybody who logged in during the last 92 days, by person. The trail has an entry about it.
    ///
    /// # Errors
    /// [`Error::Forbidden`] without [`Right::SeeSessions`]; [`Error::TooBroad`] when the trail has more than 200,000 lines of that
    /// period.
    pub async fn list_log_ins(&self, actor: &Actor) -> Result<Vec<PersonLogIns>, Error> {
        if !Right::SeeSessions.is_granted_to(actor) {
            return Err(Error::Forbidden("This needs the right to see the sessions of everybody.".to_owned()));
        }
        let object = Object::new(ObjectKind::Audit, "");
        self.recorder.record_with_reason(actor, Action::AuditExport, object, "roles").await?;
        let now = self.clock.now();
        let from = Timestamp::from_micros(now.as_micros() - i64::try_from(PERIOD.as_micros()).unwrap_or(i64::MAX));
        let mut reader = TrailReader::new(&self.trail, Some(from), None);
        let mut people: BTreeMap<Person, PersonLogIns> = BTreeMap::new();
        while reader.lines() < MAX_LINES {
            for Line { record, .. } in reader.next().await? {
                let Some(person) = Person::of(&record).filter(|_| is_log_in(&record) && record.at >= from) else {
                    continue;
                };
                let granted_by = record.given_reason().map(str::to_owned);
                // The newest line comes first.
                let entry = people.entry(person.clone()).or_insert(PersonLogIns {
                    person,
                    roles: record.scopes,
                    granted_by,
                    last: record.at,
                    number: 0,
                });
                entry.number += 1;
            }
            if reader.is_over() {
                return Ok(people.into_values().collect());
            }
        }
        Err(Error::TooBroad("The audit trail has too many entries of the last 92 days.".to_owned()))
    }
}
