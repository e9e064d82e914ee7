//! What the gateway tells of itself: logs and metrics. Never payloads, tokens or personal data.

pub mod http;
