//! The thread that writes journal entries from a bounded queue to the topic `outcomes`.

use std::{sync::Arc, time::Duration};

use tokio::runtime::Handle;

use crate::{
    Error,
    kafka::{idempotent_producer::IdempotentProducer, reporting_producer::ProducerRecord},
    queue::Queue,
};

/// The delay after a failure.
const RETRY_DELAY: Duration = Duration::from_secs(1);

/// The thread's state.
pub(super) struct OutcomeWriter {
    queue: Arc<Queue<Vec<u8>>>,
    producer: Arc<IdempotentProducer>,
    topic: Arc<str>,
    runtime: Handle,
}

impl OutcomeWriter {
    pub(super) fn new(
        queue: Arc<Queue<Vec<u8>>>,
        producer: Arc<IdempotentProducer>,
        topic: String,
        runtime: Handle,
    ) -> Self {
        Self { queue, producer, topic: topic.into(), runtime }
    }

    pub(super) fn run(self) {
        let mut newest = 0;
        while let Some((batch, until)) = self.queue.take() {
            loop {
                match self.runtime.block_on(self.write(&batch)) {
                    Ok(offset) => {
                        newest = offset.max(newest);
                        self.queue.wrote(until, newest);
                        break;
                    }
                    Err(error) => {
                        tracing::error!(%error, entries = batch.len(), "the journal was not written");
                        if !self.queue.failed(error, RETRY_DELAY) {
                            return;
                        }
                    }
                }
            }
        }
    }

    /// Writes a batch; returns the offset behind it.
    async fn write(&self, batch: &[Vec<u8>]) -> Result<u64, Error> {
        let record = |form: &Vec<u8>| ProducerRecord {
            partition: Some(0),
            value: Some(form.clone().into()),
            ..ProducerRecord::default()
        };
        let records = batch.iter().map(|form| (Arc::clone(&self.topic), record(form))).collect();
        let appended = self.producer.append(records).await?;
        Ok(appended.into_iter().map(|(_, offset)| offset).max().unwrap_or_default())
    }
}
