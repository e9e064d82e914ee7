//! Progress on the compacted topic `progress`: its partitions are the shards, and its consumer group assigns them to
//! nodes.
//!
//! A checkpoint is a transaction that includes an offset of the shard in that group, so the broker refuses it once
//! another node owns the shard. The transactional id belongs to the shard: a new owner aborts the open transaction of
//! the previous one before it reads. The records themselves are never consumed through the group.

mod checkpoint_reader;
pub(super) mod log_check;
mod member;
mod members;
mod owners;
mod shard;

use std::{
    collections::HashMap,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread::JoinHandle,
};

use async_trait::async_trait;
use model::Timestamp;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerGroupMetadata};
use tokio::{
    runtime::Handle,
    sync::{mpsc as tokio_mpsc, oneshot},
};

use self::{checkpoint_reader::CheckpointReader, member::Membership, owners::Owners, shard::CheckpointJob};
use super::{
    Kafka, Options,
    admin::{Admin, Kind},
    consumer_pool::ConsumerPool,
    failure,
    monitor::{Monitor, Notice, Phase},
    topics::Topics,
    version_latch::VersionLatch,
};
use crate::{
    Error, Progress,
    progress::{Entry, Key, Member, Ownership, Shard, Value},
};

/// A shard that this node owns.
struct Owned {
    jobs: mpsc::Sender<CheckpointJob>,
    worker: JoinHandle<()>,
    /// `Ownership::Gained` was sent.
    gained: bool,
    /// The shard is to go to another node; `Ownership::Losing` was sent.
    losing: bool,
    /// The engine has released it.
    released: bool,
    /// The worker has reported the loss and only has to close its client.
    ended: bool,
    /// Set when this node no longer owns the shard; read by the worker.
    lost: Arc<AtomicBool>,
}

/// State shared by the port, the group member and the workers.
struct Shared {
    options: Arc<Options>,
    topics: Topics,
    admin: Arc<Admin>,
    monitor: Arc<Monitor>,
    topic: String,
    group: String,
    pool: ConsumerPool,
    runtime: Handle,
    owned: Mutex<HashMap<u32, Owned>>,
    released: Condvar,
    events: tokio_mpsc::UnboundedSender<Result<Ownership, Error>>,
    /// The present member of the group.
    member: Mutex<Weak<BaseConsumer<Membership>>>,
    stop: AtomicBool,
    /// A shard failed while the group still assigns it to this node: leave the group and join again.
    rejoin: AtomicBool,
    /// Give up all shards and gain them again; with the topics that began anew and when they were last intact.
    restart: Mutex<Option<HashMap<String, Timestamp>>>,
    /// The shards of the installation without an owner.
    owners: Owners,
    /// Leave the group for good.
    leave: AtomicBool,
    /// When it trips, leave the group as well.
    latch: Arc<VersionLatch>,
}

impl Shared {
    fn owned(&self) -> MutexGuard<'_, HashMap<u32, Owned>> {
        self.owned.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn restart(&self) -> MutexGuard<'_, Option<HashMap<String, Timestamp>>> {
        self.restart.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Acts on what the monitor found.
    fn noticed(&self, notice: &Notice) {
        match notice {
            Notice::Ends(_) => self.owners.look(self),
            Notice::BeganAnew(topic, intact) => {
                self.restart().get_or_insert_default().insert(topic.clone(), *intact);
            }
            Notice::Remade(topic) if *topic == self.topic => self.rejoin.store(true, Ordering::Release),
            Notice::Remade(_) => {}
        }
    }

    fn stopping(&self) -> bool {
        self.stop.load(Ordering::Acquire)
    }

    fn notify(&self, events: Result<Ownership, Error>) {
        // The send fails only while the port is being dropped.
        drop(self.events.send(events));
    }

    /// The present member of the group; `None` on a node that takes no shards.
    fn member(&self) -> Option<Arc<BaseConsumer<Membership>>> {
        self.member.lock().unwrap_or_else(PoisonError::into_inner).upgrade()
    }

    /// The current membership of the group.
    fn membership(&self) -> Option<ConsumerGroupMetadata> {
        self.member()?.group_metadata()
    }
}

/// The topic, without prefix.
pub(super) const TOPIC: (&str, Kind) = ("progress", Kind::State);

