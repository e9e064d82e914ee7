//! Logs and metrics. They never hold payloads, tokens or personal data.

pub mod autorisaties;
pub mod connections;
mod describe;
pub mod exporter;
pub mod log_queue;
pub mod logs;
pub mod people;
pub mod process;
pub mod samples;
mod series;
pub mod states;
mod text;
