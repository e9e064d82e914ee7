//! What the gateway tells of itself: logs and metrics. Never payloads, tokens or personal data.

pub mod autorisaties;
pub mod consent;
mod describe;
pub mod exporter;
pub mod http;
pub mod ingest;
pub mod logs;
pub mod states;
