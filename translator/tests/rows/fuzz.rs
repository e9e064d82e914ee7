//! Every parser on broken input: seeds, changed at random but the same every time. None may panic, and what
//! is accepted must survive being written and read again.

use bytes::Bytes;
use model::{
    Random,
    clock::SeededRandom,
    event::{AcceptedEvent, PublishedAs},
    profile,
};
use translator::{
    Limits, Strictness,
    cloudevents::{batch, binary, mode, structured},
    facts, notificatie, record,
};

use crate::support::{headers, notification, with};

const ROUNDS: usize = 20_000;

/// Bytes that mean something to one of the parsers.
const TOKENS: [&str; 34] = [
    "\"",
    "\\",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "null",
    "true",
    "1E400",
    "-",
    "0",
    ".",
    "\\u",
    "\\uD83D",
    "\\uDE00",
    "%",
    "%C3",
    "%A9",
    "é",
    "\u{FDD0}",
    "\n",
    "\0",
    " ",
    "\"id\":",
    "\"data\":",
    "\"data_base64\":",
    "\"specversion\":\"1.0\"",
    "\"datacontenttype\":\"text/plain\"",
    "https://",
    "2025-01-01",
    "+01:00",
    "T",
];

/// `seed` with one to four random changes.
fn mutate(seed: &[u8], random: &SeededRandom) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    let below = |limit: usize| (random.bits() % limit.max(1) as u64) as usize;
    for _ in 0..=below(4) {
        let at = below(bytes.len() + 1);
        match below(5) {
            0 if at < bytes.len() => bytes[at] = random.bits() as u8,
            1 if at < bytes.len() => bytes[at] ^= 1 << below(8),
            2 => bytes.truncate(at),
            3 => {
                let end = (at + below(8)).min(bytes.len());
                bytes.drain(at..end);
            }
            _ => {
                let token = TOKENS[below(TOKENS.len())];
                bytes.splice(at..at, token.bytes());
            }
        }
    }
    bytes
}

fn corpus() -> Vec<String> {
    [
        "",
        r#""subject":"Łódź","time":"2018-04-05T17:31:00.1+02:00","n":-5,"b":true,"x":null,"data":{"a":[1.10,"\u00e9"]}"#,
        r#""datacontenttype":"text/xml; charset=utf-8","data":"<a b=\"\uD83D\uDE00\"/>""#,
        r#""datacontenttype":"image/png","data_base64":"YWFwIG5vb3QgbWllcw==""#,
    ]
    .map(with)
    .into()
}

fn run(seeds: &[String], check: impl Fn(Bytes, Strictness)) {
    let random = SeededRandom::new(20_251_122);
    for round in 0..ROUNDS {
        let seed = &seeds[round % seeds.len()];
        let strictness = if round % 2 == 0 { Strictness::Lenient } else { Strictness::Strict };
        check(mutate(seed.as_bytes(), &random).into(), strictness);
    }
}

fn survives(event: model::Event) {
    let body = structured::encode(&event);
    let again = structured::decode(&body, Strictness::Lenient, &Limits::default());
    assert_eq!(again.as_ref(), Ok(&event), "{body:?}");
    let _ = profile::check(&event, profile::Profile::NlGov);
    let accepted = AcceptedEvent { event, published_as: PublishedAs::CloudEvent, received: None, publisher: None };
    let _ = facts::members(&accepted);
    let parts = record::encode(&accepted);
    assert_eq!(record::decode(&parts.headers, parts.value.as_ref()), Ok(accepted));
}

#[test]
fn structured_parser() {
    run(&corpus(), |body, strictness| {
        if let Ok(event) = structured::decode(&body, strictness, &Limits::default()) {
            survives(event);
        }
    });
}

#[test]
fn batch_parser() {
    let seeds = [format!("[{}]", corpus().join(",")), "[]".into()];
    run(&seeds, |body, strictness| {
        if let Ok(events) = batch::decode(&body, strictness, &Limits::default()) {
            let again = batch::decode(&batch::encode(&events), Strictness::Lenient, &Limits::default());
            assert_eq!(again, Ok(events));
        }
    });
}

#[test]
fn binary_parser() {
    let seeds = ["Euro%20%E2%82%AC", "\"a \\\"b\\\" c\"", "application/json; charset=utf-8", "{\"a\":1}", "text/plain"];
    run(&seeds.map(String::from), |value, strictness| {
        for (name, body) in [("ce-subject", "".as_bytes()), ("content-type", &value), ("ce-source", b"")] {
            let headers = headers(&[(name, &value)]);
            if let Ok(event) = binary::decode(headers, Bytes::copy_from_slice(body), strictness, &Limits::default()) {
                let _ = binary::encode(&event);
                let _ = structured::encode(&event);
            }
        }
        if let Ok(name) = std::str::from_utf8(&value) {
            let _ = mode(Some(name));
            let _ = binary::decode(headers(&[(name, b"x")]), Bytes::new(), strictness, &Limits::default());
        }
    });
}

#[test]
fn notification_parser() {
    let seeds = [notification(r#"{"zaaktype.catalogus":"x","n":5,"leeg":""}"#), notification("null")];
    let kanaal = crate::support::kanaal(&["zaaktype.catalogus", "n"]);
    run(&seeds, |body, _| {
        let Ok(notificatie) = notificatie::decode(&body, &Limits::default()) else { return };
        let echo = notificatie::echo(&notificatie);
        assert!(notificatie::decode(&echo, &Limits::default()).is_ok(), "{echo:?}");
        let (event, _) =
            notificatie::to_event(&notificatie, &kanaal, &crate::support::MINTED).expect("a valid mapping");
        let accepted = crate::support::published_as_notificatie(event);
        let out = crate::support::legacy(&accepted, &[]);
        let again = crate::support::read_notification(&out);
        let keys = |of: &notificatie::Notificatie| {
            let keys = of.kenmerken.iter().map(|(key, _)| notificatie::camel_case(key).into_owned());
            keys.collect::<std::collections::BTreeSet<_>>()
        };
        assert_eq!(again.kenmerken.len(), keys(&notificatie).len(), "{out}");
        let _ = notificatie::on116(&accepted);
        let _ = facts::members(&accepted);
    });
}

#[test]
fn record_parser() {
    let seeds =
        ["event/1", "a:i,b:b", "application/cloudevents+json", "1700000000000000", "{\"a\":1}", "notificatie", "json"];
    let names =
        ["gw_v", "gw_types", "content-type", "gw_received", "gw_data", "ce_a", "ce_b", "ce_source", "gw_implied"];
    run(&seeds.map(String::from), |value, strictness| {
        for name in names {
            let header = |name: &'static str, value: &'static str| (Bytes::from(name), Bytes::from(value));
            let mut headers = vec![
                header("ce_specversion", "1.0"),
                header("ce_id", "1"),
                header("ce_type", "t"),
                header("ce_a", "5"),
                (Bytes::from(name), value.clone()),
            ];
            if name != "ce_source" {
                headers.push(header("ce_source", "/s"));
            }
            if strictness == Strictness::Strict {
                headers.push(header("gw_v", "event/1"));
            }
            if let Ok(accepted) = record::decode(&headers, Some(&value)) {
                let _ = structured::encode(&accepted.event);
                let _ = binary::encode(&accepted.event);
                let _ = record::encode(&accepted);
            }
        }
    });
}
