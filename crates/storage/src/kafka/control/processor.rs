//! The one that decides: it owns the partition of commands, and everything a command leads to is one transaction.
//!
//! It decides against a registry of its own, folded from control after earlier processors were fenced, so nothing of
//! theirs can come behind it. Whatever goes wrong, it forgets that registry, gives the partition up, and starts over.

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
    decide::{Rejection, decide},
};
use rdkafka::{
    ClientContext,
    consumer::{BaseConsumer, Consumer, ConsumerContext, Rebalance},
    error::KafkaError,
};
use tokio::runtime::Handle;

use super::{Shared, change_of};
use crate::{
    Error,
    kafka::{
        client,
        cursor::Cursors,
        failure, metrics, notes, record,
        transact::{Done, Transactor},
        writer::Outgoing,
    },
    log::Stored,
    stored::{self, Row},
};

/// How long one poll waits.
const POLL: Duration = Duration::from_millis(50);
/// How long to wait before starting over.
const PAUSE: Duration = Duration::from_millis(500);
/// Most commands in one transaction.
const TOGETHER: usize = 64;

/// Whether the partition of commands is ours.
#[derive(Debug, Default)]
struct Owning(AtomicBool);

impl ClientContext for Owning {
    fn error(&self, error: KafkaError, reason: &str) {
        notes::tell(notes::CLIENT, &error, reason);
    }
}

impl ConsumerContext for Owning {
    fn pre_rebalance(&self, _: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        if let Rebalance::Revoke(_) = rebalance {
            self.0.store(false, Ordering::Release);
        }
    }

    fn post_rebalance(&self, _: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        if let Rebalance::Assign(list) = rebalance
            && list.count() > 0
        {
            self.0.store(true, Ordering::Release);
        }
    }
}

/// A registry to decide against, and the producer that fenced earlier ones.
struct Office {
    transactor: Transactor,
    ahead: Registry,
}

pub(super) struct Processor {
    shared: Arc<Shared>,
    cursors: Arc<Cursors>,
    runtime: Handle,
}

/// A command that was decided.
struct Decided {
    id: Vec<u8>,
    rows: Vec<Row>,
    rejection: Option<Rejection>,
}

impl Processor {
    pub(super) fn new(shared: Arc<Shared>, cursors: Arc<Cursors>, runtime: Handle) -> Self {
        Self { shared, cursors, runtime }
    }

    pub(super) fn run(self) {
        while !self.shared.stopping() && self.shared.fitness.check().is_ok() {
            let served = self.serve();
            gauge!(metrics::PROCESSOR).set(0.0);
            if let Err(error) = served {
                if matches!(error, Error::Fenced) {
                    counter!(metrics::FENCED, "what" => "control").increment(1);
                }
                tracing::warn!(%error, "deciding on changes starts over");
                std::thread::sleep(PAUSE);
            }
        }
    }

    /// Waits to own the commands and decides on them, until something goes wrong or it is to stop.
    fn serve(&self) -> Result<(), Error> {
        let failed = |error: KafkaError| failure::kafka("commands cannot be read", &error);
        let config = client::member(&self.shared.options, &self.shared.places.processor);
        let consumer: Arc<BaseConsumer<Owning>> =
            client::create(&self.shared.options, &config, Owning::default()).map_err(failed)?;
        consumer.subscribe(&[&self.shared.places.commands]).map_err(failed)?;
        let mut office = None;
        while !self.shared.stopping() && self.shared.fitness.check().is_ok() {
            let first = next(&consumer, POLL).map_err(failed)?;
            if !consumer.context().0.load(Ordering::Acquire) {
                if office.take().is_some() {
                    gauge!(metrics::PROCESSOR).set(0.0);
                }
                continue;
            }
            let office = match &mut office {
                Some(office) => office,
                none => {
                    let office = none.insert(self.settle_in()?);
                    gauge!(metrics::PROCESSOR).set(1.0);
                    office
                }
            };
            let Some(first) = first else { continue };
            let mut commands = vec![first];
            while commands.len() < TOGETHER
                && let Some(more) = next(&consumer, Duration::ZERO).map_err(failed)?
            {
                commands.push(more);
            }
            self.work_off(office, &consumer, &commands)?;
        }
        Ok(())
    }

