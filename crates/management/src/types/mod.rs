//! The catalogue of types of events, for clients that look for something to subscribe to (NLG-CTX-15). It holds the types
//! that a payload schema is registered for, not the types of events that were published: those promise nothing.

mod find;
mod subscriptions;

pub use self::find::{EventType, TypeFilter};
