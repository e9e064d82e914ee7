//! The filter dialects of the CloudEvents Subscriptions API: exact, prefix, suffix, all, any, not, and sql (CE-FIL,
//! CE-SQL), and a dialect of ours for payloads ([`crate::data_filter`]); the crate `cesql` implements sql.
//!
//! A missing attribute never matches exact, prefix or suffix. The rule for legacy kenmerken differs; see
//! [`crate::selection`].

use std::{borrow::Cow, sync::Arc};

use cesql::{Attributes, Expression};
use compact_str::CompactString;

use crate::{AttributeName, Event, Value, data_filter::DataFilter, event::SPECVERSION};

/// A filter expression; attribute values are compared by their canonical text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter {
    /// Every attribute equals its value.
    Exact(Vec<(AttributeName, CompactString)>),
    /// Every attribute starts with its value.
    Prefix(Vec<(AttributeName, CompactString)>),
    /// Every attribute ends with its value.
    Suffix(Vec<(AttributeName, CompactString)>),
    /// All filters match; never empty.
    All(Vec<Filter>),
    /// At least one filter matches; never empty.
    Any(Vec<Filter>),
    /// The filter does not match.
    Not(Box<Filter>),
    /// A CloudEvents SQL expression is true without errors (CE-SQL-02).
    Sql(Arc<Expression>),
    /// A member of the payload meets a condition; a dialect of ours.
    Data(Box<DataFilter>),
}

/// The deepest accepted nesting of `all`, `any` and `not`.
pub const MAX_DEPTH: usize = 16;

impl Filter {
    /// A filter in CloudEvents SQL.
    ///
    /// # Errors
    /// A syntax error with its position (CE-SQL-03).
    pub fn sql(expression: &str) -> Result<Self, cesql::ParseError> {
        Expression::parse(expression).map(|expression| Self::Sql(Arc::new(expression)))
    }

    /// Whether the filter matches the event.
    pub fn matches(&self, event: &Event) -> bool {
        match self {
            Self::Exact(pairs) => compare(pairs, event, |own, wanted| own == wanted),
            Self::Prefix(pairs) => compare(pairs, event, |own, wanted| own.starts_with(wanted)),
            Self::Suffix(pairs) => compare(pairs, event, |own, wanted| own.ends_with(wanted)),
            Self::All(filters) => filters.iter().all(|filter| filter.matches(event)),
            Self::Any(filters) => filters.iter().any(|filter| filter.matches(event)),
            Self::Not(filter) => !filter.matches(event),
            Self::Sql(expression) => expression.matches(event),
            Self::Data(filter) => filter.matches(event),
        }
    }

    /// Adds attributes with the canonical text that each must have for the filter to match. They are necessary but may
    /// not be sufficient.
    pub fn required_equalities<'a>(&'a self, found: &mut Vec<(&'a str, &'a str)>) {
        match self {
            Self::Exact(pairs) => found.extend(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))),
            Self::All(filters) => filters.iter().for_each(|filter| filter.required_equalities(found)),
            Self::Sql(expression) => found.extend(expression.required_equalities()),
            Self::Prefix(_) | Self::Suffix(_) | Self::Any(_) | Self::Not(_) | Self::Data(_) => {}
        }
    }

    /// Adds attributes with a prefix that the canonical text of each must have for the filter to match. They are necessary but may
    /// not be sufficient.
    pub fn required_prefixes<'a>(&'a self, found: &mut Vec<(&'a str, &'a str)>) {
        match self {
            Self::Prefix(pairs) => found.extend(pairs.iter().map(|(name, prefix)| (name.as_str(), prefix.as_str()))),
            Self::All(filters) => filters.iter().for_each(|filter| filter.required_prefixes(found)),
            Self::Exact(_) | Self::Suffix(_) | Self::Any(_) | Self::Not(_) | Self::Sql(_) | Self::Data(_) => {}
        }
    }

    /// Adds the names in CloudEvents SQL that no event can have as an attribute, such as `data`: what reads them is an error,
    /// so that the expression never matches, and `EXISTS` is always false (finding G3). The other dialects refuse such names.
    pub fn impossible_names<'a>(&'a self, found: &mut Vec<&'a str>) {
        match self {
            Self::Sql(expression) => {
                found.extend(expression.attributes().into_iter().filter(|name| AttributeName::new(name).is_err()));
            }
            Self::All(filters) | Self::Any(filters) => filters.iter().for_each(|one| one.impossible_names(found)),
            Self::Not(filter) => filter.impossible_names(found),
            Self::Exact(_) | Self::Prefix(_) | Self::Suffix(_) | Self::Data(_) => {}
        }
    }

    /// The nesting of `all`, `any` and `not`; 1 for any other dialect.
    pub fn depth(&self) -> usize {
        match self {
            Self::Exact(_) | Self::Prefix(_) | Self::Suffix(_) | Self::Sql(_) | Self::Data(_) => 1,
            Self::All(filters) | Self::Any(filters) => 1 + filters.iter().map(Self::depth).max().unwrap_or(0),
            Self::Not(filter) => 1 + filter.depth(),
        }
    }
}

impl Attributes for Event {
    fn get(&self, name: &str) -> Option<cesql::Value<'_>> {
        if name == "specversion" {
            return Some(SPECVERSION.into());
        }
        Some(match self.attribute(name)? {
            Value::Boolean(truth) => cesql::Value::Boolean(*truth),
            Value::Integer(number) => cesql::Value::Integer(*number),
            Value::Text(text) => cesql::Value::String(Cow::Borrowed(text)),
        })
    }
}

