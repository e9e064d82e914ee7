//! Requirements that hold for every request a subscriber gets, whatever the scenario: checked at the end of a run over
//! all requests of all sinks. Returns findings; [`crate::report`] reports them.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::value::RawValue;

use crate::message::{Request, value, values};
use crate::receiver::Sink;

/// The result of checking one requirement on every request of a run.
#[derive(Debug, Default, Clone)]
pub struct Finding {
    /// Number of requests checked.
    pub seen: usize,
    /// The violations in words, at most 5 of them.
    pub wrong: Vec<String>,
}

/// Ids of the requirements checked here.
pub const IDS: &[&str] = &[
    "CE-CTX-14",
    "CE-HTTP-10",
    "CE-HTTP-17",
    "CE-HTTP-20",
    "CE-HTTP-32",
    "CE-HTTP-33",
    "CE-JSON-07",
    "CE-JSON-26",
    "CE-WH-02",
    "CE-WH-03",
    "CE-WH-05",
    "CE-WH-06",
    "CE-WHV-05",
    "CE-WHV-12",
    "CE-WHV-26",
    "NLG-HTTP-05",
    "NLG-JSON-01",
];

/// The most violations that are kept per requirement.
const KEPT: usize = 5;

/// Checks every request that arrived at these sinks; returns the findings by requirement id.
pub fn check(sinks: &[std::sync::Arc<Sink>]) -> BTreeMap<&'static str, Finding> {
    let mut findings = BTreeMap::<&'static str, Finding>::new();
    for sink in sinks {
        let origin = sink.origin();
        for arrived in sink.requests() {
            let checks = if arrived.is_handshake() {
                handshake(&arrived.request)
            } else if arrived.is_delivery() {
                delivery(&arrived.request, origin.as_deref())
            } else {
                vec![]
            };
            for (id, fault) in checks {
                let finding = findings.entry(id).or_default();
                finding.seen += 1;
                if let Some(fault) = fault
                    && finding.wrong.len() < KEPT
                {
                    finding.wrong.push(format!("{} {}: {fault}", arrived.request.method, sink.url));
                }
            }
        }
    }
    findings
}

type Check = (&'static str, Option<String>);

fn unless(holds: bool, fault: impl FnOnce() -> String) -> Option<String> {
    (!holds).then(fault)
}

fn handshake(request: &Request) -> Vec<Check> {
    let origins = values(&request.headers, "webhook-request-origin");
    let origin = origins.first().map(|origin| String::from_utf8_lossy(origin).into_owned()).unwrap_or_default();
    let is_name = origins.len() == 1
        && !origin.is_empty()
        && origin.chars().all(|character| character.is_ascii_alphanumeric() || matches!(character, '.' | '-'));
    let bare = request.body.is_empty() && values(&request.headers, "authorization").is_empty();
    let mut checks = vec![
        ("CE-WHV-05", unless(is_name, || format!("WebHook-Request-Origin {origin:?} is not one DNS name"))),
        ("CE-WHV-26", unless(bare, || "the handshake carries a credential or a body".to_owned())),
    ];
    if let Some(rate) = value(&request.headers, "webhook-request-rate") {
        let is_rate =
            rate.bytes().all(|digit| digit.is_ascii_digit()) && rate.parse::<u32>().is_ok_and(|rate| rate > 0);
        checks.push(("CE-WHV-12", unless(is_rate, || format!("WebHook-Request-Rate {rate:?} is no positive integer"))));
    }
    checks
}

fn delivery(request: &Request, origin: Option<&str>) -> Vec<Check> {
    let media_type = value(&request.headers, "content-type").unwrap_or_default();
    let complete = !media_type.is_empty() && !request.body.is_empty();
    let mut checks = vec![
        ("CE-WH-02", unless(request.method == "POST", || "not a POST".to_owned())),
        ("CE-WH-03", unless(complete, || "no Content-Type or no payload".to_owned())),
    ];
    if let Some(origin) = origin {
        let own = value(&request.headers, "webhook-request-origin");
        let fault =
            unless(own.as_deref() == Some(origin), || format!("WebHook-Request-Origin {own:?}, asked as {origin}"));
        checks.push(("CE-WH-05", fault.clone()));
        checks.push(("CE-WH-06", fault));
    }
    let lower = media_type.to_ascii_lowercase();
    if lower.starts_with("application/cloudevents") {
        check_structured(&lower, &request.body, &mut checks);
    } else if request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("ce-id")) {
        check_binary(request, &mut checks);
    }
    checks
}

fn check_binary(request: &Request, checks: &mut Vec<Check>) {
    let own = values(&request.headers, "ce-datacontenttype");
    checks.push(("CE-HTTP-10", unless(own.is_empty(), || "ce-datacontenttype is there".to_owned())));
    let version = value(&request.headers, "ce-specversion");
    checks.push(("CE-CTX-14", unless(version.as_deref() == Some("1.0"), || format!("ce-specversion {version:?}"))));
    for (name, value) in request.headers.iter().filter(|(name, _)| name.to_ascii_lowercase().starts_with("ce-")) {
        let text = String::from_utf8_lossy(value);
        let plain = value.iter().all(|byte| (0x21..=0x7e).contains(byte) && *byte != b'"');
        checks.push(("CE-HTTP-17", unless(plain, || format!("{name}: {text}"))));
        let upper = text.split('%').skip(1).all(|part| !part.bytes().take(2).any(|digit| digit.is_ascii_lowercase()));
        checks.push(("CE-HTTP-20", unless(upper, || format!("{name}: {text}"))));
    }
}

