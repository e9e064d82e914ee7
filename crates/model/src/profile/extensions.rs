//! Rules of the documented CloudEvents extensions for their attributes (CE-EXT-10 to CE-EXT-23), for events that use
//! them (CE-EXT-27). Rules for all events, such as the form of a timestamp, are not here: an event that violates them
//! is refused.

use super::Finding;
use crate::{Event, Timestamp, Value};

/// Attributes that must not be empty if present.
const TEXTS: [&str; 5] = ["traceparent", "severitytext", "datacategory", "correlationid", "causationid"];

/// Whether [`check`] has rules for the extension of an attribute.
pub(super) fn has_rules(name: &str) -> bool {
    let typed = matches!(name, "sampledrate" | "severitynumber");
    let prefixed = ["deprecat", "auth", "data"].iter().any(|start| name.starts_with(start));
    typed || prefixed || TEXTS.contains(&name)
}

/// Checks an event by the rules of the extensions that it uses.
pub(super) fn check(event: &Event, findings: &mut Vec<Finding>) {
    let mut say = |finding: Finding| findings.push(finding);
    let number_from = |least: i32| move |value: &Value| integer(value).is_some_and(|number| number >= least);
    if breaks(event, "sampledrate", number_from(1)) {
        say(value("sampledrate", "must be a whole number above zero", "moet een geheel getal boven nul zijn"));
    }
    if breaks(event, "severitynumber", number_from(0)) {
        say(value("severitynumber", "must be a whole number from zero", "moet een geheel getal vanaf nul zijn"));
    }
    for name in TEXTS {
        if breaks(event, name, is_filled) {
            say(value(name, "must be text that is not empty", "moet tekst zijn die niet leeg is"));
        }
    }
    deprecation(event, &mut say);
    classification(event, &mut say);
    authentication(event, &mut say);
}

/// CE-EXT-17: the deprecation extension.
fn deprecation(event: &Event, say: &mut impl FnMut(Finding)) {
    let is_used = ["deprecationfrom", "deprecationsunset", "deprecationmigration"].iter().any(|name| has(event, name));
    if breaks(event, "deprecated", |value| value.canonical() == "true") || (is_used && !has(event, "deprecated")) {
        say(value("deprecated", "must be true", "moet true zijn"));
    }
    let is_uri = |value: &Value| value.as_text().is_some_and(|text| fluent_uri::Uri::parse(text).is_ok());
    if breaks(event, "deprecationmigration", is_uri) {
        say(value("deprecationmigration", "must be an absolute URI", "moet een absolute URI zijn"));
    }
    let moment = |name| event.attribute(name)?.as_text().and_then(Timestamp::parse_rfc3339);
    if let (Some(from), Some(sunset)) = (moment("deprecationfrom"), moment("deprecationsunset"))
        && sunset < from
    {
        say(value("deprecationsunset", "must not come before deprecationfrom", "mag niet voor deprecationfrom liggen"));
    }
}

/// CE-EXT-21: the data classification extension.
fn classification(event: &Event, say: &mut impl FnMut(Finding)) {
    let is_used = has(event, "dataregulation") || has(event, "datacategory");
    if breaks(event, "dataclassification", is_filled) || (is_used && !has(event, "dataclassification")) {
        say(value(
            "dataclassification",
            "must name a class, since the event says something of the class of its data",
            "moet een klasse noemen, omdat het event iets over de klasse van zijn gegevens zegt",
        ));
    }
    let is_list = |value: &Value| value.as_text().is_some_and(|text| regulations(text).all(is_word));
    if breaks(event, "dataregulation", is_list) {
        say(value(
            "dataregulation",
            "must be a list of names without spaces in them, with commas between",
            "moet een lijst zijn van namen zonder spaties erin, met komma's ertussen",
        ));
    }
}

/// The entries of `dataregulation`, without surrounding spaces.
fn regulations(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim)
}

fn is_word(entry: &str) -> bool {
    !entry.is_empty() && !entry.contains(char::is_whitespace)
}

/// CE-EXT-22: the authentication context extension.
fn authentication(event: &Event, say: &mut impl FnMut(Finding)) {
    let is_used = has(event, "authid") || has(event, "authclaims");
    if breaks(event, "authtype", is_filled) || (is_used && !has(event, "authtype")) {
        say(value(
            "authtype",
            "must say what kind of principal it was, since the event says something of it",
            "moet zeggen wat voor partij het was, omdat het event er iets over zegt",
        ));
    }
    if event.attribute("authclaims").and_then(Value::as_text).is_some_and(holds_token) {
        say(Finding::new(
            "authclaims-credential",
            "authclaims",
            "holds what looks like a signed token, with which a reader could act as somebody else",
            "bevat wat een ondertekend token lijkt, waarmee een lezer zich als een ander kan voordoen",
        ));
    }
}

/// Whether a text contains a signed or encrypted token: three or five base64url parts with dots between, the first of
/// which is an object (RFC 7515 section 3.1, RFC 7516 section 3.1).
fn holds_token(text: &str) -> bool {
    let is_of_token = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    text.split(|c| !is_of_token(c)).any(|word| {
        let parts: Vec<&str> = word.split('.').collect();
        word.starts_with("eyJ") && matches!(parts.len(), 3 | 5) && parts.last().is_some_and(|part| !part.is_empty())
    })
}

/// A finding about a value that the extension of its attribute does not allow.
fn value(member: &str, text_en: &'static str, text_nl: &'static str) -> Finding {
    Finding::new("extension-value", member, text_en, text_nl).strict()
}

