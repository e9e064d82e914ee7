//! The processor: the node that owns the partition of `commands` decides on them, and writes everything a command leads
//! to in one transaction.
//!
//! It decides against a registry of its own, folded from `control` after it has fenced earlier processors, so none of
//! their records can follow. After any failure it drops that registry, leaves the group and starts again.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use ::metrics::{counter, gauge};
use model::{
    Registry,
    audit::{self, Entry, Source},
    decide::{Rejection, decide},
};
use rdkafka::{
    ClientContext,
    consumer::{BaseConsumer, Consumer, ConsumerContext, Rebalance},
    error::KafkaError,
};
use tokio::runtime::Handle;

use super::{Shared, change_of, trail};
use crate::{
    Error,
    encoding::{self, Row, audit::Chain},
    kafka::{
        admin::Admin,
        brokers_down::{BrokersDown, NotesBrokersDown, has_lost_brokers},
        client,
        consumer_pool::ConsumerPool,
        failure, metrics, record,
        reporting_producer::ProducerRecord,
        transaction::{ConsumedOffset, TransactionalProducer},
    },
    log::Stored,
};

/// How long one poll waits.
const POLL: Duration = Duration::from_millis(50);
/// The delay before it starts again after a failure.
const RESTART_DELAY: Duration = Duration::from_millis(500);
/// The delay after a command that only a newer version of the program can decide. A node of that version, if there is one, has this
/// time to take over; with a short delay, this node would take the partition back each time before the other is ready.
const NEWER_DELAY: Duration = Duration::from_mins(1);
/// Most commands in one transaction.
const MAX_BATCH: usize = 64;

/// The client context of the member of the group.
struct PartitionOwnership {
    /// Whether this node owns the partition of `commands`; set by rebalance callbacks.
    is_owner: AtomicBool,
    brokers_down: BrokersDown,
}

impl ClientContext for PartitionOwnership {
    fn error(&self, error: KafkaError, reason: &str) {
        self.brokers_down.client_reported(&error, reason);
    }
}

impl NotesBrokersDown for PartitionOwnership {
    fn brokers_down(&self) -> &BrokersDown {
        &self.brokers_down
    }
}

impl ConsumerContext for PartitionOwnership {
    fn pre_rebalance(&self, _: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        if let Rebalance::Revoke(_) = rebalance {
            self.is_owner.store(false, Ordering::Release);
        }
    }

    fn post_rebalance(&self, _: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        if let Rebalance::Assign(list) = rebalance
            && list.count() > 0
        {
            self.is_owner.store(true, Ordering::Release);
        }
    }
}

/// State of the current processor: its producer, which fenced earlier ones, the registry to decide against, and its chain of
/// lines of the audit trail.
struct LeaderState {
    producer: TransactionalProducer,
    registry: Registry,
    chain: Chain,
}

pub(super) struct Processor {
    shared: Arc<Shared>,
    pool: Arc<ConsumerPool>,
    admin: Arc<Admin>,
    runtime: Handle,
}

/// A command with its decision.
struct DecidedCommand {
    id: Vec<u8>,
    rows: Vec<Row>,
    rejection: Option<Rejection>,
    /// `None` for a command that has none.
    entry: Option<Entry>,
}

impl Processor {
    pub(super) fn new(shared: Arc<Shared>, pool: Arc<ConsumerPool>, admin: Arc<Admin>, runtime: Handle) -> Self {
        Self { shared, pool, admin, runtime }
    }

    pub(super) fn run(self) {
        while !self.shared.stopping() && self.shared.latch.check().is_ok() {
            let served = self.serve();
            gauge!(metrics::PROCESSOR).set(0.0);
            if let Err(error) = served {
                if matches!(error, Error::Fenced) {
                    counter!(metrics::FENCED, "what" => "control").increment(1);
                }
                tracing::warn!(%error, "the processor of commands restarts");
                self.wait(if matches!(error, Error::NewerVersion { .. }) { NEWER_DELAY } else { RESTART_DELAY });
            }
        }
    }