fn check_structured(media_type: &str, body: &[u8], checks: &mut Vec<Check>) {
    let (essence, parameter) = media_type.split_once(';').unwrap_or((media_type, "charset=utf-8"));
    let batch = essence.trim() == "application/cloudevents-batch+json";
    let known = (batch || essence.trim() == "application/cloudevents+json")
        && matches!(parameter.trim(), "charset=utf-8" | "charset=\"utf-8\"");
    for id in ["CE-JSON-07", "CE-HTTP-32", "NLG-JSON-01", "NLG-HTTP-05"] {
        checks.push((id, unless(known, || format!("Content-Type {media_type}"))));
    }
    let parsed =
        if batch { serde_json::from_slice(body).ok() } else { serde_json::from_slice(body).ok().map(|one| vec![one]) };
    let Some(events): Option<Vec<Event>> = parsed else {
        checks.push(("CE-JSON-26", Some("the body is not in the form its media type says".to_owned())));
        return;
    };
    for event in &events {
        let fault = schema_fault(event);
        checks.push(("CE-JSON-26", fault.clone()));
        checks.push(("CE-HTTP-33", fault.filter(|fault| fault.contains("is missing"))));
        let version = event.get("specversion").map_or("missing", |version| version.get());
        checks.push(("CE-CTX-14", unless(version == "\"1.0\"", || format!("specversion {version}"))));
    }
}

/// Members of an event; values are kept as text, because data may hold numbers that fit no machine type.
type Event = BTreeMap<String, Box<RawValue>>;

/// What the JSON Schema of CloudEvents, or the text of the specification, does not allow in an event.
fn schema_fault(event: &Event) -> Option<String> {
    let attributes: BTreeMap<&str, Value> = event
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "data" | "data_base64"))
        .map(|(name, value)| (name.as_str(), serde_json::from_str(value.get()).unwrap_or_default()))
        .collect();
    for name in ["id", "source", "specversion", "type"] {
        match attributes.get(name) {
            Some(Value::String(text)) if !text.is_empty() => {}
            Some(other) => return Some(format!("{name} is {other}")),
            None => return Some(format!("{name} is missing")),
        }
    }
    if event.contains_key("data") && event.contains_key("data_base64") {
        return Some("data and data_base64 are both there".to_owned());
    }
    for (name, value) in &attributes {
        let legal = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        let typed = match value {
            Value::String(_) | Value::Bool(_) => true,
            Value::Number(number) => number.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
            _ => false,
        };
        if !legal || !typed {
            return Some(format!("attribute {name} is {value}"));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(method: &str, headers: &[(&str, &str)], body: &str) -> Vec<&'static str> {
        let headers =
            headers.iter().map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec())).collect::<Vec<_>>();
        let request =
            Request { method: method.to_owned(), target: "/a".to_owned(), headers, body: body.as_bytes().to_vec() };
        let checks =
            if method == "OPTIONS" { handshake(&request) } else { delivery(&request, Some("gateway.example")) };
        let mut ids: Vec<_> = checks.into_iter().filter_map(|(id, fault)| fault.map(|_| id)).collect();
        ids.dedup();
        ids
    }

    #[test]
    fn each_requirement_catches_its_fault() {
        let json = ("content-type", "application/cloudevents+json");
        let origin = ("webhook-request-origin", "gateway.example");
        let event = r#"{"specversion":"1.0","id":"1","source":"s","type":"t"}"#;
        let none: &[&str] = &[];
        for (method, headers, body, ids) in [
            ("POST", &[json, origin][..], event, none),
            ("PUT", &[json, origin], event, &["CE-WH-02"]),
            ("POST", &[json, origin], "", &["CE-WH-03", "CE-JSON-26"]),
            ("POST", &[json], event, &["CE-WH-05", "CE-WH-06"]),
            ("POST", &[json, origin], &event.replace("\"1.0\"", "\"0.3\""), &["CE-CTX-14"]),
            ("POST", &[json, origin], &event.replace("\"id\"", "\"iD\""), &["CE-JSON-26", "CE-HTTP-33"]),
            (
                "POST",
                &[("content-type", "application/cloudevents+json; x=y"), origin],
                event,
                &["CE-JSON-07", "CE-HTTP-32", "NLG-JSON-01", "NLG-HTTP-05"],
            ),
            (
                "POST",
                &[
                    ("content-type", "text/xml"),
                    origin,
                    ("ce-id", "a b"),
                    ("ce-x", "%c3%a9"),
                    ("ce-specversion", "1.0"),
                    ("ce-datacontenttype", "text/xml"),
                ],
                "<a/>",
                &["CE-HTTP-10", "CE-HTTP-17", "CE-HTTP-20"],
            ),
            ("OPTIONS", &[origin], "", none),
            ("OPTIONS", &[("webhook-request-origin", "https://a.nl")], "", &["CE-WHV-05"]),
            ("OPTIONS", &[origin, ("authorization", "x")], "", &["CE-WHV-26"]),
            ("OPTIONS", &[origin, ("webhook-request-rate", "0")], "", &["CE-WHV-12"]),
        ] {
            assert_eq!(faults(method, headers, body), ids, "{method} {headers:?} {body}");
            assert!(ids.iter().all(|id| IDS.contains(id)), "{ids:?}");
        }
    }
}
