//! Converts [`Record`] to and from records of the Kafka protocol.
//!
//! Keys, headers and values keep their bytes. Header names are text in the protocol, so other names are refused.

use bytes::Bytes;
use model::{Position, Timestamp};
use rdkafka::{
    Message,
    message::{BorrowedMessage, Header, Headers, OwnedHeaders},
};

use crate::{
    Error,
    codec::record_bytes,
    log::{Record, Stored},
};

/// The headers of a record that has at most `limit` bytes.
///
/// # Errors
/// `TooLarge` for a larger record; `Corrupt` if a header name is not UTF-8 or contains NUL, at which the client would
/// cut it.
pub(super) fn headers(record: &Record, limit: usize) -> Result<OwnedHeaders, Error> {
    let bytes = record_bytes(record);
    if bytes > limit {
        return Err(Error::TooLarge { bytes, limit });
    }
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

/// The record of a message. A null key or header value becomes an empty one. All parts share one allocation: many
/// records are kept in memory, and an allocation per part would double their size.
pub(super) fn from_message(message: &BorrowedMessage<'_>) -> Stored {
    let (key, value) = (message.key().unwrap_or_default(), message.payload());
    let headers = read_headers(message);
    let parts = || headers.iter().flat_map(|(name, value)| [*name, *value]);
    let length = key.len() + value.map_or(0, <[u8]>::len) + parts().map(<[u8]>::len).sum::<usize>();
    let mut whole = Vec::with_capacity(length);
    whole.extend_from_slice(key);
    parts().for_each(|part| whole.extend_from_slice(part));
    whole.extend_from_slice(value.unwrap_or_default());
    let mut whole = Bytes::from(whole);
    let mut next = |length: usize| whole.split_to(length);
    let record = Record {
        key: next(key.len()),
        headers: headers.iter().map(|(name, value)| (next(name.len()), next(value.len()))).collect(),
        value: value.map(|value| next(value.len())),
    };
    let appended = Timestamp::from_millis(message.timestamp().to_millis().unwrap_or_default());
    Stored { position: Position(message.offset() as u64), appended, record }
}

/// The approximate size of a record in memory, in bytes.
pub(super) fn memory_bytes(record: &Record) -> usize {
    record_bytes(record) + size_of::<Stored>() + record.headers.len() * size_of::<(Bytes, Bytes)>()
}

/// The headers of a message. The client panics on a header name that is not UTF-8, which any producer may write. Such a
/// record is returned without headers: it then fails as unreadable, and the partition is not blocked.
fn read_headers<'a>(message: &'a BorrowedMessage<'_>) -> Vec<(&'a [u8], &'a [u8])> {
    let Some(headers) = message.headers() else { return Vec::new() };
    let all = || {
        let borrowed = |header: Header<'a, &'a [u8]>| (header.key.as_bytes(), header.value.unwrap_or_default());
        headers.iter().map(borrowed).collect()
    };
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(all)).unwrap_or_default()
}
