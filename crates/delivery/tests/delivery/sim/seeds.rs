//! Runs the worlds of many seeds on several threads and shows the progress. Not what a world is, nor what is done with a
//! violation.

use std::{
    io::{IsTerminal, Write},
    sync::{
        atomic::{AtomicU64, Ordering},
        mpsc::{RecvTimeoutError, Sender, channel},
    },
    time::Duration,
};

use model::{Clock, clock::SystemClock};

use super::{parameters::Parameters, trace::Trace, violation, violation::Violation};

/// Which seeds, and how.
#[derive(Debug, Clone, Copy)]
pub struct Seeds {
    /// The first one.
    pub from: u64,
    /// How many.
    pub number: u64,
    /// How many threads; at least 1.
    pub threads: usize,
    /// It stops after this number of violations; at least 1.
    pub violations: usize,
    /// Whether progress is shown.
    pub progress: bool,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Found {
    /// The number of worlds that ran to their end.
    pub worlds: u64,
    /// The number of requests in them.
    pub requests: u64,
    /// Seeds whose world broke a promise, ascending.
    pub violations: Vec<(u64, Violation)>,
}

/// The time between two reports: on a terminal, where one line is written again and again, and elsewhere.
const REPORTS: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(10));

/// Runs them.
pub fn run(seeds: Seeds) -> Found {
    let (next, until) = (AtomicU64::new(seeds.from), seeds.from.saturating_add(seeds.number));
    let mut found = Found::default();
    let mut progress = Progress::new(seeds);
    std::thread::scope(|scope| {
        let (sender, receiver) = channel();
        for _ in 0..seeds.threads {
            let (sender, next) = (sender.clone(), &next);
            scope.spawn(move || work(next, until, &sender));
        }
        drop(sender);
        loop {
            match receiver.recv_timeout(progress.interval) {
                Ok((_, Ok(requests))) => {
                    found.worlds += 1;
                    found.requests += requests;
                }
                Ok((seed, Err(violation))) => {
                    found.violations.push((seed, violation));
                    if found.violations.len() >= seeds.violations {
                        next.store(until, Ordering::Relaxed);
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            progress.report(&found, false);
        }
    });
    progress.report(&found, true);
    found.violations.sort_by_key(|(seed, _)| *seed);
    found
}

/// Runs one seed after the other until none is left.
fn work(next: &AtomicU64, until: u64, results: &Sender<(u64, Result<u64, Violation>)>) {
    loop {
        // A violation sets `next` to the end; threads may pass it by one each.
        let seed = next.fetch_add(1, Ordering::Relaxed);
        if seed >= until || results.send((seed, violation::run(&Parameters::whole(seed), Trace::Off))).is_err() {
            return;
        }
    }
}

/// The line that shows how far it is.
struct Progress {
    clock: SystemClock,
    seeds: Seeds,
    is_terminal: bool,
    interval: Duration,
    started: model::clock::Instant,
    reported: model::clock::Instant,
}

impl Progress {
    fn new(seeds: Seeds) -> Self {
        let (clock, is_terminal) = (SystemClock::default(), std::io::stderr().is_terminal());
        let interval = if is_terminal { REPORTS.0 } else { REPORTS.1 };
        let started = clock.instant();
        Self { clock, seeds, is_terminal, interval, started, reported: started }
    }

    fn report(&mut self, found: &Found, is_last: bool) {
        if !self.seeds.progress {
            return;
        }
        let now = self.clock.instant();
        if !is_last && now.since(self.reported) < self.interval {
            return;
        }
        self.reported = now;
        let line = line(self.seeds, found, now.since(self.started));
        let (start, end) = if self.is_terminal { ("\r", "\x1b[K") } else { ("", "\n") };
        let end = if is_last && self.is_terminal { "\x1b[K\n" } else { end };
        eprint!("{start}{line}{end}");
        // What cannot be shown is no reason to stop.
        let _ = std::io::stderr().flush();
    }
}

fn line(seeds: Seeds, found: &Found, passed: Duration) -> String {
    let done = found.worlds + found.violations.len() as u64;
    let (seconds, violations) = (passed.as_secs_f64(), found.violations.len());
    let rate = done as f64 / seconds.max(0.001);
    let requests = found.requests as f64 / 1e6;
    let left = (seeds.number - done.min(seeds.number)) as f64 / rate.max(0.001);
    format!(
        "{done} of {} seeds, {rate:.0} seeds/s, {requests:.1} million requests, {violations} violations, {seconds:.0} s, {left:.0} s left",
        seeds.number
    )
}

#[test]
fn every_seed_runs_once_and_progress_has_the_rate() {
    let seeds = Seeds { from: 40, number: 6, threads: 3, violations: 1, progress: false };
    let found = run(seeds);
    assert_eq!((found.worlds, found.violations), (6, vec![]));
    let found = Found { worlds: 300, requests: 2_000_000, violations: vec![] };
    assert_eq!(
        line(Seeds { number: 900, ..seeds }, &found, Duration::from_secs(3)),
        "300 of 900 seeds, 100 seeds/s, 2.0 million requests, 0 violations, 3 s, 6 s left"
    );
}
