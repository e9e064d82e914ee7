//! Which subscriptions want an event, without evaluating every selection. Each selection is indexed by one condition
//! that every event it wants fulfils and that is cheap to look up (an exact attribute, a type, a kenmerk, a prefix, a kanaal).
//! Only the selections found by these conditions are evaluated. A selection without such a condition is evaluated for
//! every event.

use std::collections::{BTreeMap, HashMap};

use compact_str::CompactString;
use model::{
    Event, KanaalName,
    event::{PublishedAs, SPECVERSION},
    facts::is_reserved,
    selection::{Kenmerken, NativeSelection, Selection},
};

use crate::decoded_event::DecodedEvent;
use prefixes::Prefixes;

mod prefixes;

/// An index of selections; `S` identifies the subscription that a selection belongs to.
#[derive(Debug)]
pub struct Index<S> {
    selections: HashMap<S, Selection>,
    kanalen: BTreeMap<KanaalName, Bucket<S>>,
    /// The selections that cover all kanalen.
    everywhere: Bucket<S>,
}

/// The selections of one kanaal (or of all).
#[derive(Debug)]
struct Bucket<S> {
    by_attribute: BTreeMap<CompactString, HashMap<CompactString, Vec<S>>>,
    by_kenmerk: BTreeMap<CompactString, HashMap<CompactString, Vec<S>>>,
    by_prefix: BTreeMap<CompactString, Prefixes<S>>,
    /// Selections that no index covers; each is evaluated for every event.
    always: Vec<S>,
    /// Evaluated for every event published as a CloudEvent.
    cloudevents: Vec<S>,
}

/// The condition by which a selection is indexed in a bucket.
#[derive(Debug)]
enum Condition {
    /// One attribute has one of these values.
    Attribute(CompactString, Vec<CompactString>),
    /// A kenmerk has this value, or is absent.
    Kenmerk(CompactString, CompactString),
    /// One attribute starts with this value.
    Prefix(CompactString, CompactString),
    Always,
    CloudEvents,
}

impl<S> Default for Bucket<S> {
    fn default() -> Self {
        Self {
            by_attribute: BTreeMap::new(),
            by_kenmerk: BTreeMap::new(),
            by_prefix: BTreeMap::new(),
            always: Vec::new(),
            cloudevents: Vec::new(),
        }
    }
}

impl<S> Default for Index<S> {
    fn default() -> Self {
        Self { selections: HashMap::new(), kanalen: BTreeMap::new(), everywhere: Bucket::default() }
    }
}

impl<S: Copy + Ord + std::hash::Hash> Index<S> {
    /// Adds the selection of `owner`. An owner may have several.
    pub fn insert(&mut self, owner: S, selection: &Selection) {
        for (kanaal, condition) in conditions(selection) {
            match kanaal {
                Some(kanaal) => self.kanalen.entry(kanaal).or_default(),
                None => &mut self.everywhere,
            }
            .insert(owner, condition);
        }
        self.selections.insert(owner, selection.clone());
    }

    /// Removes a selection that was added.
    pub fn remove(&mut self, owner: S, selection: &Selection) {
        for (kanaal, condition) in conditions(selection) {
            let bucket = match &kanaal {
                Some(kanaal) => self.kanalen.get_mut(kanaal),
                None => Some(&mut self.everywhere),
            };
            if let Some(bucket) = bucket {
                bucket.remove(owner, &condition);
            }
            if let Some(kanaal) = kanaal
                && self.kanalen.get(&kanaal).is_some_and(Bucket::is_empty)
            {
                self.kanalen.remove(&kanaal);
            }
        }
        self.selections.remove(&owner);
    }

    /// Fills `owners` with the owners of all selections that match the event, each once, ascending.
    pub fn matching(&self, item: &DecodedEvent, owners: &mut Vec<S>) {
        owners.clear();
        self.everywhere.candidates(item, owners);
        if let Some(bucket) = self.kanalen.get(&item.kanaal) {
            bucket.candidates(item, owners);
        }
        owners.sort_unstable();
        owners.dedup();
        owners.retain(|owner| {
            self.selections
                .get(owner)
                .is_some_and(|selection| selection.matches(&item.facts(selection.needs_members())))
        });
    }
}

