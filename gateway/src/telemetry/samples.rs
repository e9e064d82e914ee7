//! Metrics that take storage or every shard to find out: dead letters that wait, room on the disk, and the subscriptions
//! that are furthest behind. A task looks every 10 seconds, so that requests for metrics cost nothing. They are kept as
//! text: a recorder would keep a series for every subscription that was ever far behind.

use std::{
    fmt::Write,
    path::PathBuf,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use storage::journal::DeadLetterQuery;

use super::{people, text::header};
use crate::{app::App, config::Role};

/// Dead letters that wait; on nodes with the role beheer.
pub const DEAD_LETTERS: &str = "gateway_dead_letters";
/// Bytes that the gateway may still write on the disk of the data directory.
pub const DISK_FREE: &str = "gateway_data_disk_free_bytes";
/// Size of that disk.
pub const DISK_SIZE: &str = "gateway_data_disk_size_bytes";
/// The lag of the subscriptions that are furthest behind, by `subscription`.
pub const WORST_LAG: &str = "gateway_subscription_lag_events";

/// Names and descriptions of these gauges.
pub const METRICS: [(&str, &str); 9] = [
    (DEAD_LETTERS, "Dead letters that wait for a redrive or their deletion; on nodes with the role beheer."),
    (DISK_FREE, "Bytes that may still be written on the disk of the data directory."),
    (DISK_SIZE, "Size of the disk of the data directory, in bytes."),
    (WORST_LAG, "Events that a subscription is behind; of the ten of this node that are furthest behind."),
    (people::ADDRESSEES, "Addressees of light subscriptions, by kanaal, channel and state."),
    (people::OUTBOX, "Messages that are due to people and not sent, by state: waiting or given_up."),
    (people::OLDEST, "Seconds since the oldest message that waits became due; 0 when there is none."),
    (people::RELAY_FAILING, "Whether the provider of mails fails: 1 or 0; absent without one."),
    (people::SMS_FAILING, "Whether the provider of text messages fails: 1 or 0; absent without [sms]."),
];

/// How often they are looked up.
const INTERVAL: Duration = Duration::from_secs(10);
/// Subscriptions with a label of their own.
const WORST: usize = 10;

/// The lines of these metrics, as they were found last.
#[derive(Debug, Default)]
pub struct Samples(Mutex<String>);

impl Samples {
    /// The lines; none before the first look.
    pub fn render(&self) -> String {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Looks every 10 seconds, until it is dropped.
pub async fn follow(app: App) {
    let mut ticks = tokio::time::interval(INTERVAL);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let [free, size] = disk(app.config.data.clone()).await;
        let worst = app.engine.worst_lags(WORST).await;
        let worst = worst.into_iter().map(|(id, lag)| (format!("{{subscription=\"{id}\"}}"), lag)).collect();
        let [addressees, outbox, oldest, relay, sms] = people::series(&app).await;
        let dead_letters = unlabelled(dead_letters(&app).await);
        let [free, size] = [free, size].map(unlabelled);
        let text = text([dead_letters, free, size, worst, addressees, outbox, oldest, relay, sms]);
        *app.samples.0.lock().unwrap_or_else(PoisonError::into_inner) = text;
    }
}

/// The samples of a metric: labels and value.
pub(super) type Series = Vec<(String, u64)>;

fn unlabelled(value: Option<u64>) -> Series {
    value.map(|value| (String::new(), value)).into_iter().collect()
}

/// A metric without samples is left out.
fn text(series: [Series; METRICS.len()]) -> String {
    let mut text = String::new();
    for ((name, help), samples) in METRICS.into_iter().zip(series) {
        if !samples.is_empty() {
            header(&mut text, name, "gauge", help);
        }
        for (labels, value) in samples {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{name}{labels} {value}");
        }
    }
    text
}

async fn dead_letters(app: &App) -> Option<u64> {
    if !app.config.has(Role::Beheer) {
        return None;
    }
    let counted = app.journal.count_dead_letters(DeadLetterQuery::default()).await;
    counted.inspect_err(|error| tracing::debug!(%error, "dead letters cannot be counted now")).ok()
}

/// Free bytes and size of the disk, without the share that only root may write. Asking may wait for a disk of the network.
pub async fn disk(data: PathBuf) -> [Option<u64>; 2] {
    let asked = tokio::task::spawn_blocking(move || rustix::fs::statvfs(&data)).await;
    let Ok(Ok(found)) = asked else { return [None; 2] };
    [found.f_bavail, found.f_blocks].map(|blocks| Some(blocks.saturating_mul(found.f_frsize)))
}
