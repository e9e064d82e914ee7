//! Batches records per topic: records that arrive while earlier ones of their topic are in flight wait and are sent
//! together. This module only decides what may be sent; it does not send.
//!
//! An idempotent librdkafka producer keeps one larger request per partition in flight. While it holds further records
//! it retries them in a busy loop once `linger.ms` has passed, which cost a fifth of the processor time of a busy node.
//! So the producer receives only records that it can send. The first record of an idle topic is sent immediately;
//! records that arrive before its acknowledgement form the next request.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// The longest time a record waits for earlier ones. Records of other partitions must not wait for a partition whose
/// leader is unreachable.
const MAX_WAIT: Duration = Duration::from_millis(50);

/// Waiting records (`R`) and the number of records in flight, by topic. Idle topics have no entry.
#[derive(Debug)]
pub(super) struct InFlightBatcher<R>(Mutex<HashMap<Arc<str>, TopicQueue<R>>>);

#[derive(Debug)]
struct TopicQueue<R> {
    in_flight: usize,
    waiting: Vec<R>,
    /// When the oldest waiting record arrived.
    since: Instant,
}

impl<R> TopicQueue<R> {
    fn new(now: Instant) -> Self {
        Self { in_flight: 0, waiting: Vec::new(), since: now }
    }

    fn take(&mut self) -> Vec<R> {
        self.in_flight += self.waiting.len();
        std::mem::take(&mut self.waiting)
    }
}

impl<R> Default for InFlightBatcher<R> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<R> InFlightBatcher<R> {
    fn topics(&self) -> MutexGuard<'_, HashMap<Arc<str>, TopicQueue<R>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the records if the topic is idle; the caller must send them, and they count as in flight. Otherwise queues
    /// them and returns nothing.
    pub(super) fn offer(&self, topic: &Arc<str>, mut records: Vec<R>, now: Instant) -> Vec<R> {
        let mut topics = self.topics();
        let queue = topics.entry(Arc::clone(topic)).or_insert_with(|| TopicQueue::new(now));
        if queue.in_flight == 0 && queue.waiting.is_empty() {
            queue.in_flight = records.len();
            return records;
        }
        if queue.waiting.is_empty() {
            queue.since = now;
        }
        queue.waiting.append(&mut records);
        Vec::new()
    }

    /// Notes that one record of a topic was acknowledged or failed. If it was the last one in flight, returns the waiting
    /// records; the caller must send them, and they count as in flight.
    pub(super) fn completed(&self, topic: &str) -> Vec<R> {
        let mut topics = self.topics();
        let Some(queue) = topics.get_mut(topic) else { return Vec::new() };
        queue.in_flight = queue.in_flight.saturating_sub(1);
        if queue.in_flight > 0 {
            return Vec::new();
        }
        let waiting = queue.take();
        if waiting.is_empty() {
            topics.remove(topic);
        }
        waiting
    }

    /// Puts records that could not be sent back at the front of the queue; they no longer count as in flight.
    pub(super) fn requeue(&self, topic: &Arc<str>, mut records: Vec<R>, now: Instant) {
        let mut topics = self.topics();
        let queue = topics.entry(Arc::clone(topic)).or_insert_with(|| TopicQueue::new(now));
        queue.in_flight = queue.in_flight.saturating_sub(records.len());
        queue.since = now;
        records.append(&mut queue.waiting);
        queue.waiting = records;
    }

    /// Returns the records that have waited for [`MAX_WAIT`], by topic; the caller must send them, and they count as in
    /// flight.
    pub(super) fn due(&self, now: Instant) -> Vec<(Arc<str>, Vec<R>)> {
        let mut due = Vec::new();
        for (topic, queue) in self.topics().iter_mut() {
            if !queue.waiting.is_empty() && now.duration_since(queue.since) >= MAX_WAIT {
                due.push((Arc::clone(topic), queue.take()));
            }
        }
        due
    }

    /// Whether a record of any topic waits.
    pub(super) fn has_waiting(&self) -> bool {
        self.topics().values().any(|queue| !queue.waiting.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LATER: Duration = Duration::from_millis(1);
    const NONE: [u32; 0] = [];

    fn start() -> (InFlightBatcher<u32>, Arc<str>, Instant) {
        (InFlightBatcher::default(), "zaken".into(), Instant::now())
    }

    #[test]
    fn records_are_sent_immediately_or_wait_for_those_in_flight() {
        let (batcher, zaken, now) = start();
        assert_eq!(batcher.offer(&zaken, vec![1, 2], now), [1, 2]);
        assert_eq!(batcher.offer(&zaken, vec![3], now), NONE);
        assert_eq!(batcher.offer(&zaken, vec![4, 5], now), NONE);
        assert_eq!(batcher.offer(&"besluiten".into(), vec![6], now), [6], "topics do not wait for each other");
        assert_eq!(batcher.completed("zaken"), NONE, "one is still in flight");
        assert!(batcher.has_waiting());
        assert_eq!(batcher.completed("zaken"), [3, 4, 5], "in the order they came");
        assert_eq!(batcher.offer(&zaken, vec![7], now), NONE, "those are in flight now");
        assert_eq!([(); 2].map(|()| batcher.completed("zaken")), [NONE; 2]);
        assert_eq!(batcher.completed("zaken"), [7]);
        assert_eq!(batcher.completed("zaken"), NONE);
        assert_eq!(batcher.offer(&zaken, vec![8], now), [8], "the topic is idle");
        assert!(!batcher.has_waiting());
    }

    #[test]
    fn no_record_waits_longer_than_the_maximum() {
        let (batcher, zaken, now) = start();
        batcher.offer(&zaken, vec![1], now);
        batcher.offer(&zaken, vec![2], now + LATER);
        batcher.offer(&zaken, vec![3], now + MAX_WAIT);
        assert_eq!(batcher.due(now + MAX_WAIT), []);
        assert_eq!(batcher.due(now + LATER + MAX_WAIT), [(Arc::clone(&zaken), vec![2, 3])]);
        assert_eq!(batcher.offer(&zaken, vec![4], now + MAX_WAIT * 2), NONE, "those are in flight now");
        assert_eq!([(); 2].map(|()| batcher.completed("zaken")), [NONE; 2]);
        assert_eq!(batcher.completed("zaken"), [4]);
    }

    #[test]
    fn requeued_records_precede_later_ones() {
        let (batcher, zaken, now) = start();
        let mut sent = batcher.offer(&zaken, vec![1, 2, 3], now);
        batcher.offer(&zaken, vec![4], now);
        batcher.requeue(&zaken, sent.split_off(1), now);
        let sent = batcher.completed("zaken");
        assert_eq!(sent, [2, 3, 4]);

        batcher.requeue(&zaken, sent, now);
        assert_eq!(batcher.offer(&zaken, vec![5], now), NONE, "it must not overtake them");
        assert_eq!(batcher.due(now + MAX_WAIT), [(zaken, vec![2, 3, 4, 5])], "there is nothing to wait for");
    }

    #[test]
    fn idle_topics_have_no_entry() {
        let (batcher, zaken, now) = start();
        batcher.offer(&zaken, vec![1, 2], now);
        assert_eq!([(); 2].map(|()| batcher.completed("zaken")), [NONE; 2]);
        assert_eq!(batcher.completed("zaken"), NONE, "an unexpected completion has no effect");
        assert!(batcher.topics().is_empty());
    }
}
