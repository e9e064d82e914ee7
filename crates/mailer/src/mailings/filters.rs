//! The filters of a mailing: those of subscribers, each evaluated once for an event (CH-74), and that of the sender, for each addressee
//! (CH-71). What cannot be evaluated does not match, and is counted as such (CH-70).

use std::collections::HashMap;

use delivery::mailing::FilterResult;
use model::{
    Event,
    addressee::{ADDRESSEE_FILTER, Addressee, FilterId, FilterText},
};
use people_filter::{Dialects, Filter, Verdict};

/// The result of each filter of subscribers for an event with this payload.
pub(super) fn evaluate(
    dialects: &Dialects,
    filters: &[(FilterId, FilterText)],
    event: &Event,
    data: Option<&serde_json::Value>,
) -> HashMap<FilterId, FilterResult> {
    let of = |text: &FilterText| match dialects.read(text.as_str()) {
        Ok(filter) => result(filter.of_event(event, data)),
        Err(_) => FilterResult::Failed,
    };
    filters.iter().map(|(id, text)| (*id, of(text))).collect()
}

/// The filter of the sender of an event.
#[derive(Debug)]
pub(super) enum SenderFilter {
    /// None: every addressee is meant.
    Absent,
    /// This one.
    Present(Filter),
    /// It cannot be read, so that it matches nobody: the event was accepted with other named expressions, or when there were no
    /// people.
    Unreadable,
}

impl SenderFilter {
    pub fn of(dialects: &Dialects, event: &Event) -> Self {
        match event.attribute(ADDRESSEE_FILTER) {
            None => Self::Absent,
            Some(text) => dialects.read(&text.canonical()).map_or(Self::Unreadable, Self::Present),
        }
    }

    /// The result for an addressee.
    pub fn result(&self, addressee: &Addressee) -> FilterResult {
        match self {
            Self::Absent => FilterResult::Matches,
            Self::Present(filter) => result(filter.of_attributes(addressee.attributes.as_str())),
            Self::Unreadable => FilterResult::Failed,
        }
    }
}

fn result(verdict: Verdict) -> FilterResult {
    match verdict {
        Verdict::Matches => FilterResult::Matches,
        Verdict::Differs => FilterResult::Differs,
        Verdict::Failed => FilterResult::Failed,
    }
}

#[cfg(test)]
mod tests {
    use model::{AttributeName, Value};
    use serde_json::json;

    use super::*;

    fn event(filter: Option<&str>) -> Event {
        let attributes = [("id", "1"), ("source", "urn:a"), ("type", "nl.afval.gewijzigd")];
        let attributes = attributes.into_iter().chain(filter.map(|filter| (ADDRESSEE_FILTER, filter)));
        let attributes =
            attributes.map(|(name, value)| (AttributeName::new(name).unwrap(), Value::text(value).unwrap()));
        Event::new(attributes.collect(), None).unwrap()
    }

    #[test]
    fn each_filter_has_one_result_ch_70_ch_74() {
        let data = json!({ "wijk": "centrum" });
        for (number, text, expected) in [
            (1, "sql:type = 'nl.afval.gewijzigd'", FilterResult::Matches),
            (2, "sql:type = 'nl.wegen.gewijzigd'", FilterResult::Differs),
            (3, "sql:wijk = 'centrum'", FilterResult::Failed),
            (4, "other:type", FilterResult::Failed),
            (5, "jmespath:wijk == 'centrum'", FilterResult::Matches),
            (6, "jmespath:is_gone(wijk)", FilterResult::Failed),
        ] {
            let filters = [(FilterId(number), FilterText::new(text.into()).unwrap())];
            let found = evaluate(&Dialects::default(), &filters, &event(None), Some(&data));
            assert_eq!(found[&FilterId(number)], expected, "{text}");
        }
    }

    #[test]
    fn a_filter_of_a_sender_that_cannot_be_read_is_not_left_out_ch_70_ch_71() {
        let of = |filter| SenderFilter::of(&Dialects::default(), &event(filter));
        assert!(matches!(of(None), SenderFilter::Absent));
        assert!(matches!(of(Some("jmespath:postcode")), SenderFilter::Present(_)));
        for text in ["postcode", "jmespath:is_gone(postcode)", "sql:a ="] {
            assert!(matches!(of(Some(text)), SenderFilter::Unreadable), "{text}");
        }
    }
}
