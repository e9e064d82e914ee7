//! Reads stored events: decodes a record, answers which selections want the event, and leaves out what the owner of its
//! kanaal does not disclose. Delivery, the index, the APIs and dry runs all read events here.
//!
//! ```text
//! storage::log::Stored --decode--> StoredEvent --facts, is_wanted_by--> selected --disclose--> what the subscriber may
//! have
//! ```
//!
//! [`disclose`] and [`disclose_row`] are the only places that apply a [`Disclosure`](model::approval::Disclosure): all code
//! that shows an event to a subscriber calls one of them. Not here: whether a subscription may see a kanaal at all
//! (`model::approval`), rendering (the channels and the APIs), caching (the delivery engine).

mod disclose;
mod stored_event;

pub use self::{
    disclose::{disclose, disclose_row, disclosure_for},
    stored_event::{DecodeError, StoredEvent, facts, read_one},
};
