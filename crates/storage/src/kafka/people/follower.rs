//! The thread that keeps the copy of this node: it follows the topic, or takes over when the group makes this node the owner.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use model::Partition;
use rdkafka::{
    Message, Offset, TopicPartitionList,
    consumer::{BaseConsumer, Consumer},
    error::KafkaError,
};
use tokio::{task::JoinSet, time::Instant};

use super::{Shared, commands::Commands, member, member::Membership, upstream::Lead};
use crate::{
    Error,
    kafka::{
        brokers_down::has_lost_brokers,
        client::{self, AssignedConsumer},
        failure, log_throttle, metrics, record,
        transaction::TransactionalProducer,
    },
    log::Stored,
    sqlite::{
        SqliteAudience,
        replica::{ReplicaFile, Row},
    },
};

/// How long one poll of the group waits.
const POLL: Duration = Duration::from_millis(10);
/// How long one poll of the topic waits.
const FOLLOW_POLL: Duration = Duration::from_millis(40);
/// Most records applied together.
const BATCH: usize = 1_000;
/// Most commands of other nodes that are done at the same time.
const MAX_COMMANDS: usize = 64;
/// How often a node looks whether its copy is complete.
const LOOK: Duration = Duration::from_mins(1);
/// The delay after a failure.
const RETRY_DELAY: Duration = Duration::from_millis(500);
/// The key of a record without a row, written by the owner from time to time.
pub(super) const BEAT: &[u8] = b"beat";
/// The owner writes so many of them within [`Options::erasure`](crate::kafka::Options::erasure).
const BEATS: u32 = 24;

pub(super) struct Follower {
    shared: Arc<Shared>,
    file: ReplicaFile,
    /// `None` on a node that is no candidate for the owner.
    member: Option<Arc<BaseConsumer<Membership>>>,
    reader: AssignedConsumer,
    audience: Arc<SqliteAudience>,
    commands: Arc<Commands>,
    /// Whether the reader is where the copy ends.
    is_following: bool,
    /// When the owner wrote last what makes the brokers compact.
    beat: Instant,
    /// When this node looked last whether its copy is complete.
    looked: Option<Instant>,
}

impl Follower {
    /// Joins the group if this node works for people.
    pub(super) fn start(
        shared: Arc<Shared>,
        (file, audience): (ReplicaFile, Arc<SqliteAudience>),
        commands: Arc<Commands>,
        works: bool,
    ) -> Result<Self, Error> {
        let failed = |error: KafkaError| failure::kafka("cannot follow the topic of people", &error);
        let reader = client::create_reader(&shared.options).map_err(failed)?;
        let member = if works { Some(member::join(&shared)?) } else { None };
        if works {
            ::metrics::gauge!(metrics::PEOPLE_OWNER).set(0.0);
        }
        let beat = Instant::now();
        Ok(Self { shared, file, member, reader, audience, commands, is_following: false, beat, looked: None })
    }

    pub(super) fn run(mut self) {
        while !self.shared.stopping() {
            self.meet_group();
            if let Err(error) = self.shared.latch.check() {
                self.shared.note_applied(Err(error));
                break;
            }
            let done = self
                .replace_lost_clients()
                .and_then(|()| if self.shared.assigned.load(Ordering::Acquire) { self.own() } else { self.follow() });
            if let Err(error) = done {
                self.is_following = false;
                if matches!(error, Error::NewerVersion { .. }) {
                    self.shared.latch.trip(&error);
                } else {
                    tracing::warn!(%error, "the copy of people is not complete");
                    self.rest();
                }
            }
        }
        self.shared.assigned.store(false, Ordering::Release);
        self.commands.listening.send_replace(false);
        self.shared.step_down();
    }

    /// Keeps the membership of the group, and leaves and joins it after the brokers refused this node as the owner.
    fn meet_group(&self) {
        let Some(member) = &self.member else { return };
        match member.poll(POLL) {
            None | Some(Ok(_) | Err(KafkaError::PartitionEOF(_))) => {}
            Some(Err(error)) => log_throttle::warn_throttled("the group of people cannot be reached", &error, ""),
        }
        if self.shared.rejoin.swap(false, Ordering::AcqRel) {
            member.unsubscribe();
            if let Err(error) = member.subscribe(&[&self.shared.topic]) {
                tracing::error!(%error, "cannot rejoin the group of people");
                self.shared.rejoin.store(true, Ordering::Release);
            }
        }
    }

