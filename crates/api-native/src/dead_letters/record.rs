//! An unreadable record in JSON: only the names of headers are shown as text, all else in base64.

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use management::journal::Record;
use serde::Serialize;
use utoipa::ToSchema;

/// The start of a record.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UnreadableRecord)]
pub struct RecordView {
    /// Its key, in base64.
    pub key: String,
    /// Its headers, in order.
    pub headers: Vec<HeaderView>,
    /// Its value, in base64; null when it has none.
    pub value: Option<String>,
}

/// A header of a record.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UnreadableHeader)]
pub struct HeaderView {
    /// Its name; what is not UTF-8 in it is replaced.
    pub name: String,
    /// Its value, in base64.
    pub value: String,
}

impl RecordView {
    /// Shows a record.
    pub fn new(record: &Record) -> Self {
        let header = |(name, value): &(Bytes, Bytes)| HeaderView {
            name: String::from_utf8_lossy(name).into_owned(),
            value: STANDARD.encode(value),
        };
        Self {
            key: STANDARD.encode(&record.key),
            headers: record.headers.iter().map(header).collect(),
            value: record.value.as_ref().map(|value| STANDARD.encode(value)),
        }
    }
}
