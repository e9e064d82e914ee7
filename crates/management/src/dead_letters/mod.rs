//! Dead letters: deliveries that ended without success, and delivering them again.
//!
//! A client sees those of its own subscriptions. Those of deleted subscriptions, and of records that hold no readable
//! event, are for administrators only.

mod count;
mod delete;
mod delete_many;
mod find;
mod groups;
mod list;
mod read;
mod recent;
mod redrive;

pub use storage::journal::DeadLetterGroup;

pub use self::{
    groups::{BrowsedDeadLetters, MOST_BROWSED},
    read::ShownDeadLetter,
    redrive::Redriven,
};
