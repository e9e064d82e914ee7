//! The CloudEvent of an item, as a publisher would post it in structured mode.

use bytes::Bytes;
use model::Timestamp;
use serde_json::{Value, json};
use storage::feeds::{ItemDigest, Seen};

use crate::{compare::event_id, item::Item, settings::Feed};

/// The longest key that becomes the `subject`, in bytes.
const MAX_SUBJECT: usize = 512;

/// The event of an item (CH-103, CH-105): the item is the data, its key the `subject`, and its publication the `time`.
pub fn event(feed: &Feed, item: &Item, key: &ItemDigest, seen: &Seen) -> Value {
    let mut event = json!({
        "specversion": "1.0",
        "id": event_id(feed, key, seen),
        "source": feed.source,
        "type": feed.kind,
        "datacontenttype": "application/json",
        "data": item.to_json(),
    });
    let is_value = |text: &&str| text.len() <= MAX_SUBJECT && !text.chars().any(char::is_control);
    if let Some(subject) = feed.key.of(item).filter(is_value) {
        event["subject"] = json!(subject);
    }
    let published = item.published.as_deref().or(item.updated.as_deref()).and_then(Timestamp::parse_rfc3339);
    if let Some(time) = published {
        event["time"] = json!(time.to_rfc3339());
    }
    event
}

/// The body of a request that would publish it.
pub(crate) fn body(event: &Value) -> Bytes {
    Bytes::from(event.to_string())
}
