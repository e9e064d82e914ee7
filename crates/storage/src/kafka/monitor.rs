//! Looks every few seconds at what can change outside the gateway: the topics that exist, their partitions and their
//! ends.
//!
//! It only notices, makes deleted topics again and notifies listeners; it decides nothing about deliveries. A false
//! alarm is harmless: listeners check the stored marks before they change any.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    time::Duration,
};

use model::Timestamp;
use rdkafka::Offset;
use tokio::{runtime::Handle, time::Instant};

use super::{
    Options,
    admin::{Admin, Kind, TopicPartition, topic_partitions},
    inspect, log_throttle, metrics,
    topics::Topics,
};

/// Time between two looks.
const INTERVAL: Duration = Duration::from_secs(2);
/// A topic that is absent in this many looks, one after another, was deleted.
const MISSES: u32 = 2;

/// What a look found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Notice {
    /// The ends of the partitions of kanalen, at every look.
    Ends(Vec<(TopicPartition, u64)>),
    /// The topic of a kanaal was deleted, or lost records at its end. It was as it should be at this time.
    BeganAnew(String, Timestamp),
    /// A topic of the gateway itself was deleted and exists again.
    Remade(String),
}

/// The order in which listeners are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    /// Caches of data.
    Caches,
    /// Owners of work, which read through the caches.
    Owners,
}

type Listener = (Phase, Box<dyn Fn(&Notice) + Send + Sync>);

/// What earlier looks found.
#[derive(Debug, Default)]
struct Known {
    /// Partitions by topic.
    topics: BTreeMap<String, u32>,
    /// When a topic was seen first.
    seen: HashMap<String, Instant>,
    /// How often a topic was absent, one look after another.
    missed: HashMap<String, u32>,
    /// Topics that had fewer partitions at the last look than before. A single broker may not know of added ones yet.
    shrunk: HashSet<String>,
    /// The ends of the partitions of kanalen.
    ends: HashMap<TopicPartition, u64>,
    /// The time of the last look at which each topic was as it should be.
    intact: HashMap<String, Timestamp>,
}

/// Why the topics cannot be used, and what an operator should know, by topic.
#[derive(Debug, Default)]
struct Reports {
    problems: BTreeMap<String, String>,
    remarks: BTreeMap<String, String>,
}

/// The monitor of the topics of an installation; shared by its ports.
pub(super) struct Monitor {
    options: Arc<Options>,
    topics: Topics,
    admin: Arc<Admin>,
    known: Mutex<Known>,
    reports: Mutex<Reports>,
    listeners: Mutex<Vec<Listener>>,
    /// Whether the logs of kanalen are opened as well.
    has_logs: AtomicBool,
    /// Dropping it ends the thread.
    running: Mutex<Option<mpsc::Sender<()>>>,
}

