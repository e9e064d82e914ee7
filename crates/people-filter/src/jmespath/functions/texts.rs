//! `contains`, `ends_with`, `join`, `starts_with`; and `contains_ci` and `starts_with_ci`, which ignore case.

use std::borrow::Cow;

use serde_json::Value;

use super::{
    super::eval::{Evaluator, equal},
    Builtin, Failure, Wanted, list, text,
};

pub(super) fn call<'v>(
    builtin: Builtin,
    name: &'static str,
    arguments: &[Cow<'v, Value>],
    evaluator: &mut Evaluator,
) -> Result<Cow<'v, Value>, Failure> {
    let (first, second) = (text(arguments, 0), text(arguments, 1));
    let is = match builtin {
        Builtin::Contains => contains(name, arguments, evaluator)?,
        Builtin::ContainsCi => first.to_lowercase().contains(&second.to_lowercase()),
        Builtin::EndsWith => first.ends_with(second),
        Builtin::StartsWith => first.starts_with(second),
        Builtin::StartsWithCi => first.to_lowercase().starts_with(&second.to_lowercase()),
        _ => return join(name, first, list(arguments, 1), evaluator).map(Cow::Owned),
    };
    Ok(Cow::Owned(Value::Bool(is)))
}

fn contains(name: &'static str, arguments: &[Cow<'_, Value>], evaluator: &mut Evaluator) -> Result<bool, Failure> {
    let (Some(subject), Some(wanted)) = (arguments.first(), arguments.get(1)) else { return Ok(false) };
    match (subject.as_ref(), wanted.as_ref()) {
        (Value::String(subject), Value::String(wanted)) => Ok(subject.contains(wanted.as_str())),
        (Value::String(_), _) => Err(Failure::argument(name, Wanted::Text)),
        (Value::Array(all), wanted) => {
            evaluator.work.take(all.len())?;
            Ok(all.iter().any(|one| equal(one, wanted)))
        }
        _ => Err(Failure::argument(name, Wanted::TextOrList)),
    }
}

fn join(name: &'static str, glue: &str, all: &[Value], evaluator: &mut Evaluator) -> Result<Value, Failure> {
    let texts: Option<Vec<&str>> = all.iter().map(Value::as_str).collect();
    let texts = texts.ok_or(Failure::argument(name, Wanted::Texts))?;
    let length = texts.iter().map(|text| text.len()).sum::<usize>() + glue.len().saturating_mul(texts.len());
    evaluator.work.take_text(length)?;
    Ok(Value::String(texts.join(glue)))
}
