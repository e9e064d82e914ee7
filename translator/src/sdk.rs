//! Conversion to and from the `Event` of the CloudEvents SDK for Rust, for programs that use that type too (feature
//! `sdk`).
//!
//! It goes through the JSON format. The SDK's type cannot represent everything: it re-reads JSON payloads (losing white
//! space, key order and large numbers), loses the order of extensions and changes `time` to UTC. So the gateway itself
//! does not use it.

use crate::{Limits, Rejection, Strictness, cloudevents::structured};

/// Why an event of the SDK cannot be converted.
#[derive(Debug, thiserror::Error)]
pub enum SdkError {
    /// The SDK could not write it.
    #[error("the SDK cannot write the event: {0}")]
    Write(#[from] serde_json::Error),
    /// It breaks a rule that the SDK does not check.
    #[error(transparent)]
    Rejected(#[from] Rejection),
}

/// The event as the SDK's type.
///
/// # Errors
/// When the SDK cannot read it, for example a number in the payload beyond a double.
pub fn to_sdk(event: &model::Event) -> Result<::cloudevents::Event, serde_json::Error> {
    serde_json::from_slice(&structured::encode(event))
}

/// The event of the SDK, checked by the rules of CloudEvents core.
///
/// # Errors
/// When the SDK cannot write it, or it violates a rule that the SDK does not check.
pub fn from_sdk(event: &::cloudevents::Event) -> Result<model::Event, SdkError> {
    let written = serde_json::to_vec(event)?;
    Ok(structured::decode(&written.into(), Strictness::Strict, &Limits::default())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> model::Event {
        structured::decode(&bytes::Bytes::copy_from_slice(text.as_bytes()), Strictness::Strict, &Limits::default())
            .expect("a valid event")
    }

    #[test]
    fn an_event_survives_both_ways() {
        for text in [
            r#"{"specversion":"1.0","id":"1","source":"/s","type":"t"}"#,
            r#"{"specversion":"1.0","id":"1","source":"urn:x:y","type":"t","subject":"9","time":"2025-01-01T12:00:00Z","datacontenttype":"application/json","n":5,"b":true,"data":{"a":[1,2]}}"#,
            r#"{"specversion":"1.0","id":"1","source":"/s","type":"t","datacontenttype":"image/png","data_base64":"AP8="}"#,
        ] {
            let event = read(text);
            let sdk = to_sdk(&event).expect("the SDK reads it");
            let back = from_sdk(&sdk).expect("a valid event");
            assert_eq!(back.data(), event.data(), "{text}");
            for (name, value) in event.attributes() {
                assert_eq!(back.attribute(name.as_str()), Some(value), "{name} of {text}");
            }
            assert_eq!(back.attributes().len(), event.attributes().len(), "{text}");
        }
    }

    #[test]
    fn what_the_sdk_takes_and_the_standard_refuses_is_refused() {
        let text = r#"{"specversion":"1.0","id":"","source":"/s","type":"t"}"#;
        let sdk: ::cloudevents::Event = serde_json::from_str(text).expect("the SDK takes an empty id");
        assert!(matches!(from_sdk(&sdk), Err(SdkError::Rejected(_))));
    }

    #[test]
    fn what_the_sdk_cannot_hold_is_an_error() {
        let event = read(r#"{"specversion":"1.0","id":"1","source":"/s","type":"t","data":1E400}"#);
        assert!(to_sdk(&event).is_err());
    }
}
