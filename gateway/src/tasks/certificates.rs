//! Reads the PEM files of `[egress]` again when one of them changes, and on SIGHUP; files that cannot be used change
//! nothing. The certificate of the listener is followed by the listener.

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, SystemTime},
};

use egress::Egress;
use tokio::signal::unix::{SignalKind, signal};

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(10);

/// Follows the files for ever; ends at once when there are none.
pub async fn follow(egress: Arc<Egress>) {
    let files: Vec<PathBuf> = egress.files().map(PathBuf::from).collect();
    if files.is_empty() {
        return;
    }
    let mut seen = moments(&files);
    let mut ticks = tokio::time::interval(LOOK);
    let mut hangups = signal(SignalKind::hangup()).ok();
    loop {
        let asked = tokio::select! {
            _ = ticks.tick() => false,
            Some(()) = async { hangups.as_mut()?.recv().await } => true,
        };
        let now = moments(&files);
        if asked || now != seen {
            seen = now;
            reload(&egress);
        }
    }
}

fn reload(egress: &Egress) {
    match egress.reload() {
        Ok(()) => tracing::info!("certificates of egress read"),
        Err(error) => tracing::error!(%error, "certificates of egress not changed"),
    }
}

fn moments(files: &[PathBuf]) -> Vec<Option<SystemTime>> {
    files.iter().map(|path| std::fs::metadata(path).and_then(|metadata| metadata.modified()).ok()).collect()
}
