//! Types of documented extension attributes, which the receiver of an untyped header knows only by name.
//!
//! Binary and Timestamp texts are checked always, the typed ones of Boolean and Integer in strict mode only;
//! no value is ever converted.

use base64::{Engine, engine::general_purpose::STANDARD};
use model::{Event, Timestamp, Value};

use crate::{
    Strictness,
    rejection::{Reason, Registered},
};

/// The first attribute whose value is not of its registered type, if any.
pub(crate) fn check(event: &Event, strictness: Strictness) -> Option<(&str, Reason)> {
    event.attributes().iter().find_map(|(name, value)| {
        let fault = fault(name.as_str(), value, strictness == Strictness::Strict)?;
        Some((name.as_str(), Reason::Registered(fault)))
    })
}

/// What the value of attribute `name` must be and is not.
fn fault(name: &str, value: &Value, strict: bool) -> Option<Registered> {
    let (kind, holds) = match name {
        "dssematerial" => (Registered::Binary, value.as_text().is_some_and(|text| STANDARD.decode(text).is_ok())),
        "expirytime" | "recordedtime" => {
            (Registered::Timestamp, value.as_text().is_some_and(|text| Timestamp::parse_rfc3339(text).is_some()))
        }
        "deprecated" if strict => (Registered::True, value.canonical() == "true"),
        "sampledrate" if strict => (Registered::Positive, integer(value).is_some_and(|number| number > 0)),
        "severitynumber" if strict => (Registered::NotNegative, integer(value).is_some_and(|number| number >= 0)),
        _ => return None,
    };
    (!holds).then_some(kind)
}

fn integer(value: &Value) -> Option<i32> {
    match value {
        Value::Integer(number) => Some(*number),
        Value::Text(text) => text.parse().ok(),
        Value::Boolean(_) => None,
    }
}
