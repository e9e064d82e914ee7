//! Reading a JSON object of a request member by member, collecting every fault: each names its
//! member, the rule, and the place in the object (CE-SUB-21).
//!
//! It knows no resource; the rules that only one resource has live beside that resource.

use std::cell::RefCell;

use model::Timestamp;
use serde_json::{Map, Value};

use web::problem::{Fault, Problem, ProblemType};

/// The faults found so far, over all objects of one body.
#[derive(Debug, Default)]
pub struct Faults(RefCell<Vec<Fault>>);

impl Faults {
    /// One more.
    pub fn add(&self, fault: Fault) {
        self.0.borrow_mut().push(fault);
    }

    /// `value`, unless something was wrong.
    pub fn check<T>(&self, value: T) -> Result<T, Problem> {
        let faults = self.0.take();
        if faults.is_empty() { Ok(value) } else { Err(Problem::invalid(faults)) }
    }
}

/// Reads a body that must be one JSON object. An empty body is an empty object when `optional`.
pub fn object(body: &[u8], optional: bool) -> Result<Map<String, Value>, Problem> {
    if optional && body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Map::new());
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(Problem::new(ProblemType::InvalidJson, "The body must be a JSON object.")
            .with_errors(vec![Fault::new("body", "must be a JSON object").at("")])),
        Err(error) => Err(Problem::new(ProblemType::InvalidJson, format!("The body is not JSON: {error}."))
            .with_errors(vec![Fault::new("body", format!("is not JSON: {error}")).at("")])),
    }
}

/// The rule of [`timestamp`].
pub const TIMESTAMP: &str = "must be an RFC 3339 moment with an offset, T and Z in upper case";

/// Reads a moment by RFC 3339 as the API Design Rules narrow it: `T` and `Z` in upper case, and no offset `-00:00`, which
/// says that the offset is not known (ADR-08).
pub fn timestamp(text: &str) -> Option<Timestamp> {
    let strict = text.as_bytes().get(10) == Some(&b'T') && !text.ends_with('z') && !text.ends_with("-00:00");
    Timestamp::parse_rfc3339(text).filter(|_| strict)
}

/// One JSON object that is being read. A member that is null counts as absent.
#[derive(Debug, Clone)]
pub struct Members<'a> {
    object: &'a Map<String, Value>,
    path: String,
    pointer: String,
    faults: &'a Faults,
}

impl<'a> Members<'a> {
    /// The object at the top of the body.
    pub fn new(object: &'a Map<String, Value>, faults: &'a Faults) -> Self {
        Self { object, path: String::new(), pointer: String::new(), faults }
    }

    /// Adds a fault of a member of this object.
    pub fn fault(&self, name: &str, rule: impl Into<String>) {
        self.faults.add(Fault::new(format!("{}{name}", self.path), rule).at(self.pointer_of(name)));
    }

    /// Notes a rule that an item of the list `name` breaks.
    pub fn item_fault(&self, name: &str, at: usize, rule: impl Into<String>) {
        let pointer = format!("{}/{at}", self.pointer_of(name));
        self.faults.add(Fault::new(format!("{}{name}[{at}]", self.path), rule).at(pointer));
    }

    fn pointer_of(&self, name: &str) -> String {
        format!("{}/{}", self.pointer, name.replace('~', "~0").replace('/', "~1"))
    }

    /// Refuses every member that is not in `names`.
    pub fn only(&self, names: &[&str]) {
        for name in self.object.keys().filter(|name| !names.contains(&name.as_str())) {
            self.fault(name, "is not known");
        }
    }

    /// Whether the member is there, null included.
    pub fn names(&self, name: &str) -> bool {
        self.object.contains_key(name)
    }

    /// The names and values of all members.
    pub fn iter(&self) -> impl Iterator<Item = (&'a String, &'a Value)> {
        self.object.iter()
    }

