//! `gateway serve`.

use std::{process::ExitCode, time::Duration};

use clap::Args;
use model::{Clock, clock::SystemClock};
use tokio::signal::unix::{SignalKind, signal};

use super::{Failure, Settings};
use crate::{start, telemetry::logs};

/// How long threads may take to end after the gateway has stopped.
const LEAVE: Duration = Duration::from_secs(2);

/// What a node goes on without. With Kafka.
#[derive(Debug, Args)]
pub struct OnPurpose {
    /// Begin without kanalen, subscriptions and clients, although the topic that held them was lost. With Kafka.
    #[arg(long)]
    new_control: bool,
    /// Go on with topics that were made on another cluster: these brokers hold a copy of them. With Kafka.
    #[arg(long)]
    new_cluster: bool,
}

/// Runs until SIGTERM or SIGINT, then stops in order.
pub fn run(settings: &Settings, on_purpose: &OnPurpose) -> Result<ExitCode, Failure> {
    let mut config = settings.load().map_err(|error| settings.describe_error(&error))?;
    if let Some(kafka) = &mut config.kafka {
        (kafka.new_control, kafka.new_cluster) = (on_purpose.new_control, on_purpose.new_cluster);
    }
    let _flush = logs::start(&config.log)?;
    raise_open_files();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let served = runtime.block_on(async {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        // Without a handler SIGHUP ends the process, and without TLS nothing else handles it.
        let _hang_ups = signal(SignalKind::hangup())?;
        for advice in config.advice(SystemClock::default().now()) {
            tracing::warn!("{advice}");
        }
        let running = Box::pin(start::start(config)).await?;
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
    // Tasks that still run hold nothing that was accepted and not stored.
    runtime.shutdown_timeout(LEAVE);
    served
}

/// Lets the process open as many files as the system allows: services often start with far fewer.
fn raise_open_files() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }) {
        tracing::warn!(%error, "the limit of open files was not raised");
    }
}
