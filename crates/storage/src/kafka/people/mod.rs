//! People (addressees, due messages, evidence, mailings, the inbox), and what was seen of feeds, on the compacted topic `people`: each
//! record is one row of `audience.db`, of which every node has a copy.
//!
//! The topic has one partition; its consumer group elects the owner, the one node that changes rows. A transaction of SQLite is stored as
//! one transaction of Kafka before it is committed in the owner's copy, and includes an offset of the group, so that the brokers
//! refuse it once another node is the owner. The other nodes apply what is committed, and have the owner do what their callers change
//! ([`commands`]). A copy can be deleted at any time: it is filled again from the topic. The ports are those of [`SqliteAudience`]
//! over that copy.
//!
//! Keys are tables and numbers, and digests in the rows of evidence and of states of the inbox; never an address. An erasure
//! replaces the row that has the address, and compaction removes what was replaced within [`Options::erasure`].

mod commands;
mod fill;
mod follower;
mod member;
mod ports;
mod upstream;

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

use model::Partition;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerGroupMetadata};
use tokio::{runtime::Handle, sync::watch};

pub(super) use self::commands::TOPICS;
use self::{commands::Commands, follower::Follower, member::Membership, upstream::Lead};
pub use self::{fill::FilledPeople, ports::PeoplePorts};
use super::{
    Kafka, Options,
    admin::{Admin, Kind},
    consumer_pool::ConsumerPool,
    failure, metrics,
    version_latch::VersionLatch,
};
use crate::{
    Error,
    sqlite::{
        self, SqliteAudience,
        replica::{ReplicaFile, Table},
    },
};

/// The topic, without prefix.
pub(super) const TOPIC: &str = "people";

/// State shared by the writer, the readers and the thread of this node.
struct Shared {
    options: Arc<Options>,
    /// The name of the topic, of the group and of the transactional id.
    topic: Arc<str>,
    admin: Arc<Admin>,
    pool: Arc<ConsumerPool>,
    runtime: Handle,
    tables: Vec<Table>,
    /// The present member of the group.
    member: Mutex<Weak<BaseConsumer<Membership>>>,
    /// Whether the group assigned the partition to this node.
    assigned: AtomicBool,
    /// The brokers refused this node as the owner: leave the group and join again.
    rejoin: AtomicBool,
    /// What the owner writes with; `None` on other nodes, and until the copy is complete.
    lead: Mutex<Option<Lead>>,
    owner: watch::Sender<bool>,
    /// Where the copy is to be read on; an error when a record cannot be applied.
    applied: watch::Sender<Result<u64, Error>>,
    /// Changes whenever something was stored for a caller at another node.
    changes: watch::Sender<()>,
    latch: Arc<VersionLatch>,
    stop: AtomicBool,
}

impl Shared {
    fn lead(&self) -> MutexGuard<'_, Option<Lead>> {
        self.lead.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// This node changes nothing any more, until it has read to the end again.
    fn step_down(&self) {
        let lead = self.lead().take();
        self.owner.send_replace(false);
        ::metrics::gauge!(metrics::PEOPLE_OWNER).set(0.0);
        // Closing a producer takes a moment.
        drop(lead);
    }

    /// A change was not stored: this node is the owner no more, or reads to the end before it goes on.
    fn failed(&self, error: &Error) {
        if matches!(error, Error::Fenced) {
            ::metrics::counter!(metrics::FENCED, "what" => "people").increment(1);
            self.rejoin.store(true, Ordering::Release);
        }
        self.step_down();
    }

    /// Where the copy is to be read on, or why it cannot be.
    fn note_applied(&self, applied: Result<u64, Error>) {
        self.applied.send_modify(|known| *known = applied);
    }

    fn stopping(&self) -> bool {
        self.stop.load(Ordering::Acquire)
    }

    /// The current membership of the group.
    fn membership(&self) -> Option<ConsumerGroupMetadata> {
        let member = self.member.lock().unwrap_or_else(PoisonError::into_inner).upgrade()?;
        member.group_metadata()
    }
}

/// The ports Audience, Mailings, Inbox and Feeds on Kafka. Dropping it gives up the ownership; what is left of the ports can be read.
pub struct KafkaPeople {
    audience: Arc<SqliteAudience>,
    ports: Arc<PeoplePorts>,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl std::fmt::Debug for KafkaPeople {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KafkaPeople").field("topic", &self.shared.topic).finish_non_exhaustive()
    }
}

