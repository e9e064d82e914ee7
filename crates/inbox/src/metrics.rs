//! The metrics of the inbox. Labels are kanalen and kinds, never people (I10).

use model::{KanaalName, inbox::Change};

/// Events that became messages, by `kanaal` and `kind`: `broadcast`, `person`, or `nobody` for those that name nobody and became none.
pub const MESSAGES: &str = "gateway_people_inbox_messages_total";
/// Changes of state by people, by `change`.
pub const CHANGES: &str = "gateway_people_inbox_changes_total";
/// Streams that are open.
pub const STREAMS: &str = "gateway_people_inbox_streams";

pub(crate) fn count_message(kanaal: &KanaalName, kind: &'static str) {
    metrics::counter!(MESSAGES, "kanaal" => kanaal.to_string(), "kind" => kind).increment(1);
}

pub(crate) fn count_change(change: Change) {
    let change = match change {
        Change::Read => "read",
        Change::Unread => "unread",
        Change::Delete => "delete",
        Change::Restore => "restore",
    };
    metrics::counter!(CHANGES, "change" => change).increment(1);
}

pub(crate) fn set_streams(count: usize) {
    metrics::gauge!(STREAMS).set(count as f64);
}
