//! Which events a subscription wants, in words.

use model::{
    AttributeName,
    data_filter::{DataCondition, DataFilter},
    event::PublishedAs,
    filter::Filter,
    selection::{Kenmerken, Selection},
};

/// Most entries of a list; the rest is counted.
const MOST: usize = 50;

/// The words of a language.
pub struct Words {
    everything: &'static str,
    kanalen: &'static str,
    types: &'static str,
    source: &'static str,
    filters: &'static str,
    kenmerken: &'static str,
    cloudevents: &'static str,
    with_cloudevents: &'static str,
    published_as: fn(PublishedAs) -> &'static str,
    is: &'static str,
    is_one_of: &'static str,
    begins_with: &'static str,
    ends_with: &'static str,
    exists: &'static str,
    payload: &'static str,
    and: &'static str,
    or: &'static str,
    not: &'static str,
    sql: &'static str,
    more: fn(usize) -> String,
}

/// Dutch.
pub const NL: Words = Words {
    everything: "alle events",
    kanalen: "kanalen",
    types: "typen",
    source: "bron",
    filters: "filters",
    kenmerken: "kenmerken",
    cloudevents: "CloudEvents met in het type",
    with_cloudevents: "ook CloudEvents",
    published_as: |form| match form {
        PublishedAs::Notificatie => "alleen notificaties",
        PublishedAs::CloudEvent => "alleen CloudEvents",
    },
    is: "is",
    is_one_of: "is een van",
    begins_with: "begint met",
    ends_with: "eindigt op",
    exists: "is gevuld",
    payload: "inhoud",
    and: "en",
    or: "of",
    not: "niet",
    sql: "CloudEvents SQL",
    more: |number| format!("en nog {number}"),
};

/// English.
pub const EN: Words = Words {
    everything: "all events",
    kanalen: "kanalen",
    types: "types",
    source: "source",
    filters: "filters",
    kenmerken: "kenmerken",
    cloudevents: "CloudEvents whose type contains",
    with_cloudevents: "CloudEvents too",
    published_as: |form| match form {
        PublishedAs::Notificatie => "notificaties only",
        PublishedAs::CloudEvent => "CloudEvents only",
    },
    is: "is",
    is_one_of: "is one of",
    begins_with: "begins with",
    ends_with: "ends with",
    exists: "has a value",
    payload: "payload",
    and: "and",
    or: "or",
    not: "not",
    sql: "CloudEvents SQL",
    more: |number| format!("and {number} more"),
};

impl Words {
    /// The selection.
    pub fn selection(&self, selection: &Selection) -> String {
        let mut parts = Vec::new();
        let mut add = |name: &str, text: String| {
            if !text.is_empty() {
                parts.push(format!("{name}: {text}"));
            }
        };
        match selection {
            Selection::Native(native) => {
                add(self.kanalen, self.list(native.kanalen.iter().map(ToString::to_string)));
                add(self.types, self.list(native.types.iter().cloned()));
                add(self.source, native.source.clone().unwrap_or_default());
                let filters = native.filters.iter().map(|filter| self.filter(filter)).collect::<Vec<_>>();
                add(self.filters, self.joined(filters, self.and));
                add(self.kenmerken, self.pairs(&native.kenmerken));
                parts.extend(native.published_as.map(|form| (self.published_as)(form).to_owned()));
            }
            Selection::Abonnement(abonnement) => {
                let entry = |name: &str, filters: &Kenmerken| {
                    let pairs = self.pairs(filters);
                    if pairs.is_empty() { name.to_owned() } else { format!("{name} ({pairs})") }
                };
                let kanalen = abonnement.kanalen.iter().map(|own| entry(own.naam.as_str(), &own.filters));
                add(self.kanalen, self.list(kanalen));
                let events = abonnement.cloudevents.iter().map(|own| entry(&own.type_substring, &own.filters));
                add(self.cloudevents, self.list(events));
                parts.extend(abonnement.send_cloudevents.then(|| self.with_cloudevents.to_owned()));
            }
        }
        if parts.is_empty() { self.everything.to_owned() } else { parts.join("; ") }
    }

