//! Numbers: exact while they are whole and fit 64 bits, as JSON has no other kinds.

use std::cmp::Ordering;

use serde_json::{Number, Value};

#[derive(Debug, Clone, Copy)]
pub(super) enum Num {
    Whole(i64),
    Real(f64),
}

impl Num {
    pub fn of(number: &Number) -> Self {
        number.as_i64().map_or_else(|| Self::Real(number.as_f64().unwrap_or(f64::NAN)), Self::Whole)
    }

    pub fn real(self) -> f64 {
        match self {
            Self::Whole(number) => number as f64,
            Self::Real(number) => number,
        }
    }

    pub fn order(self, other: Self) -> Ordering {
        match (self, other) {
            (Self::Whole(own), Self::Whole(other)) => own.cmp(&other),
            // No number of JSON is without an order.
            _ => self.real().partial_cmp(&other.real()).unwrap_or(Ordering::Equal),
        }
    }

    pub fn plus(self, other: Self) -> Self {
        match (self, other) {
            (Self::Whole(own), Self::Whole(other)) => own.checked_add(other).map(Self::Whole),
            _ => None,
        }
        .unwrap_or_else(|| Self::Real(self.real() + other.real()))
    }

    pub fn absolute(self) -> Self {
        match self {
            Self::Whole(number) => number.checked_abs().map_or_else(|| Self::Real(self.real().abs()), Self::Whole),
            Self::Real(number) => Self::Real(number.abs()),
        }
    }

    /// A whole number by this rounding.
    pub fn rounded(self, round: impl Fn(f64) -> f64) -> Self {
        let Self::Real(number) = self else { return self };
        let rounded = round(number);
        // Beyond these bounds a float is no exact i64.
        if rounded.abs() < 9e15 { Self::Whole(rounded as i64) } else { Self::Real(rounded) }
    }

    /// The value; `None` when it is beyond what JSON has.
    pub fn value(self) -> Option<Value> {
        match self {
            Self::Whole(number) => Some(number.into()),
            Self::Real(number) => Number::from_f64(number).map(Value::Number),
        }
    }
}