impl<S: Copy + Ord> Bucket<S> {
    fn insert(&mut self, owner: S, condition: Condition) {
        match condition {
            Condition::Attribute(name, values) => {
                let by_value = self.by_attribute.entry(name).or_default();
                for value in values {
                    by_value.entry(value).or_default().push(owner);
                }
            }
            Condition::Kenmerk(key, value) => {
                self.by_kenmerk.entry(key).or_default().entry(value).or_default().push(owner);
            }
            Condition::Prefix(name, prefix) => self.by_prefix.entry(name).or_default().insert(prefix, owner),
            Condition::Always => self.always.push(owner),
            Condition::CloudEvents => self.cloudevents.push(owner),
        }
    }

    fn remove(&mut self, owner: S, condition: &Condition) {
        match condition {
            Condition::Attribute(name, values) => {
                for value in values {
                    remove_from(&mut self.by_attribute, name, value, owner);
                }
            }
            Condition::Kenmerk(key, value) => remove_from(&mut self.by_kenmerk, key, value, owner),
            Condition::Prefix(name, prefix) => {
                if let Some(prefixes) = self.by_prefix.get_mut(name) {
                    prefixes.remove(prefix, owner);
                    if prefixes.is_empty() {
                        self.by_prefix.remove(name);
                    }
                }
            }
            Condition::Always => self.always.retain(|other| *other != owner),
            Condition::CloudEvents => self.cloudevents.retain(|other| *other != owner),
        }
    }

    fn is_empty(&self) -> bool {
        self.by_attribute.is_empty()
            && self.by_kenmerk.is_empty()
            && self.by_prefix.is_empty()
            && self.always.is_empty()
            && self.cloudevents.is_empty()
    }

    fn candidates(&self, item: &DecodedEvent, owners: &mut Vec<S>) {
        owners.extend_from_slice(&self.always);
        if item.accepted.published_as == PublishedAs::CloudEvent {
            owners.extend_from_slice(&self.cloudevents);
        }
        for (name, by_value) in &self.by_attribute {
            let found = with_text(&item.accepted.event, name, |text| by_value.get(text)).flatten();
            owners.extend(found.into_iter().flatten());
        }
        for (name, prefixes) in &self.by_prefix {
            with_text(&item.accepted.event, name, |text| prefixes.of(text, owners));
        }
        for (key, by_value) in &self.by_kenmerk {
            match item.facts(!is_reserved(key)).member(key) {
                Some(value) => owners.extend(by_value.get(value).into_iter().flatten()),
                None => owners.extend(by_value.values().flatten()),
            }
        }
    }
}

/// What `use_text` returns for the canonical text of an attribute, without a copy of a text; `None` without the attribute.
fn with_text<T>(event: &Event, name: &str, use_text: impl FnOnce(&str) -> T) -> Option<T> {
    if name == "specversion" {
        return Some(use_text(SPECVERSION));
    }
    let value = event.attribute(name)?;
    Some(match value.as_text() {
        Some(text) => use_text(text),
        None => use_text(&value.canonical()),
    })
}

type ByValue<S> = BTreeMap<CompactString, HashMap<CompactString, Vec<S>>>;

fn remove_from<S: Copy + Ord>(map: &mut ByValue<S>, key: &str, value: &str, owner: S) {
    let Some(by_value) = map.get_mut(key) else { return };
    if let Some(owners) = by_value.get_mut(value) {
        owners.retain(|other| *other != owner);
        if owners.is_empty() {
            by_value.remove(value);
        }
    }
    if by_value.is_empty() {
        map.remove(key);
    }
}

