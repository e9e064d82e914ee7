//! The row of the index that a stored event has.

use event_reader::StoredEvent;
use storage::journal::EventRow;

/// The row of an event that was read from the log.
pub(super) fn row_of(event: &StoredEvent) -> EventRow {
    let attributes = &event.accepted.event;
    EventRow {
        kanaal: event.kanaal.clone(),
        partition: event.partition,
        position: event.position,
        id: attributes.id().to_owned(),
        source: attributes.source().to_owned(),
        kind: attributes.kind().to_owned(),
        subject: attributes.subject().map(str::to_owned),
        appended: event.appended,
    }
}
