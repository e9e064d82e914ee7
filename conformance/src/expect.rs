//! Expectations of a scenario about one message: an answer of the target, or a request at a subscriber.
//! Returns the differences in words; knows nothing of steps or time.

use std::collections::BTreeMap;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use serde_json::Value;

use crate::broker::Record;
use crate::json;
use crate::message::{Answer, Headers, Request, values};
use crate::openapi;
use crate::placeholder::Unknown;

/// One value or a list of them.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "one value of the right form, or a list of such")]
pub enum OneOrMany<T> {
    /// A single value.
    One(T),
    /// A list of values, which may be empty.
    Many(Vec<T>),
}

impl<T> OneOrMany<T> {
    /// The values as a list.
    pub fn list(&self) -> &[T] {
        match self {
            OneOrMany::One(one) => std::slice::from_ref(one),
            OneOrMany::Many(many) => many,
        }
    }
}

impl<T> Default for OneOrMany<T> {
    fn default() -> Self {
        OneOrMany::Many(vec![])
    }
}

/// A status, or a class of them.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Status {
    /// Exactly this status, such as `202`.
    Code(u16),
    /// Any status of this class, such as `"2xx"`.
    Class(Class),
}

/// `"2xx"`: every status that begins with this digit.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct Class(char);

impl TryFrom<String> for Class {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Class, Self::Error> {
        let first = text.strip_suffix("xx").and_then(|first| first.parse().ok());
        first.filter(char::is_ascii_digit).map(Class).ok_or("a class of statuses is such as \"2xx\"")
    }
}

impl Status {
    fn covers(&self, status: u16) -> bool {
        match self {
            Status::Code(code) => *code == status,
            Status::Class(Class(first)) => first.to_digit(10) == Some(u32::from(status / 100)),
        }
    }
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Status::Code(code) => write!(f, "{code}"),
            Status::Class(Class(first)) => write!(f, "{first}xx"),
        }
    }
}

/// The expected properties of a message. An absent property is not checked.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "what is looked at, such as expect.status = 202")]
pub struct Expect {
    /// Status: `202`, one of several, or a class such as `"2xx"`.
    pub status: OneOrMany<Status>,
    /// Header name to value, or to several of which one is right; `*` in a value matches any text.
    pub headers: BTreeMap<String, OneOrMany<String>>,
    /// Headers that must not be there; `*` in a name matches any text.
    pub absent_headers: OneOrMany<String>,
    /// JSON that the body must contain, member by member (see [`json::differences`]).
    pub json: Option<String>,
    /// Members of the JSON body, as dotted paths, that must not be there.
    pub absent: OneOrMany<String>,
    /// Texts the body must contain literally.
    pub contains: OneOrMany<String>,
    /// Texts the body must not contain.
    pub lacks: OneOrMany<String>,
    /// The whole body, as text.
    pub body: Option<String>,
    /// The whole body, bytes in base64.
    pub body_base64: Option<String>,
    /// Whether the body is empty.
    pub empty: Option<bool>,
    /// The body is an OpenAPI document that keeps these rules (see [`openapi::Rule`]).
    pub described: OneOrMany<String>,
    /// The answer is a problem document and names these members.
    pub names: OneOrMany<String>,
    /// The answer is a problem document whose type ends in this.
    pub problem: Option<String>,
    /// Method that the request must have.
    pub method: Option<String>,
    /// What the target of a request (path and query) ends in.
    pub target_ends: Option<String>,
    /// Least time between the answer to the request before and this one, in milliseconds.
    pub after_ms: Option<u64>,
    /// Least time between the sending of the request step before and the arrival of the last of several requests, in
    /// milliseconds.
    pub spread_ms: Option<u64>,
    /// How often headers are there; `*` in a name matches any text.
    pub header_counts: BTreeMap<String, usize>,
    /// Key of a record; an empty text: it has none.
    pub key: Option<String>,
    /// Whether a record has no value at all.
    pub tombstone: Option<bool>,
    /// Several requests are equal, credentials and tracing apart.
    pub identical: bool,
    /// Several records are in one partition.
    pub one_partition: bool,
}

/// The parts of a message that expectations are checked against.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// Status code, for an answer.
    pub status: Option<u16>,
    /// Method and target, for a request.
    pub request: Option<(&'a str, &'a str)>,
    /// The record, for one of a topic.
    pub record: Option<&'a Record>,
    /// Header lines in order, or the headers of a record.
    pub headers: &'a Headers,
    /// The body, or the value of a record.
    pub body: &'a [u8],
}

