//! The audit trail: records what no command records, lists and exports entries, and verifies the
//! chains.
//!
//! Storage adds the entry about a command with its decision. Not here: which requests are recorded (crate `web`).

mod export;
mod last_change;
mod list;
mod newest;
pub(crate) mod reader;
mod recorder;
mod refusals;
mod verify;

pub use self::{
    export::{AuditExport, MAX_EXPORTED},
    last_change::LastChange,
    list::AuditQuery,
    recorder::Recorder,
    verify::verify,
};
pub use storage::audit::{Line, Problem, Record, RecordedChange, Report};