    /// Waits, outside the group, unless it is to stop.
    fn wait(&self, delay: Duration) {
        for _ in 0..delay.as_millis() / POLL.as_millis() {
            if self.shared.stopping() {
                return;
            }
            std::thread::sleep(POLL);
        }
    }

    /// Waits for ownership of the partition and decides on its commands, until a failure or a stop.
    fn serve(&self) -> Result<(), Error> {
        let failed = |error: KafkaError| failure::kafka("commands cannot be read", &error);
        let config = client::member_config(&self.shared.options, &self.shared.names.processor);
        let brokers_down = BrokersDown::new(&self.shared.options);
        let context = PartitionOwnership { is_owner: AtomicBool::new(false), brokers_down };
        let consumer: Arc<BaseConsumer<PartitionOwnership>> =
            client::create(&self.shared.options, &config, context).map_err(failed)?;
        consumer.subscribe(&[&self.shared.names.commands]).map_err(failed)?;
        let mut leader = None;
        let remade = self.shared.remade.load(Ordering::Acquire);
        while !self.shared.stopping() && self.shared.latch.check().is_ok() {
            if self.shared.remade.load(Ordering::Acquire) != remade {
                return Err(failure::unavailable("a topic of control was made again"));
            }
            if has_lost_brokers(consumer.client()) {
                return Err(failure::unavailable("the client that reads commands has no brokers"));
            }
            let first = next_command(&consumer, POLL).map_err(failed)?;
            if !consumer.context().is_owner.load(Ordering::Acquire) {
                if leader.take().is_some() {
                    gauge!(metrics::PROCESSOR).set(0.0);
                }
                continue;
            }
            let leader = match &mut leader {
                Some(leader) => leader,
                none => {
                    let leader = none.insert(self.take_over()?);
                    gauge!(metrics::PROCESSOR).set(1.0);
                    leader
                }
            };
            let Some(first) = first else { continue };
            let mut commands = vec![first];
            while commands.len() < MAX_BATCH
                && let Some(more) = next_command(&consumer, Duration::ZERO).map_err(failed)?
            {
                commands.push(more);
            }
            self.process(leader, &consumer, &commands)?;
        }
        Ok(())
    }

    /// Fences earlier processors and reads what they accepted.
    fn take_over(&self) -> Result<LeaderState, Error> {
        let producer =
            TransactionalProducer::new(&self.shared.options, &self.shared.names.processor, self.runtime.clone())?;
        let mut registry = Registry::default();
        self.pool.read_to_end(&self.shared.names.control, 0, 0, |stored| {
            registry.apply(&change_of(&stored)?);
            Ok(())
        })?;
        let id = self.shared.options.random.uuid();
        let chain = trail::new_chain(id, &self.admin, &self.pool, &self.shared.names.audit)?;
        Ok(LeaderState { producer, registry, chain })
    }

    fn process(
        &self,
        leader: &mut LeaderState,
        consumer: &BaseConsumer<PartitionOwnership>,
        commands: &[Stored],
    ) -> Result<(), Error> {
        let mut decided = Vec::with_capacity(commands.len());
        for command in commands {
            decided.extend(self.decide(&mut leader.registry, command)?);
        }
        let Some(last) = commands.last() else { return Ok(()) };
        let done = ConsumedOffset { topic: &self.shared.names.commands, partition: 0, offset: last.position.after().0 };
        let failed = |error: KafkaError| failure::kafka("changes cannot be written", &error);
        let Some(group) = consumer.group_metadata() else { return Err(failure::unavailable("not in a group")) };
        leader.producer.begin().map_err(failed)?;
        let lines = self.write(leader, decided)?;
        leader.producer.commit(done, &group).map_err(failed)?;
        for line in &lines {
            encoding::audit::log(line);
        }
        Ok(())
    }

