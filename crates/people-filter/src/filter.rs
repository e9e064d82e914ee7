//! The text of a filter, and its result.

use std::{borrow::Cow, sync::Arc};

use model::{
    Event,
    addressee::{FilterText, MAX_FILTER},
    filter::Filter as EventFilter,
};
use serde_json::{Map, Value};

use crate::jmespath::{Expression, Functions};

const SQL: &str = "sql:";
const JMESPATH: &str = "jmespath:";

/// The dialects, with the named expressions of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Dialects(Arc<Functions>);

/// A filter that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter {
    /// CloudEvents SQL, over context attributes or the attributes of an addressee.
    Sql(Arc<cesql::Expression>),
    /// JMESPath, over the payload or the attributes of an addressee.
    Jmespath(Arc<Expression>),
}

/// The result of a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It matches.
    Matches,
    /// It does not match, or there is nothing that it could match (CH-69).
    Differs,
    /// It could not be evaluated, so it does not match (CH-70).
    Failed,
}

impl Dialects {
    /// With these named expressions.
    pub fn new(functions: Functions) -> Self {
        Self(Arc::new(functions))
    }

    /// The text that is stored for an expression in CloudEvents SQL.
    ///
    /// # Errors
    /// The rule that it breaks: a syntax error with its place, or more than 4,092 bytes.
    pub fn sql(&self, expression: &str) -> Result<FilterText, String> {
        EventFilter::sql(expression).map_err(|error| error.to_string())?;
        let rule = || format!("must be at most {} bytes", MAX_FILTER - SQL.len());
        FilterText::new([SQL, expression].concat()).ok_or_else(rule)
    }

    /// The text that is stored for an expression in JMESPath.
    ///
    /// # Errors
    /// The rule that it breaks, with its place.
    pub fn jmespath(&self, expression: &str) -> Result<FilterText, String> {
        Expression::parse(expression, &self.0).map_err(|fault| fault.to_string())?;
        // Unreachable: a shorter text was required.
        FilterText::new([JMESPATH, expression].concat()).ok_or_else(|| "is too long".to_owned())
    }

    /// The filter of a text with its dialect before it.
    ///
    /// # Errors
    /// The rule that it breaks. A stored text breaks one when its dialect is not known here, or it calls a named expression that is
    /// not configured any more.
    pub fn read(&self, text: &str) -> Result<Filter, String> {
        if let Some(expression) = text.strip_prefix(SQL) {
            let expression = cesql::Expression::parse(expression).map_err(|error| error.to_string())?;
            return Ok(Filter::Sql(Arc::new(expression)));
        }
        let Some(expression) = text.strip_prefix(JMESPATH) else {
            return Err("must begin with sql: or jmespath:".to_owned());
        };
        let expression = Expression::parse(expression, &self.0).map_err(|fault| fault.to_string())?;
        Ok(Filter::Jmespath(Arc::new(expression)))
    }

    /// The name of the dialect of a stored text, and its expression; `None` for a dialect that is not known here.
    pub fn split(text: &FilterText) -> Option<(&'static str, &str)> {
        let of = |prefix: &'static str| {
            text.as_str().strip_prefix(prefix).map(|expression| (prefix.trim_end_matches(':'), expression))
        };
        of(SQL).or_else(|| of(JMESPATH))
    }
}

impl Filter {
    /// The result for an event with this payload, if it is JSON. Without one, JMESPath does not match (CH-69).
    pub fn of_event(&self, event: &Event, data: Option<&Value>) -> Verdict {
        match (self, data) {
            (Self::Sql(expression), _) => sql(expression, event),
            (Self::Jmespath(expression), Some(data)) => jmespath(expression, data),
            (Self::Jmespath(_), None) => Verdict::Differs,
        }
    }

    /// The result for an addressee with these attributes, a JSON object as text. Without any it does not match (CH-69), whatever the
    /// expression is.
    pub fn of_attributes(&self, attributes: &str) -> Verdict {
        if attributes.is_empty() {
            return Verdict::Differs;
        }
        match (self, serde_json::from_str(attributes)) {
            (_, Ok(Value::Object(own))) if own.is_empty() => Verdict::Differs,
            (Self::Sql(expression), Ok(Value::Object(own))) => sql(expression, &OfAddressee(own)),
            (Self::Jmespath(expression), Ok(own @ Value::Object(_))) => jmespath(expression, &own),
            _ => Verdict::Failed,
        }
    }
}

fn jmespath(expression: &Expression, data: &Value) -> Verdict {
    match expression.matches(data) {
        Ok(true) => Verdict::Matches,
        Ok(false) => Verdict::Differs,
        Err(_) => Verdict::Failed,
    }
}

fn sql(expression: &cesql::Expression, attributes: &dyn cesql::Attributes) -> Verdict {
    if expression.matches(attributes) {
        Verdict::Matches
    } else if expression.evaluate(attributes).errors.is_empty() {
        Verdict::Differs
    } else {
        Verdict::Failed
    }
}

