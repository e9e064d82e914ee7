//! The thread that writes what happened to the topic, from a bounded queue.

use std::{sync::Arc, time::Duration};

use tokio::runtime::Handle;

use crate::{
    Error,
    kafka::{produce::Produce, writer::Outgoing},
    queue::Queue,
};

/// How long to wait after a failure.
const PAUSE: Duration = Duration::from_secs(1);

/// The thread.
pub(super) struct Sender {
    queue: Arc<Queue<Vec<u8>>>,
    produce: Arc<Produce>,
    topic: Arc<str>,
    runtime: Handle,
}

impl Sender {
    pub(super) fn new(queue: Arc<Queue<Vec<u8>>>, produce: Arc<Produce>, topic: String, runtime: Handle) -> Self {
        Self { queue, produce, topic: topic.into(), runtime }
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
        let record =
            |form: &Vec<u8>| Outgoing { partition: Some(0), value: Some(form.clone().into()), ..Outgoing::default() };
        let records = batch.iter().map(|form| (Arc::clone(&self.topic), record(form))).collect();
        let places = self.produce.append(records).await?;
        Ok(places.into_iter().map(|(_, offset)| offset).max().unwrap_or_default())
    }
}
