//! Events as they stand in the log: finding one by its place, reading it, and asking whether a subscription wants it.

use bytes::Bytes;
use model::{
    KanaalName, Partition, Position, approval::Disclosure, event::AcceptedEvent, facts::Facts, selection::Selection,
};
use storage::log::{Limit, Record};
use translator::{cloudevents::structured, facts, record};

use crate::app::App;

/// The record at a place; `None` when retention took it.
pub async fn at(
    app: &App,
    kanaal: &KanaalName,
    partition: Partition,
    position: Position,
) -> Result<Option<Record>, storage::Error> {
    let limit = Limit { records: 1, bytes: 1 };
    let batch = app.log.read(kanaal, partition, position.mark(), limit).await?;
    Ok(batch.records.into_iter().find(|stored| stored.position == position).map(|stored| stored.record))
}

/// The event in a record; `None` when this program cannot read it, which is logged.
pub fn event(stored: &Record) -> Option<AcceptedEvent> {
    match record::decode(&stored.headers, stored.value.as_ref()) {
        Ok(accepted) => Some(accepted),
        Err(error) => {
            tracing::warn!(%error, "a stored event cannot be read");
            None
        }
    }
}

/// What may be seen of the event in a record, as a structured CloudEvent.
pub fn structured(stored: &Record, disclosure: &Disclosure) -> Option<Bytes> {
    event(stored).map(|accepted| structured::encode(&disclosure.apply(&accepted.event)))
}

/// Which of these selections want the event.
pub fn wanted<'a, T>(
    kanaal: &KanaalName,
    accepted: &AcceptedEvent,
    candidates: impl IntoIterator<Item = (T, &'a Selection)>,
) -> Vec<T> {
    let members = facts::members(accepted);
    let facts = Facts { kanaal, event: &accepted.event, born: accepted.born, members: &members };
    candidates.into_iter().filter(|(_, selection)| selection.matches(&facts)).map(|(which, _)| which).collect()
}
