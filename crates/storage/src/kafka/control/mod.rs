//! Control on topics: `commands` -> one processor -> `control` (compacted), `answers`, `audit`.
//!
//! A command carries who sent it in a header; the processor adds the line of the audit trail about its decision.
//!
//! Every node is a candidate for the processor; the consumer group of `commands`, which has one partition, elects it.
//! Every node folds `control` into its registry and waits for the answers to its own commands. A command that was not
//! decided within half the deadline is dropped, so that a caller that received `Unavailable` does not see it take
//! effect later, as far as the clocks of nodes and brokers agree.

pub(super) mod evidence;
mod follower;
mod processor;
mod trail;

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
use model::{Actor, Partition, decide::Command, registry::Change};
use rdkafka::message::{Header, OwnedHeaders};
use tokio::{
    runtime::Handle,
    sync::{broadcast, oneshot, watch},
};
use uuid::Uuid;

pub use self::trail::KafkaAudit;
use self::{follower::Follower, processor::Processor};
use super::{
    Kafka, Options,
    admin::{Admin, Kind},
    cluster,
    consumer_pool::ConsumerPool,
    failure,
    idempotent_producer::IdempotentProducer,
    monitor::{Monitor, Notice, Phase},
    options::AUDIT_RETENTION,
    reporting_producer::ProducerRecord,
    version_latch::VersionLatch,
};
use crate::{
    Control, Error,
    control::{Decision, SharedRegistry, log_decision},
    encoding,
    log::Stored,
};

/// How many changes a receiver may lag before it must reread the registry.
const LAG: usize = 4_096;
/// How long `catch_up` waits for this node to fold the committed records before it reads their end itself.
const FOLLOW_TIMEOUT: Duration = Duration::from_millis(300);
/// Retention of commands and answers.
const MESSAGE_RETENTION: Duration = Duration::from_hours(1);

/// The topics of control, without prefix.
pub(super) const TOPICS: [(&str, Kind); 4] = [
    ("commands", Kind::Ephemeral(MESSAGE_RETENTION)),
    ("control", Kind::State),
    ("answers", Kind::Ephemeral(MESSAGE_RETENTION)),
    ("audit", Kind::History(AUDIT_RETENTION)),
];

/// The names of the topics, and the group and transactional id of the processor.
#[derive(Debug, Clone)]
struct TopicNames {
    commands: String,
    control: String,
    answers: String,
    audit: String,
    processor: String,
}

/// The decision on a command, and the offset in `control` behind its changes.
type Answer = Result<(Decision, u64), Error>;

/// State shared by the threads and the callers of this node.
struct Shared {
    options: Arc<Options>,
    names: TopicNames,
    registry: SharedRegistry,
    changes: broadcast::Sender<Change>,
    /// `control` is folded up to this offset; an error if a record cannot be folded.
    folded: watch::Sender<Result<u64, Error>>,
    pending: Mutex<HashMap<Uuid, oneshot::Sender<Answer>>>,
    latch: Arc<VersionLatch>,
    stop: AtomicBool,
    /// How often topics of control were made again: clients of before are replaced.
    remade: AtomicU64,
}

impl Shared {
    fn pending(&self) -> MutexGuard<'_, HashMap<Uuid, oneshot::Sender<Answer>>> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stopping(&self) -> bool {
        self.stop.load(Ordering::Acquire)
    }

    /// Waits until `control` is folded up to an offset.
    async fn wait_until_folded(&self, until: u64) -> Result<(), Error> {
        let mut folded = self.folded.subscribe();
        let reached = |folded: &Result<u64, Error>| folded.as_ref().map_or(true, |folded| *folded >= until);
        let waited = tokio::time::timeout(self.options.deadline, folded.wait_for(reached)).await;
        let late = || failure::unavailable("this node lags behind control");
        waited.map_err(|_| late())?.map_err(|_| late())?.clone().map(drop)
    }
}

/// The change that a record of `control` represents.
pub(super) fn change_of(stored: &Stored) -> Result<Change, Error> {
    let corrupt = |reason: &str| Error::Corrupt { kind: "control record", reason: reason.to_owned() };
    if let Some(value) = &stored.record.value {
        return encoding::from_body(std::str::from_utf8(value).map_err(|_| corrupt("it is not text"))?);
    }
    let key = std::str::from_utf8(&stored.record.key).map_err(|_| corrupt("its key is not text"))?;
    let (kind, id) = key.split_once(':').ok_or_else(|| corrupt("its key has no kind"))?;
    encoding::deletion_of(kind, id)
}

/// The ports Control and AuditLog on Kafka.
pub struct KafkaControl {
    shared: Arc<Shared>,
    admin: Arc<Admin>,
    pool: Arc<ConsumerPool>,
    producer: Arc<IdempotentProducer>,
    monitor: Arc<Monitor>,
    trail: KafkaAudit,
    /// The end of `control` up to which this node is known to be complete, transaction markers included.
    caught_up_to: AtomicU64,
    threads: Vec<JoinHandle<()>>,
}

impl std::fmt::Debug for KafkaControl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KafkaControl").field("topics", &self.shared.names).finish_non_exhaustive()
    }
}

