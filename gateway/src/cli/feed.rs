//! `gateway feed NAME`: tries a configured feed out. It asks for it once and prints the events that a first poll would publish, without
//! storing or publishing anything; also while the gateway runs (CH-109).

use std::{
    process::ExitCode,
    time::{Duration, SystemTime},
};

use model::{Clock, clock::SystemClock};

use super::{Failure, Settings};
use crate::{cli::output::outln, feeds, start};

/// Prints an event a line, oldest first.
pub(super) fn run(settings: &Settings, name: &str) -> Result<ExitCode, Failure> {
    let config = settings.load()?;
    let found = feeds::settings(&config).into_iter().find(|feed| feed.name == name);
    let feed = found.ok_or_else(|| format!("there is no [[feed]] {name}"))?;
    let egress = start::egress(&config)?;
    let micros = SystemClock::default().now().as_micros().unsigned_abs();
    let now = SystemTime::UNIX_EPOCH + Duration::from_micros(micros);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let events = runtime.block_on(::feeds::dry_run(&egress, &feed, now));
    for event in events.map_err(|reason| format!("feed {name}: {reason}"))? {
        outln!("{event}");
    }
    Ok(ExitCode::SUCCESS)
}
