//! Control on topics: `commands` -> one processor -> `control` (compacted), `answers`, `audit`.
//!
//! Every node offers to be the processor; the consumer group of `commands`, which has one partition, chooses. Every
//! node folds `control` into its registry and looks for the answers to its own commands. A command that nobody
//! decided in half the deadline is no longer decided, so a caller who was told `Unavailable` is not surprised later,
//! as far as the clocks of nodes and brokers agree.

mod follower;
mod processor;

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

use async_trait::async_trait;
use model::{Partition, decide::Command, registry::Change};
use tokio::{
    runtime::Handle,
    sync::{broadcast, oneshot, watch},
};
use uuid::Uuid;

use self::{follower::Follower, processor::Processor};
use super::{
    Kafka, Options,
    admin::{Admin, Kind},
    cursor::Cursors,
    failure,
    fitness::Fitness,
    produce::Produce,
    writer::Outgoing,
};
use crate::{
    Control, Error,
    control::{Decision, SharedRegistry},
    log::Stored,
    stored,
};

/// How many changes a receiver may lag behind before it must read the registry anew.
const LAG: usize = 4_096;
/// How long this node may take to see what is committed, before it is looked for what that is.
const FOLLOWS: Duration = Duration::from_millis(300);
/// How long commands and answers are kept.
const PASSING: Duration = Duration::from_hours(1);
/// How long the audit trail is kept.
const AUDIT: Duration = Duration::from_hours(24 * 365 * 2);

/// What control consists of, with what each topic is for.
pub(super) const TOPICS: [(&str, Kind); 4] = [
    ("commands", Kind::Passing(PASSING)),
    ("control", Kind::State),
    ("answers", Kind::Passing(PASSING)),
    ("audit", Kind::History(AUDIT)),
];

/// Names of what control consists of.
#[derive(Debug, Clone)]
struct Places {
    commands: String,
    control: String,
    answers: String,
    audit: String,
    processor: String,
}

/// What a command came to, and the offset of control that shows it.
type Answer = Result<(Decision, u64), Error>;

/// What the threads and the callers of this node share.
struct Shared {
    options: Arc<Options>,
    places: Places,
    registry: SharedRegistry,
    changes: broadcast::Sender<Change>,
    /// Control is folded up to this offset; an error when a record cannot be folded.
    folded: watch::Sender<Result<u64, Error>>,
    waiting: Mutex<HashMap<Uuid, oneshot::Sender<Answer>>>,
    fitness: Arc<Fitness>,
    stop: AtomicBool,
}

impl Shared {
    fn waiting(&self) -> MutexGuard<'_, HashMap<Uuid, oneshot::Sender<Answer>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stopping(&self) -> bool {
        self.stop.load(Ordering::Acquire)
    }

    /// Waits until control is folded up to an offset.
    async fn folded_to(&self, until: u64) -> Result<(), Error> {
        let mut folded = self.folded.subscribe();
        let reached = |folded: &Result<u64, Error>| folded.as_ref().map_or(true, |folded| *folded >= until);
        let waited = tokio::time::timeout(self.options.deadline, folded.wait_for(reached)).await;
        let late = || failure::away("this node does not follow control in time");
        waited.map_err(|_| late())?.map_err(|_| late())?.clone().map(drop)
    }
}

/// The change that a record of control stands for.
fn change_of(stored: &Stored) -> Result<Change, Error> {
    let corrupt = |reason: &str| Error::Corrupt { kind: "control record", reason: reason.to_owned() };
    if let Some(value) = &stored.record.value {
        return stored::from_body(std::str::from_utf8(value).map_err(|_| corrupt("it is not text"))?);
    }
    let key = std::str::from_utf8(&stored.record.key).map_err(|_| corrupt("its key is not text"))?;
    let (kind, id) = key.split_once(':').ok_or_else(|| corrupt("its key names nothing"))?;
    stored::end_of(kind, id)
}

/// The port Control on Kafka.
pub struct KafkaControl {
    shared: Arc<Shared>,
    admin: Arc<Admin>,
    cursors: Arc<Cursors>,
    produce: Produce,
    /// This node has what stood in control up to this offset, markers of transactions included.
    seen: AtomicU64,
    threads: Vec<JoinHandle<()>>,
}

impl std::fmt::Debug for KafkaControl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KafkaControl").field("places", &self.shared.places).finish_non_exhaustive()
    }
}