fn compare(pairs: &[(AttributeName, CompactString)], event: &Event, holds: impl Fn(&str, &str) -> bool) -> bool {
    pairs.iter().all(|(name, wanted)| match name.as_str() {
        "specversion" => holds(SPECVERSION, wanted),
        name => event.attribute(name).is_some_and(|value| match value.as_text() {
            Some(text) => holds(text, wanted),
            None => holds(&value.canonical(), wanted),
        }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Value;

    fn event() -> Event {
        let attributes = [("id", "1"), ("source", "/s"), ("type", "nl.zaken.zaak-geopend"), ("subject", "")]
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| (AttributeName::new(name).unwrap(), Value::text(value).unwrap()))
            .chain([(AttributeName::new("n").unwrap(), Value::Integer(5))])
            .collect();
        Event::new(attributes, None).unwrap()
    }

    fn pair(name: &str, value: &str) -> Vec<(AttributeName, CompactString)> {
        vec![(AttributeName::new(name).unwrap(), value.into())]
    }

    #[test]
    fn g3_names_that_no_event_can_have_are_found_at_any_depth() {
        let sql = |text: &str| Filter::sql(text).unwrap();
        for (text, expected) in [
            ("type = 'x' AND EXISTS Subject", 0),
            ("Data = 'x'", 1),
            ("LENGTH(CONCAT(source, data)) > 5 OR NOT EXISTS data", 2),
            ("subject IN ('data', data)", 1),
            ("data LIKE '%x' XOR -INT(data) = 1", 2),
        ] {
            let nested = Filter::All(vec![Filter::Not(Box::new(sql(text))), Filter::Any(vec![sql(text)])]);
            let mut found = Vec::new();
            nested.impossible_names(&mut found);
            assert_eq!(found, vec!["data"; 2 * expected], "{text}");
        }
    }

    #[test]
    fn dialects_ce_fil() {
        let event = event();
        for (filter, wanted) in [
            (Filter::Exact(pair("type", "nl.zaken.zaak-geopend")), true),
            (Filter::Exact(pair("type", "NL.zaken.zaak-geopend")), false),
            (Filter::Exact(pair("n", "5")), true),
            (Filter::Exact(pair("specversion", "1.0")), true),
            (Filter::Exact(pair("subject", "x")), false),
            (Filter::Prefix(pair("type", "nl.zaken.")), true),
            (Filter::Suffix(pair("type", "geopend")), true),
            (Filter::Suffix(pair("missing", "x")), false),
            (Filter::Not(Box::new(Filter::Suffix(pair("missing", "x")))), true),
            (Filter::All(vec![Filter::Prefix(pair("type", "nl")), Filter::Exact(pair("id", "2"))]), false),
            (Filter::Any(vec![Filter::Prefix(pair("type", "xx")), Filter::Exact(pair("id", "1"))]), true),
        ] {
            assert_eq!(filter.matches(&event), wanted, "{filter:?}");
        }
    }

    #[test]
    fn sql_ce_sql_02() {
        for (text, wanted) in [
            ("type LIKE 'nl.zaken.%' AND n > 4", true),
            ("specversion = '1.0'", true),
            ("n", false),
            ("missing = 1", false),
            ("NOT EXISTS missing", true),
        ] {
            assert_eq!(Filter::sql(text).unwrap().matches(&event()), wanted, "{text}");
        }
    }

    fn required(filter: &Filter) -> Vec<(&str, &str)> {
        let mut found = vec![];
        filter.required_equalities(&mut found);
        found
    }

    #[test]
    fn what_a_filter_requires_shows_in_its_form() {
        for (text, wanted) in [
            ("type = 'nl.a' AND n > 4", &[("type", "nl.a")][..]),
            ("n > 4 AND (subject = 's' AND n = '5')", &[("subject", "s"), ("n", "5")]),
            ("type = 'nl.a' OR subject = 's'", &[]),
            ("type = 'nl.a' OR TRUE AND subject = 's'", &[("subject", "s")]),
            ("type = 'nl.a' XOR TRUE", &[]),
            ("NOT (type = 'nl.a')", &[]),
            ("NOT type = 'nl.a'", &[]),
            ("type != 'nl.a'", &[]),
            ("'5' = n", &[]),
            ("n = 5", &[]),
            ("type IN ('nl.a')", &[]),
        ] {
            let sql = Filter::sql(text).unwrap();
            assert_eq!(required(&sql), wanted, "{text}");
            for filter in [Filter::Not(Box::new(sql.clone())), Filter::Any(vec![sql])] {
                assert_eq!(required(&filter), [], "{filter:?}");
            }
        }
        let all = Filter::All(vec![Filter::Exact(pair("id", "1")), Filter::Prefix(pair("type", "nl"))]);
        assert_eq!(required(&all), [("id", "1")]);
        let mut prefixes = vec![];
        all.required_prefixes(&mut prefixes);
        let others = [Filter::Any(vec![all.clone()]), Filter::Not(Box::new(all.clone()))];
        for other in &others {
            other.required_prefixes(&mut prefixes);
        }
        assert_eq!(prefixes, [("type", "nl")]);
    }

    #[test]
    fn depth_counts_nesting() {
        let plain = Filter::Exact(pair("id", "1"));
        assert_eq!(Filter::Not(Box::new(Filter::All(vec![plain]))).depth(), 3);
    }
}
