//! The header `Gateway-Via` of a delivery: the gateways that its events passed, and this one. It ends loops of gateways that
//! deliver to each other; `publishing::via` reads it.

use std::sync::Arc;

use delivery::DecodedEvent;
use http::{HeaderName, HeaderValue};
use translator::record;

/// The name of the header.
pub(crate) const NAME: HeaderName = HeaderName::from_static("gateway-via");
/// Most ids in the value. Only a batch of events that came over more gateways has more; it names the first ones.
const MAX_IDS: usize = 32;

/// The value for events that passed no other gateway.
pub(crate) fn own(id: &str) -> Option<HeaderValue> {
    HeaderValue::from_str(id).ok()
}

/// The value for these events: every gateway that one of them passed, and then `own`; `None` when they passed none.
pub(crate) fn of(events: &[Arc<DecodedEvent>], own: &str) -> Option<HeaderValue> {
    let mut lists = events.iter().filter_map(|event| record::via(&event.record.headers)).peekable();
    lists.peek()?;
    join(lists, own)
}

fn join<'a>(lists: impl Iterator<Item = &'a str>, own: &'a str) -> Option<HeaderValue> {
    let mut ids: Vec<&str> = Vec::new();
    for id in lists.flat_map(|list| list.split(',')).map(str::trim) {
        if ids.len() < MAX_IDS - 1 && !id.is_empty() && id != own && !ids.contains(&id) {
            ids.push(id);
        }
    }
    ids.push(own);
    HeaderValue::from_str(&ids.join(", ")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d4_a_delivery_names_the_gateways_that_its_events_passed() {
        let text = |lists: &[&str]| join(lists.iter().copied(), "own").unwrap().to_str().unwrap().to_owned();
        assert_eq!(text(&[]), "own");
        assert_eq!(text(&["a, b", "b,c", ""]), "a, b, c, own");
        let many: Vec<String> = (0..100).map(|at| format!("g{at}")).collect();
        let many = text(&[&many.join(",")]);
        assert_eq!((many.split(',').count(), many.ends_with(", own")), (MAX_IDS, true));
    }
}
