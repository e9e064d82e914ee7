//! The member of the consumer group that assigns the shards: a thread that keeps the membership alive and handles
//! rebalances.
//!
//! The client's callbacks run on that thread. Giving up a shard waits inside the callback for the engine, which the
//! group allows for; heartbeats continue meanwhile.

use std::{
    collections::HashMap,
    sync::{
        Arc, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread::JoinHandle,
    time::Duration,
};

use model::Timestamp;
use rdkafka::{
    ClientContext,
    consumer::{BaseConsumer, Consumer, ConsumerContext, Rebalance},
    error::KafkaError,
};

use super::{Owned, Shared, shard::Worker};
use crate::{
    Error,
    kafka::{
        brokers_down::{BrokersDown, NotesBrokersDown, has_lost_brokers},
        client, failure, log_throttle,
    },
    progress::{Ownership, Shard},
};

/// How long one poll waits.
const POLL: Duration = Duration::from_millis(50);

/// The client context with the rebalance callbacks.
pub(super) struct Membership {
    shared: Weak<Shared>,
    brokers_down: BrokersDown,
}

impl ClientContext for Membership {
    fn error(&self, error: KafkaError, reason: &str) {
        self.brokers_down.client_reported(&error, reason);
    }
}

impl NotesBrokersDown for Membership {
    fn brokers_down(&self) -> &BrokersDown {
        &self.brokers_down
    }
}

impl ConsumerContext for Membership {
    fn pre_rebalance(&self, consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        let (Rebalance::Revoke(list), Some(shared)) = (rebalance, self.shared.upgrade()) else { return };
        let shards = list.elements().iter().map(|element| element.partition() as u32).collect();
        give_up(&shared, shards, (!consumer.assignment_lost()).then_some(shared.options.handover));
    }

    fn post_rebalance(&self, consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        let (Rebalance::Assign(list), Some(shared)) = (rebalance, self.shared.upgrade()) else { return };
        if let Err(error) = consumer.pause(list) {
            tracing::warn!(%error, "cannot pause the partitions of shards");
        }
        for element in list.elements() {
            gain(&shared, element.partition() as u32, &HashMap::new());
        }
    }
}

/// Joins the group and starts the thread.
pub(super) fn start(shared: &Arc<Shared>) -> Result<JoinHandle<()>, Error> {
    let mut consumer = join(shared)?;
    let shared = Arc::clone(shared);
    let run = move || {
        run(&shared, &mut consumer);
        give_up_all(&shared);
        // Leaves the group.
        drop(consumer);
    };
    let thread = std::thread::Builder::new().name("kafka-shards".into()).spawn(run);
    thread.map_err(|error| failure::unavailable(format!("no thread: {error}")))
}

fn join(shared: &Arc<Shared>) -> Result<Arc<BaseConsumer<Membership>>, Error> {
    let failed = |error: KafkaError| failure::kafka("cannot join the shard group", &error);
    let config = client::member_config(&shared.options, &shared.group);
    let brokers_down = BrokersDown::new(&shared.options);
    let context = Membership { shared: Arc::downgrade(shared), brokers_down };
    let consumer: Arc<BaseConsumer<Membership>> = client::create(&shared.options, &config, context).map_err(failed)?;
    consumer.subscribe(&[&shared.topic]).map_err(failed)?;
    *shared.member.lock().unwrap_or_else(PoisonError::into_inner) = Arc::downgrade(&consumer);
    Ok(consumer)
}

/// Gives up all shards without waiting for the engine. Returns when the workers, which borrow the client, have ended.
fn give_up_all(shared: &Shared) {
    let shards = shared.owned().keys().copied().collect();
    give_up(shared, shards, None);
}

fn run(shared: &Arc<Shared>, consumer: &mut Arc<BaseConsumer<Membership>>) {
    let (mut left, mut notified) = (false, false);
    while !shared.stopping() {
        match consumer.poll(POLL) {
            None | Some(Ok(_) | Err(KafkaError::PartitionEOF(_))) => {}
            Some(Err(error)) => log_throttle::warn_throttled("the shard group cannot be reached", &error, ""),
        }
        let readable = shared.latch.check();
        if readable.is_err() || shared.leave.load(Ordering::Acquire) {
            if !std::mem::replace(&mut left, true) {
                consumer.unsubscribe();
            }
            if let Err(error) = readable
                && shared.owned().is_empty()
                && !std::mem::replace(&mut notified, true)
            {
                shared.notify(Err(error));
            }
        } else if has_lost_brokers(consumer.client()) {
            // Before it joins again: a worker that borrowed the new client would not be fenced.
            give_up_all(shared);
            shared.rejoin.store(false, Ordering::Release);
            match join(shared) {
                Ok(joined) => *consumer = joined,
                Err(error) => tracing::error!(%error, "cannot rejoin the shard group"),
            }
        } else if shared.rejoin.swap(false, Ordering::AcqRel) {
            consumer.unsubscribe();
            if let Err(error) = consumer.subscribe(&[&shared.topic]) {
                tracing::error!(%error, "cannot rejoin the shard group");
                shared.rejoin.store(true, Ordering::Release);
            }
        } else {
            let anew = shared.restart().take();
            if let Some(anew) = anew {
                restart(shared, &anew);
            }
        }
    }
}

/// Gives up all shards of this node and gains them again, since logs are not what they were: the engine drains them, and
/// begins with what is there now.
fn restart(shared: &Arc<Shared>, anew: &HashMap<String, Timestamp>) {
    let (gained, others): (Vec<u32>, Vec<u32>) = {
        let owned = shared.owned();
        owned.keys().copied().partition(|shard| owned.get(shard).is_some_and(|owned| owned.gained))
    };
    // The engine does not have them yet.
    give_up(shared, others.clone(), None);
    // No other node waits for them, so an engine that is late gets the time to release them in order.
    give_up(shared, gained.clone(), Some(2 * shared.options.handover));
    for shard in gained.into_iter().chain(others) {
        gain(shared, shard, anew);
    }
}

fn gain(shared: &Arc<Shared>, shard: u32, anew: &HashMap<String, Timestamp>) {
    let (jobs, inbox) = mpsc::channel();
    let lost = Arc::new(AtomicBool::new(false));
    let worker = Worker::new(Arc::clone(shared), Shard(shard), inbox, Arc::clone(&lost), anew.clone());
    // Under the lock: the worker looks for its entry.
    let mut owned = shared.owned();
    match std::thread::Builder::new().name(format!("kafka-shard-{shard}")).spawn(move || worker.run()) {
        Ok(worker) => {
            let own = Owned { jobs, worker, gained: false, losing: false, released: false, ended: false, lost };
            owned.insert(shard, own);
        }
        Err(error) => tracing::error!(%error, shard, "cannot start the thread of a shard"),
    }
}

/// Gives up shards. With a time to wait it first sends `Ownership::Losing`, and the engine has that long to release them;
/// without one they are lost already.
fn give_up(shared: &Shared, shards: Vec<u32>, wait: Option<Duration>) {
    // A worker that has ended has reported the loss itself.
    let is_active = |owned: &Owned| !owned.ended && !owned.worker.is_finished();
    if let Some(wait) = wait {
        for shard in &shards {
            if let Some(owned) = shared.owned().get_mut(shard).filter(|owned| is_active(owned)) {
                owned.losing = true;
                shared.notify(Ok(Ownership::Losing(Shard(*shard), shared.options.handover)));
            }
        }
        let unreleased = |owned: &mut HashMap<u32, Owned>| {
            let held = |shard| owned.get(shard).is_some_and(|owned| !owned.released && is_active(owned));
            !shared.stopping() && shards.iter().any(held)
        };
        let waited = shared.released.wait_timeout_while(shared.owned(), wait, unreleased);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }
    let mut ending = Vec::with_capacity(shards.len());
    for shard in shards {
        let Some(owned) = shared.owned().remove(&shard) else { continue };
        owned.lost.store(true, Ordering::Release);
        // Sent before any worker is waited for: the engine has to stop immediately.
        if is_active(&owned) && (wait.is_none() || !owned.released) {
            shared.notify(Ok(Ownership::Lost(Shard(shard))));
        }
        ending.push((shard, owned.worker));
        // The worker ends once its job channel is closed, after its current job.
        drop(owned.jobs);
    }
    for (shard, worker) in ending {
        if worker.join().is_err() {
            shared.notify(Ok(Ownership::Lost(Shard(shard))));
        }
    }
}
