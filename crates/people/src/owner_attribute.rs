//! The attributes that people may change of themselves on the page of their data (CH-72), and what they type there.

use model::addressee::Attributes;
use serde_json::{Map, Number, Value};

/// The most characters of what is typed for one attribute.
pub const MAX_TYPED: usize = 200;

/// An attribute that people may change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnerAttribute {
    /// Its name; it is among the attributes that clients may set.
    pub name: String,
    /// What people read in its place: Dutch, English.
    pub label: [String; 2],
    /// What its value is.
    pub kind: AttributeKind,
}

/// What the value of an attribute is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttributeKind {
    /// A text.
    Text,
    /// A number.
    Number,
    /// True or false.
    YesNo,
}

impl AttributeKind {
    /// Reads what was typed; white space around it does not count. Nothing is `Null`, which removes the attribute; `None` for what is no
    /// value of this kind.
    pub fn read(self, typed: &str) -> Option<Value> {
        let typed = typed.trim();
        if typed.is_empty() {
            return Some(Value::Null);
        }
        match self {
            Self::Text => (typed.chars().nth(MAX_TYPED).is_none() && !typed.contains(char::is_control))
                .then(|| Value::String(typed.to_owned())),
            // People type a comma before the decimals.
            Self::Number => typed.replace(',', ".").parse::<Number>().ok().map(Value::Number),
            Self::YesNo => match typed {
                "true" => Some(Value::Bool(true)),
                "false" => Some(Value::Bool(false)),
                _ => None,
            },
        }
    }
}

/// What an attribute is, as it can be typed again; empty when there is none.
pub(crate) fn typed(attributes: &Map<String, Value>, name: &str) -> String {
    match attributes.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(value @ (Value::Number(_) | Value::Bool(_))) => value.to_string(),
        Some(Value::Null | Value::Array(_) | Value::Object(_)) | None => String::new(),
    }
}

/// The attributes as an object.
pub(crate) fn object(attributes: &Attributes) -> Map<String, Value> {
    match serde_json::from_str(attributes.as_str()) {
        Ok(Value::Object(object)) => object,
        // There are none.
        Ok(_) | Err(_) => Map::new(),
    }
}

/// The attributes after a merge patch (RFC 7396) of which no value is an object; `None` when they are too long.
pub(crate) fn merged(attributes: &Attributes, patch: &Map<String, Value>) -> Option<Attributes> {
    let mut object = object(attributes);
    for (name, value) in patch {
        if value.is_null() {
            object.remove(name);
        } else {
            object.insert(name.clone(), value.clone());
        }
    }
    let text = if object.is_empty() { String::new() } else { Value::Object(object).to_string() };
    Attributes::new(text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_typed_becomes_a_value_of_its_kind_ch_72() {
        use AttributeKind::{Number, Text, YesNo};
        for (kind, typed, expected) in [
            (Text, " 1012 AB ", Some(json!("1012 AB"))),
            (Text, "5", Some(json!("5"))),
            (Text, "  ", Some(json!(null))),
            (Text, "a\u{0}b", None),
            (Number, "5", Some(json!(5))),
            (Number, "-5,25", Some(json!(-5.25))),
            (Number, "", Some(json!(null))),
            (Number, "vijf", None),
            (Number, "1e999", None),
            (YesNo, "true", Some(json!(true))),
            (YesNo, "false", Some(json!(false))),
            (YesNo, "", Some(json!(null))),
            (YesNo, "ja", None),
        ] {
            assert_eq!(kind.read(typed), expected, "{kind:?} {typed}");
        }
        assert_eq!(Text.read(&"é".repeat(MAX_TYPED)), Some(json!("é".repeat(MAX_TYPED))));
        assert_eq!(Text.read(&"é".repeat(MAX_TYPED + 1)), None);
    }

    #[test]
    fn a_patch_changes_and_removes_what_it_names_and_nothing_else_ch_72() {
        let attributes = |value: &Value| Attributes::new(value.to_string()).expect("attributes");
        let merge = |present: &Attributes, patch: Value| merged(present, patch.as_object().expect("an object"));
        let present = attributes(&json!({ "postcode": "1012AB", "actief": true }));
        let changed = merge(&present, json!({ "postcode": "9999ZZ", "wijk": 3 })).expect("attributes");
        assert_eq!(Value::Object(object(&changed)), json!({ "actief": true, "postcode": "9999ZZ", "wijk": 3 }));
        assert_eq!((typed(&object(&changed), "actief").as_str(), typed(&object(&changed), "x").as_str()), ("true", ""));
        let none = merge(&present, json!({ "postcode": null, "actief": null, "x": null })).expect("attributes");
        assert_eq!(none, Attributes::default());
        assert_eq!(merge(&none, json!({ "wijk": 3 })), Some(attributes(&json!({ "wijk": 3 }))));
        assert_eq!(merge(&present, json!({ "postcode": "x".repeat(3_000) })), None);
    }
}
