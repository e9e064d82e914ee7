//! The three forms of a payload, and which of them a media type implies.

use bytes::Bytes;
use model::{Data, media_type::MediaType};

/// How the JSON event format holds a payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Json,
    Text,
    Binary,
}

impl Form {
    /// The form that a media type implies; bytes without a media type.
    pub fn of_type(media_type: Option<&MediaType<'_>>) -> Self {
        match media_type {
            Some(json) if json.is_json() => Self::Json,
            Some(text) if text.is_textual() && text.is_utf8() => Self::Text,
            _ => Self::Binary,
        }
    }

    /// The form of a payload.
    pub fn of(data: &Data) -> Self {
        match data {
            Data::Json(_) => Self::Json,
            Data::Text(_) => Self::Text,
            Data::Binary(_) => Self::Binary,
        }
    }

    /// A payload of this form.
    pub fn data(self, bytes: Bytes) -> Data {
        match self {
            Self::Json => Data::Json(bytes),
            Self::Text => Data::Text(bytes),
            Self::Binary => Data::Binary(bytes),
        }
    }
}
