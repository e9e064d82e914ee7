//! Bounds the entries about refusals, so that nobody fills the disk with them.
//!
//! Per minute and sender, the first refusals are entries of their own; the others of the minute become one entry with their
//! number. The number of senders in a minute is bounded too; refusals of further senders become one entry together.

use std::{collections::HashMap, mem, net::IpAddr, time::Duration};

use model::{
    Timestamp,
    audit::{Action, Entry, Object, ObjectKind, Source, Subject},
};

/// The time over which refusals are counted.
const PERIOD: Duration = Duration::from_mins(1);
/// Entries of their own of an authenticated actor in a period.
const OWN_ENTRIES: u64 = 30;
/// Entries of their own of a sender that is not authenticated in a period.
const OWN_ENTRIES_UNVERIFIED: u64 = 1;
/// Most authenticated actors in a period.
const MAX_ACTORS: usize = 256;
/// Most senders that are not authenticated in a period.
const MAX_UNVERIFIED: usize = 64;

/// The refusals of the present period.
#[derive(Debug, Default)]
pub(super) struct Refusals {
    began: Option<Timestamp>,
    senders: HashMap<Sender, Counted>,
    unverified: usize,
    /// Refusals of senders beyond the bounds.
    others: Option<Entry>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Sender {
    kind: &'static str,
    id: String,
    address: Option<IpAddr>,
}

#[derive(Debug, Default)]
struct Counted {
    seen: u64,
    /// The newest that is not an entry of its own, with the number of them.
    last: Option<Entry>,
}

impl Refusals {
    /// Adds a refusal; returns the entries to write now.
    pub(super) fn add(&mut self, entry: Entry, now: Timestamp) -> Vec<Entry> {
        let mut due = self.due(now);
        self.began.get_or_insert(now);
        let subject = &entry.source.subject;
        let is_unverified = subject.kind == Subject::UNVERIFIED;
        let sender = Sender { kind: subject.kind, id: subject.id.clone(), address: entry.source.origin.address };
        let is_full = if is_unverified {
            self.unverified >= MAX_UNVERIFIED
        } else {
            self.senders.len() - self.unverified >= MAX_ACTORS
        };
        let is_known = self.senders.contains_key(&sender);
        if is_full && !is_known {
            let count = self.others.as_ref().map_or(0, |others| others.count) + entry.count;
            self.others = Some(Entry { count, ..anonymous(entry) });
            return due;
        }
        if is_unverified && !is_known {
            self.unverified += 1;
        }
        let counted = self.senders.entry(sender).or_default();
        counted.seen += 1;
        if counted.seen <= if is_unverified { OWN_ENTRIES_UNVERIFIED } else { OWN_ENTRIES } {
            due.push(entry);
        } else {
            let count = counted.last.as_ref().map_or(0, |last| last.count) + entry.count;
            counted.last = Some(Entry { count, ..entry });
        }
        due
    }

    /// The entries about a period that has ended.
    pub(super) fn due(&mut self, now: Timestamp) -> Vec<Entry> {
        // A clock that was set back ends the period too.
        let has_ended = self.began.is_some_and(|began| now < began || now.since(began) >= PERIOD);
        if has_ended { self.drain() } else { Vec::new() }
    }

    /// The entries about what was counted until now.
    pub(super) fn drain(&mut self) -> Vec<Entry> {
        let counted = mem::take(self);
        let mut entries: Vec<Entry> = counted.senders.into_values().filter_map(|counted| counted.last).collect();
        entries.extend(counted.others);
        entries.sort_by_key(|entry| entry.at);
        entries
    }
}

/// The entry without its sender and object.
fn anonymous(entry: Entry) -> Entry {
    let source = Source { subject: Subject::unverified(""), node: entry.source.node, ..Source::unknown() };
    Entry { source, action: Action::TokenRefuse, object: Object::new(ObjectKind::Route, ""), ..entry }
}

#[cfg(test)]
mod tests {
    use model::{Actor, Interface, Origin, audit::Verdict};

    use super::*;

    fn now(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(1_800_000_000 + seconds)
    }

    fn token(client_id: &str, address: [u8; 4], at: Timestamp) -> Entry {
        let origin = Origin { address: Some(IpAddr::from(address)), ..Origin::of(Interface::Native) };
        let source = Source { subject: Subject::unverified(client_id), origin, node: "n".into() };
        let what = (Action::TokenRefuse, Object::new(ObjectKind::Route, "POST /v1/events"));
        Entry::new(at, source, what, Verdict::Refused("signature".into()))
    }

    fn counts(entries: &[Entry]) -> Vec<u64> {
        entries.iter().map(|entry| entry.count).collect()
    }

    #[test]
    fn wrong_tokens_of_one_sender_become_two_entries_a_minute() {
        let mut refusals = Refusals::default();
        let written: Vec<Entry> =
            (0..500).flat_map(|_| refusals.add(token("zaken", [192, 0, 2, 1], now(0)), now(0))).collect();
        assert_eq!(counts(&written), [1]);
        assert_eq!(refusals.due(now(59)), []);
        assert_eq!(counts(&refusals.due(now(60))), [499]);
        assert_eq!(refusals.due(now(200)), []);
    }

    #[test]
    fn many_senders_become_a_bounded_number_of_entries() {
        let mut refusals = Refusals::default();
        let mut written = Vec::new();
        for number in 0..10_000_u32 {
            written.extend(refusals.add(token("", number.to_be_bytes(), now(0)), now(0)));
            written.extend(refusals.add(token("", number.to_be_bytes(), now(0)), now(0)));
        }
        written.extend(refusals.due(now(60)));
        assert_eq!(written.len(), 2 * MAX_UNVERIFIED + 1);
        assert_eq!(counts(&written).iter().sum::<u64>(), 20_000, "none is lost");
    }

    #[test]
    fn strangers_do_not_hide_what_an_actor_does() {
        let mut refusals = Refusals::default();
        for number in 0..1_000_u32 {
            drop(refusals.add(token("", number.to_be_bytes(), now(0)), now(0)));
        }
        let what = || (Action::KanaalDelete, Object::new(ObjectKind::Kanaal, "zaken"));
        let refused = |at| {
            let source = Source::new(&Actor::applicatie("zaken", []), "n");
            Entry::new(at, source, what(), Verdict::Refused("forbidden".into()))
        };
        for _ in 0..OWN_ENTRIES {
            assert_eq!(refusals.add(refused(now(1)), now(1)).len(), 1);
        }
        assert_eq!(refusals.add(refused(now(2)), now(2)), []);
        let due = refusals.due(now(61));
        assert!(due.iter().any(|entry| entry.action == Action::KanaalDelete && entry.count == 1));
    }

    #[test]
    fn a_clock_set_back_ends_the_period() {
        let mut refusals = Refusals::default();
        for _ in 0..2 {
            drop(refusals.add(token("", [1; 4], now(100)), now(100)));
        }
        assert_eq!(counts(&refusals.due(now(0))), [1]);
    }
}
