//! Our record as a record of the Kafka protocol, and back.
//!
//! Keys, headers and values are kept byte for byte. The protocol has names of headers as text, so others are refused.

use bytes::Bytes;
use model::{Position, Timestamp};
use rdkafka::{
    Message,
    message::{BorrowedMessage, Header, Headers, OwnedHeaders},
};

use crate::{
    Error,
    log::{Record, Stored},
};

/// The headers as the client takes them.
///
/// # Errors
/// `Corrupt` when a name is not UTF-8 or holds a NUL, which the client would cut it at.
pub(super) fn headers(record: &Record) -> Result<OwnedHeaders, Error> {
    let mut headers = OwnedHeaders::new_with_capacity(record.headers.len());
    for (name, value) in &record.headers {
        let key = std::str::from_utf8(name).ok().filter(|key| !key.contains('\0'));
        let key = key.ok_or_else(|| Error::Corrupt {
            kind: "record header",
            reason: format!("{:?} is not a name that Kafka takes", String::from_utf8_lossy(name)),
        })?;
        headers = headers.insert(Header { key, value: Some(&value[..]) });
    }
    Ok(headers)
}

/// What was read. A key or a header value that is null reads as an empty one.
pub(super) fn stored(message: &BorrowedMessage<'_>) -> Stored {
    let record = Record {
        key: message.key().map(Bytes::copy_from_slice).unwrap_or_default(),
        headers: read_headers(message),
        value: message.payload().map(Bytes::copy_from_slice),
    };
    let appended = Timestamp::from_millis(message.timestamp().to_millis().unwrap_or_default());
    Stored { position: Position(message.offset() as u64), appended, record }
}

/// The client panics on a name of a header that is not UTF-8, which anybody may write to a topic. Such a record comes
/// without headers, so that it is seen as one that cannot be read, and the partition goes on.
fn read_headers(message: &BorrowedMessage<'_>) -> Vec<(Bytes, Bytes)> {
    let Some(headers) = message.headers() else { return Vec::new() };
    let all = || {
        let owned = |header: Header<'_, &[u8]>| {
            (
                Bytes::copy_from_slice(header.key.as_bytes()),
                header.value.map(Bytes::copy_from_slice).unwrap_or_default(),
            )
        };
        headers.iter().map(owned).collect()
    };
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(all)).unwrap_or_default()
}
