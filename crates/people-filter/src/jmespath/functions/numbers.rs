//! `abs`, `avg`, `ceil`, `floor`, `sum`.

use std::borrow::Cow;

use serde_json::Value;

use super::{super::number::Num, Builtin, Failure, Wanted, list};

pub(super) fn call<'v>(
    builtin: Builtin,
    name: &'static str,
    arguments: &[Cow<'v, Value>],
) -> Result<Cow<'v, Value>, Failure> {
    let one = || match arguments.first().map(Cow::as_ref) {
        Some(Value::Number(number)) => Num::of(number),
        // The types of arguments were checked.
        _ => Num::Whole(0),
    };
    let sum = || {
        list(arguments, 0).iter().try_fold(Num::Whole(0), |sum, value| match value {
            Value::Number(number) => Ok(sum.plus(Num::of(number))),
            _ => Err(Failure::argument(name, Wanted::Numbers)),
        })
    };
    let found = match builtin {
        Builtin::Abs => one().absolute(),
        Builtin::Ceil => one().rounded(f64::ceil),
        Builtin::Floor => one().rounded(f64::floor),
        Builtin::Avg if list(arguments, 0).is_empty() => return Ok(Cow::Owned(Value::Null)),
        Builtin::Avg => Num::Real(sum()?.real() / list(arguments, 0).len() as f64),
        _ => sum()?,
    };
    found.value().map(Cow::Owned).ok_or(Failure::Number(name))
}
