//! Logs on standard error, as text or JSON lines, through a queue that never blocks the program.

use tracing_subscriber::{EnvFilter, util::SubscriberInitExt};

use super::log_queue::{Flush, LogQueue};
use crate::config::{Log, LogFormat};

/// Why logging cannot start.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The level cannot be read.
    #[error("log.level: {0}")]
    Level(#[from] tracing_subscriber::filter::ParseError),
    /// Standard error cannot be written to.
    #[error("standard error: {0}")]
    Output(#[from] std::io::Error),
}

/// Starts logging, panics included; does nothing when the process logs already. The last lines are written when the result is
/// dropped.
pub fn start(log: &Log) -> Result<Flush, LogError> {
    let filter = EnvFilter::try_new(&log.level)?;
    let (queue, flush) = LogQueue::start()?;
    // What cannot be logged is counted by the queue; a message about it would go to the same place.
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(queue).log_internal_errors(false);
    let started = match log.format {
        LogFormat::Text => builder.with_ansi(false).finish().try_init(),
        LogFormat::Json => builder.json().flatten_event(true).finish().try_init(),
    };
    // A process that logs already (a test, a demo) goes on as it was.
    if started.is_ok() {
        std::panic::set_hook(Box::new(|panic| {
            let at = panic.location().map(tracing::field::display);
            tracing::error!(at, message = panic.payload_as_str().unwrap_or_default(), "a task panicked");
        }));
    }
    Ok(flush)
}
