//! Follows the ends of watched partitions and keeps their newest records in memory.
//!
//! One consumer reads on from the end of every watched partition. What it reads advances the watches and stays in
//! memory, up to a total size, oldest dropped first, so that a recent event is fetched once however many subscriptions
//! read it. A partition that this node only appended to has an end but no records here.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc,
    },
    thread::JoinHandle,
    time::Duration,
};

use model::{Mark, Partition};
use rdkafka::{
    Message, Offset, TopicPartitionList,
    consumer::Consumer,
    error::{KafkaError, KafkaResult},
};
use tokio::{sync::watch, time::Instant};

use super::{
    Options,
    admin::{Admin, TopicPartition},
    brokers_down::has_lost_brokers,
    client::{self, AssignedConsumer},
    failure, log_throttle, record,
};
use crate::{
    Error,
    codec::record_bytes,
    log::{Limit, Stored},
};

/// How long one poll waits.
const POLL: Duration = Duration::from_millis(20);
/// How often a watched partition that does not exist yet, or has no leader, is looked up.
const LOOKUP_INTERVAL: Duration = Duration::from_millis(500);
/// How long a read waits for a consumer from which nothing arrives. Of records that come one at a time, one in a hundred
/// is not in the response under way, and the next one may take `fetch.wait.max.ms`; reading it otherwise takes a few
/// milliseconds.
const STALL_TIMEOUT: Duration = Duration::from_millis(5);
/// How long a caller waits until the thread has forgotten a topic.
const FORGET_TIMEOUT: Duration = Duration::from_secs(10);

/// The newest records of a partition: all with offsets from `from` up to, but not including, `to`.
#[derive(Debug, Default)]
struct Window {
    records: VecDeque<Stored>,
    from: u64,
    to: u64,
}

/// The end of one partition and its newest records.
#[derive(Debug)]
pub(super) struct Tail {
    topic_partition: TopicPartition,
    end: watch::Sender<Mark>,
    in_memory_to: watch::Sender<u64>,
    window: Mutex<Window>,
    low: AtomicU64,
    watched: AtomicBool,
    live: AtomicBool,
}

impl Tail {
    fn new(topic_partition: TopicPartition) -> Self {
        Self {
            topic_partition,
            end: watch::Sender::new(Mark::BEGINNING),
            in_memory_to: watch::Sender::new(0),
            window: Mutex::default(),
            low: AtomicU64::new(0),
            watched: AtomicBool::new(false),
            live: AtomicBool::new(false),
        }
    }

    fn window(&self) -> MutexGuard<'_, Window> {
        self.window.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The end of the partition, as far as this node knows.
    pub(super) fn end(&self) -> u64 {
        self.end.borrow().0
    }

    /// The oldest readable offset, as far as this node knows.
    pub(super) fn low(&self) -> u64 {
        self.low.load(Ordering::Acquire)
    }

    /// Whether this node follows the partition, and so sees what other nodes append.
    pub(super) fn is_live(&self) -> bool {
        self.live.load(Ordering::Acquire)
    }

    pub(super) fn subscribe(&self) -> watch::Receiver<Mark> {
        self.end.subscribe()
    }

    /// Advances the end, never back; returns the end.
    pub(super) fn advance_end(&self, end: u64) -> u64 {
        self.end.send_if_modified(|mark| {
            let further = end > mark.0;
            if further {
                *mark = Mark(end);
            }
            further
        });
        self.end()
    }

    /// Forgets everything: the log of the partition began anew, so that its end goes back.
    fn begin_anew(&self) {
        self.live.store(false, Ordering::Release);
        *self.window() = Window::default();
        self.low.store(0, Ordering::Release);
        self.in_memory_to.send_replace(0);
        self.end.send_replace(Mark::BEGINNING);
    }

    /// Drops records before an offset, which were trimmed from the log.
    pub(super) fn trimmed(&self, before: u64) {
        self.low.fetch_max(before, Ordering::AcqRel);
        let mut window = self.window();
        while window.records.front().is_some_and(|stored| stored.position.0 < before) {
            window.records.pop_front();
        }
        window.from = window.from.max(before);
        window.to = window.to.max(before);
    }

    /// Waits, for at most `wait`, until the record at `from` is in memory, if the partition is followed. Gives up earlier
    /// when nothing arrives for [`STALL_TIMEOUT`]: then the record is read from the brokers sooner.
    pub(super) async fn wait_for(&self, from: u64, wait: Duration) {
        if !self.is_live() || from < self.window().from {
            return;
        }
        let mut in_memory_to = self.in_memory_to.subscribe();
        let deadline = Instant::now() + wait;
        while *in_memory_to.borrow_and_update() <= from {
            let until = deadline.min(Instant::now() + STALL_TIMEOUT);
            if !matches!(tokio::time::timeout_at(until, in_memory_to.changed()).await, Ok(Ok(()))) {
                return;
            }
        }
    }

