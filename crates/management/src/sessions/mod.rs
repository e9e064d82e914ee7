//! Sessions of people: who is logged in, ending sessions on every node, and links and tokens that hold once. One file per use
//! case.
//!
//! Not here: the sessions themselves, which are kept in the browser (crate `console`).

mod end;
mod end_listed;
mod ended;
mod list;
mod log_ins;
mod people;
mod use_once;

use std::time::Duration;

pub use self::{
    list::{Person, StartedSession, StartedSessions},
    log_ins::KnownLogIns,
    people::{PERIOD, PersonLogIns},
};

/// How long a session lasts at most.
pub const LIFETIME: Duration = Duration::from_hours(8);

/// How far the clocks of nodes may differ.
const MARGIN: Duration = Duration::from_mins(5);
