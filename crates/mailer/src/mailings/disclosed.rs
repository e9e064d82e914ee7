//! What the texts of a kanaal see of the payload (CH-139): the members that its texts name, and nothing else. An undisclosed member is as
//! one that is not there, so its token has no value.

use std::borrow::Cow;

use model::data_filter::DataPath;
use serde_json::{Map, Value};

/// The payload with these members only. Those around them stay as far as they are needed; in a list, others are null.
pub(super) fn disclosed(data: &Value, paths: &[DataPath]) -> Value {
    let paths: Vec<Vec<Cow<'_, str>>> = paths.iter().map(parts).collect();
    let paths: Vec<&[Cow<'_, str>]> = paths.iter().map(Vec::as_slice).collect();
    keep(data, &paths).unwrap_or(Value::Null)
}

/// The names of a JSON Pointer.
fn parts(path: &DataPath) -> Vec<Cow<'_, str>> {
    let unescaped = |part: &str| part.replace("~1", "/").replace("~0", "~");
    let part = |part| if str::contains(part, '~') { Cow::Owned(unescaped(part)) } else { Cow::Borrowed(part) };
    path.as_str().split('/').skip(1).map(part).collect()
}

/// What is left of a value; `None` when nothing is disclosed in it.
fn keep(value: &Value, paths: &[&[Cow<'_, str>]]) -> Option<Value> {
    if paths.iter().any(|path| path.is_empty()) {
        return Some(value.clone());
    }
    let below = |name: &str| -> Vec<&[Cow<'_, str>]> {
        paths
            .iter()
            .filter_map(|path| path.split_first())
            .filter(|(first, _)| *first == name)
            .map(|(_, rest)| rest)
            .collect()
    };
    match value {
        Value::Object(members) => {
            let kept = members.iter().filter_map(|(name, member)| Some((name.clone(), keep(member, &below(name))?)));
            let kept: Map<String, Value> = kept.collect();
            (!kept.is_empty()).then_some(Value::Object(kept))
        }
        Value::Array(items) => {
            let kept = (0_usize..).zip(items).map(|(place, item)| keep(item, &below(&place.to_string())));
            let kept: Vec<Option<Value>> = kept.collect();
            let has_any = kept.iter().any(Option::is_some);
            has_any.then(|| Value::Array(kept.into_iter().map(Option::unwrap_or_default).collect()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_disclosed_members_are_left_ch_139() {
        let data = json!({ "naam": "An", "bsn": "1", "zaak": { "nummer": 7, "adres": "x" }, "a/b": [{ "c": 1 }, { "c": 2, "d": 3 }] });
        for (paths, expected) in [
            (vec!["/naam"], json!({ "naam": "An" })),
            (vec!["/zaak/nummer", "/weg"], json!({ "zaak": { "nummer": 7 } })),
            (vec!["/zaak", "/zaak/nummer"], json!({ "zaak": { "nummer": 7, "adres": "x" } })),
            (vec!["/a~1b/1/c"], json!({ "a/b": [null, { "c": 2 }] })),
            (vec!["/naam/voor", "/a~1b/x"], json!(null)),
            (vec![], json!(null)),
        ] {
            let read: Vec<DataPath> = paths.iter().map(|path| DataPath::new(path).expect("a path")).collect();
            assert_eq!(disclosed(&data, &read), expected, "{paths:?}");
        }
    }
}
