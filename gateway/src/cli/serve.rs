//! `gateway serve`.

use std::{process::ExitCode, time::Duration};

use tokio::signal::unix::{SignalKind, signal};

use super::{Failure, Settings};
use crate::{app, telemetry::logs};

/// How long threads may take to end after everything was stopped in order.
const LEAVE: Duration = Duration::from_secs(2);

/// Runs until SIGTERM or SIGINT, then stops in order.
pub fn run(settings: &Settings) -> Result<ExitCode, Failure> {
    let config = settings.load().map_err(|error| settings.said(&error))?;
    logs::start(&config.log)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let served = runtime.block_on(async {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        // Without TLS nothing else listens to it, and unheard it would end the process.
        let _hang_ups = signal(SignalKind::hangup())?;
        for advice in config.advice() {
            tracing::warn!("{}", advice.text);
        }
        let running = app::start(config).await?;
        tracing::info!(address = %running.address, "listening");
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping");
        running.stop().await;
        tracing::info!("stopped");
        Ok(ExitCode::SUCCESS)
    });
    // Nothing is lost with what still runs: it was stored, or is not going to be now.
    runtime.shutdown_timeout(LEAVE);
    served
}