    /// Replaces clients that have lost their brokers. An owner takes over anew.
    fn replace_lost_clients(&mut self) -> Result<(), Error> {
        if has_lost_brokers(self.reader.client()) {
            let failed = |error: KafkaError| failure::kafka("cannot follow the topic of people", &error);
            self.reader = client::create_reader(&self.shared.options).map_err(failed)?;
            self.is_following = false;
            self.shared.step_down();
        }
        if self.member.as_ref().is_some_and(|member| has_lost_brokers(member.client())) {
            // Before it joins again: what is written with the new client would not be fenced.
            self.shared.assigned.store(false, Ordering::Release);
            self.shared.step_down();
            self.member = Some(member::join(&self.shared)?);
        }
        Ok(())
    }

    fn rest(&self) {
        for _ in 0..RETRY_DELAY.as_millis() / POLL.as_millis() {
            if self.shared.stopping() {
                return;
            }
            std::thread::sleep(POLL);
        }
    }

    /// Takes over, or goes on as the owner.
    fn own(&mut self) -> Result<(), Error> {
        self.is_following = false;
        self.commands.listening.send_replace(false);
        if self.shared.lead().is_none() {
            return self.take_over();
        }
        if self.beat.elapsed() >= self.shared.options.erasure / BEATS {
            self.beat()?;
        }
        self.serve()
    }

    /// Does what other nodes ask for.
    fn serve(&mut self) -> Result<(), Error> {
        let (mut batch, mut wait) = (Vec::new(), FOLLOW_POLL);
        while batch.len() < MAX_COMMANDS {
            match self.reader.poll(wait) {
                Some(Ok(message)) => batch.push(record::from_message(&message)),
                None | Some(Err(KafkaError::PartitionEOF(_))) => break,
                Some(Err(error)) => {
                    log_throttle::warn_throttled("commands about people cannot be read", &error, "");
                    break;
                }
            }
            wait = Duration::ZERO;
        }
        if batch.is_empty() {
            return Ok(());
        }
        let runtime = self.shared.runtime.clone();
        let done = runtime.block_on(async {
            let mut tasks = JoinSet::new();
            for stored in batch {
                let (commands, audience) = (Arc::clone(&self.commands), Arc::clone(&self.audience));
                tasks.spawn(async move { commands.serve(&audience, &stored).await });
            }
            let mut done = Ok(());
            while let Some(served) = tasks.join_next().await {
                done = done.and(served.map_err(failure::join).flatten());
            }
            done
        });
        self.shared.changes.send_replace(());
        done
    }

    /// Fences the owner before, and reads what it stored.
    fn take_over(&mut self) -> Result<(), Error> {
        let shared = Arc::clone(&self.shared);
        let producer = TransactionalProducer::new(&shared.options, &shared.topic, shared.runtime.clone());
        let producer = producer.inspect_err(|error| shared.failed(error))?;
        self.renew_if_old()?;
        let from = self.file.state()?.next;
        let mut batch = Vec::with_capacity(BATCH);
        shared.pool.read_to_end(&shared.topic, 0, from, |stored| {
            batch.push(stored);
            if batch.len() >= BATCH { self.apply(&mut batch) } else { Ok(()) }
        })?;
        self.apply(&mut batch)?;
        self.complete()?;
        // What came before is not done: its senders have no answer from the owner before.
        self.assign([(&self.commands.topic, None)])?;
        *shared.lead() = Some(Lead::new(producer));
        self.beat = Instant::now();
        shared.owner.send_replace(true);
        ::metrics::gauge!(metrics::PEOPLE_OWNER).set(1.0);
        tracing::info!("this node changes what is stored of people");
        Ok(())
    }

    /// Writes a record, so that the brokers close the segment with what was erased and compact it, and other nodes see
    /// that their copies are complete.
    fn beat(&mut self) -> Result<(), Error> {
        self.beat = Instant::now();
        let row = Row { key: BEAT.to_vec(), value: Some(vec![1]) };
        let written = match self.shared.lead().as_mut() {
            Some(lead) => self.shared.transact(lead, vec![row]),
            None => return Ok(()),
        };
        match written {
            Ok(next) => self.file.note(next, self.shared.options.clock.now()),
            Err(error) => {
                self.shared.failed(&error);
                Err(error)
            }
        }
    }

