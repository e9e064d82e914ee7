//! What the subscriber of the demonstration checks of a delivery, as a subscriber should: a format that it knows, and in it
//! an event with the required attributes or a notificatie.

use http::{HeaderMap, StatusCode, header};
use serde_json::Value;

const REQUIRED: [&str; 4] = ["specversion", "id", "source", "type"];

/// 204, or the status that names the fault.
pub fn examine(headers: &HeaderMap, body: &[u8]) -> StatusCode {
    let json = || serde_json::from_slice::<Value>(body).ok();
    let accepted = if headers.contains_key("ce-specversion") {
        REQUIRED.iter().all(|name| headers.contains_key(format!("ce-{name}")))
    } else {
        let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        match kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
            "application/cloudevents+json" => json().is_some_and(|event| is_event(&event)),
            "application/cloudevents-batch+json" => {
                json().is_some_and(|batch| batch.as_array().is_some_and(|events| events.iter().all(is_event)))
            }
            "application/json" => json().is_some_and(|notificatie| notificatie.is_object()),
            _ => return StatusCode::UNSUPPORTED_MEDIA_TYPE,
        }
    };
    if accepted { StatusCode::NO_CONTENT } else { StatusCode::BAD_REQUEST }
}

fn is_event(event: &Value) -> bool {
    REQUIRED.iter().all(|name| event[name].as_str().is_some_and(|value| !value.is_empty()))
}
