//! The thread that writes what happened to the topic, from a bounded queue.

use std::{sync::Arc, time::Duration};

use rdkafka::message::OwnedHeaders;
use tokio::runtime::Handle;

use crate::{Error, kafka::produce::Produce, log::Record, queue::Queue};

/// How long to wait after a failure.
const PAUSE: Duration = Duration::from_secs(1);

/// The thread.
pub(super) struct Sender {
    queue: Arc<Queue<Vec<u8>>>,
    produce: Arc<Produce>,
    topic: String,
    runtime: Handle,
}

impl Sender {
    pub(super) fn new(queue: Arc<Queue<Vec<u8>>>, produce: Arc<Produce>, topic: String, runtime: Handle) -> Self {
        Self { queue, produce, topic, runtime }
    }

    pub(super) fn run(self) {
        let mut place = 0;
        while let Some((batch, until)) = self.queue.take() {
            loop {
                match self.runtime.block_on(self.write(&batch)) {
                    Ok(offset) => {
                        place = offset.max(place);
                        self.queue.wrote(until, place);
                        break;
                    }
                    Err(error) => {
                        tracing::error!(%error, entries = batch.len(), "the journal was not written");
                        if !self.queue.failed(error, PAUSE) {
                            return;
                        }
                    }
                }
            }
        }
    }

    /// Writes a batch; gives the offset behind it.
    async fn write(&self, batch: &[Vec<u8>]) -> Result<u64, Error> {
        let mut under_way = Vec::with_capacity(batch.len());
        for form in batch {
            let record = Record { value: Some(form.clone().into()), ..Record::default() };
            under_way.push(self.produce.send(&self.topic, Some(0), &record, OwnedHeaders::new()).await?);
        }
        let mut offset = 0;
        for sent in under_way {
            offset = offset.max(self.produce.report(sent).await?.1);
        }
        Ok(offset)
    }
}