    /// The value of a member that is not null.
    pub fn value(&self, name: &str) -> Option<&'a Value> {
        self.object.get(name).filter(|value| !value.is_null())
    }

    fn typed<T>(&self, name: &str, rule: &str, read: impl FnOnce(&'a Value) -> Option<T>) -> Option<T> {
        let read = read(self.value(name)?);
        if read.is_none() {
            self.fault(name, rule);
        }
        read
    }

    /// A text that is not empty.
    pub fn text(&self, name: &str) -> Option<&'a str> {
        self.typed(name, "must be a text that is not empty", |value| value.as_str().filter(|text| !text.is_empty()))
    }

    /// A text that must be there and not be empty.
    pub fn required(&self, name: &str) -> Option<&'a str> {
        if self.value(name).is_none() {
            self.fault(name, "is required");
        }
        self.text(name)
    }

    /// A text that is not empty and has at most `most` characters.
    pub fn bounded(&self, name: &str, most: usize) -> Option<&'a str> {
        self.typed(name, &format!("must be a text of 1 to {most} characters"), |value| {
            value.as_str().filter(|text| !text.is_empty() && text.chars().nth(most).is_none())
        })
    }

    /// A text that may be empty.
    pub fn free_text(&self, name: &str) -> Option<&'a str> {
        self.typed(name, "must be a text", Value::as_str)
    }

    /// True or false.
    pub fn boolean(&self, name: &str) -> Option<bool> {
        self.typed(name, "must be true or false", Value::as_bool)
    }

    /// A whole number from `least` to `most`.
    pub fn integer(&self, name: &str, least: u64, most: u64) -> Option<u64> {
        self.typed(name, &format!("must be a whole number from {least} to {most}"), |value| {
            value.as_u64().filter(|number| (least..=most).contains(number))
        })
    }

    /// A number from `least` to `most`.
    pub fn number(&self, name: &str, least: f64, most: f64) -> Option<f64> {
        self.typed(name, &format!("must be a number from {least} to {most}"), |value| {
            value.as_f64().filter(|number| (least..=most).contains(number))
        })
    }

    /// An RFC 3339 moment, see [`timestamp`].
    pub fn timestamp(&self, name: &str) -> Option<Timestamp> {
        self.typed(name, TIMESTAMP, |value| value.as_str().and_then(timestamp))
    }

    /// One of these words.
    pub fn word<T: Copy>(&self, name: &str, words: &[(&str, T)]) -> Option<T> {
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        self.typed(name, &format!("must be one of: {}", known.join(", ")), |value| {
            let text = value.as_str()?;
            words.iter().find(|(word, _)| *word == text).map(|(_, meaning)| *meaning)
        })
    }

    /// A list of at most `most` texts that are not empty; absent is empty.
    pub fn texts(&self, name: &str, most: usize) -> Vec<&'a str> {
        let rule = format!("must be a list of at most {most} texts that are not empty");
        self.typed(name, &rule, |value| {
            let list = value.as_array().filter(|list| list.len() <= most)?;
            list.iter().map(|item| item.as_str().filter(|text| !text.is_empty())).collect()
        })
        .unwrap_or_default()
    }

    /// A list of at most `most` values; absent is empty.
    pub fn list(&self, name: &str, most: usize) -> &'a [Value] {
        self.typed(name, &format!("must be a list of at most {most}"), |value| {
            value.as_array().filter(|list| list.len() <= most)
        })
        .map_or(&[], Vec::as_slice)
    }

    /// An object.
    pub fn object(&self, name: &str) -> Option<Self> {
        let object = self.typed(name, "must be an object", Value::as_object)?;
        Some(Self {
            object,
            path: format!("{}{name}.", self.path),
            pointer: self.pointer_of(name),
            faults: self.faults,
        })
    }

    /// The object at a place of a list member.
    pub fn item(&self, name: &str, at: usize, value: &'a Value) -> Option<Self> {
        let path = format!("{}{name}[{at}]", self.path);
        let pointer = format!("{}/{at}", self.pointer_of(name));
        if let Some(object) = value.as_object() {
            return Some(Self { object, path: format!("{path}."), pointer, faults: self.faults });
        }
        self.faults.add(Fault::new(path, "must be an object").at(pointer));
        None
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn faults_name_member_rule_and_place_ce_sub_21() {
        let body = json!({"a": "", "b": {"c/d": 0, "odd": 1}, "list": [1], "t": "soon", "none": null});
        let faults = Faults::default();
        let top = Members::new(body.as_object().unwrap(), &faults);
        assert_eq!(top.text("a"), None);
        let inner = top.object("b").unwrap();
        inner.only(&["c/d"]);
        assert_eq!(inner.integer("c/d", 1, 5), None);
        assert!(top.item("list", 0, &top.list("list", 3)[0]).is_none());
        assert_eq!(top.timestamp("t"), None);
        assert_eq!(top.text("none"), None);
        assert_eq!(top.required("none"), None);
        let found: Vec<_> = faults
            .check(())
            .unwrap_err()
            .errors
            .clone()
            .into_iter()
            .map(|fault| (fault.member, fault.pointer.unwrap()))
            .collect();
        let expected = [
            ("a", "/a"),
            ("b.odd", "/b/odd"),
            ("b.c/d", "/b/c~1d"),
            ("list[0]", "/list/0"),
            ("t", "/t"),
            ("none", "/none"),
        ];
        assert_eq!(found, expected.map(|(member, pointer)| (member.to_owned(), pointer.to_owned())));
    }

    #[test]
    fn a_body_is_one_object() {
        assert!(object(b"", true).unwrap().is_empty());
        for bad in [&b""[..], b"[]", b"{", b"{}x", b"\xff"] {
            assert_eq!(object(bad, false).unwrap_err().kind.name(), "invalid-json");
        }
    }
}