/// The condition by which a selection is indexed, per kanaal (`None` for all).
fn conditions(selection: &Selection) -> Vec<(Option<KanaalName>, Condition)> {
    match selection {
        Selection::Native(native) if native.kanalen.is_empty() => vec![(None, native_condition(native))],
        Selection::Native(native) => {
            native.kanalen.iter().map(|kanaal| (Some(kanaal.clone()), native_condition(native))).collect()
        }
        Selection::Abonnement(abonnement) => {
            let kanalen = abonnement.kanalen.iter();
            let mut all: Vec<_> = kanalen
                .map(|entry| (Some(entry.naam.clone()), kenmerk(&entry.filters).unwrap_or(Condition::Always)))
                .collect();
            if !abonnement.effective_cloudevents().is_empty() {
                all.push((None, Condition::CloudEvents));
            }
            all
        }
    }
}

fn native_condition(native: &NativeSelection) -> Condition {
    let mut required = Vec::new();
    native.filters.iter().for_each(|filter| filter.required_equalities(&mut required));
    // Many events share a type, fewer a source, and few what else a filter names.
    let rank = |(name, _): &(&str, &str)| ["specversion", "type", "source"].iter().position(|common| common == name);
    if let Some((name, value)) = required.into_iter().max_by_key(|pair| rank(pair).unwrap_or(usize::MAX)) {
        return Condition::Attribute(name.into(), vec![value.into()]);
    }
    if let Some(source) = &native.source {
        return Condition::Attribute("source".into(), vec![source.as_str().into()]);
    }
    if !native.types.is_empty() {
        let types = native.types.iter().map(|kind| kind.as_str().into());
        return Condition::Attribute("type".into(), types.collect());
    }
    kenmerk(&native.kenmerken).or_else(|| prefix(native)).unwrap_or(Condition::Always)
}

/// The longest prefix that an attribute must have: fewer events have it than a shorter one.
fn prefix(native: &NativeSelection) -> Option<Condition> {
    let mut required = Vec::new();
    native.filters.iter().for_each(|filter| filter.required_prefixes(&mut required));
    let (name, prefix) = required.into_iter().max_by_key(|(_, prefix)| prefix.len())?;
    Some(Condition::Prefix(name.into(), prefix.into()))
}

fn kenmerk(kenmerken: &Kenmerken) -> Option<Condition> {
    let exact = kenmerken.0.iter().find(|kenmerk| kenmerk.value != "*")?;
    Some(Condition::Kenmerk(exact.normalised.clone(), exact.value.clone()))
}

#[cfg(test)]
mod tests {
    use model::{
        AttributeName, Random, Value,
        clock::SeededRandom,
        filter::Filter,
        selection::{AbonnementSelection, CloudEventEntry, KanaalEntry},
    };

    use super::*;
    use crate::decoded_event::tests::item_with;

