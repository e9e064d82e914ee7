//! What the publishers know of each event: accepted, refused, or in doubt because no answer came. Not what receivers got.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The types of events. A subscription with a filter always selects the first.
pub const TYPES: [&str; 3] = ["nl.overheid.chaos.een", "nl.overheid.chaos.twee", "nl.overheid.chaos.drie"];

pub struct Books {
    kafka: bool,
    pages: Mutex<Pages>,
}

#[derive(Default)]
struct Pages {
    /// The accepted events, with the number of their type.
    accepted: BTreeMap<String, usize>,
    in_doubt: HashSet<String>,
    refused: u64,
    /// Records of another program that are no events.
    foreign: usize,
    /// Answers that the gateway should never give, the first few.
    strange: Vec<String>,
}

/// Most answers that are kept in words.
const MOST_STRANGE: usize = 10;

impl Books {
    /// Empty books. `kafka`: events are stored on a broker.
    pub fn new(kafka: bool) -> Self {
        Self { kafka, pages: Mutex::default() }
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The id of an event that another program writes.
    pub fn foreign_id(number: u64) -> String {
        format!("foreign-{number}")
    }

    /// Another program writes a record: an event, which may arrive, or what is none.
    pub fn foreign(&self, number: u64, is_event: bool) {
        if is_event {
            self.in_doubt(vec![Self::foreign_id(number)]);
        } else {
            self.pages().foreign += 1;
        }
    }

    /// How many records of another program are no events.
    pub fn count_foreign(&self) -> usize {
        self.pages().foreign
    }

    /// Events of this type were accepted.
    pub fn accepted(&self, ids: Vec<String>, kind: usize) {
        self.pages().accepted.extend(ids.into_iter().map(|id| (id, kind)));
    }

    /// No answer came: they may be stored.
    pub fn in_doubt(&self, ids: Vec<String>) {
        self.pages().in_doubt.extend(ids);
    }

    /// They were refused for now. On Kafka they may be stored all the same
    /// ([decision 26](../../../../docs/decisions/0026-no-transaction-around-a-batch.md)), on the embedded store never.
    pub fn refused(&self, ids: Vec<String>) {
        let mut pages = self.pages();
        pages.refused += ids.len() as u64;
        if self.kafka {
            pages.in_doubt.extend(ids);
        }
    }

    /// An answer that is neither a success nor a refusal for now.
    pub fn strange(&self, answer: String) {
        let mut pages = self.pages();
        if pages.strange.len() < MOST_STRANGE {
            pages.strange.push(answer);
        }
    }

    /// The accepted events, with the number of their type.
    pub fn list_accepted(&self) -> BTreeMap<String, usize> {
        self.pages().accepted.clone()
    }

    /// Whether an event was posted and may be stored.
    pub fn may_exist(&self, id: &str) -> bool {
        let pages = self.pages();
        pages.accepted.contains_key(id) || pages.in_doubt.contains(id)
    }

    /// How many were accepted, are in doubt, and were refused.
    pub fn counts(&self) -> (usize, usize, u64) {
        let pages = self.pages();
        (pages.accepted.len(), pages.in_doubt.len(), pages.refused)
    }

    pub fn list_strange(&self) -> Vec<String> {
        self.pages().strange.clone()
    }
}