impl KafkaControl {
    /// Makes what is missing, reads control, and offers to be the processor.
    pub(in crate::kafka) async fn open(kafka: &Kafka) -> Result<Self, Error> {
        let Kafka { options, topics, admin, fitness } = kafka.clone();
        let places = Places {
            commands: topics.own("commands"),
            control: topics.own("control"),
            answers: topics.own("answers"),
            audit: topics.own("audit"),
            processor: topics.own("processor"),
        };
        for (matter, kind) in TOPICS {
            admin.ensure(&topics.own(matter), kind, 1).await?;
        }
        let shared = Arc::new(Shared {
            registry: SharedRegistry::default(),
            changes: broadcast::Sender::new(LAG),
            folded: watch::Sender::new(Ok(0)),
            waiting: Mutex::default(),
            stop: AtomicBool::new(false),
            places,
            fitness,
            options: Arc::clone(&options),
        });
        let cursors = Arc::new(Cursors::new(Arc::clone(&options)));
        let produce = Produce::new(Arc::clone(&options))?;
        let mut control = Self { shared, admin, cursors, produce, seen: AtomicU64::new(0), threads: Vec::new() };

        let answers = control.admin.end((control.shared.places.answers.clone(), Partition(0))).await?;
        let (shared, cursors) = (Arc::clone(&control.shared), Arc::clone(&control.cursors));
        let read = move || Follower::start(shared, &cursors, answers);
        let follower = tokio::task::spawn_blocking(read).await.map_err(failure::task)??;
        let processor = Processor::new(Arc::clone(&control.shared), Arc::clone(&control.cursors), Handle::current());
        control.spawn("kafka-control", move || follower.run())?;
        control.spawn("kafka-processor", move || processor.run())?;
        Ok(control)
    }

    fn spawn(&mut self, name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), Error> {
        let thread = std::thread::Builder::new().name(name.into()).spawn(work);
        self.threads.push(thread.map_err(|error| failure::away(format!("no thread: {error}")))?);
        Ok(())
    }

    async fn send(&self, id: Uuid, command: &Command) -> Result<(), Error> {
        let body = stored::command::to_body(command)?;
        let record = Outgoing {
            partition: Some(0),
            key: id.as_bytes().to_vec().into(),
            value: Some(body.into_bytes().into()),
            ..Outgoing::default()
        };
        self.produce.append(vec![(self.shared.places.commands.as_str().into(), record)]).await.map(drop)
    }

    async fn decided(&self, id: Uuid, command: &Command) -> Answer {
        let (reply, answer) = oneshot::channel();
        self.shared.waiting().insert(id, reply);
        self.send(id, command).await?;
        match tokio::time::timeout(self.shared.options.deadline, answer).await {
            Ok(Ok(answer)) => answer,
            _ => Err(failure::away("no node decides on changes now")),
        }
    }
}

impl Drop for KafkaControl {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Release);
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a thread of control panicked");
            }
        }
    }
}

#[async_trait]
impl Control for KafkaControl {
    async fn submit(&self, command: Command) -> Result<Decision, Error> {
        self.shared.fitness.check()?;
        let id = self.shared.options.random.uuid();
        let answer = self.decided(id, &command).await;
        self.shared.waiting().remove(&id);
        let (decision, until) = answer?;
        self.shared.folded_to(until).await?;
        Ok(decision)
    }

    fn registry(&self) -> SharedRegistry {
        self.shared.registry.clone()
    }

    fn changes(&self) -> broadcast::Receiver<Change> {
        self.shared.changes.subscribe()
    }

    async fn catch_up(&self) -> Result<(), Error> {
        let control = self.shared.places.control.clone();
        let end = self.admin.end((control.clone(), Partition(0))).await?;
        if end <= self.seen.load(Ordering::Acquire) {
            return Ok(());
        }
        // Only the processor writes to control, in transactions of one record or more, and what ends before the end of what
        // is committed ends with a marker. So that is what stands there last.
        let until = end.saturating_sub(1);
        if let Ok(reached) = tokio::time::timeout(FOLLOWS, self.shared.folded_to(until)).await {
            return reached;
        }
        // A transaction that was taken back has left no record but a marker.
        let folded = self.shared.folded.borrow().clone()?;
        let cursors = Arc::clone(&self.cursors);
        let last = move || cursors.fold(&control, 0, folded, |_| Ok(()));
        let last = tokio::task::spawn_blocking(last).await.map_err(failure::task)??;
        self.shared.folded_to(last).await?;
        self.seen.fetch_max(end, Ordering::AcqRel);
        Ok(())
    }
}