    /// The records from an offset on and the offset of the next read; `None` unless memory holds that offset.
    pub(super) fn read(&self, from: u64, limit: Limit) -> Option<(Vec<Stored>, u64)> {
        let window = self.window();
        if from < window.from || from >= window.to {
            return None;
        }
        let at = window.records.partition_point(|stored| stored.position.0 < from);
        let (mut records, mut bytes, mut next) = (Vec::new(), 0, window.to);
        for stored in window.records.range(at..) {
            bytes += record_bytes(&stored.record);
            if !records.is_empty() && (records.len() >= limit.records.max(1) || bytes > limit.bytes) {
                next = stored.position.0;
                break;
            }
            records.push(stored.clone());
        }
        Some((records, next))
    }
}

type TailsByPartition = HashMap<TopicPartition, Arc<Tail>>;

/// What the thread is asked to do.
#[derive(Debug)]
enum Request {
    /// Follow a partition.
    Follow(Arc<Tail>),
    /// Forget what is known of the partitions of a topic, which began anew, and follow them again. The sender is dropped
    /// when it is forgotten.
    BeginAnew(String, mpsc::Sender<()>),
}

/// The tails of all partitions that are watched or were appended to, and the thread that follows the watched ones.
#[derive(Debug)]
pub(super) struct Tails {
    by_partition: Mutex<TailsByPartition>,
    requests: Option<mpsc::Sender<Request>>,
    thread: Option<JoinHandle<()>>,
}

impl Tails {
    pub(super) fn start(options: &Options, admin: Arc<Admin>) -> Result<Self, Error> {
        let (requests, inbox) = mpsc::channel();
        let follower = Follower::new(options, admin, inbox)?;
        let thread = std::thread::Builder::new().name("kafka-tail".into()).spawn(move || follower.run());
        let thread = thread.map_err(|error| failure::unavailable(format!("no thread: {error}")))?;
        Ok(Self { by_partition: Mutex::default(), requests: Some(requests), thread: Some(thread) })
    }

    fn tails(&self) -> MutexGuard<'_, TailsByPartition> {
        self.by_partition.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The tail of a partition that is watched or was appended to.
    pub(super) fn find(&self, topic_partition: &TopicPartition) -> Option<Arc<Tail>> {
        self.tails().get(topic_partition).cloned()
    }

    /// The tail of a partition; created if missing.
    pub(super) fn find_or_create(&self, topic: &str, partition: Partition) -> Arc<Tail> {
        let make = |topic_partition: &TopicPartition| Arc::new(Tail::new(topic_partition.clone()));
        Arc::clone(self.tails().entry((topic.to_owned(), partition)).or_insert_with_key(make))
    }

    /// The tail of a partition, which is followed from now on.
    pub(super) fn watch(&self, topic: &str, partition: Partition) -> Arc<Tail> {
        let tail = self.find_or_create(topic, partition);
        if !tail.watched.swap(true, Ordering::AcqRel)
            && let Some(requests) = &self.requests
        {
            // The send fails only while `self` is being dropped.
            drop(requests.send(Request::Follow(Arc::clone(&tail))));
        }
        tail
    }

    /// Forgets what is known of the partitions of a topic that began anew: their ends go back. Blocks until that is done,
    /// for at most [`FORGET_TIMEOUT`].
    pub(super) fn begin_anew(&self, topic: &str) {
        let (forgotten, wait) = mpsc::channel();
        if let Some(requests) = &self.requests
            && requests.send(Request::BeginAnew(topic.to_owned(), forgotten)).is_ok()
        {
            // Nothing is ever sent: it ends when the sender is dropped.
            let _ = wait.recv_timeout(FORGET_TIMEOUT);
        }
    }

    /// Shares ends that were asked of the brokers, in case the consumer does not get on.
    pub(super) fn share_ends(&self, ends: &[(TopicPartition, u64)]) {
        for (topic_partition, end) in ends {
            if let Some(tail) = self.find(topic_partition) {
                tail.advance_end(*end);
            }
        }
    }
}

impl Drop for Tails {
    fn drop(&mut self) {
        drop(self.requests.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that follows partitions panicked");
        }
    }
}

/// The thread that follows watched partitions.
struct Follower {
    consumer: AssignedConsumer,
    admin: Arc<Admin>,
    inbox: mpsc::Receiver<Request>,
    /// Watched, but not followed yet.
    pending: Vec<Arc<Tail>>,
    followed: TailsByPartition,
    /// The records in memory, oldest first: partition, offset, bytes.
    order: VecDeque<(Arc<Tail>, u64, usize)>,
    bytes: usize,
    budget: usize,
}

