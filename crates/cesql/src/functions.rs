//! The built-in functions (CESQL 3.5, and the casts INT, BOOL, STRING of its test suite).
//!
//! A function always returns a value of its type and adds its errors to [`Errors`].

use std::borrow::Cow;

use crate::{Error, Value, budget::Budget, error::Errors, value::Type};

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
    /// The function with this name (case-insensitive) and number of arguments.
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

    /// The type of the argument at `index`; `None` for any type.
    pub(crate) const fn parameter(self, index: usize) -> Option<Type> {
        match (self, index) {
            (Self::Left | Self::Right | Self::Substring, 1..) | (Self::Abs | Self::Int, _) => Some(Type::Integer),
            (Self::Bool, _) => Some(Type::Boolean),
            (Self::IsInt | Self::IsBool, _) => None,
            _ => Some(Type::String),
        }
    }

    /// The name as written in expressions.
    const fn name(self) -> &'static str {
        match self {
            Self::Length => "LENGTH",
            Self::Concat => "CONCAT",
            Self::ConcatWs => "CONCAT_WS",
            Self::Lower => "LOWER",
            Self::Upper => "UPPER",
            Self::Trim => "TRIM",
            Self::Left => "LEFT",
            Self::Right => "RIGHT",
            Self::Substring => "SUBSTRING",
            Self::Abs => "ABS",
            Self::Int => "INT",
            Self::Bool => "BOOL",
            Self::String => "STRING",
            Self::IsInt => "IS_INT",
            Self::IsBool => "IS_BOOL",
        }
    }

    /// Calls it with arguments that were cast to the types of its parameters. The texts that it makes are taken from
    /// `budget`; beyond it there is an error and the text is empty.
    pub(crate) fn call<'a>(self, arguments: Vec<Value<'a>>, errors: &mut Errors, budget: &mut Budget) -> Value<'a> {
        let mut made = |text: &str| {
            if budget.take(text.len(), self.name(), errors) {
                Value::String(text.to_owned().into())
            } else {
                Type::String.zero()
            }
        };
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
            Self::Concat => self.join("", &arguments, errors, budget),
            Self::ConcatWs => self.join(text(&arguments, 0), &arguments[1..], errors, budget),
            Self::Lower | Self::Upper => {
                let text = text(&arguments, 0);
                // In another case a text is at most three times as long.
                if !budget.take(text.len(), self.name(), errors) {
                    return Type::String.zero();
                }
                let changed = if self == Self::Lower { text.to_lowercase() } else { text.to_uppercase() };
                Value::String(changed.into())
            }
            Self::Trim => made(text(&arguments, 0).trim()),
            Self::Left | Self::Right => {
                let (text, count) = (text(&arguments, 0), integer(&arguments, 1));
                let Ok(count) = usize::try_from(count) else {
                    let value = made(text);
                    let (function, message) = (self.name(), "the number of characters is negative");
                    errors.add(|| Error::FunctionEvaluation { function, message });
                    return value;
                };
                let skip = if self == Self::Left { 0 } else { text.chars().count().saturating_sub(count) };
                made(part(text, skip, count))
            }
            Self::Substring => match substring(&arguments) {
                Ok(text) => made(text),
                Err(message) => {
                    errors.add(|| Error::FunctionEvaluation { function: "SUBSTRING", message });
                    Value::String(Cow::Borrowed(""))
                }
            },
        }
    }

    /// The texts of `parts` with `delimiter` between them.
    fn join<'a>(self, delimiter: &str, parts: &[Value<'a>], errors: &mut Errors, budget: &mut Budget) -> Value<'a> {
        let parts: Vec<&str> = (0..parts.len()).map(|index| text(parts, index)).collect();
        let between = delimiter.len().saturating_mul(parts.len().saturating_sub(1));
        let length = parts.iter().fold(between, |sum, part| sum.saturating_add(part.len()));
        if budget.take(length, self.name(), errors) {
            Value::String(parts.join(delimiter).into())
        } else {
            Type::String.zero()
        }
    }
}

fn substring<'v>(arguments: &'v [Value<'_>]) -> Result<&'v str, &'static str> {
    let (text, position) = (text(arguments, 0), i64::from(integer(arguments, 1)));
    let length = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
    let count = arguments.get(2).map_or(i64::from(i32::MAX), |_| i64::from(integer(arguments, 2)));
    if position > length || position < -length {
        return Err("the position is outside the text");
    }
    let count = usize::try_from(count).map_err(|_| "the length is negative")?;
    let start = match position {
        0 => return Ok(""),
        1.. => position - 1,
        _ => length + position,
    };
    Ok(part(text, usize::try_from(start).unwrap_or(0), count))
}

/// At most `count` characters of a text after the first `skip`.
fn part(text: &str, skip: usize, count: usize) -> &str {
    let after = |text: &str, characters| text.char_indices().nth(characters).map_or(text.len(), |(at, _)| at);
    let rest = &text[after(text, skip)..];
    &rest[..after(rest, count)]
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
