//! `keys`, `length`, `merge`, `not_null`, `reverse`, `to_array`, `to_number`, `to_string`, `type`, `values`.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::{
    super::{
        eval::{Evaluator, null},
        number::Num,
    },
    Arguments, Builtin, Failure,
};

pub(super) fn call<'v>(
    builtin: Builtin,
    arguments: Arguments<'v>,
    evaluator: &mut Evaluator,
) -> Result<Cow<'v, Value>, Failure> {
    match builtin {
        Builtin::NotNull => return Ok(arguments.into_iter().find(|own| !own.is_null()).unwrap_or_else(null)),
        Builtin::Merge => return merge(arguments, evaluator).map(Cow::Owned),
        _ => {}
    }
    let Some(first) = arguments.into_iter().next() else { return Ok(null()) };
    Ok(match builtin {
        Builtin::Keys => Cow::Owned(keys(first.as_ref())),
        Builtin::Length => Cow::Owned(length(first.as_ref()).into()),
        Builtin::Reverse => Cow::Owned(reverse(evaluator.own(first)?)),
        Builtin::ToArray if first.is_array() => first,
        Builtin::ToArray => Cow::Owned(Value::Array(vec![evaluator.own(first)?])),
        Builtin::ToNumber if first.is_number() => first,
        Builtin::ToNumber => first.as_str().and_then(number).map_or_else(null, Cow::Owned),
        Builtin::ToString if first.is_string() => first,
        Builtin::ToString => Cow::Owned(Value::String(first.to_string())),
        Builtin::Type => Cow::Owned(kind(first.as_ref()).into()),
        _ => match evaluator.own(first)? {
            Value::Object(all) => Cow::Owned(Value::Array(all.into_iter().map(|(_, value)| value).collect())),
            _ => null(),
        },
    })
}

fn keys(value: &Value) -> Value {
    Value::Array(value.as_object().into_iter().flat_map(Map::keys).map(|name| name.as_str().into()).collect())
}

fn length(value: &Value) -> usize {
    match value {
        Value::String(text) => text.chars().count(),
        Value::Array(all) => all.len(),
        Value::Object(all) => all.len(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}

fn merge(arguments: Arguments<'_>, evaluator: &mut Evaluator) -> Result<Value, Failure> {
    let mut merged = Map::new();
    for one in arguments {
        if let Value::Object(all) = evaluator.own(one)? {
            merged.extend(all);
        }
    }
    Ok(Value::Object(merged))
}

fn reverse(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(text.chars().rev().collect()),
        Value::Array(mut all) => {
            all.reverse();
            Value::Array(all)
        }
        other => other,
    }
}

/// A text that is a number as JSON writes it.
fn number(text: &str) -> Option<Value> {
    let found: serde_json::Number = serde_json::from_str(text.trim()).ok()?;
    Num::of(&found).value()
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
