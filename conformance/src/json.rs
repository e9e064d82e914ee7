//! Compares JSON by the members that a scenario names: those must be equal, others may be present.

use serde_json::Value;

/// Matches any value, as long as the member is present.
const ANY: &str = "<any>";
/// Matches a string in the form of a UUID.
const UUID: &str = "<uuid>";
/// Prefix of a pattern for a string that may be absent; it ends in `>`.
const NONE_OR: &str = "<none or ";

/// What differs, each with the path of the member; empty when everything mentioned is as expected.
/// Objects are compared by the members of `expected`; everything else must be equal. `"<any>"` and `"<uuid>"`
/// in `expected` match any value and any UUID, `"<none or x>"` a member that is `"x"` or absent.
pub fn differences(expected: &Value, found: &Value) -> Vec<String> {
    let mut list = vec![];
    compare("", expected, found, &mut list);
    list
}

fn compare(path: &str, expected: &Value, found: &Value, list: &mut Vec<String>) {
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => {
            for (name, value) in expected {
                let path = format!("{path}/{name}");
                match (found.get(name), optional(value)) {
                    (Some(found), None) => compare(&path, value, found, list),
                    (Some(found), Some(only)) => compare(&path, &only.into(), found, list),
                    (None, None) => list.push(format!("member {path} is missing")),
                    (None, Some(_)) => {}
                }
            }
        }
        (Value::Array(expected), Value::Array(found)) if expected.len() == found.len() => {
            for (index, (expected, found)) in expected.iter().zip(found).enumerate() {
                compare(&format!("{path}/{index}"), expected, found, list);
            }
        }
        (Value::String(text), _) if text == ANY => {}
        (Value::String(text), Value::String(found)) if text == UUID && is_uuid(found) => {}
        _ if expected == found => {}
        _ if path.is_empty() => list.push(format!("the document is {found}, expected {expected}")),
        _ => list.push(format!("member {path} is {found}, expected {expected}")),
    }
}

/// The value that a member must have if it is present, for a member that may be absent.
fn optional(expected: &Value) -> Option<&str> {
    expected.as_str()?.strip_prefix(NONE_OR)?.strip_suffix('>')
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.char_indices().all(|(index, character)| match index {
            8 | 13 | 18 | 23 => character == '-',
            _ => character.is_ascii_hexdigit(),
        })
}

/// The member at a dotted path such as `status.state`.
pub fn member<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(value, |value, name| match value {
        Value::Array(list) => list.get(name.parse::<usize>().ok()?),
        _ => value.get(name),
    })
}

/// Every text in a value, member names left out.
pub fn texts<'a>(value: &'a Value, list: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => list.push(text),
        Value::Array(items) => items.iter().for_each(|item| texts(item, list)),
        Value::Object(members) => members.values().for_each(|member| texts(member, list)),
        _ => {}
    }
}

/// Merges `over` into `base`: objects member by member, everything else is replaced. Null is set as a value: it removes
/// no member.
pub fn overlay(base: &mut Value, over: &Value) {
    match (base, over) {
        (Value::Object(base), Value::Object(over)) => {
            for (name, value) in over {
                overlay(base.entry(name.clone()).or_insert(Value::Null), value);
            }
        }
        (base, over) => *base = over.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_is_mentioned_is_compared() {
        for (expected, found, count) in [
            (json!({"a": 1}), json!({"a": 1, "b": 2}), 0),
            (json!({"a": 1}), json!({"a": "1"}), 1),
            (json!({"a": {"b": true}}), json!({"a": {"b": false}}), 1),
            (json!({"a": null}), json!({}), 1),
            (json!({"a": "<any>"}), json!({"a": []}), 0),
            (json!({"a": "<uuid>"}), json!({"a": "0b0e6a3e-7d6c-4f5a-9a57-6a86d1f0a001"}), 0),
            (json!({"a": "<uuid>"}), json!({"a": "x"}), 1),
            (json!({"a": "<none or x>"}), json!({"a": "x"}), 0),
            (json!({"a": "<none or x>"}), json!({}), 0),
            (json!({"a": "<none or x>"}), json!({"a": "y"}), 1),
            (json!([1, 2]), json!([1, 2, 3]), 1),
            (json!([{"a": 1}]), json!([{"a": 1, "b": 2}]), 0),
        ] {
            assert_eq!(differences(&expected, &found).len(), count, "{expected} against {found}");
        }
    }

    #[test]
    fn laying_over_reaches_inner_members() {
        let mut base = json!({"a": {"b": 1, "c": 2}, "d": 3});
        overlay(&mut base, &json!({"a": {"b": 9}, "e": null}));
        assert_eq!(base, json!({"a": {"b": 9, "c": 2}, "d": 3, "e": null}));
        assert_eq!(member(&base, "a.b"), Some(&json!(9)));
    }
}