impl Follower {
    fn new(options: &Options, admin: Arc<Admin>, inbox: mpsc::Receiver<Request>) -> Result<Self, Error> {
        let made = client::create_reader(options);
        Ok(Self {
            consumer: made.map_err(|error| failure::kafka("cannot create a consumer", &error))?,
            admin,
            inbox,
            pending: Vec::new(),
            followed: HashMap::new(),
            order: VecDeque::new(),
            bytes: 0,
            budget: options.tail_bytes,
        })
    }

    fn run(mut self) {
        let mut polls: u32 = 0;
        loop {
            let mut added = false;
            loop {
                match self.inbox.try_recv() {
                    Ok(Request::Follow(tail)) => {
                        self.pending.push(tail);
                        added = true;
                    }
                    Ok(Request::BeginAnew(topic, _forgotten)) => {
                        self.forget(&topic);
                        added = true;
                    }
                    Err(mpsc::TryRecvError::Empty) => break,
                    Err(mpsc::TryRecvError::Disconnected) => return,
                }
            }
            if !self.pending.is_empty() && (added || polls >= (LOOKUP_INTERVAL.as_millis() / POLL.as_millis()) as u32) {
                self.follow_pending();
                polls = 0;
            }
            polls += 1;
            if has_lost_brokers(self.consumer.client())
                && let Err(error) = self.replace_consumer()
            {
                log_throttle::warn_throttled("partitions are not followed now", &error, "");
            }
            self.poll();
        }
    }

    /// Keeps the next record, if one arrives within [`POLL`].
    fn poll(&mut self) {
        match self.consumer.poll(POLL) {
            Some(Ok(message)) => {
                let topic_partition = (message.topic().to_owned(), Partition(message.partition() as u32));
                let stored = record::from_message(&message);
                drop(message);
                if let Some(tail) = self.followed.get(&topic_partition).cloned() {
                    self.keep(&tail, stored);
                }
            }
            None | Some(Err(KafkaError::PartitionEOF(_))) => {}
            Some(Err(error)) => log_throttle::warn_throttled("partitions are not followed now", &error, ""),
        }
    }

    /// Starts to follow the watched partitions that have a leader. Handles all of them in one pass, since each request
    /// to a broker takes a while.
    fn follow_pending(&mut self) {
        let failed = |error: &KafkaError| log_throttle::warn_throttled("partitions are not followed yet", error, "");
        let Ok(with_leader) = self.admin.partitions_with_leader().inspect_err(failed) else { return };
        let (found, absent): (Vec<_>, _) =
            std::mem::take(&mut self.pending).into_iter().partition(|tail| with_leader.contains(&tail.topic_partition));
        self.pending = absent;
        if !found.is_empty() && self.follow(&found).inspect_err(failed).is_err() {
            self.pending.extend(found);
        }
    }

    fn follow(&mut self, tails: &[Arc<Tail>]) -> KafkaResult<()> {
        let topic_partitions: Vec<TopicPartition> = tails.iter().map(|tail| tail.topic_partition.clone()).collect();
        let watermarks = self.admin.watermarks_blocking(&topic_partitions)?;
        let mut list = TopicPartitionList::with_capacity(tails.len());
        for (tail, (_, end)) in tails.iter().zip(&watermarks) {
            list.add_partition_offset(
                &tail.topic_partition.0,
                tail.topic_partition.1.0 as i32,
                Offset::Offset(*end as i64),
            )?;
            let mut window = tail.window();
            (window.from, window.to) = (*end, *end);
        }
        self.consumer.incremental_assign(&list)?;
        for (tail, (topic_partition, (low, end))) in tails.iter().zip(topic_partitions.into_iter().zip(watermarks)) {
            self.followed.insert(topic_partition, Arc::clone(tail));
            tail.low.fetch_max(low, Ordering::AcqRel);
            tail.advance_end(end);
            tail.live.store(true, Ordering::Release);
        }
        Ok(())
    }

    /// Replaces the consumer; the new one reads on where the old one was.
    fn replace_consumer(&mut self) -> KafkaResult<()> {
        let consumer = client::create_reader(&self.admin.options)?;
        let mut list = TopicPartitionList::with_capacity(self.followed.len());
        for ((topic, partition), tail) in &self.followed {
            list.add_partition_offset(topic, partition.0 as i32, Offset::Offset(tail.window().to as i64))?;
        }
        consumer.incremental_assign(&list)?;
        self.consumer = consumer;
        Ok(())
    }

