//! The ends of the partitions that somebody watches, and their newest records in memory.
//!
//! One client reads on from the end of every watched partition. What it reads moves the watches and is kept, oldest
//! dropped first, so that fresh events are fetched once however many read them. A partition that this node only
//! appended to has an end, and no records here.

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
use tokio::sync::watch;

use super::{
    Options,
    admin::{Admin, Place},
    client::{self, Plain, Reader},
    failure, notes, record,
};
use crate::{
    Error,
    codec::record_bytes,
    log::{Limit, Stored},
};

/// How long one poll waits.
const POLL: Duration = Duration::from_millis(20);
/// How often a partition that is not there yet is looked for again.
const LOOK: Duration = Duration::from_millis(500);

/// The newest records of a partition: all of them from `from` to `to`.
#[derive(Debug, Default)]
struct Window {
    records: VecDeque<Stored>,
    from: u64,
    to: u64,
}

/// One partition.
#[derive(Debug)]
pub(super) struct Tail {
    place: Place,
    end: watch::Sender<Mark>,
    held: watch::Sender<u64>,
    window: Mutex<Window>,
    low: AtomicU64,
    watched: AtomicBool,
    live: AtomicBool,
}

impl Tail {
    fn window(&self) -> MutexGuard<'_, Window> {
        self.window.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where the partition ends, as far as this node knows.
    pub(super) fn end(&self) -> u64 {
        self.end.borrow().0
    }

    /// The oldest offset that can be read, as far as this node knows.
    pub(super) fn low(&self) -> u64 {
        self.low.load(Ordering::Acquire)
    }

    /// Whether the end is followed as others move it.
    pub(super) fn is_live(&self) -> bool {
        self.live.load(Ordering::Acquire)
    }

    pub(super) fn subscribe(&self) -> watch::Receiver<Mark> {
        self.end.subscribe()
    }

    /// Moves the end forward; returns where it is then.
    pub(super) fn reached(&self, end: u64) -> u64 {
        self.end.send_if_modified(|mark| {
            let further = end > mark.0;
            if further {
                *mark = Mark(end);
            }
            further
        });
        self.end()
    }

    /// Forgets records before an offset, which were trimmed.
    pub(super) fn trimmed(&self, before: u64) {
        self.low.fetch_max(before, Ordering::AcqRel);
        let mut window = self.window();
        while window.records.front().is_some_and(|stored| stored.position.0 < before) {
            window.records.pop_front();
        }
        window.from = window.from.max(before);
        window.to = window.to.max(before);
    }

    /// Waits a moment until the records up to beyond `from` are here, if they are about to come.
    pub(super) async fn arrive(&self, from: u64, wait: Duration) {
        if self.is_live() && from >= self.window().from {
            let mut held = self.held.subscribe();
            // Not in time is fine: the partition is read from the brokers then.
            drop(tokio::time::timeout(wait, held.wait_for(|held| *held > from)).await);
        }
    }

    /// The records from an offset on, when memory has them: with where to go on and the oldest offset it knows.
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

type Places = HashMap<Place, Arc<Tail>>;

/// All partitions that are watched or were appended to, and the thread that follows them.
#[derive(Debug)]
pub(super) struct Tails {
    places: Mutex<Places>,
    orders: Option<mpsc::Sender<Arc<Tail>>>,
    thread: Option<JoinHandle<()>>,
}

impl Tails {
    pub(super) fn start(options: &Options, admin: Arc<Admin>) -> Result<Self, Error> {
        let made = client::create(options, &client::reader(options), Plain);
        let consumer = made.map_err(|error| failure::kafka("no client", &error))?;
        let (orders, inbox) = mpsc::channel();
        let follower = Follower {
            consumer,
            admin,
            inbox,
            wanted: Vec::new(),
            followed: HashMap::new(),
            order: VecDeque::new(),
            bytes: 0,
            budget: options.tail_bytes,
        };
        let thread = std::thread::Builder::new().name("kafka-tail".into()).spawn(move || follower.run());
        let thread = thread.map_err(|error| failure::away(format!("no thread: {error}")))?;
        Ok(Self { places: Mutex::default(), orders: Some(orders), thread: Some(thread) })
    }

    fn places(&self) -> MutexGuard<'_, Places> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The tail of a partition that is watched or was appended to.
    pub(super) fn find(&self, place: &Place) -> Option<Arc<Tail>> {
        self.places().get(place).cloned()
    }

