//! Import of light subscriptions of people: an export of NotifyBC as JSON (an array, a line or several lines for each), or CSV
//! (CH-130). Reads a file in bounded memory and reports its faults by line and member, never with an address.
//!
//! Only confirmed subscriptions are imported, at their moment of consent. What is stored is decided in `people`.

mod csv;
mod load;
mod notifybc;
mod objects;
mod report;

use people::ImportLine;

pub use self::{
    load::{Counts, Format, Kanalen, LoadError, load},
    report::people_report,
};

/// What an item of a file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// A confirmed subscription.
    Confirmed(Box<ImportLine>),
    /// One that is not confirmed.
    Unconfirmed,
    /// One that had ended.
    Ended,
}

/// A member of an item that cannot be imported, and the rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// The member or column; empty for the item as a whole.
    pub member: &'static str,
    /// The rule that it breaks, in Dutch, for the administrator.
    pub rule: &'static str,
}

/// A fault of this member.
const fn fault(member: &'static str, rule: &'static str) -> Fault {
    Fault { member, rule }
}