impl KafkaPeople {
    /// Creates missing topics, and opens the copy in a directory of its own. A node that `works` for people becomes a candidate for
    /// the owner.
    pub(super) async fn open(kafka: &Kafka, directory: &Path, works: bool) -> Result<Self, Error> {
        let Kafka { options, topics, admin, latch, .. } = kafka.clone();
        let topic = topics.internal(TOPIC);
        admin.ensure(&topic, Kind::Personal(options.erasure), 1).await?;
        for (name, kind) in TOPICS {
            admin.ensure(&topics.internal(name), kind, 1).await?;
        }
        let [commands, answers] = TOPICS.map(|(name, _)| topics.internal(name));
        let commands = Arc::new(Commands::new(Arc::clone(&options), commands, answers)?);
        let (directory, now) = (directory.to_owned(), options.clock.now());
        let open = {
            let directory = directory.clone();
            move || open_copy(&directory, now)
        };
        let (file, path) = tokio::task::spawn_blocking(open).await.map_err(failure::join)??;
        let next = file.state()?.next;
        let end = admin.end((topic.clone(), Partition(0))).await?;
        if next > end {
            let reason = format!(
                "topic {topic} ends at {end}, and {} was filled up to {next}: the topic was deleted or replaced; restore \
                 it, or remove that file to begin with what the topic has",
                path.display()
            );
            return Err(Error::Corrupt { kind: "topic of people", reason });
        }
        let shared = Arc::new(Shared {
            topic: topic.into(),
            pool: Arc::new(ConsumerPool::new(Arc::clone(&options))),
            runtime: Handle::current(),
            tables: file.tables(),
            member: Mutex::default(),
            assigned: AtomicBool::new(false),
            rejoin: AtomicBool::new(false),
            lead: Mutex::default(),
            owner: watch::Sender::new(false),
            applied: watch::Sender::new(Ok(next)),
            changes: watch::Sender::new(()),
            stop: AtomicBool::new(false),
            admin,
            latch,
            options,
        });
        let own = {
            let own = sqlite::Options::new(Arc::clone(&shared.options.clock));
            sqlite::Options { deadline: shared.options.deadline, ..own }
        };
        let audience = SqliteAudience::open_copy(&directory, &own, Arc::clone(&shared) as _)?;
        let ports = PeoplePorts::new(Arc::clone(&audience), Arc::clone(&shared), Arc::clone(&commands));
        let follower = Follower::start(Arc::clone(&shared), (file, Arc::clone(&audience)), commands, works)?;
        let thread = std::thread::Builder::new().name("kafka-people".into()).spawn(move || follower.run());
        let thread = thread.map_err(|error| failure::unavailable(format!("no thread: {error}")))?;
        Ok(Self { audience, ports: Arc::new(ports), shared, thread: Some(thread) })
    }

    /// The ports Audience and Inbox. Reads on a node that is not the owner wait until it has what was stored before; changes are
    /// done by the owner. A change that fails may be stored nevertheless, when it was not confirmed in time.
    pub fn ports(&self) -> Arc<PeoplePorts> {
        Arc::clone(&self.ports)
    }

    /// The port Mailings; only the owner writes it.
    pub fn mailings(&self) -> Arc<SqliteAudience> {
        Arc::clone(&self.audience)
    }

    /// The port Feeds; only the owner writes it.
    pub fn feeds(&self) -> Arc<SqliteAudience> {
        Arc::clone(&self.audience)
    }

    /// Whether this node is the owner. What it stored and read while it was the owner may be out of date once it is not.
    pub fn ownership(&self) -> watch::Receiver<bool> {
        self.shared.owner.subscribe()
    }

    /// Changes whenever something was stored for a caller at another node.
    pub fn changes(&self) -> watch::Receiver<()> {
        self.shared.changes.subscribe()
    }

    /// Waits until this node is the owner.
    ///
    /// # Errors
    /// `NewerVersion` when it cannot be, since a record is of a newer program.
    pub async fn owned(&self) -> Result<(), Error> {
        let mut owner = self.ownership();
        loop {
            self.shared.latch.check()?;
            if *owner.borrow_and_update() {
                return Ok(());
            }
            // The latch trips without a change of the owner.
            drop(tokio::time::timeout(Duration::from_secs(1), owner.changed()).await);
        }
    }
}

fn open_copy(directory: &Path, now: model::Timestamp) -> Result<(ReplicaFile, PathBuf), Error> {
    let failed = |error: std::io::Error| failure::unavailable(format!("cannot make {}: {error}", directory.display()));
    std::fs::create_dir_all(directory).map_err(failed)?;
    let path = SqliteAudience::path_in(directory);
    Ok((ReplicaFile::open(&path, now)?, path))
}

impl Drop for KafkaPeople {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread of people panicked");
        }
        self.shared.step_down();
    }
}
