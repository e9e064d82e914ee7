//! Which records wait so that they go out together: those that come while earlier ones of their topic are under way.
//!
//! An idempotent client of librdkafka has one request of more than a few records under way per partition. What it holds
//! meanwhile it tries to send again and again, without a pause, once `linger.ms` is over; that took a fifth of the
//! processor time of a busy node. So it is given nothing that it cannot send. The first record of a quiet topic goes at
//! once, and what comes before it is there makes the next request larger. No sending here.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// How long records wait at most for earlier ones: the leader of one partition may be away, and those of the others not.
const MOST: Duration = Duration::from_millis(50);

/// The records of every topic that has some, by what stands for one.
#[derive(Debug)]
pub(super) struct Groups<R>(Mutex<HashMap<Arc<str>, Group<R>>>);

#[derive(Debug)]
struct Group<R> {
    under_way: usize,
    waiting: Vec<R>,
    /// When the first of those that wait began to.
    since: Instant,
}

impl<R> Group<R> {
    fn new(now: Instant) -> Self {
        Self { under_way: 0, waiting: Vec::new(), since: now }
    }

    fn take(&mut self) -> Vec<R> {
        self.under_way += self.waiting.len();
        std::mem::take(&mut self.waiting)
    }
}

impl<R> Default for Groups<R> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<R> Groups<R> {
    fn all(&self) -> MutexGuard<'_, HashMap<Arc<str>, Group<R>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives back what may be sent now, which counts as under way; keeps it while earlier records of the topic are.
    pub(super) fn enter(&self, topic: &Arc<str>, mut records: Vec<R>, now: Instant) -> Vec<R> {
        let mut all = self.all();
        let group = all.entry(Arc::clone(topic)).or_insert_with(|| Group::new(now));
        if group.under_way == 0 && group.waiting.is_empty() {
            group.under_way = records.len();
            return records;
        }
        if group.waiting.is_empty() {
            group.since = now;
        }
        group.waiting.append(&mut records);
        Vec::new()
    }

    /// A record of a topic is not under way any more. When it was the last one, gives those that waited for it: they may be
    /// sent now, and count as under way.
    pub(super) fn leave(&self, topic: &str) -> Vec<R> {
        let mut all = self.all();
        let Some(group) = all.get_mut(topic) else { return Vec::new() };
        group.under_way = group.under_way.saturating_sub(1);
        if group.under_way > 0 {
            return Vec::new();
        }
        let waiting = group.take();
        if waiting.is_empty() {
            all.remove(topic);
        }
        waiting
    }

    /// Records that were to be sent and have to wait after all, before all that wait already.
    pub(super) fn put_back(&self, topic: &Arc<str>, mut records: Vec<R>, now: Instant) {
        let mut all = self.all();
        let group = all.entry(Arc::clone(topic)).or_insert_with(|| Group::new(now));
        group.under_way = group.under_way.saturating_sub(records.len());
        group.since = now;
        records.append(&mut group.waiting);
        group.waiting = records;
    }

    /// What has waited long enough, by topic; it may be sent now, and counts as under way.
    pub(super) fn due(&self, now: Instant) -> Vec<(Arc<str>, Vec<R>)> {
        let mut due = Vec::new();
        for (topic, group) in self.all().iter_mut() {
            if !group.waiting.is_empty() && now.duration_since(group.since) >= MOST {
                due.push((Arc::clone(topic), group.take()));
            }
        }
        due
    }

    /// Whether any record waits.
    pub(super) fn waits(&self) -> bool {
        self.all().values().any(|group| !group.waiting.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LATER: Duration = Duration::from_millis(1);
    const NONE: [u32; 0] = [];

    fn start() -> (Groups<u32>, Arc<str>, Instant) {
        (Groups::default(), "zaken".into(), Instant::now())
    }

    #[test]
    fn records_go_at_once_or_wait_for_all_that_are_under_way() {
        let (groups, zaken, now) = start();
        assert_eq!(groups.enter(&zaken, vec![1, 2], now), [1, 2]);
        assert_eq!(groups.enter(&zaken, vec![3], now), NONE);
        assert_eq!(groups.enter(&zaken, vec![4, 5], now), NONE);
        assert_eq!(groups.enter(&"besluiten".into(), vec![6], now), [6], "topics do not wait for each other");
        assert_eq!(groups.leave("zaken"), NONE, "one is still under way");
        assert!(groups.waits());
        assert_eq!(groups.leave("zaken"), [3, 4, 5], "in the order they came");
        assert_eq!(groups.enter(&zaken, vec![7], now), NONE, "those are under way now");
        assert_eq!([(); 2].map(|()| groups.leave("zaken")), [NONE; 2]);
        assert_eq!(groups.leave("zaken"), [7]);
        assert_eq!(groups.leave("zaken"), NONE);
        assert_eq!(groups.enter(&zaken, vec![8], now), [8], "the topic is quiet");
        assert!(!groups.waits());
    }

    #[test]
    fn none_waits_longer_than_the_most() {
        let (groups, zaken, now) = start();
        groups.enter(&zaken, vec![1], now);
        groups.enter(&zaken, vec![2], now + LATER);
        groups.enter(&zaken, vec![3], now + MOST);
        assert_eq!(groups.due(now + MOST), []);
        assert_eq!(groups.due(now + LATER + MOST), [(Arc::clone(&zaken), vec![2, 3])]);
        assert_eq!(groups.enter(&zaken, vec![4], now + MOST * 2), NONE, "those are under way now");
        assert_eq!([(); 2].map(|()| groups.leave("zaken")), [NONE; 2]);
        assert_eq!(groups.leave("zaken"), [4]);
    }

    #[test]
    fn what_is_put_back_goes_before_what_came_after_it() {
        let (groups, zaken, now) = start();
        let mut sent = groups.enter(&zaken, vec![1, 2, 3], now);
        groups.enter(&zaken, vec![4], now);
        groups.put_back(&zaken, sent.split_off(1), now);
        let sent = groups.leave("zaken");
        assert_eq!(sent, [2, 3, 4]);

        groups.put_back(&zaken, sent, now);
        assert_eq!(groups.enter(&zaken, vec![5], now), NONE, "not before them");
        assert_eq!(groups.due(now + MOST), [(zaken, vec![2, 3, 4, 5])], "there is nothing to wait for");
    }

    #[test]
    fn nothing_is_kept_of_quiet_topics() {
        let (groups, zaken, now) = start();
        groups.enter(&zaken, vec![1, 2], now);
        assert_eq!([(); 2].map(|()| groups.leave("zaken")), [NONE; 2]);
        assert_eq!(groups.leave("zaken"), NONE, "a report too many changes nothing");
        assert!(groups.all().is_empty());
    }
}