impl<'a> Facts<'a> {
    /// A message of these headers and this body.
    pub fn of(headers: &'a Headers, body: &'a [u8]) -> Facts<'a> {
        Facts { status: None, request: None, record: None, headers, body }
    }

    /// The values of the headers that `name` matches. Those of a record are compared with case, others without.
    fn values(&self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        let fold = |name: &str| if self.record.is_some() { name.to_owned() } else { name.to_ascii_lowercase() };
        let name = fold(name);
        let named = self.headers.iter().filter(move |(own, _)| matches(&name, &fold(own)));
        named.map(|(_, value)| value.as_slice())
    }

    /// The parts of an answer of the target.
    pub fn of_answer(answer: &'a Answer) -> Facts<'a> {
        Facts { status: Some(answer.status), ..Facts::of(&answer.headers, &answer.body) }
    }

    /// The parts of a request at a subscriber.
    pub fn of_request(request: &'a Request) -> Facts<'a> {
        Facts { request: Some((&request.method, &request.target)), ..Facts::of(&request.headers, &request.body) }
    }
}

impl Expect {
    /// What is not as expected; empty when all is. `fill` replaces the placeholders of expected texts.
    pub fn check(
        &self,
        facts: Facts<'_>,
        fill: &dyn Fn(&str) -> Result<String, Unknown>,
    ) -> Result<Vec<String>, Unknown> {
        let mut wrong = vec![];
        self.check_start(facts, fill, &mut wrong)?;
        self.check_headers(facts, fill, &mut wrong)?;
        self.check_record(facts, fill, &mut wrong)?;
        self.check_json(facts.body, fill, &mut wrong)?;
        self.check_problem(facts, fill, &mut wrong)?;
        let text = String::from_utf8_lossy(facts.body);
        for part in self.contains.list() {
            let part = fill(part)?;
            if !text.contains(&part) {
                wrong.push(format!("the body does not contain {part}"));
            }
        }
        for part in self.lacks.list() {
            let part = fill(part)?;
            if text.contains(&part) {
                wrong.push(format!("the body contains {part}"));
            }
        }
        if let Some(body) = &self.body {
            let body = fill(body)?;
            if text != body.as_str() {
                wrong.push(format!("the body is not exactly {body:?}"));
            }
        }
        if let Some(body) = &self.body_base64 {
            let body = fill(body)?;
            if BASE64_STANDARD.decode(&body).ok().as_deref() != Some(facts.body) {
                let found = BASE64_STANDARD.encode(facts.body);
                wrong.push(format!("the body is the bytes {found}, expected {body} (base64)"));
            }
        }
        if self.empty.is_some_and(|empty| empty != facts.body.is_empty()) {
            wrong.push(format!("the body has {} bytes", facts.body.len()));
        }
        Ok(wrong)
    }

    fn check_start(
        &self,
        facts: Facts<'_>,
        fill: &dyn Fn(&str) -> Result<String, Unknown>,
        wrong: &mut Vec<String>,
    ) -> Result<(), Unknown> {
        let statuses = self.status.list();
        if let Some(status) = facts.status
            && !statuses.is_empty()
            && !statuses.iter().any(|wanted| wanted.covers(status))
        {
            let wanted: Vec<_> = statuses.iter().map(ToString::to_string).collect();
            wrong.push(format!("status {status}, expected {}", wanted.join(" or ")));
        }
        let Some((method, target)) = facts.request else { return Ok(()) };
        if self.method.as_deref().is_some_and(|wanted| wanted != method) {
            wrong.push(format!("method {method}"));
        }
        if let Some(end) = &self.target_ends {
            let end = fill(end)?;
            if !target.ends_with(&end) {
                wrong.push(format!("target {target} does not end in {end}"));
            }
        }
        Ok(())
    }

    fn check_headers(
        &self,
        facts: Facts<'_>,
        fill: &dyn Fn(&str) -> Result<String, Unknown>,
        wrong: &mut Vec<String>,
    ) -> Result<(), Unknown> {
        for (name, patterns) in &self.headers {
            let name = fill(name)?;
            let patterns = patterns.list().iter().map(|pattern| fill(pattern)).collect::<Result<Vec<_>, _>>()?;
            let found: Vec<_> = facts.values(&name).map(String::from_utf8_lossy).collect();
            if !found.iter().any(|value| patterns.iter().any(|pattern| matches(pattern, value))) {
                wrong.push(format!("header {name} is {found:?}, expected {}", patterns.join(" or ")));
            }
        }
        for (name, count) in &self.header_counts {
            let found = facts.values(name).count();
            if found != *count {
                wrong.push(format!("header {name} is there {found} times, expected {count}"));
            }
        }
        for name in self.absent_headers.list() {
            if facts.values(name).next().is_some() {
                wrong.push(format!("header {name} is there"));
            }
        }
        Ok(())
    }

    fn check_record(
        &self,
        facts: Facts<'_>,
        fill: &dyn Fn(&str) -> Result<String, Unknown>,
        wrong: &mut Vec<String>,
    ) -> Result<(), Unknown> {
        let Some(record) = facts.record else { return Ok(()) };
        if let Some(key) = &self.key {
            let key = fill(key)?;
            let found = record.key.as_ref().map(|key| String::from_utf8_lossy(key).into_owned());
            if found.as_deref() != Some(key.as_str()).filter(|key| !key.is_empty()) {
                wrong.push(format!("the key is {found:?}, expected {key:?}"));
            }
        }
        if self.tombstone.is_some_and(|tombstone| tombstone != record.value.is_none()) {
            wrong.push(
                if record.value.is_none() { "the record has no value" } else { "the record has a value" }.to_owned(),
            );
        }
        Ok(())
    }

    fn check_json(
        &self,
        body: &[u8],
        fill: &dyn Fn(&str) -> Result<String, Unknown>,
        wrong: &mut Vec<String>,
    ) -> Result<(), Unknown> {
        if self.json.is_none() && self.absent.list().is_empty() && self.described.list().is_empty() {
            return Ok(());
        }
        let found: Value = match serde_json::from_slice(body) {
            Ok(found) => found,
            Err(error) => {
                wrong.push(format!("the body is no JSON: {error}"));
                return Ok(());
            }
        };
        if let Some(expected) = &self.json {
            let expected = fill(expected)?;
            match serde_json::from_str(&expected) {
                Ok(expected) => wrong.extend(json::differences(&expected, &found)),
                Err(error) => wrong.push(format!("the scenario expects what is no JSON ({error}): {expected}")),
            }
        }
        for rule in self.described.list() {
            let rule = fill(rule)?;
            match openapi::rule_by_name(&rule).map(|rule| openapi::broken(rule, &found)).as_deref() {
                None => wrong.push(format!("the scenario names the rule {rule:?}, which there is not")),
                Some([]) => {}
                Some([first, others @ ..]) => {
                    wrong.push(format!("{rule} is broken by {first:?} and {} others", others.len()));
                }
            }
        }
        for path in self.absent.list() {
            if let Some(value) = json::member(&found, &fill(path)?) {
                wrong.push(format!("member {path} is there: {value}"));
            }
        }
        Ok(())
    }

    fn check_problem(
        &self,
        facts: Facts<'_>,
        fill: &dyn Fn(&str) -> Result<String, Unknown>,
        wrong: &mut Vec<String>,
    ) -> Result<(), Unknown> {
        if self.names.list().is_empty() && self.problem.is_none() {
            return Ok(());
        }
        let media_type = values(facts.headers, "content-type").first().copied().unwrap_or_default();
        if !String::from_utf8_lossy(media_type).starts_with("application/problem+json") {
            wrong.push("the answer is no application/problem+json".to_owned());
        }
        let document: Value = serde_json::from_slice(facts.body).unwrap_or_default();
        if document["status"].as_u64() != facts.status.map(u64::from) {
            wrong.push("the problem document does not carry the status".to_owned());
        }
        let mut texts = vec![];
        json::texts(&document, &mut texts);
        for name in self.names.list() {
            let name = fill(name)?;
            if !texts.iter().any(|text| has_word(text, &name)) {
                wrong.push(format!("the problem does not name {name}"));
            }
        }
        if let Some(kind) = &self.problem {
            let kind = fill(kind)?;
            if !document["type"].as_str().is_some_and(|own| own.ends_with(&kind)) {
                wrong.push(format!("the problem is of type {}, expected {kind}", document["type"]));
            }
        }
        Ok(())
    }
}

/// Whether `text` matches `pattern`, in which `*` matches any text.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut left) = text.strip_prefix(start) else { return false };
    let mut parts = rest.split('*').peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return left.ends_with(part);
        }
        let Some(place) = left.find(part) else { return false };
        left = &left[place + part.len()..];
    }
    true
}

