//! The content mode of a message, determined by its Content-Type alone (CE HTTP binding, section 3).

use model::media_type::MediaType;

/// The content mode of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// One event in JSON format.
    Structured,
    /// A JSON array of events.
    Batch,
    /// Attributes in headers, the payload as body.
    Binary,
}

/// Why a message with this Content-Type cannot be read; answered with 415.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MediaTypeError {
    /// A CloudEvents media type of another event format than JSON, or of none (CE-HTTP-05, CE-HTTP-06).
    #[error("{0} is not supported: use application/cloudevents+json or application/cloudevents-batch+json")]
    Format(String),
    /// A charset other than UTF-8 (CE-HTTP-36).
    #[error("{0} is not supported: JSON event formats are UTF-8")]
    Charset(String),
}

/// The content mode for `content_type`; media types are case-insensitive (CE-HTTP-40) and unknown parameters are
/// ignored (CE-HTTP-37).
pub fn mode(content_type: Option<&str>) -> Result<Mode, MediaTypeError> {
    const PREFIX: &str = "application/cloudevents";
    let Some(text) = content_type.map(|text| text.trim_matches([' ', '\t'])) else {
        return Ok(Mode::Binary);
    };
    // Includes invalid media types with the prefix: they are not meant as a payload.
    if !text.get(..PREFIX.len()).is_some_and(|start| start.eq_ignore_ascii_case(PREFIX)) {
        return Ok(Mode::Binary);
    }
    let unsupported = || MediaTypeError::Format(text.to_owned());
    let media_type = MediaType::parse(text).ok_or_else(unsupported)?;
    let mode = if media_type.is("application", "cloudevents-batch+json") {
        Mode::Batch
    } else if media_type.is("application", "cloudevents+json") {
        Mode::Structured
    } else {
        return Err(unsupported());
    };
    if media_type.is_utf8() { Ok(mode) } else { Err(MediaTypeError::Charset(text.to_owned())) }
}
