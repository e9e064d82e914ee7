//! Events as clients see them: finding and reading them, their deliveries, and delivering them again.
//!
//! An administrator sees every event. Another client sees an event when one of its own subscriptions gets it, and of it what
//! its subscriptions get together. The journal finds events, the log holds them.

mod at_places;
mod deliveries;
mod find;
mod indexed;
mod list;
mod missed;
mod preview;
mod progress;
mod read;
mod receivers;
mod redeliver;
mod redeliver_many;
mod row;
mod search;

pub(crate) use self::preview::receives;
pub use self::{
    list::{EventCursor, EventPart},
    preview::{Receiver, Receives},
    progress::EventProgress,
    read::ShownEvent,
    receivers::{EventReceiver, Reception},
    redeliver_many::{RedeliverEvents, RedeliverRequest, Redelivery},
    search::Sought,
};