/// The attributes of an addressee for CloudEvents SQL: names without regard to case, and only values that it has a type for.
struct OfAddressee(Map<String, Value>);

impl cesql::Attributes for OfAddressee {
    fn get(&self, name: &str) -> Option<cesql::Value<'_>> {
        let (_, value) = self.0.iter().find(|(own, _)| own.eq_ignore_ascii_case(name))?;
        Some(match value {
            Value::Bool(truth) => cesql::Value::Boolean(*truth),
            Value::Number(number) => cesql::Value::Integer(number.as_i64()?.try_into().ok()?),
            Value::String(text) => cesql::Value::String(Cow::Borrowed(text)),
            Value::Null | Value::Array(_) | Value::Object(_) => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use model::{AttributeName, Value as Attribute};
    use serde_json::json;

    use super::*;

    fn event() -> Event {
        let attributes = [("id", "1"), ("source", "urn:a"), ("type", "nl.afval.gewijzigd")]
            .map(|(name, value)| (AttributeName::new(name).unwrap(), Attribute::text(value).unwrap()));
        Event::new(attributes.into(), None).unwrap()
    }

    #[test]
    fn ch_66_a_filter_is_a_complete_expression_and_reads_back() {
        let dialects = Dialects::default();
        let text = dialects.sql("type = 'nl.x'").expect("a filter");
        assert_eq!(Dialects::split(&text), Some(("sql", "type = 'nl.x'")));
        let text = dialects.jmespath("wijk == 'centrum'").expect("a filter");
        assert_eq!(Dialects::split(&text), Some(("jmespath", "wijk == 'centrum'")));
        assert!(matches!(dialects.read(text.as_str()), Ok(Filter::Jmespath(_))));
        for broken in ["", "type =", "type = 'a'] || ["] {
            assert!(dialects.sql(broken).is_err(), "{broken}");
        }
        assert!(dialects.sql(&format!("type = '{}'", "x".repeat(MAX_FILTER))).is_err());
        for broken in ["", "a === 'b'", "a == 'b'] || @ | [?`true`"] {
            assert!(dialects.jmespath(broken).is_err(), "{broken}");
        }
        assert_eq!(dialects.read("type = 'a'"), Err("must begin with sql: or jmespath:".to_owned()));
    }

    #[test]
    fn each_filter_of_a_subscriber_has_one_result_ch_67_ch_69_ch_70() {
        let data = json!({ "wijk": "centrum", "nummers": [1, 2] });
        for (text, with_data, without_data) in [
            ("sql:type = 'nl.afval.gewijzigd'", Verdict::Matches, Verdict::Matches),
            ("sql:type = 'nl.wegen.gewijzigd'", Verdict::Differs, Verdict::Differs),
            ("sql:wijk = 'centrum'", Verdict::Failed, Verdict::Failed),
            ("jmespath:wijk == 'centrum'", Verdict::Matches, Verdict::Differs),
            ("jmespath:!onbekend", Verdict::Matches, Verdict::Differs),
            ("jmespath:nummers[?@ > `2`]", Verdict::Differs, Verdict::Differs),
            ("jmespath:contains(nummers[0], 'x')", Verdict::Failed, Verdict::Differs),
        ] {
            let filter = Dialects::default().read(text).unwrap();
            assert_eq!(filter.of_event(&event(), Some(&data)), with_data, "{text}");
            assert_eq!(filter.of_event(&event(), None), without_data, "{text}");
        }
    }

    #[test]
    fn a_filter_of_a_sender_matches_no_addressee_without_attributes_ch_69_ch_71() {
        let own = r#"{"postcode":"1234AB","leeftijd":40,"actief":true,"lijst":[1]}"#;
        for (text, expected) in [
            ("sql:postcode LIKE '1234%'", Verdict::Matches),
            ("sql:Leeftijd > 30 AND actief", Verdict::Matches),
            ("sql:postcode = '9999ZZ'", Verdict::Differs),
            ("sql:wijk = 'x'", Verdict::Failed),
            ("sql:lijst = 'x'", Verdict::Failed),
            ("jmespath:starts_with(postcode, '1234')", Verdict::Matches),
            ("jmespath:!wijk", Verdict::Matches),
            ("jmespath:wijk == 'x'", Verdict::Differs),
            ("jmespath:starts_with(wijk, '1234')", Verdict::Failed),
        ] {
            let filter = Dialects::default().read(text).unwrap();
            assert_eq!(filter.of_attributes(own), expected, "{text}");
            for none in ["", "{}"] {
                assert_eq!(filter.of_attributes(none), Verdict::Differs, "{text}");
            }
            assert_eq!(filter.of_attributes("{broken"), Verdict::Failed, "{text}");
        }
    }
}
