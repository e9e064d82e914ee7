//! Values of the three types, and casts between them (CESQL 3.1, 3.7).

use std::borrow::Cow;

use crate::Error;

/// A value; text borrows from the event or the expression if possible.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<'a> {
    /// `true` or `false`.
    Boolean(bool),
    /// A 32-bit integer.
    Integer(i32),
    /// Text; also for the CloudEvents types Binary, URI, URI-reference and Timestamp.
    String(Cow<'a, str>),
}

/// A type of value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Type {
    Boolean,
    Integer,
    String,
}

impl Type {
    /// The zero value of the type (CESQL 3.1).
    pub(crate) const fn zero<'a>(self) -> Value<'a> {
        match self {
            Self::Boolean => Value::Boolean(false),
            Self::Integer => Value::Integer(0),
            Self::String => Value::String(Cow::Borrowed("")),
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Boolean => "Boolean",
            Self::Integer => "Integer",
            Self::String => "String",
        }
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::String(Cow::Borrowed(text))
    }
}

impl<'a> Value<'a> {
    pub(crate) const fn kind(&self) -> Type {
        match self {
            Self::Boolean(_) => Type::Boolean,
            Self::Integer(_) => Type::Integer,
            Self::String(_) => Type::String,
        }
    }

    /// Casts according to the table in CESQL 3.7.
    pub(crate) fn cast(self, target: Type) -> Result<Self, Error> {
        if self.kind() == target {
            return Ok(self);
        }
        match target {
            Type::Boolean => self.boolean().map(Value::Boolean),
            Type::Integer => self.integer().map(Value::Integer),
            Type::String => Ok(Value::String(self.string())),
        }
    }

    pub(crate) fn boolean(&self) -> Result<bool, Error> {
        match self {
            Self::Boolean(truth) => Ok(*truth),
            Self::Integer(number) => Ok(*number != 0),
            Self::String(text) if text.eq_ignore_ascii_case("true") => Ok(true),
            Self::String(text) if text.eq_ignore_ascii_case("false") => Ok(false),
            Self::String(text) => Err(cast_error(text, Type::Boolean)),
        }
    }

    pub(crate) fn integer(&self) -> Result<i32, Error> {
        match self {
            Self::Boolean(truth) => Ok(i32::from(*truth)),
            Self::Integer(number) => Ok(*number),
            Self::String(text) => text.parse().map_err(|_| cast_error(text, Type::Integer)),
        }
    }

    pub(crate) fn string(self) -> Cow<'a, str> {
        match self {
            Self::Boolean(true) => Cow::Borrowed("true"),
            Self::Boolean(false) => Cow::Borrowed("false"),
            Self::Integer(number) => Cow::Owned(number.to_string()),
            Self::String(text) => text,
        }
    }
}

/// Most characters of a value that an error repeats.
const MAX_SHOWN: usize = 100;

/// The error of an impossible cast.
pub(crate) fn cast_error(text: &str, target: Type) -> Error {
    Error::Cast { value: text.chars().take(MAX_SHOWN).collect(), target: target.name() }
}