    /// A filter. Its depth is bounded by [`model::filter::MAX_DEPTH`].
    pub fn filter(&self, filter: &Filter) -> String {
        let all = |filters: &[Filter], word| {
            self.joined(filters.iter().map(|filter| format!("({})", self.filter(filter))).collect(), word)
        };
        match filter {
            Filter::Exact(pairs) => self.conditions(pairs, self.is),
            Filter::Prefix(pairs) => self.conditions(pairs, self.begins_with),
            Filter::Suffix(pairs) => self.conditions(pairs, self.ends_with),
            Filter::All(filters) => all(filters, self.and),
            Filter::Any(filters) => all(filters, self.or),
            Filter::Not(filter) => format!("{} ({})", self.not, self.filter(filter)),
            Filter::Sql(expression) => format!("{}: {}", self.sql, expression.as_str()),
            Filter::Data(data) => self.data(data),
        }
    }

    fn data(&self, own: &DataFilter) -> String {
        let member = format!("{} {}", self.payload, own.path.as_str());
        match &own.condition {
            DataCondition::Exact(value) => format!("{member} {} ‘{value}’", self.is),
            DataCondition::In(values) => {
                let values = self.list(values.iter().map(|value| format!("‘{value}’")));
                format!("{member} {} {values}", self.is_one_of)
            }
            DataCondition::Exists => format!("{member} {}", self.exists),
        }
    }

    fn conditions(&self, pairs: &[(AttributeName, impl std::fmt::Display)], condition: &str) -> String {
        let pairs = pairs.iter().map(|(name, value)| format!("{} {condition} ‘{value}’", name.as_str()));
        self.joined(pairs.collect(), self.and)
    }

    fn pairs(&self, kenmerken: &Kenmerken) -> String {
        self.list(kenmerken.0.iter().map(|kenmerk| format!("{}={}", kenmerk.key, kenmerk.value)))
    }

    fn list(&self, entries: impl IntoIterator<Item = String>) -> String {
        self.bounded(entries.into_iter().collect(), ", ")
    }

    fn joined(&self, entries: Vec<String>, word: &str) -> String {
        self.bounded(entries, &format!(" {word} "))
    }

    fn bounded(&self, mut entries: Vec<String>, between: &str) -> String {
        let more = entries.len().saturating_sub(MOST);
        entries.truncate(MOST);
        let text = entries.join(between);
        if more == 0 { text } else { format!("{text} {}", (self.more)(more)) }
    }
}

#[cfg(test)]
mod tests {
    use model::{KanaalName, selection::NativeSelection};

    use super::*;

    fn exact(name: &str, value: &str) -> Filter {
        Filter::Exact(vec![(AttributeName::new(name).unwrap(), value.into())])
    }

    #[test]
    fn selections_are_written_in_both_languages() {
        let everything = Selection::Native(NativeSelection::default());
        assert_eq!((NL.selection(&everything), EN.selection(&everything)), ("alle events".into(), "all events".into()));
        let some = Selection::Native(NativeSelection {
            kanalen: vec![KanaalName::new("zaken").unwrap()],
            published_as: Some(PublishedAs::CloudEvent),
            filters: vec![
                Filter::Not(Box::new(exact("subject", "1"))),
                Filter::Any(vec![exact("type", "a"), exact("type", "b")]),
            ],
            kenmerken: Kenmerken::new([("bronorganisatie", "1")]),
            ..NativeSelection::default()
        });
        assert_eq!(
            NL.selection(&some),
            "kanalen: zaken; filters: niet (subject is ‘1’) en (type is ‘a’) of (type is ‘b’); \
             kenmerken: bronorganisatie=1; alleen CloudEvents"
        );
        assert!(EN.selection(&some).contains("not (subject is ‘1’)"));
    }
}