    /// Decides on a command; `None` if it is too old or cannot be parsed.
    fn decide(&self, registry: &mut Registry, stored: &Stored) -> Result<Option<DecidedCommand>, Error> {
        let age = self.shared.options.clock.now().since(stored.appended);
        if age > self.shared.options.deadline / 2 {
            tracing::warn!(?age, "a command was too old to be decided");
            return Ok(None);
        }
        let body = String::from_utf8_lossy(stored.record.value.as_deref().unwrap_or_default()).into_owned();
        let command = match encoding::command::from_body(&body) {
            Ok(command) => command,
            // A newer node has to decide on it.
            Err(error @ Error::NewerVersion { .. }) => return Err(error),
            // Not written by a gateway; a sender, if any, gets no answer and times out.
            Err(error) => {
                tracing::error!(%error, "a command cannot be read");
                return Ok(None);
            }
        };
        let what = audit::described(&command);
        let decision = decide(registry, command);
        let (at, source) = (self.shared.options.clock.now(), source_of(stored));
        let entry =
            what.map(|what| Entry::of_decision(registry, at, source, what, decision.as_ref().map(Vec::as_slice)));
        let (mut rows, mut rejection) = (Vec::new(), None);
        match decision {
            Ok(changes) => {
                for change in changes {
                    rows.push(encoding::to_row(&change)?);
                    registry.apply(&change);
                }
            }
            Err(reason) => rejection = Some(reason),
        }
        Ok(Some(DecidedCommand { id: stored.record.key.to_vec(), rows, rejection, entry }))
    }

    /// Writes the changes first, then the answers, which contain their offsets, and the lines of the audit trail. Returns the
    /// lines. The chain is ahead when the transaction fails; it is dropped then.
    fn write(&self, leader: &mut LeaderState, decided: Vec<DecidedCommand>) -> Result<Vec<String>, Error> {
        let LeaderState { producer, chain, .. } = leader;
        let failed = |error: KafkaError| failure::kafka("changes cannot be written", &error);
        let names = &self.shared.names;
        let record = |topic: &str, key: Vec<u8>, value: Option<String>| {
            let value = value.map(Into::into);
            (topic.into(), ProducerRecord { partition: Some(0), key: key.into(), value, ..ProducerRecord::default() })
        };
        let changes = decided
            .iter()
            .flat_map(|one| &one.rows)
            .map(|row| record(&names.control, format!("{}:{}", row.kind, row.id).into_bytes(), row.body.clone()))
            .collect();
        let mut offsets = producer.send(changes).map_err(failed)?.into_iter();
        let mut answers = Vec::with_capacity(2 * decided.len());
        let mut lines = Vec::with_capacity(decided.len());
        for DecidedCommand { id, rows, rejection, entry } in decided {
            let until = offsets.by_ref().take(rows.len()).last().map_or(0, |last| last + 1);
            if let Some(entry) = entry {
                let line = chain.seal(&entry)?;
                answers.push(record(&names.audit, id.clone(), Some(line.clone())));
                lines.push(line);
            }
            let answer = match &rejection {
                None => encoding::decision::accepted(rows, until)?,
                Some(rejection) => encoding::decision::rejected(rejection)?,
            };
            answers.push(record(&names.answers, id, Some(answer)));
        }
        producer.send(answers).map_err(failed)?;
        Ok(lines)
    }
}

/// Who sent a command.
fn source_of(command: &Stored) -> Source {
    let header = command.record.headers.iter().find(|(name, _)| *name == encoding::source::HEADER.as_bytes());
    header.map_or_else(Source::unknown, |(_, body)| encoding::source::from_body(body))
}

/// The next command, if one arrives within `wait`.
fn next_command(consumer: &BaseConsumer<PartitionOwnership>, wait: Duration) -> Result<Option<Stored>, KafkaError> {
    match consumer.poll(wait) {
        Some(Ok(message)) => Ok(Some(record::from_message(&message))),
        None | Some(Err(KafkaError::PartitionEOF(_))) => Ok(None),
        // The client recovers by itself.
        Some(Err(error)) if failure::is_transient(&error) => Ok(None),
        Some(Err(error)) => Err(error),
    }
}
