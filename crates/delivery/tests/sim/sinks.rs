//! Sinks of paper: how they answer, and how that changes.

use std::time::Duration;

use delivery::Reply;
use model::{Random, clock::SeededRandom};

/// A number below `bound`.
pub fn below(random: &SeededRandom, bound: u64) -> u64 {
    random.bits() % bound
}

/// Whether something with a probability of `percent` in a hundred happens.
pub fn chance(random: &SeededRandom, percent: u64) -> bool {
    below(random, 100) < percent
}

/// How a sink behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// Takes everything, after some milliseconds.
    Well,
    /// Does not answer until the request times out.
    Hangs,
    /// Refuses connections.
    Unreachable,
    /// 503 without `Retry-After`.
    Unavailable,
    /// 500 to everything.
    Broken,
    /// 500 to some requests.
    Flaky,
    /// 429 with `Retry-After` to some requests.
    Busy,
    /// 400 to some events, always the same.
    Picky,
    /// 415 to everything but structured events.
    OldFashioned,
    /// 410.
    Gone,
}

const MOODS: [Mood; 9] = [
    Mood::Well,
    Mood::Hangs,
    Mood::Unreachable,
    Mood::Unavailable,
    Mood::Broken,
    Mood::Flaky,
    Mood::Busy,
    Mood::Picky,
    Mood::OldFashioned,
];

impl Mood {
    /// Any mood; seldom gone.
    pub fn any(random: &SeededRandom) -> Self {
        if chance(random, 4) { Self::Gone } else { MOODS[below(random, MOODS.len() as u64) as usize] }
    }

    /// What a sink in this mood answers to a request, and when. `number` belongs to the event, `plain` says that it is
    /// one structured event.
    pub fn answer(self, random: &SeededRandom, number: u64, plain: bool) -> (Duration, Reply) {
        let quick = Duration::from_micros(200 + below(random, 20_000));
        let status = |status, wait| {
            let retry_after = wait;
            (quick, Reply::Status { status, retry_after, excerpt: "".into() })
        };
        match self {
            Self::Hangs => (Duration::from_secs(30), Reply::Failed("timeout".into())),
            Self::Unreachable => (quick, Reply::Failed("cannot connect".into())),
            Self::Unavailable => status(503, None),
            Self::Broken => status(500, None),
            Self::Flaky if chance(random, 50) => status(500, None),
            Self::Busy if chance(random, 20) => status(429, Some(Duration::from_millis(500 + below(random, 20_000)))),
            Self::Picky if number.is_multiple_of(5) => status(400, None),
            Self::OldFashioned if !plain => status(415, None),
            Self::Gone => status(410, None),
            _ => status(204, None),
        }
    }
}
