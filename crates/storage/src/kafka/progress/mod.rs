//! Progress on the compacted topic `progress`: its partitions are the shards, its consumer group is the ownership.
//!
//! A checkpoint is a transaction that includes the offset of the shard in that group, so it is refused once another
//! node has the shard. The id of the producer is that of the shard: a new owner ends what the old one left open at
//! once, and reads nothing before that. Records of the topic are never consumed through the group.

mod member;
mod seen;
mod shard;

use std::{
    collections::HashMap,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread::JoinHandle,
};

use async_trait::async_trait;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerGroupMetadata};
use tokio::{
    runtime::Handle,
    sync::{mpsc as tokio_mpsc, oneshot},
};

use self::{member::Membership, seen::Seen, shard::Job};
use super::{Kafka, Options, admin::Kind, cursor::Cursors, failure, fitness::Fitness};
use crate::{
    Error, Progress,
    progress::{Entry, Key, Ownership, Shard, Value},
};

/// A shard that is ours.
struct Owned {
    jobs: mpsc::Sender<Job>,
    worker: JoinHandle<()>,
    /// It is to go to another node, and the engine was told.
    losing: bool,
    /// The engine is done with it.
    released: bool,
    /// Its worker has lost it and said so; it only ends its client yet.
    over: bool,
    /// Tells the worker that it is no longer ours.
    lost: Arc<AtomicBool>,
}

/// What the port, the member of the group and the workers share.
struct Shared {
    options: Arc<Options>,
    topic: String,
    group: String,
    cursors: Cursors,
    runtime: Handle,
    owned: Mutex<HashMap<u32, Owned>>,
    released: Condvar,
    news: tokio_mpsc::UnboundedSender<Result<Ownership, Error>>,
    consumer: OnceLock<Weak<BaseConsumer<Membership>>>,
    stop: AtomicBool,
    /// A shard failed that the group still gives us: leave the group and join it anew.
    rejoin: AtomicBool,
    /// Leave the group for good.
    leave: AtomicBool,
    /// When it fails, leave the group as well.
    fitness: Arc<Fitness>,
}

impl Shared {
    fn owned(&self) -> MutexGuard<'_, HashMap<u32, Owned>> {
        self.owned.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stopping(&self) -> bool {
        self.stop.load(Ordering::Acquire)
    }

    fn tell(&self, news: Result<Ownership, Error>) {
        // Nobody listening is fine: the port is being dropped.
        drop(self.news.send(news));
    }

    /// Our present membership of the group.
    fn membership(&self) -> Option<ConsumerGroupMetadata> {
        self.consumer.get()?.upgrade()?.group_metadata()
    }
}

/// The topic, and what it is for.
pub(super) const TOPIC: (&str, Kind) = ("progress", Kind::State);

/// The port Progress on Kafka.
pub struct KafkaProgress {
    shared: Arc<Shared>,
    shards: u32,
    news: tokio::sync::Mutex<tokio_mpsc::UnboundedReceiver<Result<Ownership, Error>>>,
    member: Option<JoinHandle<()>>,
    seen: Arc<Seen>,
}

impl std::fmt::Debug for KafkaProgress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KafkaProgress").field("shards", &self.shards).finish_non_exhaustive()
    }
}

impl KafkaProgress {
    /// Makes the topic when it is missing, and joins the group if it takes shards.
    pub(in crate::kafka) async fn open(kafka: &Kafka, takes_part: bool) -> Result<Self, Error> {
        let Kafka { options, topics, admin, fitness } = kafka.clone();
        let (matter, kind) = TOPIC;
        let topic = topics.own(matter);
        let shards = admin.ensure(&topic, kind, options.shards).await?;
        let (news, inbox) = tokio_mpsc::unbounded_channel();
        let shared = Arc::new(Shared {
            cursors: Cursors::new(Arc::clone(&options)),
            group: topic.clone(),
            topic,
            runtime: Handle::current(),
            owned: Mutex::default(),
            released: Condvar::new(),
            news,
            consumer: OnceLock::new(),
            stop: AtomicBool::new(false),
            rejoin: AtomicBool::new(false),
            leave: AtomicBool::new(false),
            fitness,
            options,
        });
        let member = if takes_part { Some(member::start(&shared)?) } else { None };
        let seen = Arc::new(Seen::new(Arc::clone(&shared)));
        Ok(Self { shared, shards, news: tokio::sync::Mutex::new(inbox), member, seen })
    }
}

impl Drop for KafkaProgress {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Release);
        self.shared.released.notify_all();
        if let Some(member) = self.member.take()
            && member.join().is_err()
        {
            tracing::error!("the member of the group of shards panicked");
        }
    }
}

#[async_trait]
impl Progress for KafkaProgress {
    fn shards(&self) -> u32 {
        self.shards
    }

    async fn ownership(&self) -> Result<Ownership, Error> {
        let news = self.news.lock().await.recv().await;
        news.unwrap_or_else(|| Err(failure::away("the group of shards was left")))
    }

    async fn checkpoint(&self, shard: Shard, entries: Vec<Entry>) -> Result<(), Error> {
        let (reply, answer) = oneshot::channel();
        let jobs = self.shared.owned().get(&shard.0).map(|owned| owned.jobs.clone());
        let sent = jobs.is_some_and(|jobs| jobs.send(Job { entries, reply }).is_ok());
        if !sent {
            return Err(Error::Fenced);
        }
        answer.await.unwrap_or(Err(Error::Fenced))
    }

    async fn stored(&self, shard: Shard) -> Result<Vec<(Key, Value)>, Error> {
        self.seen.read(shard).await
    }

    async fn release(&self, shard: Shard) -> Result<(), Error> {
        if let Some(owned) = self.shared.owned().get_mut(&shard.0) {
            owned.released = true;
            if !owned.losing {
                // The engine stops, or cannot go on: the group would give the shard to nobody else.
                self.shared.leave.store(true, Ordering::Release);
            }
        }
        self.shared.released.notify_all();
        Ok(())
    }
}
