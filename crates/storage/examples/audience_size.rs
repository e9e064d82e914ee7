//! How large `audience.db` is, and how long it takes to fill, open, walk, count and erase.
//!
//! `cargo run --release -p storage --features sqlite,suite --example audience_size [ROWS [DIRECTORY]]`: confirmed addressees of one
//! kanaal, each with an address of its own and one attribute, in random order; 1,000,000 by default.

use std::{path::Path, sync::Arc};

use model::{
    Clock,
    addressee::{Channel, StateKind},
    clock::SystemClock,
};
use storage::{
    Audience,
    audience::{Put, Walk},
    sqlite::{Embedded, Options},
    suite::{
        audience::{addressee, digest},
        sample,
    },
};

/// Addressees in one write.
const BATCH: u128 = 5_000;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let rows = arguments.next().and_then(|rows| rows.parse().ok()).unwrap_or(1_000_000);
    let base = arguments.next().unwrap_or_else(|| ".".into());
    let dir = Path::new(&base).join("audience-size");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(measure(&dir, rows));
    std::fs::remove_dir_all(dir).expect("removed");
}

async fn measure(dir: &Path, rows: u128) {
    let clock = Arc::new(SystemClock::default());
    let mut options = Options::new(clock.clone());
    options.deadline = std::time::Duration::from_mins(5);
    let mut since = clock.now();
    let mut lap = |what: &str| {
        let now = clock.now();
        println!("{what}: {:.2} s; resident {} MiB at most", now.since(since).as_secs_f64(), peak_mib());
        since = clock.now();
    };
    let open = || Embedded::open(dir, options.clone()).expect("the store opens").open_audience(&options);
    let audience = open().expect("the audience opens");
    lap("create");
    for first in (0..rows).step_by(BATCH as usize) {
        let puts = (first..rows.min(first + BATCH)).map(|number| Put::new(addressee(number, "weg")));
        audience.put(puts.collect()).await.expect("stored");
    }
    lap(&format!("store {rows} in batches of {BATCH}"));
    drop(audience);
    lap("close");
    let bytes = std::fs::metadata(dir.join("audience.db")).expect("a file").len();
    println!("file: {:.1} MiB, {} bytes each", bytes as f64 / f64::from(1 << 20), u128::from(bytes) / rows);
    let audience = open().expect("the audience opens");
    lap("open");
    for (state, filters) in [(Some(StateKind::Confirmed), None), (Some(StateKind::Confirmed), Some(Vec::new()))] {
        let what = if filters.is_some() { "walk past all, by a filter" } else { "walk all by 1,000" };
        let mut walk =
            Walk { kanaal: sample::name("weg"), channel: Channel::Email, after: None, state, filters, limit: 1_000 };
        let mut found = 0;
        loop {
            let chunk = audience.walk(walk.clone()).await.expect("a chunk");
            found += chunk.addressees.len();
            walk.after = chunk.next;
            if walk.after.is_none() {
                break;
            }
        }
        lap(&format!("{what}: {found} found"));
    }
    audience.counts(None).await.expect("counts");
    lap("counts");
    audience.erase(digest(rows / 2), clock.now()).await.expect("erased");
    lap("erase one");
}

/// The most memory that this process had resident, in MiB.
fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).map_or(0, |kib| kib >> 10)
}
