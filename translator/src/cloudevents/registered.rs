//! Types of documented extension attributes, which the receiver of an untyped header derives from the name.
//!
//! Only types with a defined text format are checked; [`model::profile`] checks the other rules of extensions. No value
//! is converted.

use base64::{Engine, engine::general_purpose::STANDARD};
use model::{AttributeName, Timestamp, Value};

use crate::rejection::{Reason, Registered};

/// The attributes whose value does not have the registered type.
pub(crate) fn faults(attributes: &[(AttributeName, Value)]) -> impl Iterator<Item = (&str, Reason)> {
    attributes
        .iter()
        .filter_map(|(name, value)| Some((name.as_str(), Reason::Registered(fault(name.as_str(), value)?))))
}

/// The registered type of attribute `name` if the value does not have it.
fn fault(name: &str, value: &Value) -> Option<Registered> {
    let (kind, holds) = match name {
        "dssematerial" => (Registered::Binary, value.as_text().is_some_and(|text| STANDARD.decode(text).is_ok())),
        "expirytime" | "recordedtime" | "deprecationfrom" | "deprecationsunset" => {
            (Registered::Timestamp, value.as_text().is_some_and(|text| Timestamp::parse_rfc3339(text).is_some()))
        }
        _ => return None,
    };
    (!holds).then_some(kind)
}
