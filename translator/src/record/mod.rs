//! An accepted event as a record of the log: the CloudEvents Kafka binding in binary mode, on every adapter
//! (requirements CE-KAFKA-03..25).
//!
//! Attributes are headers `ce_<name>` with their canonical text, the payload is the value byte for byte. What the
//! binding cannot hold stands in headers outside `ce_`:
//!
//! | header | value |
//! |---|---|
//! | `gw_v` | kind and version of the record, `event/1`; absent on records that others wrote |
//! | `gw_born` | `notificatie`, when it was posted as one |
//! | `gw_types` | attributes that are not text, `name:i` (Integer) or `name:b` (Boolean), parted by commas |
//! | `gw_implied` | `json`, when `content-type` stands for data without `datacontenttype` |
//! | `gw_data` | `json`, `text` or `binary`, when the content type implies another form |
//! | `gw_received` | when the gateway took it in, microseconds since 1970 |
//! | `gw_publisher` | `client_id` of who posted it |

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