/// The port Progress on Kafka.
pub struct KafkaProgress {
    shared: Arc<Shared>,
    shards: u32,
    events: tokio::sync::Mutex<tokio_mpsc::UnboundedReceiver<Result<Ownership, Error>>>,
    member: Option<JoinHandle<()>>,
    checkpoints: Arc<CheckpointReader>,
}

impl std::fmt::Debug for KafkaProgress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KafkaProgress").field("shards", &self.shards).finish_non_exhaustive()
    }
}

impl KafkaProgress {
    /// Creates the topic if it is missing, and joins the group if this node takes shards.
    pub(in crate::kafka) async fn open(kafka: &Kafka, join: bool) -> Result<Self, Error> {
        let Kafka { options, topics, admin, latch, monitor } = kafka.clone();
        let (name, kind) = TOPIC;
        let topic = topics.internal(name);
        let shards = admin.ensure(&topic, kind, options.shards).await?;
        let (events, inbox) = tokio_mpsc::unbounded_channel();
        let shared = Arc::new(Shared {
            pool: ConsumerPool::new(Arc::clone(&options)),
            group: topic.clone(),
            owners: Owners::new(shards, &options),
            restart: Mutex::default(),
            topics,
            admin,
            monitor: Arc::clone(&monitor),
            topic,
            runtime: Handle::current(),
            owned: Mutex::default(),
            released: Condvar::new(),
            events,
            member: Mutex::default(),
            stop: AtomicBool::new(false),
            rejoin: AtomicBool::new(false),
            leave: AtomicBool::new(false),
            latch,
            options,
        });
        let member = if join { Some(member::start(&shared)?) } else { None };
        if join {
            let noticing = Arc::downgrade(&shared);
            let listener = move |notice: &Notice| noticing.upgrade().into_iter().for_each(|own| own.noticed(notice));
            monitor.listen(Phase::Owners, listener);
        }
        monitor.start();
        let checkpoints = Arc::new(CheckpointReader::new(Arc::clone(&shared)));
        Ok(Self { shared, shards, events: tokio::sync::Mutex::new(inbox), member, checkpoints })
    }
}

impl Drop for KafkaProgress {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Release);
        self.shared.released.notify_all();
        if let Some(member) = self.member.take()
            && member.join().is_err()
        {
            tracing::error!("the member of the shard group panicked");
        }
    }
}

#[async_trait]
impl Progress for KafkaProgress {
    fn shards(&self) -> u32 {
        self.shards
    }

    fn unowned(&self) -> Option<String> {
        self.member.as_ref().and_then(|_| self.shared.owners.problem())
    }

    async fn members(&self) -> Result<Option<Vec<Member>>, Error> {
        let shared = Arc::clone(&self.shared);
        let members = tokio::task::spawn_blocking(move || members::list(&shared)).await;
        members.map_err(failure::join)?.map(Some)
    }

    async fn ownership(&self) -> Result<Ownership, Error> {
        let events = self.events.lock().await.recv().await;
        events.unwrap_or_else(|| Err(failure::unavailable("this node has left the shard group")))
    }

    async fn checkpoint(&self, shard: Shard, entries: Vec<Entry>) -> Result<(), Error> {
        let (reply, answer) = oneshot::channel();
        // What is not gained yet was never passed to the engine: this checkpoint is of an earlier ownership.
        let jobs = self.shared.owned().get(&shard.0).filter(|owned| owned.gained).map(|owned| owned.jobs.clone());
        let sent = jobs.is_some_and(|jobs| jobs.send(CheckpointJob { entries, reply }).is_ok());
        if !sent {
            return Err(Error::Fenced);
        }
        answer.await.unwrap_or(Err(Error::Fenced))
    }

    async fn stored(&self, shard: Shard) -> Result<Vec<(Key, Value)>, Error> {
        self.checkpoints.read(shard).await
    }

    async fn release(&self, shard: Shard) -> Result<(), Error> {
        // An engine that was late may release a shard that this node is about to gain again.
        if let Some(owned) = self.shared.owned().get_mut(&shard.0).filter(|owned| owned.gained) {
            owned.released = true;
            if !owned.losing {
                // The engine stops or cannot continue. Without leaving, the group would not assign the shard to another
                // node.
                self.shared.leave.store(true, Ordering::Release);
            }
        }
        self.shared.released.notify_all();
        Ok(())
    }
}
