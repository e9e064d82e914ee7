//! Section `[audit]`: the audit trail.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where the name of this machine is.
const HOST_NAME: &str = "/proc/sys/kernel/hostname";

/// The audit trail: who did what.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Audit {
    /// How long entries are kept, in days. On Kafka this is a setting of the topic, made when it is created.
    #[schema(minimum = 180)]
    pub retention_days: u32,
    /// Whether every read through an API is recorded, also of lists. Views of payloads, searches by subject and reads of the
    /// trail itself always are.
    pub reads: bool,
    /// The name of this node in entries. Absent: the name of the machine.
    pub node: Option<String>,
}

impl Default for Audit {
    fn default() -> Self {
        Self { retention_days: 730, reads: false, node: None }
    }
}

impl Audit {
    /// How long entries are kept.
    pub fn retention(&self) -> Duration {
        Duration::from_hours(u64::from(self.retention_days) * 24)
    }

    /// The name of this node in entries; empty when the machine has none.
    pub fn node(&self) -> String {
        let of_machine = || std::fs::read_to_string(HOST_NAME).map(|name| name.trim().to_owned()).unwrap_or_default();
        self.node.clone().unwrap_or_else(of_machine)
    }
}

#[cfg(test)]
mod tests {
    use crate::config::parse;

    #[test]
    fn entries_are_kept_for_half_a_year_at_least() {
        for (text, good) in [
            ("", true),
            ("[audit]\nretention_days = 180", true),
            ("[audit]\nretention_days = 179", false),
            ("[audit]\nreads = true\nnode = \"a\"", true),
            ("[audit]\nunknown = 1", false),
        ] {
            assert_eq!(parse(text).is_ok(), good, "{text}");
        }
        assert_eq!(parse("[audit]\nnode = \"gateway-1\"").unwrap().audit.node(), "gateway-1");
    }
}