impl KafkaControl {
    /// Creates missing topics, reads `control`, and becomes a candidate for the processor.
    pub(in crate::kafka) async fn open(kafka: &Kafka) -> Result<Self, Error> {
        let Kafka { options, topics, admin, latch, monitor } = kafka.clone();
        cluster::claim(kafka).await?;
        evidence::check(&admin, &topics, &options).await?;
        let names = TopicNames {
            commands: topics.internal("commands"),
            control: topics.internal("control"),
            answers: topics.internal("answers"),
            audit: topics.internal("audit"),
            processor: topics.internal("processor"),
        };
        for (name, kind) in TOPICS {
            let kind = if matches!(kind, Kind::History(_)) { Kind::History(options.audit_retention) } else { kind };
            admin.ensure(&topics.internal(name), kind, 1).await?;
        }
        let shared = Arc::new(Shared {
            registry: SharedRegistry::default(),
            changes: broadcast::Sender::new(LAG),
            folded: watch::Sender::new(Ok(0)),
            pending: Mutex::default(),
            stop: AtomicBool::new(false),
            remade: AtomicU64::new(0),
            names,
            latch,
            options: Arc::clone(&options),
        });
        let audit = shared.names.audit.clone();
        let pool = Arc::new(ConsumerPool::new(Arc::clone(&options)));
        let producer = Arc::new(IdempotentProducer::new(Arc::clone(&options))?);
        let trail = KafkaAudit::new(&options, audit, Arc::clone(&admin), Arc::clone(&pool), Arc::clone(&producer));
        let mut control = Self {
            trail,
            shared,
            admin,
            pool,
            producer,
            monitor: Arc::clone(&monitor),
            caught_up_to: AtomicU64::new(0),
            threads: Vec::new(),
        };

        let answers = control.admin.end((control.shared.names.answers.clone(), Partition(0))).await?;
        let (shared, pool) = (Arc::clone(&control.shared), Arc::clone(&control.pool));
        let read = move || Follower::start(shared, &pool, answers);
        let follower = tokio::task::spawn_blocking(read).await.map_err(failure::join)??;
        let (shared, pool, admin) = (&control.shared, &control.pool, &control.admin);
        let processor = Processor::new(Arc::clone(shared), Arc::clone(pool), Arc::clone(admin), Handle::current());
        control.spawn("kafka-control", move || follower.run())?;
        control.spawn("kafka-processor", move || processor.run())?;
        let (shared, producer) = (Arc::downgrade(&control.shared), Arc::downgrade(&control.producer));
        monitor.listen(Phase::Owners, move |notice| {
            let (Notice::Remade(topic), Some(shared)) = (notice, shared.upgrade()) else { return };
            if [&shared.names.commands, &shared.names.answers, &shared.names.audit].contains(&topic) {
                shared.remade.fetch_add(1, Ordering::AcqRel);
                producer.upgrade().into_iter().for_each(|producer| producer.renew());
            }
        });
        monitor.start();
        Ok(control)
    }

    fn spawn(&mut self, name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), Error> {
        let thread = std::thread::Builder::new().name(name.into()).spawn(work);
        self.threads.push(thread.map_err(|error| failure::unavailable(format!("no thread: {error}")))?);
        Ok(())
    }

    /// Fails when a topic that the gateway needs was deleted.
    fn check_topics(&self) -> Result<(), Error> {
        self.monitor.problem().map_or(Ok(()), |problem| Err(failure::unavailable(problem)))
    }

    async fn send(&self, id: Uuid, (actor, command): (&Actor, &Command)) -> Result<(), Error> {
        let body = encoding::command::to_body(command)?;
        let source = encoding::source::to_body(actor, &self.shared.options.node)?;
        let headers = OwnedHeaders::new_with_capacity(1);
        let record = ProducerRecord {
            partition: Some(0),
            key: id.as_bytes().to_vec().into(),
            value: Some(body.into_bytes().into()),
            headers: Some(headers.insert(Header { key: encoding::source::HEADER, value: Some(&source) })),
            ..ProducerRecord::default()
        };
        self.producer.append(vec![(self.shared.names.commands.as_str().into(), record)]).await.map(drop)
    }

    async fn send_and_wait(&self, id: Uuid, request: (&Actor, &Command)) -> Answer {
        let (reply, answer) = oneshot::channel();
        self.shared.pending().insert(id, reply);
        self.send(id, request).await?;
        match tokio::time::timeout(self.shared.options.deadline, answer).await {
            Ok(Ok(answer)) => answer,
            _ => Err(failure::unavailable("no node decides on commands now")),
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
    async fn submit(&self, actor: &Actor, command: Command) -> Result<Decision, Error> {
        self.shared.latch.check()?;
        self.check_topics()?;
        let id = self.shared.options.random.uuid();
        let answer = self.send_and_wait(id, (actor, &command)).await;
        self.shared.pending().remove(&id);
        let (decision, until) = answer?;
        self.shared.wait_until_folded(until).await?;
        let decision = Ok(decision);
        log_decision(actor, command.name(), &decision);
        decision
    }

    fn registry(&self) -> SharedRegistry {
        self.shared.registry.clone()
    }

    fn changes(&self) -> broadcast::Receiver<Change> {
        self.shared.changes.subscribe()
    }

    async fn catch_up(&self) -> Result<(), Error> {
        self.check_topics()?;
        let control = self.shared.names.control.clone();
        let end = self.admin.end((control.clone(), Partition(0))).await?;
        if end <= self.caught_up_to.load(Ordering::Acquire) {
            return Ok(());
        }
        // Only the processor writes to `control`, in transactions of at least one record, and each transaction ends
        // with a marker. So the record before the end is a marker.
        let until = end.saturating_sub(1);
        if let Ok(reached) = tokio::time::timeout(FOLLOW_TIMEOUT, self.shared.wait_until_folded(until)).await {
            return reached;
        }
        // An aborted transaction has left only its marker.
        let folded = self.shared.folded.borrow().clone()?;
        let pool = Arc::clone(&self.pool);
        let last = move || pool.read_to_end(&control, 0, folded, |_| Ok(()));
        let last = tokio::task::spawn_blocking(last).await.map_err(failure::join)??;
        self.shared.wait_until_folded(last).await?;
        self.caught_up_to.fetch_max(end, Ordering::AcqRel);
        Ok(())
    }
}
