//! An accepted event as a record of the log: the CloudEvents Kafka binding in binary mode, on every adapter
//! (requirements CE-KAFKA-03..25).
//!
//! Attributes are headers `ce_<name>` with their canonical text, and the value is the payload byte for byte. What the
//! binding cannot represent is in headers outside `ce_`:
//!
//! | header | value |
//! |---|---|
//! | `gw_v` | kind and version of the record, `event/1`; absent on records of other producers |
//! | `gw_born` | `notificatie`, if it was published as one |
//! | `gw_types` | attributes that are not text, `name:i` (Integer) or `name:b` (Boolean), separated by commas |
//! | `gw_implied` | `json`, when `content-type` applies to data without `datacontenttype` |
//! | `gw_data` | `json`, `text` or `binary`, when the content type implies another form |
//! | `gw_received` | when the gateway received it, microseconds since 1970 |
//! | `gw_publisher` | `client_id` of the publisher |
//! | `gw_via` | ids of the gateways that it passed before, oldest first, separated by commas; see [`via_header`] |

mod decode;
mod encode;

use bytes::Bytes;

pub use decode::{Unreadable, decode};
pub use encode::encode;

/// The version of the form that [`encode`] writes, and the newest that [`decode`] reads.
pub const VERSION: u32 = 1;

const VERSION_HEADER: &str = "gw_v";
const BORN: &str = "gw_born";
const TYPES: &str = "gw_types";
const IMPLIED: &str = "gw_implied";
const DATA: &str = "gw_data";
const RECEIVED: &str = "gw_received";
const PUBLISHER: &str = "gw_publisher";
const VIA: &str = "gw_via";
const CONTENT_TYPE: &str = "content-type";

/// The parts of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordParts {
    /// Records with equal keys keep their order (MAP-14).
    pub key: Bytes,
    /// Names and values, in order.
    pub headers: Vec<(Bytes, Bytes)>,
    /// The payload; `None` when the event has none (CE-KAFKA-09).
    pub value: Option<Bytes>,
}

/// The header that keeps which gateways an event passed; added to a record after [`encode`], and ignored by [`decode`] and by
/// programs that do not know it.
pub fn via_header(gateways: &str) -> (Bytes, Bytes) {
    (Bytes::from_static(VIA.as_bytes()), Bytes::copy_from_slice(gateways.as_bytes()))
}

/// Which gateways the event of a record passed: a list separated by commas, oldest first.
pub fn via(headers: &[(Bytes, Bytes)]) -> Option<&str> {
    let (_, value) = headers.iter().find(|(name, _)| name.as_ref() == VIA.as_bytes())?;
    std::str::from_utf8(value).ok()
}
