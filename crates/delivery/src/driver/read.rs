//! Reading and decoding: happens beside the machine, once per read.

use std::sync::{Arc, PoisonError};

use model::{Clock, Position, run::Run};
use storage::{
    Error, EventLog, Journal,
    journal::{DeadLetterQuery, Page},
    log::{Limit, Stored},
};
use tokio::sync::mpsc;
use translator::record::Unreadable;

use super::{Common, redrive::Redrives, shard::Message};
use crate::{
    item::Item,
    machine::{Batch, Input, Read},
};

/// Where records come from.
pub(super) struct Source {
    pub log: Arc<dyn EventLog>,
    pub journal: Arc<dyn Journal>,
    pub redrives: Redrives,
    pub clock: Arc<dyn Clock>,
    pub common: Arc<Common>,
}

/// Reads, decodes and reports back.
pub(super) async fn read(source: Source, what: Read, sender: mpsc::UnboundedSender<Message>) {
    let mut reading = Reading { what: what.clone(), sender, message: None };
    reading.message = Some(match attempt(&source, &what).await {
        Ok(batch) => Message::Input(Input::Fetched(what.id, Some(batch))),
        Err(error @ Error::NewerVersion { .. }) => Message::Failed(error),
        Err(error) => {
            tracing::warn!(kanaal = what.kanaal.as_str(), %error, "a log cannot be read now");
            Message::Input(Input::Fetched(what.id, None))
        }
    });
}

/// Reports when it is dropped, so that no read stays unanswered, not even when its task panics.
struct Reading {
    what: Read,
    sender: mpsc::UnboundedSender<Message>,
    message: Option<Message>,
}

impl Drop for Reading {
    fn drop(&mut self) {
        let failed = Message::Input(Input::Fetched(self.what.id, None));
        // The shard may have stopped meanwhile.
        let _ = self.sender.send(self.message.take().unwrap_or(failed));
    }
}

async fn attempt(source: &Source, what: &Read) -> Result<Batch, Error> {
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
    let batch = Batch { items, next, oldest };
    recent().put(what, &batch);
    let Batch { mut items, .. } = batch;
    if let Some(run) = &what.or_dead_letter
        && items.first().is_none_or(|item| item.position.mark() != what.from)
        && let Some(item) = buried(source, what, run).await?
    {
        items.insert(0, item);
    }
    Ok(Batch { items, next, oldest })
}

/// The event in a record; `None` when it holds none that can be read, which somebody else must have written. Such a
/// record is kept aside.
async fn decode(source: &Source, what: &Read, stored: Stored) -> Result<Option<Arc<Item>>, Error> {
    match translator::record::decode(&stored.record.headers, stored.record.value.as_ref()) {
        Ok(accepted) => {
            let item = Item::new(what.kanaal.clone(), what.partition, stored, accepted, source.common.seed);
            Ok(Some(Arc::new(item)))
        }
        Err(Unreadable::NewerVersion { found, known }) => Err(Error::NewerVersion { kind: "event", found, known }),
        Err(error) => {
            let (place, now) = ((&what.kanaal, what.partition), source.clock.now());
            source.common.aside.put(&*source.journal, place, stored, &error, now).await?;
            Ok(None)
        }
    }
}

/// The record at `from` as its dead letter keeps it.
async fn buried(source: &Source, what: &Read, run: &Arc<Run>) -> Result<Option<Arc<Item>>, Error> {
    let place = (what.kanaal.clone(), what.partition, Position(what.from.0));
    let ids = source.redrives.letters_of(Arc::clone(run), place.clone()).await;
    if ids.is_empty() {
        return Ok(None);
    }
    let query = DeadLetterQuery { ids, ..DeadLetterQuery::default() };
    let letters = source.journal.dead_letters(query, Page { offset: 0, limit: 1 }).await?;
    let Some(letter) = letters.into_iter().next() else { return Ok(None) };
    decode(source, what, Stored { position: place.2, appended: letter.at, record: letter.record }).await
}