    fn pick<'a>(random: &SeededRandom, from: &[&'a str]) -> &'a str {
        from[(random.bits() % from.len() as u64) as usize]
    }

    fn some_kenmerken(random: &SeededRandom) -> Kenmerken {
        let count = random.bits() % 3;
        let pair = |_| (pick(random, &["bron", "objectType", "absent"]), pick(random, &["x", "y", "*", ""]));
        Kenmerken::new((0..count).map(pair).collect::<Vec<_>>())
    }

    fn some_filter(random: &SeededRandom) -> Filter {
        let name = AttributeName::new(pick(random, &["type", "subject", "source"])).unwrap();
        let pairs = vec![(name, pick(random, &["nl.a", "nl.b", "s"]).into())];
        let sql = || {
            let (name, text) = (pick(random, &["type", "subject", "n"]), pick(random, &["nl.a", "s", "5", "05", "x"]));
            let more = pick(random, &["", " AND TRUE", " OR TRUE", " AND source = 's'", " OR subject = 's'"]);
            let sql = match random.bits() % 3 {
                0 => format!("'{text}' = {name}{more}"),
                1 => format!("NOT {name} = '{text}'{more}"),
                _ => format!("{name} = '{text}'{more}"),
            };
            Filter::sql(&sql).unwrap()
        };
        let start = || {
            let name = AttributeName::new(pick(random, &["type", "subject", "n", "specversion"])).unwrap();
            Filter::Prefix(vec![(name, pick(random, &["n", "nl.", "nl.a", "nl.a.", "s", "5", "0", "1"]).into())])
        };
        match random.bits() % 9 {
            0 | 7 => start(),
            8 => Filter::All(vec![start(), start()]),
            1 => Filter::Not(Box::new(Filter::Exact(pairs))),
            2 => Filter::All(vec![Filter::Exact(pairs), sql()]),
            3 => Filter::Any(vec![Filter::Exact(pairs), sql()]),
            4 => sql(),
            _ => Filter::Exact(pairs),
        }
    }

    fn some_selection(random: &SeededRandom) -> Selection {
        let naam = || KanaalName::new(pick(random, &["zaken", "besluiten"])).unwrap();
        let few = |most: u64| 0..random.bits() % (most + 1);
        if random.bits().is_multiple_of(2) {
            return Selection::Native(NativeSelection {
                kanalen: few(2).map(|_| naam()).collect(),
                published_as: [None, Some(PublishedAs::CloudEvent), Some(PublishedAs::Notificatie)]
                    [(random.bits() % 3) as usize],
                types: few(2).map(|_| pick(random, &["nl.a", "nl.b", "nl.c"]).into()).collect(),
                source: few(1).map(|_| pick(random, &["s", "t"]).into()).next(),
                filters: few(1).map(|_| some_filter(random)).collect(),
                kenmerken: some_kenmerken(random),
            });
        }
        Selection::Abonnement(AbonnementSelection {
            kanalen: few(2).map(|_| KanaalEntry { naam: naam(), filters: some_kenmerken(random) }).collect(),
            cloudevents: few(1)
                .map(|_| CloudEventEntry {
                    type_substring: pick(random, &["nl", "b"]).into(),
                    filters: some_kenmerken(random),
                })
                .collect(),
            send_cloudevents: !random.bits().is_multiple_of(4),
        })
    }

    fn some_item(random: &SeededRandom) -> DecodedEvent {
        let (kind, source) = (pick(random, &["nl.a", "nl.b"]), pick(random, &["s", "t"]));
        let subject = pick(random, &["s", "nl.a"]);
        let data = pick(random, &["{}", r#"{"bron":"x"}"#, r#"{"bron":"y","object_type":"x"}"#, "[]"]);
        let mut item = item_with(0, &[("id", "1"), ("type", kind), ("source", source), ("subject", subject)], data);
        let event = &item.accepted.event;
        let n = if random.bits().is_multiple_of(2) { Value::Integer(5) } else { Value::text("05").unwrap() };
        let attributes = event.attributes().iter().cloned().chain([(AttributeName::new("n").unwrap(), n)]);
        item.stored.accepted.event = Event::new(attributes.collect(), event.data().cloned()).unwrap();
        item.stored.kanaal = KanaalName::new(pick(random, &["zaken", "besluiten", "other"])).unwrap();
        item
    }

    #[test]
    fn the_index_finds_exactly_what_matches_map_23() {
        let random = SeededRandom::new(5);
        let mut selections: Vec<Selection> = (0..400).map(|_| some_selection(&random)).collect();
        let mut index = Index::default();
        for (owner, selection) in selections.iter().enumerate() {
            index.insert(owner, selection);
        }
        let (mut found, mut matches) = (vec![], 0);
        for round in 0..300 {
            let item = some_item(&random);
            index.matching(&item, &mut found);
            let wanted = |(_, selection): &(usize, &Selection)| selection.matches(&item.facts(true));
            let expected: Vec<usize> = selections.iter().enumerate().filter(wanted).map(|(owner, _)| owner).collect();
            assert_eq!(found, expected, "{item:?}");
            matches += found.len();
            let changed = round % selections.len();
            index.remove(changed, &selections[changed]);
            selections[changed] = some_selection(&random);
            index.insert(changed, &selections[changed]);
        }
        assert!(matches > 1_000);
        for (owner, selection) in selections.iter().enumerate() {
            index.remove(owner, selection);
        }
        assert!(index.kanalen.is_empty() && index.everywhere.is_empty() && index.selections.is_empty());
    }
}
