//! The filters of a kanaal, each evaluated once for an event (CH-74).

use std::collections::HashMap;

use delivery::mailing::FilterResult;
use model::{
    Event,
    addressee::{FilterId, FilterText},
    filter::Filter,
};

/// The result of each filter. One that cannot be evaluated does not match, and is counted as such (CH-70).
pub(super) fn evaluate(filters: &[(FilterId, FilterText)], event: &Event) -> HashMap<FilterId, FilterResult> {
    filters.iter().map(|(id, text)| (*id, result(people::filter::parse(text).as_ref(), event))).collect()
}

fn result(filter: Option<&Filter>, event: &Event) -> FilterResult {
    match filter {
        None => FilterResult::Failed,
        Some(filter) if filter.matches(event) => FilterResult::Matches,
        Some(Filter::Sql(expression)) if !expression.evaluate(event).errors.is_empty() => FilterResult::Failed,
        Some(_) => FilterResult::Differs,
    }
}

#[cfg(test)]
mod tests {
    use model::{AttributeName, Value};

    use super::*;

    #[test]
    fn each_filter_has_one_result_ch_70_ch_74() {
        let attributes = [("id", "1"), ("source", "urn:a"), ("type", "nl.afval.gewijzigd")]
            .map(|(name, value)| (AttributeName::new(name).unwrap(), Value::text(value).unwrap()));
        let event = Event::new(attributes.into(), None).unwrap();
        for (number, text, expected) in [
            (1, "sql:type = 'nl.afval.gewijzigd'", FilterResult::Matches),
            (2, "sql:type = 'nl.wegen.gewijzigd'", FilterResult::Differs),
            (3, "sql:wijk = 'centrum'", FilterResult::Failed),
            (4, "other:type", FilterResult::Failed),
        ] {
            let filters = [(FilterId(number), FilterText::new(text.into()).unwrap())];
            assert_eq!(evaluate(&filters, &event)[&FilterId(number)], expected, "{text}");
        }
    }
}
