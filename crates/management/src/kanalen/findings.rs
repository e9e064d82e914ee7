//! What the present rules find in the newest events of a kanaal, by rule, and which of their types are not in the catalogue, for
//! its owner.
//!
//! Findings are not stored with events, so that the newest events are read and checked again. It reads logs only.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    time::Duration,
};

use event_reader::StoredEvent;
use model::{Actor, Mark, Partition, Timestamp, profile::Finding};

use crate::{Error, Management};

/// How old the events are at most.
const PERIOD: Duration = Duration::from_hours(24);
/// Most events of one partition.
const MAX_EVENTS: u64 = 200;
/// Most events of the whole kanaal.
const MAX_CHECKED: usize = 1_000;
/// Records of one read.
const CHUNK: u64 = 50;
/// Examples of each rule.
const EXAMPLES: usize = 3;
/// Most types that are returned.
const MAX_TYPES: usize = 50;

/// What the rules find in the newest events of a kanaal.
#[derive(Debug, Default)]
pub struct KanaalFindings {
    /// How many events of the last 24 hours were checked: at most 200 of each partition, and 1,000 in all.
    pub checked: usize,
    /// The rules that were not followed, those with most events first.
    pub rules: Vec<RuleFindings>,
    /// The types of these events that are not in the catalogue, those with most events first, at most 50.
    pub undeclared: Vec<UndeclaredType>,
    /// How many such types there are.
    pub undeclared_types: usize,
}

/// A type of events that no schema is registered for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UndeclaredType {
    /// `type` of the events.
    pub kind: String,
    /// How many of the checked events have it.
    pub events: usize,
    /// When the newest of them was appended.
    pub newest: Timestamp,
    /// Source and id of that event.
    pub example: (String, String),
}

/// The events that do not follow a rule.
#[derive(Debug, PartialEq, Eq)]
pub struct RuleFindings {
    /// One of the findings, with the texts.
    pub finding: Finding,
    /// How many events have such a finding.
    pub events: usize,
    /// Source and id of the newest of them, at most three.
    pub examples: Vec<(String, String)>,
}

impl Management {
    /// What the present rules find in the newest events of a kanaal of the actor.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such kanaal; [`Error::Forbidden`] when the actor does not answer for it;
    /// [`Error::Storage`].
    pub(super) async fn find_findings(&self, actor: &Actor, naam: &str) -> Result<KanaalFindings, Error> {
        let kanaal = self.find_own_kanaal(actor, naam)?;
        let since = self.clock.now() - PERIOD;
        let (mut checked, mut rules, mut types) = (0, BTreeMap::new(), BTreeMap::new());
        for partition in (0..self.log.partitions(&kanaal.naam).await?).map(Partition) {
            let mut end = self.log.end(&kanaal.naam, partition).await?;
            let first = end.0.saturating_sub(MAX_EVENTS);
            while end.0 > first && checked < MAX_CHECKED {
                let start = Mark(end.0.saturating_sub(CHUNK).max(first));
                let (records, oldest) = self.between(&kanaal.naam, partition, start, end).await?;
                let is_last = oldest >= start || records.first().is_none_or(|stored| stored.appended < since);
                let newest_first = records.into_iter().rev().filter(|stored| stored.appended >= since);
                let decoded =
                    newest_first.filter_map(|stored| StoredEvent::decode(kanaal.naam.clone(), partition, stored).ok());
                for event in decoded {
                    checked += 1;
                    let findings = self.publishing.check_stored(&event.kanaal, &event.accepted).findings;
                    let attributes = &event.accepted.event;
                    let of_event = (attributes.source(), attributes.id());
                    add(&mut rules, findings, of_event);
                    count_type(&mut types, attributes.kind(), event.appended, of_event);
                }
                if is_last {
                    break;
                }
                end = start;
            }
        }
        let mut rules: Vec<RuleFindings> = rules.into_values().collect();
        rules.sort_by_key(|rule| std::cmp::Reverse(rule.events));
        let registry = self.registry.read();
        types.retain(|kind, _| registry.schema_of_type(kind).is_none());
        let mut undeclared: Vec<UndeclaredType> = types.into_values().collect();
        let undeclared_types = undeclared.len();
        undeclared.sort_by_key(|own| std::cmp::Reverse(own.events));
        undeclared.truncate(MAX_TYPES);
        Ok(KanaalFindings { checked, rules, undeclared, undeclared_types })
    }
}

/// Counts one event of a type.
fn count_type(
    types: &mut BTreeMap<String, UndeclaredType>,
    kind: &str,
    appended: Timestamp,
    (source, id): (&str, &str),
) {
    if let Some(known) = types.get_mut(kind) {
        known.events += 1;
        if appended > known.newest {
            (known.newest, known.example) = (appended, (source.to_owned(), id.to_owned()));
        }
        return;
    }
    let example = (source.to_owned(), id.to_owned());
    types.insert(kind.to_owned(), UndeclaredType { kind: kind.to_owned(), events: 1, newest: appended, example });
}

/// Adds the findings of one event; several of one rule count once.
fn add(rules: &mut BTreeMap<&'static str, RuleFindings>, findings: Vec<Finding>, (source, id): (&str, &str)) {
    let mut counted = Vec::new();
    for finding in findings {
        let rule = finding.rule;
        if counted.contains(&rule) {
            continue;
        }
        counted.push(rule);
        let entry = match rules.entry(rule) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(RuleFindings { finding, events: 0, examples: Vec::new() }),
        };
        entry.events += 1;
        if entry.examples.len() < EXAMPLES {
            entry.examples.push((source.to_owned(), id.to_owned()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(rule: &'static str) -> Finding {
        Finding { rule, member: "x".into(), text_en: "x".into(), text_nl: "x".into(), strict: false, place: None }
    }

    #[test]
    fn a_type_names_its_newest_event_whatever_the_order_of_partitions() {
        let mut types = BTreeMap::new();
        for (at, id) in [(2, "a"), (3, "b"), (1, "c")] {
            count_type(&mut types, "nl.x", Timestamp::from_seconds(at), ("urn:x", id));
        }
        let own = &types["nl.x"];
        assert_eq!((own.events, own.newest, own.example.1.as_str()), (3, Timestamp::from_seconds(3), "b"));
    }

    #[test]
    fn an_event_counts_once_for_each_rule_and_examples_are_bounded() {
        let mut rules = BTreeMap::new();
        for id in ["1", "2", "3", "4"] {
            add(&mut rules, vec![finding("a"), finding("a"), finding("b")], ("urn:x", id));
        }
        add(&mut rules, vec![finding("b")], ("urn:x", "5"));
        assert_eq!((rules["a"].events, rules["b"].events), (4, 5));
        let examples: Vec<&str> = rules["b"].examples.iter().map(|(_, id)| id.as_str()).collect();
        assert_eq!(examples, ["1", "2", "3"]);
    }
}
