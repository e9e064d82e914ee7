//! Random events and notifications survive encoding and decoding.

use std::collections::BTreeSet;

use model::{Event, event::AcceptedEvent};
use proptest::prelude::*;
use serde_json::Value as Json;
use translator::{
    Limits, Strictness,
    cloudevents::{batch, binary, structured},
    notificatie, record,
};

use crate::{
    strategies,
    support::{
        accepted, assert_matches_schema, kanaal, legacy, published_as_notificatie, read_headers, read_notification,
    },
};

/// Attributes by name with their canonical texts.
fn canonical(event: &Event) -> Vec<(String, String)> {
    let mut all: Vec<_> =
        event.attributes().iter().map(|(name, value)| (name.to_string(), value.canonical().to_string())).collect();
    all.sort();
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn structured_round_trip(event in strategies::event()) {
        let body = structured::encode(&event);
        assert_matches_schema(&body);
        prop_assert_eq!(structured::decode(&body, Strictness::Lenient, &Limits::default()), Ok(event));
    }

    #[test]
    fn record_round_trip(event in strategies::event(), received in any::<Option<i64>>(), notificatie in any::<bool>()) {
        let accepted = AcceptedEvent {
            received: received.map(model::Timestamp::from_micros),
            ..if notificatie { published_as_notificatie(event) } else { accepted(event) }
        };
        let parts = record::encode(&accepted);
        prop_assert_eq!(record::decode(&parts.headers, parts.value.as_ref()), Ok(accepted));
    }

    #[test]
    fn binary_round_trip(event in strategies::event()) {
        let Ok(message) = binary::encode(&event) else { return Ok(()) };
        let mut headers: Vec<(&str, &[u8])> =
            message.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        headers.push(("content-type", message.content_type.as_bytes()));
        let again = read_headers(headers, &message.body, Strictness::Lenient).expect("our own output");
        let mut expected = canonical(&event);
        if event.datacontenttype().is_none() {
            expected.push(("datacontenttype".into(), "application/json".into()));
            expected.sort();
        }
        prop_assert_eq!(canonical(&again), expected);
        prop_assert_eq!(again.data().map(model::Data::bytes), event.data().map(model::Data::bytes));
    }

    #[test]
    fn batch_round_trip(events in prop::collection::vec(strategies::event(), 0..6)) {
        let body = batch::encode(&events);
        prop_assert_eq!(batch::decode(&body, Strictness::Lenient, &Limits::default()), Ok(events));
    }

    #[test]
    fn notification_round_trip_map_01(json in strategies::notification()) {
        let filters = ["bron", "zaaktype.catalogus"];
        let generated = crate::support::MINTED;
        let notificatie = read_notification(&json);
        let (event, _) = notificatie::to_event(&notificatie, &kanaal(&filters), &generated).expect("a valid mapping");
        let parts = record::encode(&published_as_notificatie(event));
        let stored = record::decode(&parts.headers, parts.value.as_ref()).expect("our own record");
        let out = legacy(&stored, &filters);
        if notificatie.is_standard {
            prop_assert_eq!(&out, &json);
        }
        // White space around a text makes the shape non-standard; all else is equal then too.
        let members = |text: &str| serde_json::from_str::<Json>(text).ok().and_then(|json| json.as_object().cloned());
        if let (Some(before), Some(after)) = (members(&json), members(&out)) {
            let keys = |members: &serde_json::Map<String, Json>| -> BTreeSet<String> {
                members["kenmerken"].as_object().into_iter().flatten().map(|(key, _)| key.clone()).collect()
            };
            let expected: BTreeSet<_> = keys(&before).iter().map(|key| notificatie::camel_case(key).into_owned()).collect();
            prop_assert_eq!(keys(&after), expected);
            prop_assert!(!after.contains_key("extra"));
            prop_assert_eq!(before.len(), after.len() + usize::from(before.contains_key("extra")));
        }
    }

    #[test]
    fn a_rendered_cloudevent_is_a_notification_map_18(event in strategies::event()) {
        let kanaal = kanaal(&["bron"]);
        let context = notificatie::Legacy { kanaal: &kanaal.naam, filters: &kanaal.filters, gateway: "https://gateway.nl" };
        if let Ok(body) = notificatie::render(&accepted(event), &context) {
            let read = notificatie::decode(&body, &Limits::default());
            prop_assert!(read.is_ok(), "{:?} in {:?}", read, body);
        }
    }

    #[test]
    fn json_is_read_as_others_read_it(json in strategies::json()) {
        let body = format!("{{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/\",\"type\":\"t\",\"data\":{json}}}");
        let event = structured::decode(&body.into(), Strictness::Strict, &Limits::default());
        let data = event.expect("a valid event").data().map(|data| data.bytes().clone());
        prop_assert_eq!(data.as_deref(), Some(json.as_bytes()));
    }
}