/// Whether `word` occurs in `text` with no letter or digit beside it.
fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(place, _)| {
        let before = text[..place].chars().next_back();
        let after = text[place + word.len()..].chars().next();
        ![before, after].into_iter().flatten().any(char::is_alphanumeric)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(expect: &str, status: u16, headers: &[(&str, &str)], body: &str) -> Vec<String> {
        let expect: Expect = toml::from_str(expect).unwrap();
        let headers =
            headers.iter().map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec())).collect::<Headers>();
        let facts = Facts { status: Some(status), ..Facts::of(&headers, body.as_bytes()) };
        expect.check(facts, &|text| Ok(text.to_owned())).unwrap()
    }

    #[test]
    fn each_expectation_can_hold_and_fail() {
        let json = [("content-type", "application/json; charset=utf-8")];
        let problem = [("Content-Type", "application/problem+json")];
        let body = r#"{"type":"urn:x:invalid-event","status":400,"detail":"id is empty"}"#;
        for (expect, status, headers, body, wrong) in [
            ("status = 202", 202, &json, "", 0),
            ("status = [200, 201]", 202, &json, "", 1),
            ("status = [200, 202]", 202, &json, "", 0),
            ("status = [\"4xx\", 202]", 404, &json, "", 0),
            ("status = \"2xx\"", 202, &json, "", 0),
            ("status = \"2xx\"", 302, &json, "", 1),
            ("headers.Content-Type = \"application/json*\"", 200, &json, "", 0),
            ("headers.Content-Type = \"application/json\"", 200, &json, "", 1),
            ("headers.Content-Type = [\"text/*\", \"*/json*\"]", 200, &json, "", 0),
            ("headers.Content-Type = [\"text/*\", \"*/xml*\"]", 200, &json, "", 1),
            ("absent_headers = \"content-type\"", 200, &json, "", 1),
            ("header_counts.content-type = 1", 200, &json, "", 0),
            ("header_counts.content-type = 2", 200, &json, "", 1),
            ("header_counts.\"CONTENT-*\" = 1", 200, &json, "", 0),
            ("absent_headers = \"*-type\"", 200, &json, "", 1),
            ("json = '{\"a\":1}'", 200, &json, r#"{"a":1,"b":2}"#, 0),
            ("json = '{\"a\":1}'", 200, &json, "no", 1),
            ("absent = \"b\"", 200, &json, r#"{"a":1,"b":2}"#, 1),
            ("absent = \"a.b\"", 200, &json, r#"{"a":1,"b":2}"#, 0),
            ("contains = \"1.10\"", 200, &json, r#"{"a":1.10}"#, 0),
            ("lacks = [\"1.10\"]", 200, &json, r#"{"a":1.10}"#, 1),
            ("body = \"x\"", 200, &json, "x", 0),
            ("body_base64 = \"eA==\"", 200, &json, "y", 1),
            ("empty = true", 200, &json, "y", 1),
            ("described = \"kebab-case\"", 200, &json, r#"{"paths":{"/a-b":{}}}"#, 0),
            ("described = [\"kebab-case\"]", 200, &json, r#"{"paths":{"/a_b":{}}}"#, 1),
            ("names = \"id\"", 400, &problem, body, 0),
            ("names = [\"id\", \"valid\"]", 400, &problem, body, 1),
            ("names = \"detail\"", 400, &problem, body, 1),
            ("names = \"id\"", 400, &json, body, 1),
            ("names = \"id\"", 422, &problem, body, 1),
            ("problem = \"invalid-event\"", 400, &problem, body, 0),
            ("problem = \"other\"", 400, &problem, body, 1),
        ] {
            assert_eq!(check(expect, status, headers, body).len(), wrong, "{expect} on {body}");
        }
    }

    #[test]
    fn a_record_is_checked_by_key_value_and_the_case_of_its_headers_too() {
        let headers = vec![("ce_id".to_owned(), b"1".to_vec())];
        let record = Record { key: Some(b"k".to_vec()), headers, ..Record::default() };
        for (expect, wrong) in [
            ("key = \"k\"", 0),
            ("key = \"\"", 1),
            ("key = \"l\"", 1),
            ("tombstone = true", 0),
            ("tombstone = false", 1),
            ("header_counts.\"ce_*\" = 1", 0),
            ("headers.CE_ID = \"1\"", 1),
        ] {
            let expect: Expect = toml::from_str(expect).unwrap();
            let facts = Facts { record: Some(&record), ..Facts::of(&record.headers, b"") };
            assert_eq!(expect.check(facts, &|text| Ok(text.to_owned())).unwrap().len(), wrong, "{expect:?}");
        }
    }

    #[test]
    fn patterns_have_any_text_at_the_asterisk() {
        for (pattern, text, expected) in [
            ("abc", "abc", true),
            ("a*c", "abc", true),
            ("a*c", "abd", false),
            ("*", "", true),
            ("*b*", "abc", true),
            ("a*b*c", "a1b2c", true),
            ("a*b*c", "a1c2b", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }
}
