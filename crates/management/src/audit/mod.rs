//! The audit trail: records what no command records, lists entries, and verifies the chains.
//!
//! Storage adds the entry about a command with its decision. Not here: which requests are recorded (crate `web`).

mod list;
mod recorder;
mod refusals;
mod verify;

pub use self::{list::AuditQuery, recorder::Recorder, verify::verify};
pub use storage::audit::{Line, Problem, Record, RecordedChange, Report};
