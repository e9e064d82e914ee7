//! Types of documented extension attributes, which the receiver of an untyped header knows only by name.
//!
//! Only those whose text has a form are checked here; what else extensions ask of their attributes is a matter of
//! [`model::profile`]. No value is ever converted.

use base64::{Engine, engine::general_purpose::STANDARD};
use model::{AttributeName, Timestamp, Value};

use crate::rejection::{Reason, Registered};

/// Attributes whose value is not of their registered type.
pub(crate) fn faults(attributes: &[(AttributeName, Value)]) -> impl Iterator<Item = (&str, Reason)> {
    attributes
        .iter()
        .filter_map(|(name, value)| Some((name.as_str(), Reason::Registered(fault(name.as_str(), value)?))))
}

/// What the value of attribute `name` must be and is not.
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
