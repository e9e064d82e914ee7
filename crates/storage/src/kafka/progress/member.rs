//! The member of the consumer group that shares the shards: a thread that keeps the membership alive, and what
//! happens when shards come and go.
//!
//! Callbacks of the client run on that thread. Giving a shard up waits for the engine in there, which the group allows
//! for; heartbeats go on meanwhile.

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

use rdkafka::{
    ClientContext,
    consumer::{BaseConsumer, Consumer, ConsumerContext, Rebalance},
    error::KafkaError,
};

use super::{Owned, Shared, shard::Worker};
use crate::{
    Error,
    kafka::{client, failure, notes},
    progress::{Ownership, Shard},
};

/// How long one poll waits.
const POLL: Duration = Duration::from_millis(50);

/// What the client calls when shards come and go.
pub(super) struct Membership(Weak<Shared>);

impl ClientContext for Membership {
    fn error(&self, error: KafkaError, reason: &str) {
        notes::tell(notes::CLIENT, &error, reason);
    }
}

impl ConsumerContext for Membership {
    fn pre_rebalance(&self, consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        let (Rebalance::Revoke(list), Some(shared)) = (rebalance, self.0.upgrade()) else { return };
        let shards = list.elements().iter().map(|element| element.partition() as u32).collect();
        give_up(&shared, shards, consumer.assignment_lost());
    }

    fn post_rebalance(&self, consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        let (Rebalance::Assign(list), Some(shared)) = (rebalance, self.0.upgrade()) else { return };
        if let Err(error) = consumer.pause(list) {
            tracing::warn!(%error, "shards cannot be paused");
        }
        for element in list.elements() {
            gain(&shared, element.partition() as u32);
        }
    }
}

/// Joins the group.
pub(super) fn start(shared: &Arc<Shared>) -> Result<JoinHandle<()>, Error> {
    let failed = |error: KafkaError| failure::kafka("the group of shards cannot be joined", &error);
    let config = client::member(&shared.options, &shared.group);
    let consumer: Arc<BaseConsumer<Membership>> =
        client::create(&shared.options, &config, Membership(Arc::downgrade(shared))).map_err(failed)?;
    // It is set once, here.
    drop(shared.consumer.set(Arc::downgrade(&consumer)));
    consumer.subscribe(&[&shared.topic]).map_err(failed)?;
    let shared = Arc::clone(shared);
    let run = move || {
        run(&shared, &consumer);
        // Workers borrow the client; when they have ended, leaving the group is up to us alone.
        let shards = shared.owned().keys().copied().collect();
        give_up(&shared, shards, true);
        drop(consumer);
    };
    let thread = std::thread::Builder::new().name("kafka-shards".into()).spawn(run);
    thread.map_err(|error| failure::away(format!("no thread: {error}")))
}

fn run(shared: &Shared, consumer: &BaseConsumer<Membership>) {
    let (mut left, mut told) = (false, false);
    while !shared.stopping() {
        match consumer.poll(POLL) {
            None | Some(Ok(_) | Err(KafkaError::PartitionEOF(_))) => {}
            Some(Err(error)) => notes::tell("the group of shards is out of reach", &error, ""),
        }
        let fit = shared.fitness.check();
        if fit.is_err() || shared.leave.load(Ordering::Acquire) {
            if !std::mem::replace(&mut left, true) {
                consumer.unsubscribe();
            }
            if let Err(error) = fit
                && shared.owned().is_empty()
                && !std::mem::replace(&mut told, true)
            {
                shared.tell(Err(error));
            }
        } else if shared.rejoin.swap(false, Ordering::AcqRel) {
            consumer.unsubscribe();
            if let Err(error) = consumer.subscribe(&[&shared.topic]) {
                tracing::error!(%error, "the group of shards cannot be joined anew");
                shared.rejoin.store(true, Ordering::Release);
            }
        }
    }
}

fn gain(shared: &Arc<Shared>, shard: u32) {
    let (jobs, inbox) = mpsc::channel();
    let lost = Arc::new(AtomicBool::new(false));
    let worker = Worker::new(Arc::clone(shared), Shard(shard), inbox, Arc::clone(&lost));
    match std::thread::Builder::new().name(format!("kafka-shard-{shard}")).spawn(move || worker.run()) {
        Ok(worker) => {
            shared.owned().insert(shard, Owned { jobs, worker, losing: false, released: false, over: false, lost });
        }
        Err(error) => tracing::error!(%error, shard, "no thread for a shard"),
    }
}

/// Gives shards up: with a word to the engine first and time to finish, unless they are lost already.
fn give_up(shared: &Shared, shards: Vec<u32>, lost: bool) {
    // A worker that has ended said so itself.
    let works = |owned: &Owned| !owned.over && !owned.worker.is_finished();
    if !lost {
        for shard in &shards {
            if let Some(owned) = shared.owned().get_mut(shard).filter(|owned| works(owned)) {
                owned.losing = true;
                shared.tell(Ok(Ownership::Losing(Shard(*shard), shared.options.handover)));
            }
        }
        let busy = |owned: &mut HashMap<u32, Owned>| {
            let held = |shard| owned.get(shard).is_some_and(|owned| !owned.released && works(owned));
            !shared.stopping() && shards.iter().any(held)
        };
        let waited = shared.released.wait_timeout_while(shared.owned(), shared.options.handover, busy);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }
    let mut ending = Vec::with_capacity(shards.len());
    for shard in shards {
        let Some(owned) = shared.owned().remove(&shard) else { continue };
        owned.lost.store(true, Ordering::Release);
        // Said before any worker is waited for: the engine has to stop at once.
        if works(&owned) && (lost || !owned.released) {
            shared.tell(Ok(Ownership::Lost(Shard(shard))));
        }
        ending.push((shard, owned.worker));
        // The worker ends when nobody can give it work; what it has in hand comes to its end first.
        drop(owned.jobs);
    }
    for (shard, worker) in ending {
        if worker.join().is_err() {
            shared.tell(Ok(Ownership::Lost(Shard(shard))));
        }
    }
}
