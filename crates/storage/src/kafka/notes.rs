//! What clients come upon by themselves, told to the operator: at once, and then once in a while as long as it goes on.
//!
//! A node has dozens of clients, and while no broker answers each of them says so several times a second. It is told with how
//! often it was left out since. What an operation fails with is an error of that operation and not told here.

use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex, PoisonError},
    time::Duration,
};

use rdkafka::{error::KafkaError, types::RDKafkaErrorCode};
use tokio::time::Instant;

/// How often the same thing is told.
const EVERY: Duration = Duration::from_secs(30);
/// What was not told for so long is over: it is told anew, and names of brokers do not pile up.
const OVER: Duration = Duration::from_mins(5);

/// What a client reports outside of any operation.
pub(super) const CLIENT: &str = "the Kafka client reports";

/// Tells of an error on a partition, a topic or a broker that a client meets while it does `what`; of every kind of error once
/// in a while. Reaching the end of a partition is none.
pub(super) fn tell(what: &'static str, error: &KafkaError, reason: &str) {
    static TOLD: LazyLock<Mutex<Told>> = LazyLock::new(Mutex::default);
    if error.rdkafka_error_code() == Some(RDKafkaErrorCode::PartitionEOF) {
        return;
    }
    // Behind the first colon stand ports, milliseconds and counts, which differ each time.
    let whose = reason.split_once(':').map_or("", |(whose, _)| whose);
    let matter = (what, error.to_string(), whose.to_owned());
    let due = TOLD.lock().unwrap_or_else(PoisonError::into_inner).due(matter, Instant::now());
    if let Some(repeated) = due {
        tracing::warn!(%error, reason, repeated, "{what}");
    }
}

/// What was told, of which error and which broker.
type Matter = (&'static str, String, String);

/// When each matter was told last, and how often it was left out since.
#[derive(Debug, Default)]
struct Told(HashMap<Matter, (Instant, u64)>);

impl Told {
    /// Whether a matter is to be told now, and then how often it was left out before.
    fn due(&mut self, matter: Matter, now: Instant) -> Option<u64> {
        self.0.retain(|_, (last, _)| now.duration_since(*last) < OVER);
        if let Some((last, left_out)) = self.0.get_mut(&matter)
            && now.duration_since(*last) < EVERY
        {
            *left_out += 1;
            return None;
        }
        Some(self.0.insert(matter, (now, 0)).map_or(0, |(_, left_out)| left_out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matter(what: &'static str, whose: &str) -> Matter {
        (what, "AllBrokersDown".to_owned(), whose.to_owned())
    }

    #[test]
    fn the_same_is_told_once_in_a_while_with_how_often_it_was_left_out() {
        let (mut told, start) = (Told::default(), Instant::now());
        let mut due = |whose, after| told.due(matter("no broker", whose), start + after);
        assert_eq!(due("een", Duration::ZERO), Some(0));
        assert_eq!(due("een", Duration::from_secs(1)), None);
        assert_eq!(due("een", Duration::from_secs(29)), None);
        assert_eq!(due("twee", Duration::from_secs(2)), Some(0), "another broker is another matter");
        assert_eq!(due("een", EVERY), Some(2));
        assert_eq!(due("een", 2 * EVERY), Some(0));
    }

    #[test]
    fn what_is_over_is_forgotten() {
        let (mut told, start) = (Told::default(), Instant::now());
        for number in 0..100 {
            told.due(matter("no broker", &number.to_string()), start);
            told.due(matter("no broker", &number.to_string()), start);
        }
        assert_eq!(told.due(matter("no broker", "7"), start + OVER), Some(0), "an earlier trouble counts for nothing");
        assert_eq!(told.0.len(), 1);
    }
}
