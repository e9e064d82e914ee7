//! Everything read is bounded.

use bytes::Bytes;
use translator::{
    Limits, Strictness,
    cloudevents::{batch, binary, structured},
    notificatie,
};

use crate::support::{event, headers, notification, with};

const SMALL: Limits = Limits { depth: 3, attributes: 5, events: 10 };

fn rule(members: &str) -> Option<&'static str> {
    structured::decode(&with(members).into(), Strictness::Lenient, &SMALL).err().map(|rejection| rejection.rule())
}

#[test]
fn depth() {
    assert_eq!(rule("\"data\":[[1]]"), None);
    assert_eq!(rule("\"data\":[[[1]]]"), Some("not-json"));
    let one = with("\"data\":[[1]]");
    assert!(batch::decode(&format!("[{one}]").into(), Strictness::Lenient, &SMALL).is_ok());
    let deep = with("\"data\":[[[1]]]");
    assert!(batch::decode(&format!("[{deep}]").into(), Strictness::Lenient, &SMALL).is_err());

    let read = |body: &'static str, strictness| {
        let headers = headers(&[("content-type", b"application/json")]);
        binary::decode(headers, Bytes::from_static(body.as_bytes()), strictness, &SMALL)
    };
    assert!(read("[[[1]]]", Strictness::Strict).is_ok());
    for strictness in [Strictness::Lenient, Strictness::Strict] {
        assert_eq!(read("[[[[1]]]]", strictness).unwrap_err().rule(), "not-json");
    }
    let errors = notificatie::decode(&notification("{\"a\":[[[]]]}").into(), &SMALL).unwrap_err();
    assert_eq!(errors[0].code, "parse_error");
}

#[test]
fn deep_nesting_costs_no_stack() {
    let deep = "[".repeat(1 << 20);
    let limits = Limits { depth: u8::MAX, ..Limits::default() };
    let body = with(&format!("\"data\":{deep}"));
    assert!(structured::decode(&body.into(), Strictness::Lenient, &limits).is_err());
}

#[test]
fn attributes() {
    assert_eq!(rule("\"a\":\"\",\"b\":null"), None);
    assert_eq!(rule("\"a\":\"\",\"b\":null,\"c\":1"), Some("too-many-attributes"));
    let more: Vec<(&str, &[u8])> = vec![("ce-a", b""), ("ce-b", b"")];
    let read = |more: &[(&str, &[u8])]| binary::decode(headers(more), Bytes::new(), Strictness::Lenient, &SMALL);
    assert!(read(&more).is_ok());
    let six: Vec<(&str, &[u8])> = more.iter().copied().chain([("ce-c", b"".as_slice())]).collect();
    assert_eq!(read(&six).unwrap_err().rule(), "too-many-attributes");
}

#[test]
fn the_payload_shares_the_memory_of_the_body() {
    let body = Bytes::from(with("\"datacontenttype\":\"text/plain\",\"data\":\"een tekst\""));
    let event_of = |body: &Bytes| structured::decode(body, Strictness::Lenient, &Limits::default()).unwrap();
    let within = |body: &Bytes| {
        let event = event_of(body);
        let data = event.data().unwrap().bytes();
        body.as_ptr_range().contains(&data.as_ptr())
    };
    assert!(within(&body));
    assert!(within(&Bytes::from(with("\"data\":{\"a\":[1,2,3]}"))));
    assert!(!event("\"datacontenttype\":\"text/plain\",\"data\":\"\\u0041\"").data().unwrap().bytes().is_empty());
}