    /// The tail of a partition.
    pub(super) fn find_or_make(&self, topic: &str, partition: Partition) -> Arc<Tail> {
        let make = |place: &Place| {
            Arc::new(Tail {
                place: place.clone(),
                end: watch::Sender::new(Mark::BEGINNING),
                held: watch::Sender::new(0),
                window: Mutex::default(),
                low: AtomicU64::new(0),
                watched: AtomicBool::new(false),
                live: AtomicBool::new(false),
            })
        };
        Arc::clone(self.places().entry((topic.to_owned(), partition)).or_insert_with_key(make))
    }

    /// The tail of a partition, which is followed from now on.
    pub(super) fn watch(&self, topic: &str, partition: Partition) -> Arc<Tail> {
        let tail = self.find_or_make(topic, partition);
        if !tail.watched.swap(true, Ordering::AcqRel)
            && let Some(orders) = &self.orders
        {
            // A thread that has ended is being dropped with us.
            drop(orders.send(Arc::clone(&tail)));
        }
        tail
    }
}

impl Drop for Tails {
    fn drop(&mut self) {
        drop(self.orders.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that follows partitions panicked");
        }
    }
}

/// The thread that follows partitions.
struct Follower {
    consumer: Reader,
    admin: Arc<Admin>,
    inbox: mpsc::Receiver<Arc<Tail>>,
    /// Not followed yet.
    wanted: Vec<Arc<Tail>>,
    followed: Places,
    /// What is in memory, oldest first, with its bytes.
    order: VecDeque<(Arc<Tail>, u64, usize)>,
    bytes: usize,
    budget: usize,
}

impl Follower {
    fn run(mut self) {
        let mut polls: u32 = 0;
        loop {
            let mut news = false;
            loop {
                match self.inbox.try_recv() {
                    Ok(tail) => {
                        self.wanted.push(tail);
                        news = true;
                    }
                    Err(mpsc::TryRecvError::Empty) => break,
                    Err(mpsc::TryRecvError::Disconnected) => return,
                }
            }
            if !self.wanted.is_empty() && (news || polls >= (LOOK.as_millis() / POLL.as_millis()) as u32) {
                self.follow_wanted();
                polls = 0;
            }
            polls += 1;
            match self.consumer.poll(POLL) {
                Some(Ok(message)) => {
                    let place = (message.topic().to_owned(), Partition(message.partition() as u32));
                    let stored = record::stored(&message);
                    drop(message);
                    if let Some(tail) = self.followed.get(&place).cloned() {
                        self.keep(&tail, stored);
                    }
                }
                None | Some(Err(KafkaError::PartitionEOF(_))) => {}
                Some(Err(error)) => notes::tell("partitions are not followed now", &error, ""),
            }
        }
    }

    /// Starts on what is wanted and there; on all of it together, since asking costs a while each time.
    fn follow_wanted(&mut self) {
        let failed = |error: &KafkaError| notes::tell("partitions are not followed yet", error, "");
        let Ok(led) = self.admin.led_now().inspect_err(failed) else { return };
        let (there, absent): (Vec<_>, _) =
            std::mem::take(&mut self.wanted).into_iter().partition(|tail| led.contains(&tail.place));
        self.wanted = absent;
        if !there.is_empty() && self.follow(&there).inspect_err(failed).is_err() {
            self.wanted.extend(there);
        }
    }

    fn follow(&mut self, tails: &[Arc<Tail>]) -> KafkaResult<()> {
        let places: Vec<Place> = tails.iter().map(|tail| tail.place.clone()).collect();
        let edges = self.admin.edges_now(&places)?;
        let mut list = TopicPartitionList::with_capacity(tails.len());
        for (tail, (_, end)) in tails.iter().zip(&edges) {
            list.add_partition_offset(&tail.place.0, tail.place.1.0 as i32, Offset::Offset(*end as i64))?;
            let mut window = tail.window();
            (window.from, window.to) = (*end, *end);
        }
        self.consumer.incremental_assign(&list)?;
        for (tail, (place, (low, end))) in tails.iter().zip(places.into_iter().zip(edges)) {
            self.followed.insert(place, Arc::clone(tail));
            tail.low.fetch_max(low, Ordering::AcqRel);
            tail.reached(end);
            tail.live.store(true, Ordering::Release);
        }
        Ok(())
    }

    fn keep(&mut self, tail: &Arc<Tail>, stored: Stored) {
        let (offset, bytes) = (stored.position.0, record::weight(&stored.record));
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
        tail.held.send_replace(offset + 1);
        tail.reached(offset + 1);
    }
}