    /// Applies what other nodes stored.
    fn follow(&mut self) -> Result<(), Error> {
        if !self.is_following {
            self.renew_if_old()?;
            self.start_following()?;
        }
        let (mut batch, mut wait, mut is_at_end) = (Vec::new(), FOLLOW_POLL, false);
        while batch.len() < BATCH && !is_at_end {
            match self.reader.poll(wait) {
                Some(Ok(message)) if message.topic() == &*self.commands.answers => {
                    self.commands.answered(&record::from_message(&message));
                }
                Some(Ok(message)) => batch.push(record::from_message(&message)),
                None | Some(Err(KafkaError::PartitionEOF(_))) => is_at_end = true,
                Some(Err(error)) if failure::is_transient(&error) => is_at_end = true,
                Some(Err(error)) => return Err(failure::kafka("the topic of people cannot be read", &error)),
            }
            wait = Duration::ZERO;
        }
        if !batch.is_empty() {
            if self.renew_if_old()? {
                return self.start_following();
            }
            self.apply(&mut batch)?;
        }
        if !is_at_end {
            return Ok(());
        }
        self.file.settle()?;
        if self.looked.is_none_or(|looked| looked.elapsed() >= LOOK) {
            self.looked = Some(Instant::now());
            let end = self.end(&self.shared.topic)?;
            // A marker is behind the last record.
            if self.file.state()?.next + 1 >= end {
                self.complete()?;
            }
        }
        Ok(())
    }

    /// The copy has everything that there is.
    fn complete(&mut self) -> Result<(), Error> {
        self.file.put_in_order()?;
        self.file.settle()?;
        self.file.note(0, self.shared.options.clock.now())
    }

    fn start_following(&mut self) -> Result<(), Error> {
        let next = self.file.state()?.next;
        self.assign([(&self.shared.topic, Some(next)), (&self.commands.answers, None)])?;
        self.shared.note_applied(Ok(next));
        self.commands.listening.send_replace(true);
        self.is_following = true;
        Ok(())
    }

    /// Reads these topics from offsets on, or from their ends.
    fn assign<const N: usize>(&self, topics: [(&Arc<str>, Option<u64>); N]) -> Result<(), Error> {
        let failed = |error: KafkaError| failure::kafka("topics of people cannot be read", &error);
        let mut list = TopicPartitionList::new();
        for (topic, from) in topics {
            let from = from.map_or_else(|| self.end(topic), Ok)?;
            list.add_partition_offset(topic, 0, Offset::Offset(from as i64)).map_err(failed)?;
        }
        self.reader.assign(&list).map_err(failed)
    }

    fn end(&self, topic: &Arc<str>) -> Result<u64, Error> {
        let end = [((topic.to_string(), Partition(0)), Offset::End)];
        Ok(self.shared.admin.offsets_each_blocking(&end)?.first().copied().flatten().unwrap_or(0))
    }

    /// Empties a copy that was not complete for so long that the brokers may have removed the tombstones of rows which it has.
    /// Returns whether it did.
    fn renew_if_old(&mut self) -> Result<bool, Error> {
        let (now, state) = (self.shared.options.clock.now(), self.file.state()?);
        if state.next == 0 || now.since(state.at) < self.shared.options.erasure / 2 {
            return Ok(false);
        }
        tracing::info!("the copy of people is old and is filled again");
        self.file.clear(now)?;
        self.shared.note_applied(Ok(0));
        Ok(true)
    }

    fn apply(&mut self, batch: &mut Vec<Stored>) -> Result<(), Error> {
        let Some(last) = batch.last() else { return Ok(()) };
        let next = last.position.after().0;
        let known = self.file.state()?;
        let is_row = |stored: &Stored| stored.position.0 >= known.next && stored.record.key != BEAT;
        let row = |stored: Stored| Row {
            key: stored.record.key.to_vec(),
            value: stored.record.value.map(|value| value.to_vec()),
        };
        let rows: Vec<Row> = batch.drain(..).filter(is_row).map(row).collect();
        self.file.apply(&rows, next, known.at)?;
        self.shared.note_applied(Ok(next));
        self.shared.changes.send_replace(());
        Ok(())
    }
}
