//! The built-in functions (CESQL 3.5, and the casts INT, BOOL, STRING of its test suite).
//!
//! A function never fails: it gives a value of its type and adds what went wrong to the errors.

use std::borrow::Cow;

use crate::{Error, Value, eval::Errors, value::Type};

/// A built-in function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Function {
    Length,
    Concat,
    ConcatWs,
    Lower,
    Upper,
    Trim,
    Left,
    Right,
    Substring,
    Abs,
    Int,
    Bool,
    String,
    IsInt,
    IsBool,
}

impl Function {
    /// The function with this name, in any case, that takes this number of arguments.
    pub(crate) fn find(name: &str, arguments: usize) -> Option<Self> {
        let found = match name.to_ascii_uppercase().as_str() {
            "LENGTH" => Self::Length,
            "CONCAT" => Self::Concat,
            "CONCAT_WS" => Self::ConcatWs,
            "LOWER" => Self::Lower,
            "UPPER" => Self::Upper,
            "TRIM" => Self::Trim,
            "LEFT" => Self::Left,
            "RIGHT" => Self::Right,
            "SUBSTRING" => Self::Substring,
            "ABS" => Self::Abs,
            "INT" => Self::Int,
            "BOOL" => Self::Bool,
            "STRING" => Self::String,
            "IS_INT" => Self::IsInt,
            "IS_BOOL" => Self::IsBool,
            _ => return None,
        };
        let fits = match found {
            Self::Concat => true,
            Self::ConcatWs => arguments >= 1,
            Self::Left | Self::Right => arguments == 2,
            Self::Substring => arguments == 2 || arguments == 3,
            _ => arguments == 1,
        };
        fits.then_some(found)
    }

    /// The type of its result.
    pub(crate) const fn result(self) -> Type {
        match self {
            Self::Length | Self::Abs | Self::Int => Type::Integer,
            Self::Bool | Self::IsInt | Self::IsBool => Type::Boolean,
            _ => Type::String,
        }
    }

    /// The type of the argument at `index`; `None` when any will do.
    pub(crate) const fn parameter(self, index: usize) -> Option<Type> {
        match (self, index) {
            (Self::Left | Self::Right | Self::Substring, 1..) | (Self::Abs | Self::Int, _) => Some(Type::Integer),
            (Self::Bool, _) => Some(Type::Boolean),
            (Self::IsInt | Self::IsBool, _) => None,
            _ => Some(Type::String),
        }
    }

    /// Calls it with arguments that were cast to its parameters' types.
    pub(crate) fn call<'a>(self, arguments: Vec<Value<'a>>, errors: &mut Errors) -> Value<'a> {
        match self {
            Self::Int | Self::Bool | Self::String => {
                arguments.into_iter().next().unwrap_or_else(|| self.result().zero())
            }
            Self::IsInt => Value::Boolean(arguments.first().is_some_and(|value| value.integer().is_ok())),
            Self::IsBool => Value::Boolean(arguments.first().is_some_and(|value| value.boolean().is_ok())),
            Self::Abs => {
                let number = integer(&arguments, 0);
                number.checked_abs().map_or_else(
                    || {
                        errors.add(|| Error::Math("the absolute value does not fit in 32 bits"));
                        Value::Integer(i32::MAX)
                    },
                    Value::Integer,
                )
            }
            Self::Length => Value::Integer(i32::try_from(text(&arguments, 0).chars().count()).unwrap_or(i32::MAX)),
            Self::Concat => Value::String(arguments.into_iter().map(Value::string).collect::<String>().into()),
            Self::ConcatWs => {
                let (delimiter, parts) = (text(&arguments, 0), &arguments[1..]);
                let parts: Vec<Cow<'_, str>> = parts.iter().cloned().map(Value::string).collect();
                Value::String(parts.join(delimiter).into())
            }
            Self::Lower => Value::String(text(&arguments, 0).to_lowercase().into()),
            Self::Upper => Value::String(text(&arguments, 0).to_uppercase().into()),
            Self::Trim => Value::String(text(&arguments, 0).trim().to_owned().into()),
            Self::Left | Self::Right => self.side(&arguments, errors),
            Self::Substring => substring(&arguments, errors),
        }
    }

    fn side<'a>(self, arguments: &[Value<'a>], errors: &mut Errors) -> Value<'a> {
        let (text, count) = (text(arguments, 0), integer(arguments, 1));
        let Ok(count) = usize::try_from(count) else {
            let function = if self == Self::Left { "LEFT" } else { "RIGHT" };
            errors.add(|| Error::FunctionEvaluation { function, message: "the number of characters is negative" });
            return Value::String(text.to_owned().into());
        };
        let skip = if self == Self::Left { 0 } else { text.chars().count().saturating_sub(count) };
        Value::String(text.chars().skip(skip).take(count).collect::<String>().into())
    }
}

fn substring<'a>(arguments: &[Value<'a>], errors: &mut Errors) -> Value<'a> {
    let (text, position) = (text(arguments, 0), i64::from(integer(arguments, 1)));
    let length = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
    let count = arguments.get(2).map_or(i64::from(i32::MAX), |_| i64::from(integer(arguments, 2)));
    let mut fail = |message| {
        errors.add(|| Error::FunctionEvaluation { function: "SUBSTRING", message });
        Value::String(Cow::Borrowed(""))
    };
    if position > length || position < -length {
        return fail("the position is outside the text");
    }
    let Ok(count) = usize::try_from(count) else { return fail("the length is negative") };
    let start = match position {
        0 => return Value::String(Cow::Borrowed("")),
        1.. => position - 1,
        _ => length + position,
    };
    let start = usize::try_from(start).unwrap_or(0);
    Value::String(text.chars().skip(start).take(count).collect::<String>().into())
}

fn text<'v>(arguments: &'v [Value<'_>], index: usize) -> &'v str {
    match arguments.get(index) {
        Some(Value::String(text)) => text,
        _ => "",
    }
}

fn integer(arguments: &[Value<'_>], index: usize) -> i32 {
    match arguments.get(index) {
        Some(Value::Integer(number)) => *number,
        _ => 0,
    }
}
