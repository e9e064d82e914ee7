//! The log-ins of the last eight hours that the audit trail has, kept in memory: each request for the list reads only lines that the
//! trail got since the one before. Every node reads them for itself.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::Arc,
    time::Duration,
};

use model::{
    Timestamp,
    audit::{Action, Verdict},
};
use storage::{
    AuditLog,
    audit::{Record, StoredLine},
};
use tokio::sync::Mutex;
use uuid::Uuid;

use super::{LIFETIME, list::Person};
use crate::audit::reader::TrailReader;

/// Most lines of the trail that are read at once, and most log-ins that are kept.
const MAX_LINES: usize = 20_000;

/// What is before the id of a person in a line. Quotes in values are escaped, so it is nowhere else.
const PERSON: &str = "\"actor\":{\"kind\":\"person\",\"id\":\"";
/// The action of a log-in in a line.
const LOG_IN: &str = "\"action\":\"session.start\"";

/// A log-in that succeeded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LogIn {
    /// The id of the session.
    pub id: Uuid,
    /// Who logged in.
    pub person: Person,
    /// The roles and extra rights at that moment.
    pub roles: Vec<String>,
    /// The claims that gave them; `None` for a login link.
    pub granted_by: Option<String>,
    /// When.
    pub at: Timestamp,
    /// The newest entry of the person in the trail: when, and the action.
    pub last: (Timestamp, String),
}

/// The log-ins of the last eight hours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RecentLogIns {
    /// Newest first.
    pub log_ins: Vec<LogIn>,
    /// Whether these are all.
    pub is_complete: bool,
}

/// What was read of the trail so far.
#[derive(Debug, Default)]
pub struct KnownLogIns(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    /// The place of the newest line that was read.
    place: Option<u64>,
    /// The moment from which on every line was read.
    since: Option<Timestamp>,
    /// Newest first; what is in `last` of them is that of the log-in itself.
    log_ins: VecDeque<LogIn>,
    /// The newest entries of people.
    last: HashMap<Person, (Timestamp, String)>,
}

/// Lines that were read in one go.
#[derive(Default)]
struct NewLines {
    place: Option<u64>,
    log_ins: VecDeque<LogIn>,
    last: HashMap<Person, (Timestamp, String)>,
    seen: HashSet<String>,
    /// The oldest line.
    oldest: Option<StoredLine>,
    /// Whether they go back to a line that was read before.
    is_joined: bool,
    /// Whether they go back to the beginning of the period, or of the trail.
    is_whole: bool,
}

impl KnownLogIns {
    /// The log-ins of the last eight hours. Lines are read at most once, and at most 20,000 of them.
    pub(super) async fn recent(
        &self,
        trail: &Arc<dyn AuditLog>,
        now: Timestamp,
    ) -> Result<RecentLogIns, storage::Error> {
        let mut known = self.0.lock().await;
        let from = before(now, LIFETIME);
        let new = known.read_new(trail, from).await?;
        known.add(new, (from, now));
        let log_ins = known.log_ins.iter().map(|log_in| {
            let last = known.last.get(&log_in.person).unwrap_or(&log_in.last).clone();
            LogIn { last, ..log_in.clone() }
        });
        Ok(RecentLogIns { log_ins: log_ins.collect(), is_complete: known.since.is_some_and(|since| since <= from) })
    }
}

impl Known {
    /// The lines behind the newest that was read.
    async fn read_new(&mut self, trail: &Arc<dyn AuditLog>, from: Timestamp) -> Result<NewLines, storage::Error> {
        let mut reader = TrailReader::new(trail, Some(from), None);
        let mut new = NewLines::default();
        while reader.lines() < MAX_LINES && !reader.is_over() {
            for line in reader.next_stored().await? {
                if new.place.is_none() && self.place.is_some_and(|known| line.place < known) {
                    // Another trail.
                    *self = Self::default();
                }
                if self.place.is_some_and(|known| line.place <= known) {
                    new.is_joined = true;
                    return Ok(new);
                }
                new.add(line);
            }
        }
        new.is_whole = reader.is_over();
        Ok(new)
    }

    fn add(&mut self, new: NewLines, (from, now): (Timestamp, Timestamp)) {
        self.place = new.place.or(self.place);
        if new.is_joined {
            self.last.extend(new.last);
            for log_in in new.log_ins.into_iter().rev() {
                self.log_ins.push_front(log_in);
            }
        } else {
            // Lines between these and those before were not read, or are older than the period.
            (self.last, self.log_ins) = (new.last, new.log_ins);
            let oldest = new.oldest.map(|line| line.read().record).filter(|record| record.version > 0);
            self.since = Some(if new.is_whole { from } else { oldest.map_or(now, |record| record.at) });
        }
        self.log_ins.retain(|log_in| log_in.at + LIFETIME > now);
        if self.log_ins.len() > MAX_LINES {
            self.log_ins.truncate(MAX_LINES);
            self.since = self.log_ins.back().map(|log_in| log_in.at);
        }
        let people: HashSet<&Person> = self.log_ins.iter().map(|log_in| &log_in.person).collect();
        self.last.retain(|person, _| people.contains(person));
    }
}

impl NewLines {
    /// Adds the line before those that were added.
    fn add(&mut self, line: StoredLine) {
        self.place = self.place.or(Some(line.place));
        if is_needed(&mut self.seen, &line.text) {
            let record = line.clone().read().record;
            if let Some(person) = Person::of(&record) {
                let own = (record.at, record.action.clone());
                self.last.entry(person.clone()).or_insert_with(|| own.clone());
                let id = is_log_in(&record).then(|| record.object_id.parse::<Uuid>().ok()).flatten();
                self.log_ins.extend(id.map(|id| LogIn {
                    id,
                    person,
                    granted_by: record.given_reason().map(str::to_owned),
                    at: record.at,
                    last: own,
                    roles: record.scopes,
                }));
            }
        }
        self.oldest = Some(line);
    }
}