    /// Fences earlier processors and learns what they accepted.
    fn settle_in(&self) -> Result<Office, Error> {
        let transactor = Transactor::new(&self.shared.options, &self.shared.places.processor, self.runtime.clone())?;
        let mut ahead = Registry::default();
        self.cursors.fold(&self.shared.places.control, 0, 0, |stored| {
            ahead.apply(&change_of(&stored)?);
            Ok(())
        })?;
        Ok(Office { transactor, ahead })
    }

    fn work_off(&self, office: &mut Office, consumer: &BaseConsumer<Owning>, commands: &[Stored]) -> Result<(), Error> {
        let mut decided = Vec::with_capacity(commands.len());
        for command in commands {
            decided.extend(self.decide(&mut office.ahead, command)?);
        }
        let Some(last) = commands.last() else { return Ok(()) };
        let done = Done { topic: &self.shared.places.commands, partition: 0, offset: last.position.after().0 };
        let failed = |error: KafkaError| failure::kafka("changes cannot be written", &error);
        let Some(group) = consumer.group_metadata() else { return Err(failure::away("not in a group")) };
        office.transactor.begin().map_err(failed)?;
        self.write(&office.transactor, decided)?;
        office.transactor.commit(done, &group).map_err(failed)
    }

    /// `None` for a command that is too old, or that is none.
    fn decide(&self, ahead: &mut Registry, stored: &Stored) -> Result<Option<Decided>, Error> {
        let age = self.shared.options.clock.now().since(stored.appended);
        if age > self.shared.options.deadline / 2 {
            tracing::warn!(?age, "a command was not decided in time");
            return Ok(None);
        }
        let body = String::from_utf8_lossy(stored.record.value.as_deref().unwrap_or_default()).into_owned();
        let command = match stored::command::from_body(&body) {
            Ok(command) => command,
            // A newer node has to decide on it.
            Err(error @ Error::NewerVersion { .. }) => return Err(error),
            // Not ours; a sender would wait in vain, which says as much.
            Err(error) => {
                tracing::error!(%error, "a command cannot be read");
                return Ok(None);
            }
        };
        let (mut rows, mut rejection) = (Vec::new(), None);
        match decide(ahead, command) {
            Ok(changes) => {
                for change in changes {
                    rows.push(stored::to_row(&change)?);
                    ahead.apply(&change);
                }
            }
            Err(reason) => rejection = Some(reason),
        }
        Ok(Some(Decided { id: stored.record.key.to_vec(), rows, rejection }))
    }

    /// Writes changes, then what depends on where they stand.
    fn write(&self, transactor: &Transactor, decided: Vec<Decided>) -> Result<(), Error> {
        let failed = |error: KafkaError| failure::kafka("changes cannot be written", &error);
        let places = &self.shared.places;
        let record = |topic: &str, key: Vec<u8>, value: Option<String>| {
            let value = value.map(Into::into);
            (topic.into(), Outgoing { partition: Some(0), key: key.into(), value, ..Outgoing::default() })
        };
        let changes = decided
            .iter()
            .flat_map(|one| &one.rows)
            .map(|row| record(&places.control, format!("{}:{}", row.kind, row.id).into_bytes(), row.body.clone()))
            .collect();
        let mut offsets = transactor.send(changes).map_err(failed)?.into_iter();
        let now = self.shared.options.clock.now();
        let mut answers = Vec::with_capacity(2 * decided.len());
        for Decided { id, rows, rejection } in decided {
            let until = offsets.by_ref().take(rows.len()).last().map_or(0, |last| last + 1);
            answers.push(record(
                &places.audit,
                id.clone(),
                Some(stored::decision::audit(&rows, rejection.as_ref(), now)?),
            ));
            let answer = match &rejection {
                None => stored::decision::accepted(rows, until)?,
                Some(rejection) => stored::decision::rejected(rejection)?,
            };
            answers.push(record(&places.answers, id, Some(answer)));
        }
        transactor.send(answers).map_err(failed).map(drop)
    }
}

/// The next command, if one comes in time.
fn next(consumer: &BaseConsumer<Owning>, wait: Duration) -> Result<Option<Stored>, KafkaError> {
    match consumer.poll(wait) {
        Some(Ok(message)) => Ok(Some(record::stored(&message))),
        None | Some(Err(KafkaError::PartitionEOF(_))) => Ok(None),
        // The client finds its way by itself.
        Some(Err(error)) if failure::is_passing(&error) => Ok(None),
        Some(Err(error)) => Err(error),
    }
}