impl std::fmt::Debug for Monitor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Monitor")
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Monitor {
    pub(super) fn new(options: Arc<Options>, topics: Topics, admin: Arc<Admin>) -> Self {
        Self {
            options,
            topics,
            admin,
            known: Mutex::default(),
            reports: Mutex::default(),
            listeners: Mutex::default(),
            has_logs: AtomicBool::new(false),
            running: Mutex::default(),
        }
    }

    /// Starts the thread, unless it runs. Call inside a tokio runtime.
    pub(super) fn start(self: &Arc<Self>) {
        let mut running = lock(&self.running);
        if running.is_some() {
            return;
        }
        let (stop, stopped) = mpsc::channel();
        let (monitor, runtime) = (Arc::downgrade(self), Handle::current());
        let thread = std::thread::Builder::new().name("kafka-monitor".into());
        match thread.spawn(move || run(&monitor, &stopped, &runtime)) {
            Ok(_) => *running = Some(stop),
            Err(error) => tracing::error!(%error, "changes of topics are not noticed: no thread"),
        }
    }

    /// Calls `listener` for each notice from now on, after those of earlier phases.
    pub(super) fn listen(&self, phase: Phase, listener: impl Fn(&Notice) + Send + Sync + 'static) {
        let mut listeners = lock(&self.listeners);
        listeners.push((phase, Box::new(listener)));
        listeners.sort_by_key(|(phase, _)| *phase);
    }

    /// Notes that the logs of kanalen are opened: stored progress is about them.
    pub(super) fn logs_opened(&self) {
        self.has_logs.store(true, Ordering::Release);
    }

    /// Whether the logs of kanalen are opened.
    pub(super) fn has_logs(&self) -> bool {
        self.has_logs.load(Ordering::Acquire)
    }

    /// Why a topic that the gateway needs cannot be used; `None` if all can.
    pub(super) fn problem(&self) -> Option<String> {
        lock(&self.reports).problems.values().next().cloned()
    }

    /// What happened to topics since the start that lost events.
    pub(super) fn remarks(&self) -> Vec<String> {
        lock(&self.reports).remarks.values().cloned().collect()
    }

    /// The kind of a topic of this installation.
    fn kind(&self, topic: &str) -> Option<Kind> {
        if self.topics.kanaal_of(topic).is_some() {
            return Some(Kind::Kanaal);
        }
        inspect::internal_topics().find(|(name, _)| self.topics.internal(name) == topic).map(|(_, kind)| kind)
    }

    fn look(&self, runtime: &Handle) {
        let now = self.options.clock.now();
        let found = match self.admin.partition_counts_blocking() {
            Ok(found) => found,
            Err(error) => return log_throttle::warn_throttled("topics cannot be looked at", &error, ""),
        };
        let found: BTreeMap<String, u32> = found.into_iter().filter(|(topic, _)| self.kind(topic).is_some()).collect();
        let mut notices = self.compare_topics(&found, runtime);
        notices.extend(self.compare_ends(&found, now));
        notices.push(Notice::Ends(lock(&self.known).ends.clone().into_iter().collect()));
        for notice in notices {
            self.report(&notice);
            for (_, listener) in lock(&self.listeners).iter() {
                listener(&notice);
            }
        }
    }

    /// Compares the topics with those of earlier looks, and makes those again that were deleted.
    fn compare_topics(&self, found: &BTreeMap<String, u32>, runtime: &Handle) -> Vec<Notice> {
        let mut notices = Vec::new();
        let mut replaced = HashSet::new();
        let created = self.admin.take_created();
        let mut known = lock(&self.known).topics.clone();
        let shrunk = std::mem::take(&mut lock(&self.known).shrunk);
        // A topic may be used and deleted between two looks.
        known.extend(self.admin.known_counts().into_iter().filter(|(topic, _)| !found.contains_key(topic)));
        // A topic that was seen before it was created had been deleted. A look may also see one that is just being created.
        let created_again = |topic: &str| {
            let (requested, seen) = (created.get(topic), lock(&self.known).seen.get(topic).copied());
            requested.zip(seen).is_some_and(|(requested, seen)| seen < *requested)
        };
        for (topic, before) in known {
            let missed = lock(&self.known).missed.remove(&topic).unwrap_or(0);
            match found.get(&topic) {
                Some(count) if missed > 0 || created_again(&topic) || (*count < before && shrunk.contains(&topic)) => {
                    notices.extend(self.anew(&topic));
                    replaced.insert(topic);
                }
                Some(count) if *count < before => drop(lock(&self.known).shrunk.insert(topic)),
                Some(_) => {}
                // The list omits topics that this node may not see, too.
                None if !self.admin.is_absent(&topic) => {}
                None if missed + 1 < MISSES => {
                    let mut known = lock(&self.known);
                    known.topics.insert(topic.clone(), before);
                    known.missed.insert(topic, missed + 1);
                }
                None => {
                    self.admin.forget(&topic);
                    match self.make_again(&topic, before, runtime) {
                        Ok(()) => notices.extend(self.anew(&topic)),
                        Err(reason) => {
                            tracing::error!(topic, reason, "a topic was deleted and is not there");
                            lock(&self.reports).problems.insert(topic.clone(), reason);
                            lock(&self.known).missed.insert(topic, missed + 1);
                        }
                    }
                }
            }
        }
        for (topic, count) in found {
            let mut known = lock(&self.known);
            known.seen.entry(topic.clone()).or_insert_with(Instant::now);
            if !known.shrunk.contains(topic) {
                known.topics.insert(topic.clone(), *count);
                self.admin.note_count(topic, *count, replaced.contains(topic));
            }
        }
        notices
    }

    /// Makes a deleted topic again, as it was; `Err` with the reason why it is not.
    fn make_again(&self, topic: &str, partitions: u32, runtime: &Handle) -> Result<(), String> {
        if topic == self.topics.internal("control") {
            return Err(format!(
                "topic {topic} was deleted: changes are refused until the nodes are started with --new-control"
            ));
        }
        let Some(kind) = self.kind(topic) else { return Ok(()) };
        let made = runtime.block_on(self.admin.ensure(topic, kind, partitions));
        drop(self.admin.take_created());
        made.map(drop).map_err(|error| format!("topic {topic} was deleted and cannot be made again: {error}"))
    }

    /// The notice of a topic that exists again after it was deleted.
    fn anew(&self, topic: &str) -> Option<Notice> {
        let mut known = lock(&self.known);
        known.ends.retain(|(name, _), _| name != topic);
        let intact = known.intact.get(topic).copied().unwrap_or_default();
        drop(known);
        if self.topics.kanaal_of(topic).is_some() {
            return Some(Notice::BeganAnew(topic.to_owned(), intact));
        }
        if topic == self.topics.internal("control") {
            let text =
                format!("topic {topic} was deleted and made again: changes are refused until the nodes are restarted");
            lock(&self.reports).problems.insert(topic.to_owned(), text);
            return None;
        }
        lock(&self.reports).problems.remove(topic);
        Some(Notice::Remade(topic.to_owned()))
    }

    /// Compares the ends of the partitions of kanalen with those of the previous look. An end that went back means that
    /// records are lost.
    fn compare_ends(&self, found: &BTreeMap<String, u32>, now: Timestamp) -> Vec<Notice> {
        let of_kanaal = |(topic, count): (&String, &u32)| {
            self.topics.kanaal_of(topic).map(|_| topic_partitions(topic, *count)).unwrap_or_default()
        };
        let partitions: Vec<TopicPartition> = found.iter().flat_map(of_kanaal).collect();
        // A partition without a leader makes the whole request fail; the next look asks again.
        let Ok(ends) = self.admin.ends_blocking(&partitions, Offset::End) else { return Vec::new() };
        let mut known = lock(&self.known);
        let mut shorter = HashSet::new();
        for (partition, end) in partitions.into_iter().zip(ends) {
            let Some(end) = end else { continue };
            if known.ends.get(&partition).is_some_and(|before| *before > end) {
                shorter.insert(partition.0.clone());
            }
            known.ends.insert(partition, end);
        }
        for topic in found.keys().filter(|topic| !shorter.contains(*topic)) {
            known.intact.insert(topic.clone(), now);
        }
        let began = |topic: String| {
            let intact = known.intact.get(&topic).copied().unwrap_or_default();
            Notice::BeganAnew(topic, intact)
        };
        shorter.into_iter().map(began).collect()
    }

    fn report(&self, notice: &Notice) {
        match notice {
            Notice::Ends(_) => {}
            Notice::BeganAnew(topic, intact) => {
                ::metrics::counter!(metrics::TOPICS_LOST).increment(1);
                tracing::error!(
                    topic,
                    %intact,
                    "the topic of a kanaal was deleted or lost records: events are lost; deliveries go on with what it \
                     holds now"
                );
                let text = format!("topic {topic} was deleted or lost records after {intact}: events are lost");
                lock(&self.reports).remarks.insert(topic.clone(), text);
            }
            Notice::Remade(topic) => {
                ::metrics::counter!(metrics::TOPICS_LOST).increment(1);
                tracing::error!(topic, "a topic of the gateway was deleted: what it held is lost; it was made again");
                let text = format!("topic {topic} was deleted: what it held is lost; it was made again");
                lock(&self.reports).remarks.insert(topic.clone(), text);
            }
        }
    }
}

fn run(monitor: &Weak<Monitor>, stopped: &mpsc::Receiver<()>, runtime: &Handle) {
    while let Some(monitor) = monitor.upgrade() {
        monitor.look(runtime);
        drop(monitor);
        if !matches!(stopped.recv_timeout(INTERVAL), Err(mpsc::RecvTimeoutError::Timeout)) {
            return;
        }
    }
}
