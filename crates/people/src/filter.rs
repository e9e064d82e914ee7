//! The text of a filter of a light subscription: `sql:` and an expression in CloudEvents SQL. Equal expressions are one filter,
//! which is evaluated once per event (CH-74).

use model::{
    addressee::{FilterText, MAX_FILTER},
    filter::Filter,
};

/// The prefix of an expression in CloudEvents SQL.
const SQL: &str = "sql:";

/// The text that is stored for an expression.
///
/// # Errors
/// The rule that it breaks: a syntax error with its place, or more than 4,092 bytes.
pub fn of_sql(expression: &str) -> Result<FilterText, String> {
    Filter::sql(expression).map_err(|error| error.to_string())?;
    let rule = || format!("must be at most {} bytes", MAX_FILTER - SQL.len());
    FilterText::new(format!("{SQL}{expression}")).ok_or_else(rule)
}

/// The expression of a stored text; `None` for a dialect that is not known here.
pub fn expression(text: &FilterText) -> Option<&str> {
    text.as_str().strip_prefix(SQL)
}

/// The filter of a stored text; `None` for one that is not known here, which matches nothing.
pub fn parse(text: &FilterText) -> Option<Filter> {
    Filter::sql(expression(text)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ch_66_a_filter_is_a_complete_expression_and_reads_back() {
        let text = of_sql("type = 'nl.x'").expect("a filter");
        assert_eq!(expression(&text), Some("type = 'nl.x'"));
        assert!(parse(&text).is_some());
        for broken in ["", "type =", "type = 'a'] || ["] {
            assert!(of_sql(broken).is_err(), "{broken}");
        }
        assert!(of_sql(&format!("type = '{}'", "x".repeat(MAX_FILTER))).is_err());
        assert_eq!(parse(&FilterText::new("type = 'a'".into()).expect("a text")), None);
    }
}
