//! `map`, `max`, `max_by`, `min`, `min_by`, `sort`, `sort_by`.

use std::{borrow::Cow, cmp::Ordering};

use serde_json::Value;

use super::{
    super::{
        ast::Node,
        eval::{Evaluator, order},
    },
    Builtin, Failure, Wanted, list,
};

pub(super) fn call<'v>(
    (builtin, name): (Builtin, &'static str),
    arguments: &[Cow<'v, Value>],
    nodes: &[Node],
    evaluator: &mut Evaluator,
) -> Result<Cow<'v, Value>, Failure> {
    let all = list(arguments, usize::from(builtin == Builtin::Map));
    let reference = nodes.iter().find_map(|node| match node {
        Node::Reference(inner) => Some(inner.as_ref()),
        _ => None,
    });
    let mut keys = Vec::new();
    for one in all {
        keys.push(match reference {
            Some(key) => evaluator.owned(key, one)?,
            None => evaluator.own(Cow::Borrowed(one))?,
        });
    }
    if builtin == Builtin::Map {
        return Ok(Cow::Owned(Value::Array(keys)));
    }
    if !keys.iter().all(Value::is_number) && !keys.iter().all(Value::is_string) {
        return Err(Failure::argument(name, Wanted::NumbersOrTexts));
    }
    let mut places: Vec<usize> = (0..all.len()).collect();
    let compare = |own: &usize, other: &usize| order(&keys[*own], &keys[*other]).unwrap_or(Ordering::Equal);
    let found = match builtin {
        Builtin::Sort | Builtin::SortBy => {
            // Stable, and at most a logarithm more than was counted for the keys.
            places.sort_by(compare);
            let mut sorted = Vec::with_capacity(all.len());
            for place in places {
                sorted.push(evaluator.own(Cow::Borrowed(&all[place]))?);
            }
            Value::Array(sorted)
        }
        Builtin::Max | Builtin::MaxBy => one(all, places.iter().rev().max_by(|own, other| compare(own, other))),
        _ => one(all, places.iter().min_by(|own, other| compare(own, other))),
    };
    Ok(Cow::Owned(found))
}

/// The element at a place: the first one of several, in both cases.
fn one(all: &[Value], place: Option<&usize>) -> Value {
    place.and_then(|place| all.get(*place)).cloned().unwrap_or_default()
}