fn has(event: &Event, name: &str) -> bool {
    event.attribute(name).is_some()
}

/// Whether the attribute is present and `holds` is false for its value.
fn breaks(event: &Event, name: &str, holds: impl Fn(&Value) -> bool) -> bool {
    event.attribute(name).is_some_and(|value| !holds(value))
}

fn is_filled(value: &Value) -> bool {
    value.as_text().is_some_and(|text| !text.is_empty())
}

fn integer(value: &Value) -> Option<i32> {
    match value {
        Value::Integer(number) => Some(*number),
        Value::Text(text) => text.parse().ok(),
        Value::Boolean(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        AttributeName,
        profile::{EffectiveRules, Mode, Profile},
    };

    fn event(members: &[(&str, Value)]) -> Event {
        let text = |text| Value::text(text).unwrap();
        let required = [("id", text("1")), ("source", text("urn:nld:kvknr:1.x")), ("type", text("nl.x.y"))];
        let named = |(name, value): &(&str, Value)| (AttributeName::new(name).unwrap(), value.clone());
        Event::new(required.iter().chain(members).map(named).collect(), None).unwrap()
    }

    /// The rules and members of the findings, and whether a strict kanaal refuses the event.
    fn said(members: &[(&str, Value)]) -> (Vec<(&'static str, String)>, bool) {
        let event = event(members);
        let strict = EffectiveRules { profile: Profile::CloudEvents, mode: Mode::Strict, ..EffectiveRules::default() };
        let findings = strict.findings(&event);
        assert!(!findings.iter().any(|finding| EffectiveRules::default().refuses(finding)), "lenient refuses nothing");
        let refused = findings.iter().any(|finding| strict.refuses(finding));
        (findings.into_iter().map(|finding| (finding.rule, finding.member.to_string())).collect(), refused)
    }

    #[test]
    fn values_an_extension_allows() {
        let text = |text| Value::text(text).unwrap();
        for members in [
            vec![
                ("sampledrate", Value::Integer(1)),
                ("severitynumber", Value::Integer(0)),
                ("severitytext", text("INFO")),
            ],
            vec![("deprecated", Value::Boolean(true))],
            vec![("deprecated", text("true")), ("deprecationmigration", text("https://x.nl/over"))],
            vec![
                ("deprecated", Value::Boolean(true)),
                ("deprecationfrom", text("2024-10-11T01:00:00+01:00")),
                ("deprecationsunset", text("2024-10-11T00:00:00Z")),
            ],
            vec![("dataclassification", text("internal")), ("dataregulation", text("GDPR, BIO ,ISO-27001"))],
            vec![("authtype", text("system"))],
            vec![("authtype", text("user")), ("authid", text("u1")), ("authclaims", text("{\"roles\":[\"a.b.c\"]}"))],
            vec![("dataref", text("/x")), ("datax", text(""))],
        ] {
            assert_eq!(said(&members), (vec![], false), "{members:?}");
        }
    }

    #[test]
    fn values_it_does_not_allow_ce_ctx_29_ce_ext_12_16_17_21_22_23() {
        let text = |text| Value::text(text).unwrap();
        for (member, members) in [
            ("sampledrate", vec![("sampledrate", Value::Integer(0))]),
            ("sampledrate", vec![("sampledrate", text("x"))]),
            ("severitynumber", vec![("severitynumber", Value::Integer(-1))]),
            ("severitytext", vec![("severitytext", text(""))]),
            ("correlationid", vec![("correlationid", text(""))]),
            ("causationid", vec![("causationid", Value::Integer(1))]),
            ("traceparent", vec![("traceparent", text(""))]),
            ("deprecated", vec![("deprecated", Value::Boolean(false))]),
            ("deprecated", vec![("deprecated", text("TRUE"))]),
            ("deprecated", vec![("deprecationfrom", text("2024-10-11T00:00:00Z"))]),
            ("deprecationmigration", vec![("deprecated", text("true")), ("deprecationmigration", text("/over"))]),
            (
                "deprecationsunset",
                vec![
                    ("deprecated", text("true")),
                    ("deprecationfrom", text("2024-10-11T00:00:00Z")),
                    ("deprecationsunset", text("2024-10-11T01:00:00+02:00")),
                ],
            ),
            ("dataclassification", vec![("dataregulation", text("GDPR"))]),
            ("dataclassification", vec![("dataclassification", text(""))]),
            ("dataregulation", vec![("dataclassification", text("a")), ("dataregulation", text("GDPR,,BIO"))]),
            ("dataregulation", vec![("dataclassification", text("a")), ("dataregulation", text("G DPR"))]),
            ("authtype", vec![("authid", text("u1"))]),
            ("authtype", vec![("authtype", text(""))]),
        ] {
            assert_eq!(said(&members), (vec![("extension-value", member.to_owned())], true), "{members:?}");
        }
    }

    #[test]
    fn a_token_in_the_claims_is_a_finding_and_is_not_repeated_ce_ext_22() {
        let text = |text| Value::text(text).unwrap();
        for claims in ["eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.c2ln", "{\"token\": \"eyJh.eyJi.c2ln\"}"] {
            let members = [("authtype", text("user")), ("authclaims", text(claims))];
            assert_eq!(said(&members), (vec![("authclaims-credential", "authclaims".to_owned())], false), "{claims}");
            let findings = EffectiveRules::default().findings(&event(&members));
            assert!(
                findings.iter().all(|finding| !finding.text_en.contains("eyJ") && !finding.text_nl.contains("eyJ"))
            );
        }
    }
}
