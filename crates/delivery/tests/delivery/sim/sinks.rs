//! Simulated sinks: how they answer, and how that changes.

use std::time::Duration;

use delivery::{Cause, Class, Reply};
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
    /// 412 to some events, always the same.
    Choosy,
    /// 500 to some events, always the same.
    Fragile,
    /// 404 to some events, always the same.
    Selective,
    /// 400 or 412 to some events, always the same, and 500 to all others: it checks them before it fails.
    Checking,
    /// Some connections break off before the answer.
    Resets,
    /// Takes everything, after up to 25 seconds.
    Late,
    /// Takes everything, and answers after the request has timed out.
    Overdue,
    /// The gateway lacks what it needs to send, for some requests.
    OutOfReach,
    /// 410.
    Gone,
}

const MOODS: [Mood; 17] = [
    Mood::Well,
    Mood::Hangs,
    Mood::Unreachable,
    Mood::Unavailable,
    Mood::Broken,
    Mood::Flaky,
    Mood::Busy,
    Mood::Picky,
    Mood::OldFashioned,
    Mood::Choosy,
    Mood::Fragile,
    Mood::Selective,
    Mood::Checking,
    Mood::Resets,
    Mood::Late,
    Mood::OutOfReach,
    Mood::Overdue,
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
        let answer = |class, code| (quick, Reply::answered(class, code, "".into()));
        match self {
            Self::Hangs | Self::Overdue => (Duration::from_secs(30), Reply::failed("timeout")),
            Self::Unreachable => (quick, Reply::failed("cannot connect")),
            Self::Unavailable => answer(Class::Failed(Cause::Sink), 503),
            Self::Flaky if chance(random, 50) => answer(Class::Failed(Cause::EventOrSink), 500),
            Self::Busy if chance(random, 20) => {
                answer(Class::Paced(Duration::from_millis(500 + below(random, 20_000))), 429)
            }
            Self::Picky if number.is_multiple_of(5) => answer(Class::Refused, 400),
            Self::Choosy if number.is_multiple_of(5) => answer(Class::Failed(Cause::Event), 412),
            Self::Fragile if number.is_multiple_of(5) => answer(Class::Failed(Cause::EventOrSink), 500),
            Self::Selective if number.is_multiple_of(5) => answer(Class::Failed(Cause::Sink), 404),
            Self::Checking if number == 0 => answer(Class::Refused, 400),
            Self::Checking if number == 1 => answer(Class::Failed(Cause::Event), 412),
            Self::Broken | Self::Checking => answer(Class::Failed(Cause::EventOrSink), 500),
            Self::Resets if chance(random, 20) => (quick, Reply::failed("the connection was reset")),
            Self::Late => (Duration::from_millis(below(random, 25_000)), answer(Class::Delivered, 204).1),
            Self::OutOfReach if chance(random, 30) => (quick, Reply::gateway_failed("no file descriptor is free")),
            Self::OldFashioned if !plain => answer(Class::Format, 415),
            Self::Gone => answer(Class::Gone, 410),
            _ => answer(Class::Delivered, 204),
        }
    }
}
