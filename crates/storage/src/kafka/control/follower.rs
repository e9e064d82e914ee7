//! The thread that folds control into this node's registry and hands answers to whoever waits for them.
//!
//! A record of control that this program cannot read ends the folding: skipping it would make this registry differ.

use std::{sync::Arc, time::Duration};

use rdkafka::{Message, Offset, TopicPartitionList, consumer::Consumer, error::KafkaError};
use uuid::Uuid;

use super::{Shared, change_of};
use crate::{
    Error,
    kafka::{
        client::{self, Plain, Reader},
        cursor::Cursors,
        failure, notes, record,
    },
    log::Stored,
    stored,
};

/// How long one poll waits.
const POLL: Duration = Duration::from_millis(50);

pub(super) struct Follower {
    shared: Arc<Shared>,
    consumer: Reader,
}

impl Follower {
    /// Folds what control holds now, and stands ready behind it. Blocks.
    pub(super) fn start(shared: Arc<Shared>, cursors: &Cursors, answers: u64) -> Result<Self, Error> {
        let control = &shared.places.control;
        let next = cursors.fold(control, 0, 0, |stored| {
            shared.registry.apply(&[change_of(&stored)?]);
            Ok(())
        })?;
        shared.folded.send_modify(|folded| *folded = Ok(next));
        let failed = |error: KafkaError| failure::kafka("control cannot be followed", &error);
        let consumer: Reader =
            client::create(&shared.options, &client::reader(&shared.options), Plain).map_err(failed)?;
        let mut list = TopicPartitionList::new();
        for (topic, offset) in [(control, next), (&shared.places.answers, answers)] {
            list.add_partition_offset(topic, 0, Offset::Offset(offset as i64)).map_err(failed)?;
        }
        consumer.assign(&list).map_err(failed)?;
        Ok(Self { shared, consumer })
    }

    pub(super) fn run(self) {
        while !self.shared.stopping() {
            match self.consumer.poll(POLL) {
                Some(Ok(message)) => {
                    let stored = record::stored(&message);
                    if message.topic() == self.shared.places.control {
                        if let Err(error) = self.fold(&stored) {
                            tracing::error!(%error, "control cannot be folded any further");
                            self.shared.fitness.end(&error);
                            self.shared.folded.send_modify(|folded| *folded = Err(error));
                            return;
                        }
                    } else {
                        self.answer(&stored);
                    }
                }
                None | Some(Err(KafkaError::PartitionEOF(_))) => {}
                Some(Err(error)) => notes::tell("control is not followed now", &error, ""),
            }
        }
    }

    fn fold(&self, stored: &Stored) -> Result<(), Error> {
        let change = change_of(stored)?;
        self.shared.registry.apply(std::slice::from_ref(&change));
        // Nobody listening is fine.
        drop(self.shared.changes.send(change));
        self.shared.folded.send_modify(|folded| *folded = Ok(stored.position.after().0));
        Ok(())
    }

    fn answer(&self, stored: &Stored) {
        let Ok(id) = Uuid::from_slice(&stored.record.key) else { return };
        let Some(reply) = self.shared.waiting().remove(&id) else { return };
        let body = stored.record.value.as_deref().unwrap_or_default();
        // A caller that is gone does not need its answer.
        drop(reply.send(stored::decision::from_body(&String::from_utf8_lossy(body))));
    }
}
