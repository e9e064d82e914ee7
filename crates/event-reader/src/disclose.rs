//! Disclosure: which part of an event the owner of its kanaal lets a subscriber have, and leaving out the rest.

use model::{Subscription, approval::Disclosure, event::AcceptedEvent};
use storage::journal::EventRow;

use crate::StoredEvent;

/// The event without the attributes and data that are not disclosed; the required attributes of CloudEvents stay.
pub fn disclose(accepted: &AcceptedEvent, disclosure: &Disclosure) -> AcceptedEvent {
    let event = accepted.event.without_undisclosed(|attribute| disclosure.shows(attribute), disclosure.data);
    AcceptedEvent {
        event,
        published_as: accepted.published_as,
        received: accepted.received,
        publisher: accepted.publisher.clone(),
    }
}

/// A row of the index without `subject` when that is not disclosed. A search by subject must filter after this call;
/// otherwise a match reveals a subject that is not disclosed.
pub fn disclose_row(mut row: EventRow, disclosure: &Disclosure) -> EventRow {
    row.subject = row.subject.filter(|_| disclosure.shows("subject"));
    row
}

/// The parts of an event that at least one of these subscriptions gets. `None` when none of them gets the event, because
/// their selections do not match or the owner of the kanaal did not approve.
pub fn disclosure_for<'a>(
    event: &StoredEvent,
    subscriptions: impl IntoIterator<Item = &'a Subscription>,
) -> Option<Disclosure> {
    let gets = |subscription: &&Subscription| {
        subscription.is_admitted(&event.kanaal) && event.is_wanted_by(&subscription.selection)
    };
    let disclosed =
        |subscription: &Subscription| subscription.disclosure(&event.kanaal).cloned().unwrap_or(Disclosure::ALL);
    subscriptions.into_iter().filter(gets).map(disclosed).reduce(|one, other| one.or(&other))
}
