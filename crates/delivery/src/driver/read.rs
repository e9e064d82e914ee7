//! Reads and decodes records in a task beside the machine, once per read.

use std::sync::{Arc, PoisonError};

use event_reader::{DecodeError, StoredEvent};
use model::{Clock, Position, run::Run};
use storage::{
    Error, EventLog, Journal,
    log::{Limit, Stored},
};
use tokio::sync::mpsc;
use translator::record::Unreadable;

use super::{Common, message::Message, redrive};
use crate::{
    decoded_event::DecodedEvent,
    machine::{FetchedEvents, Input, Read},
};

/// The ports and caches that a read uses.
pub(super) struct Source {
    pub log: Arc<dyn EventLog>,
    pub journal: Arc<dyn Journal>,
    pub clock: Arc<dyn Clock>,
    pub common: Arc<Common>,
}

/// Reads, decodes and sends the shard the result.
pub(super) async fn read(source: Source, what: Read, sender: mpsc::UnboundedSender<Message>) {
    let mut reading = ReportOnDrop { what: what.clone(), sender, message: None };
    reading.message = Some(match attempt(&source, &what).await {
        Ok(batch) => Message::Input(Input::Fetched(what.id, Some(batch))),
        Err(error @ Error::NewerVersion { .. }) => Message::Failed(error),
        Err(error) => {
            tracing::warn!(kanaal = what.kanaal.as_str(), %error, "a log cannot be read now; it is retried");
            Message::Input(Input::Fetched(what.id, None))
        }
    });
}

/// Reports when it is dropped, so that no read stays unanswered, not even when its task panics.
struct ReportOnDrop {
    what: Read,
    sender: mpsc::UnboundedSender<Message>,
    message: Option<Message>,
}

impl Drop for ReportOnDrop {
    fn drop(&mut self) {
        let failed = Message::Input(Input::Fetched(self.what.id, None));
        // The shard may have stopped meanwhile.
        let _ = self.sender.send(self.message.take().unwrap_or(failed));
    }
}

async fn attempt(source: &Source, what: &Read) -> Result<FetchedEvents, Error> {
    let recent = || source.common.recent.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(batch) = recent().get(what) {
        return Ok(batch);
    }
    let limit = Limit { records: what.records, bytes: what.bytes };
    let batch = source.log.read(&what.kanaal, what.partition, what.from, limit).await?;
    let (next, oldest) = (batch.next, batch.oldest);
    let mut items = Vec::with_capacity(batch.records.len());
    for stored in batch.records {
        items.extend(decode(source, what, stored).await?);
    }
    let batch = FetchedEvents { items, next, oldest };
    recent().put(what, &batch);
    let FetchedEvents { mut items, .. } = batch;
    if let Some(run) = &what.or_dead_letter
        && items.first().is_none_or(|item| item.position.mark() != what.from)
        && let Some(item) = from_dead_letter(source, what, run).await?
    {
        items.insert(0, item);
    }
    Ok(FetchedEvents { items, next, oldest })
}

/// The event in a record; `None` when it holds no readable event, which another program must have written. Such a
/// record is quarantined.
async fn decode(source: &Source, what: &Read, stored: Stored) -> Result<Option<Arc<DecodedEvent>>, Error> {
    let error = match StoredEvent::decode(what.kanaal.clone(), what.partition, stored) {
        Ok(event) => return Ok(Some(Arc::new(DecodedEvent::new(event, source.common.seed)))),
        Err(error) => *error,
    };
    let DecodeError { stored, reason } = error;
    match reason {
        Unreadable::NewerVersion { found, known } => Err(Error::NewerVersion { kind: "event", found, known }),
        reason => {
            let (place, now) = ((&what.kanaal, what.partition), source.clock.moment());
            source.common.quarantine.put(&*source.journal, place, stored, &reason, now).await?;
            Ok(None)
        }
    }
}

/// The record at `from` from a dead letter that the run redrives; `None` when there is none.
async fn from_dead_letter(source: &Source, what: &Read, run: &Arc<Run>) -> Result<Option<Arc<DecodedEvent>>, Error> {
    let position = Position(what.from.0);
    let Some(letter) = redrive::find(source.journal.as_ref(), run, &what.kanaal, (what.partition, position)).await?
    else {
        return Ok(None);
    };
    decode(source, what, Stored { position, appended: letter.at, record: letter.record }).await
}