    /// Stops following the partitions of a topic and forgets what is known of them; they are followed again later.
    fn forget(&mut self, topic: &str) {
        let mut list = TopicPartitionList::new();
        let (gone, kept): (TailsByPartition, _) =
            std::mem::take(&mut self.followed).into_iter().partition(|((name, _), _)| name == topic);
        self.followed = kept;
        for (name, partition) in gone.keys() {
            list.add_partition(name, partition.0 as i32);
        }
        if !gone.is_empty()
            && let Err(error) = self.consumer.incremental_unassign(&list)
        {
            log_throttle::warn_throttled("partitions cannot be unassigned", &error, "");
        }
        self.order.retain(|(tail, _, bytes)| {
            let stays = tail.topic_partition.0 != topic;
            self.bytes -= if stays { 0 } else { *bytes };
            stays
        });
        for tail in gone.into_values() {
            tail.begin_anew();
            self.pending.push(tail);
        }
    }

    fn keep(&mut self, tail: &Arc<Tail>, stored: Stored) {
        let (offset, bytes) = (stored.position.0, record::memory_bytes(&stored.record));
        {
            let mut window = tail.window();
            if offset < window.to {
                return;
            }
            window.to = offset + 1;
            window.records.push_back(stored);
        }
        self.bytes += bytes;
        self.order.push_back((Arc::clone(tail), offset, bytes));
        while self.bytes > self.budget {
            let Some((oldest, offset, bytes)) = self.order.pop_front() else { break };
            self.bytes -= bytes;
            let mut window = oldest.window();
            if window.records.front().is_some_and(|stored| stored.position.0 == offset) {
                window.records.pop_front();
                window.from = offset + 1;
            }
        }
        tail.in_memory_to.send_replace(offset + 1);
        tail.advance_end(offset + 1);
    }
}

#[cfg(test)]
mod tests {
    use model::clock::{SystemClock, SystemRandom};
    use rdkafka::mocking::MockCluster;

    use super::*;
    use crate::kafka::{idempotent_producer::IdempotentProducer, reporting_producer::ProducerRecord};

    /// Longer than any test runs.
    const FOREVER: Duration = Duration::from_hours(24);

    fn live() -> Arc<Tail> {
        let tail = Tail::new(("zaken".to_owned(), Partition(0)));
        tail.live.store(true, Ordering::Release);
        Arc::new(tail)
    }

    #[tokio::test]
    async fn h21_a_record_that_does_not_arrive_is_not_waited_for() {
        live().wait_for(0, FOREVER).await;
    }

    #[tokio::test]
    async fn a_record_is_in_memory_after_the_wait_for_it() {
        let tail = live();
        tail.in_memory_to.send_replace(3);
        tail.wait_for(2, FOREVER).await;
        assert_eq!(*tail.in_memory_to.borrow(), 3);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_replaced_consumer_reads_on_without_a_gap() {
        let brokers = MockCluster::new(1).unwrap();
        brokers.create_topic("zaken", 1, 1).unwrap();
        let options =
            Options::new(brokers.bootstrap_servers(), Arc::new(SystemClock::default()), Arc::new(SystemRandom));
        let options = Arc::new(options);
        let producer = IdempotentProducer::new(Arc::clone(&options)).unwrap();
        let append = async |value: &'static str| {
            let record = ProducerRecord { partition: Some(0), value: Some(value.into()), ..ProducerRecord::default() };
            producer.append(vec![("zaken".into(), record)]).await.unwrap();
        };
        let admin = Arc::new(Admin::new(Arc::clone(&options)).unwrap());
        let mut follower = Follower::new(&options, admin, mpsc::channel().1).unwrap();
        let tail = Arc::new(Tail::new(("zaken".to_owned(), Partition(0))));
        append("before").await;
        let follow = |follower: &mut Follower| while follower.follow(&[Arc::clone(&tail)]).is_err() {};
        tokio::task::block_in_place(|| follow(&mut follower));
        for values in [["a", "b"], ["c", "d"], ["e", "f"]] {
            for value in values {
                append(value).await;
            }
            let from = tail.window().to;
            tokio::task::block_in_place(|| {
                follower.replace_consumer().unwrap();
                // One of the two stays unread.
                while tail.window().to == from {
                    follower.poll();
                }
            });
        }
        tokio::task::block_in_place(|| {
            while tail.window().to < 7 {
                follower.poll();
            }
        });
        let (records, next) = tail.read(1, Limit { records: 10, bytes: 1_000 }).unwrap();
        let values: Vec<_> = records.into_iter().filter_map(|stored| stored.record.value).collect();
        assert_eq!((values, next), (["a", "b", "c", "d", "e", "f"].map(bytes::Bytes::from).to_vec(), 7));
    }

    #[test]
    fn a1_a_tail_that_begins_anew_knows_nothing_of_before() {
        let tail = live();
        tail.advance_end(53);
        tail.trimmed(7);
        tail.begin_anew();
        assert_eq!((tail.end(), tail.low(), tail.is_live()), (0, 0, false));
        assert_eq!(tail.advance_end(3), 3);
        assert!(tail.read(53, Limit { records: 1, bytes: 1 }).is_none());
    }
}
