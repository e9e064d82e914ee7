//! The JSON batch format (CE-BATCH).

use bytes::Bytes;
use translator::{
    Limits, Place, Strictness,
    cloudevents::{
        Mode,
        batch::{self, BatchRejection},
        mode,
    },
};

use crate::support::{accepted, event, read, with, without};

fn decode(body: &str) -> Result<Vec<model::Event>, BatchRejection> {
    batch::decode(&Bytes::copy_from_slice(body.as_bytes()), Strictness::Lenient, &Limits::default())
}

fn whole(body: &str) -> &'static str {
    match decode(body) {
        Err(BatchRejection::Whole(rejection)) => rejection.rule(),
        other => panic!("{body}: {other:?}"),
    }
}

#[test]
fn a_batch_is_an_array_of_events_ce_batch_01_11() {
    let ids = |body: &str| decode(body).unwrap().iter().map(|event| event.id().to_owned()).collect::<Vec<_>>();
    let one = |id: &str| with(&format!("\"id\":\"{id}\""));
    assert_eq!(ids(&format!("[{},{},{}]", one("a"), one("c"), one("b"))), ["a", "c", "b"]);
    assert_eq!(whole(&one("a")), "not-an-array");
    assert_eq!(whole("5"), "not-an-array");
    for broken in ["[", "[1,]", &format!("[{}", one("a")), &format!("[{}]x", one("a")), "x"] {
        assert_eq!(whole(broken), "not-json", "{broken}");
    }
}

#[test]
fn media_types_ce_batch_02() {
    assert_eq!(mode(Some("application/cloudevents-batch+json")), Ok(Mode::Batch));
    assert_eq!(batch::CONTENT_TYPE, "application/cloudevents-batch+json");
    assert_eq!(read(&format!("[{}]", with(""))).unwrap_err().rule(), "not-an-object");
    assert_eq!(mode(Some("application/json")), Ok(Mode::Binary));
}

#[test]
fn an_empty_batch_is_valid_ce_batch_03() {
    assert_eq!(decode("[]"), Ok(vec![]));
    assert_eq!(decode(" [ ] "), Ok(vec![]));
    assert_eq!(batch::encode([]), "[]");
}

#[test]
fn one_verdict_per_event_ce_batch_04_06() {
    let body =
        format!("[{},{},{},7,{}]", with(""), without("id"), with("\"specversion\":\"0.3\""), with("\"x\":{\"y\":1}"));
    let Err(BatchRejection::Events(verdicts)) = decode(&body) else { panic!("{:?}", decode(&body)) };
    let seen: Vec<_> = verdicts
        .iter()
        .map(|verdict| verdict.as_ref().map_err(|rejection| (rejection.rule(), rejection.place.clone())).copied())
        .collect();
    let at = |pointer: &str| Place::Pointer(pointer.into());
    let expected = [
        Ok(()),
        Err(("required", at("/1/id"))),
        Err(("unsupported-specversion", at("/2/specversion"))),
        Err(("not-an-object", at("/3"))),
        Err(("attribute-type", at("/4/x"))),
    ];
    assert_eq!(seen, expected);
    assert_eq!(decode(&body).unwrap_err().to_string(), "4 of 5 events in the batch are invalid");
}

#[test]
fn events_of_a_batch_may_differ_ce_batch_05() {
    let body = format!(
        "[{},{}]",
        with("\"source\":\"/a\",\"kanaal\":\"a\",\"data_base64\":\"YWFw\""),
        with("\"source\":\"/b\",\"kanaal\":\"b\",\"data\": {\"x\": 1.10} ")
    );
    let events = decode(&body).unwrap();
    let values: Vec<_> =
        events.iter().map(|event| translator::record::encode(&accepted(event.clone())).value.unwrap()).collect();
    assert_eq!(values, ["aap", "{\"x\": 1.10}"]);
    assert_eq!(batch::decode(&batch::encode(&events), Strictness::Strict, &Limits::default()), Ok(events));
}

#[test]
fn batches_are_bounded() {
    let limits = Limits { events: 2, ..Limits::default() };
    let body = |count: usize| Bytes::from(format!("[{}]", vec![with(""); count].join(",")));
    assert_eq!(batch::decode(&body(2), Strictness::Lenient, &limits).unwrap().len(), 2);
    assert_eq!(batch::decode(&body(3), Strictness::Lenient, &limits), Err(BatchRejection::TooManyEvents(2)));
}

#[test]
fn a_batch_is_written_as_its_events() {
    let (one, two) = (event("\"data\":1"), event("\"data\":2"));
    let body = batch::encode([&one, &two]);
    assert_eq!(body, format!("[{},{}]", with("\"data\":1"), with("\"data\":2")));
}
