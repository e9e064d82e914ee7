//! The thread that folds `control` into this node's registry and passes answers to the callers that wait for them.
//!
//! It stops at a record that this program cannot read: skipping it would make this registry differ from those of other
//! nodes.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use rdkafka::{
    Message, Offset, TopicPartitionList,
    consumer::Consumer,
    error::{KafkaError, KafkaResult},
};
use uuid::Uuid;

use super::{Shared, change_of};
use crate::{
    Error, encoding,
    kafka::{
        brokers_down::has_lost_brokers,
        client::{self, AssignedConsumer},
        consumer_pool::ConsumerPool,
        failure, log_throttle, record,
    },
    log::Stored,
};

/// How long one poll waits.
const POLL: Duration = Duration::from_millis(50);

pub(super) struct Follower {
    shared: Arc<Shared>,
    consumer: AssignedConsumer,
    /// The offset of the next answer to read.
    answers: u64,
    /// How often topics had been made again when the consumer was positioned.
    remade: u64,
}

impl Follower {
    /// Folds the present content of `control` and positions the consumer behind it. Blocks.
    pub(super) fn start(shared: Arc<Shared>, pool: &ConsumerPool, answers: u64) -> Result<Self, Error> {
        let control = &shared.names.control;
        let next = pool.read_to_end(control, 0, 0, |stored| {
            shared.registry.apply(&[change_of(&stored)?]);
            Ok(())
        })?;
        shared.folded.send_modify(|folded| *folded = Ok(next));
        let failed = |error: KafkaError| failure::kafka("cannot follow control", &error);
        let remade = shared.remade.load(Ordering::Acquire);
        let consumer = create_consumer(&shared, next, answers).map_err(failed)?;
        Ok(Self { shared, consumer, answers, remade })
    }

    pub(super) fn run(mut self) {
        while !self.shared.stopping() {
            let remade = self.shared.remade.load(Ordering::Acquire);
            if remade != self.remade || has_lost_brokers(self.consumer.client()) {
                let answers = if remade == self.remade { self.answers } else { 0 };
                let folded = self.shared.folded.borrow().clone();
                match folded.map(|folded| create_consumer(&self.shared, folded, answers)) {
                    Ok(Ok(consumer)) => (self.consumer, self.answers, self.remade) = (consumer, answers, remade),
                    Ok(Err(error)) => log_throttle::warn_throttled("cannot follow control", &error, ""),
                    Err(_) => return,
                }
            }
            match self.consumer.poll(POLL) {
                Some(Ok(message)) => {
                    let stored = record::from_message(&message);
                    if message.topic() == self.shared.names.control {
                        if let Err(error) = self.fold(&stored) {
                            tracing::error!(%error, "a record of control cannot be folded");
                            self.shared.latch.trip(&error);
                            self.shared.folded.send_modify(|folded| *folded = Err(error));
                            return;
                        }
                    } else {
                        self.answers = stored.position.after().0;
                        self.answer(&stored);
                    }
                }
                None | Some(Err(KafkaError::PartitionEOF(_))) => {}
                Some(Err(error)) => log_throttle::warn_throttled("cannot read control", &error, ""),
            }
        }
    }

    fn fold(&self, stored: &Stored) -> Result<(), Error> {
        let change = change_of(stored)?;
        self.shared.registry.apply(std::slice::from_ref(&change));
        // The send fails if there is no receiver.
        drop(self.shared.changes.send(change));
        self.shared.folded.send_modify(|folded| *folded = Ok(stored.position.after().0));
        Ok(())
    }

    fn answer(&self, stored: &Stored) {
        let Ok(id) = Uuid::from_slice(&stored.record.key) else { return };
        let Some(reply) = self.shared.pending().remove(&id) else { return };
        let body = stored.record.value.as_deref().unwrap_or_default();
        // The caller may have given up.
        drop(reply.send(encoding::decision::from_body(&String::from_utf8_lossy(body))));
    }
}

/// A consumer that reads `control` and the answers from these offsets on.
fn create_consumer(shared: &Shared, control: u64, answers: u64) -> KafkaResult<AssignedConsumer> {
    let mut list = TopicPartitionList::new();
    for (topic, offset) in [(&shared.names.control, control), (&shared.names.answers, answers)] {
        list.add_partition_offset(topic, 0, Offset::Offset(offset as i64))?;
    }
    let consumer = client::create_reader(&shared.options)?;
    consumer.assign(&list)?;
    Ok(consumer)
}