/// Whether an entry is a log-in that succeeded.
pub(super) fn is_log_in(record: &Record) -> bool {
    record.action == Action::SessionStart.label() && record.result == Verdict::Accepted.label()
}

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

/// The moment so long before another.
fn before(moment: Timestamp, by: Duration) -> Timestamp {
    Timestamp::from_micros(moment.as_micros() - i64::try_from(by.as_micros()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use model::{
        Actor, Clock, Grants, Role,
        audit::{Entry, Object, ObjectKind, Source},
        clock::ManualClock,
    };
    use storage::{
        Journal,
        sqlite::{Embedded, Options},
    };

    use super::*;

    /// A trail with the log-ins that are known of it.
    struct Trail {
        _directory: tempfile::TempDir,
        clock: Arc<ManualClock>,
        journal: Arc<dyn Journal>,
        log: Arc<dyn AuditLog>,
        known: KnownLogIns,
    }

    impl Trail {
        fn new() -> Self {
            let directory = tempfile::tempdir().unwrap();
            let clock = Arc::new(ManualClock::new(Timestamp::from_seconds(1_800_000_000)));
            let store = Embedded::open(directory.path(), Options::new(Arc::clone(&clock) as _)).unwrap();
            let log: Arc<dyn AuditLog> = store.control;
            Self { _directory: directory, clock, journal: store.journal, log, known: KnownLogIns::default() }
        }

        async fn add(&self, subject: &str, action: Action, object: &str, lines: usize) {
            let actor = Actor::person("https://idp", subject, Grants::of(Role::Lezer));
            let what = || (action, Object::new(ObjectKind::Session, object));
            let entry = || Entry::new(self.clock.now(), Source::new(&actor, "node"), what(), Verdict::Accepted);
            for start in (0..lines).step_by(1_000) {
                let number = 1_000.min(lines - start);
                self.log.append((0..number).map(|_| entry()).collect()).await.unwrap();
            }
        }

        async fn log_in(&self, subject: &str) {
            self.add(subject, Action::SessionStart, &Uuid::from_u128(1).to_string(), 1).await;
        }

        /// The people who logged in, each with the last action, and whether these are all.
        async fn recent(&self) -> (Vec<(String, String)>, bool) {
            let recent = self.known.recent(&self.log, self.clock.now()).await.unwrap();
            let log_ins = recent.log_ins.into_iter().map(|log_in| (log_in.person.subject, log_in.last.1));
            (log_ins.collect(), recent.is_complete)
        }

        /// The same after a start of the gateway.
        async fn recent_from_nothing(&mut self) -> (Vec<(String, String)>, bool) {
            self.known = KnownLogIns::default();
            self.recent().await
        }
    }

    fn rows(rows: &[(&str, &str)]) -> Vec<(String, String)> {
        rows.iter().map(|(subject, action)| ((*subject).to_owned(), (*action).to_owned())).collect()
    }

    #[tokio::test]
    async fn what_is_read_on_is_what_is_read_at_once() {
        let mut trail = Trail::new();
        assert_eq!(trail.recent().await, (vec![], true));
        trail.log_in("an").await;
        trail.add("an", Action::KanaalChange, "zaken", 150).await;
        assert_eq!(trail.recent().await, (rows(&[("an", "kanaal.change")]), true));
        assert_eq!(trail.recent().await, (rows(&[("an", "kanaal.change")]), true));
        trail.clock.advance(Duration::from_hours(5));
        trail.log_in("bo").await;
        trail.add("an", Action::EventView, "1", 1).await;
        let both = (rows(&[("bo", "session.start"), ("an", "event.view")]), true);
        assert_eq!(trail.recent().await, both);
        assert_eq!(trail.recent_from_nothing().await, both);
        trail.clock.advance(Duration::from_hours(4));
        assert_eq!(trail.recent().await, (rows(&[("bo", "session.start")]), true));
        trail.clock.advance(Duration::from_hours(40));
        trail.log_in("cas").await;
        assert_eq!(trail.recent().await, (rows(&[("cas", "session.start")]), true));
    }

    #[tokio::test]
    async fn a_list_with_too_many_lines_is_complete_after_the_period() {
        let trail = Trail::new();
        trail.log_in("an").await;
        trail.clock.advance(Duration::from_mins(1));
        trail.add("bo", Action::KanaalChange, "zaken", MAX_LINES + 1_000).await;
        trail.log_in("bo").await;
        assert_eq!(trail.recent().await, (rows(&[("bo", "session.start")]), false));
        trail.clock.advance(Duration::from_hours(7));
        assert!(!trail.recent().await.1);
        trail.clock.advance(Duration::from_hours(2));
        assert_eq!(trail.recent().await, (vec![], true));
    }

    #[tokio::test]
    async fn lines_are_read_once() {
        let trail = Trail::new();
        trail.log_in("an").await;
        trail.add("an", Action::KanaalChange, "zaken", 10_000).await;
        let steps = async || {
            let before = trail.journal.read_steps();
            trail.recent().await;
            trail.journal.read_steps() - before
        };
        let (first, second) = (steps().await, steps().await);
        assert!(first > 10_000 && second < 2_000, "{first} steps, then {second}");
    }

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
