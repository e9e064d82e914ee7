//! `/v1/events`: publishing, and reading back.

pub mod cancel;
pub mod deliveries;
pub mod dry_run;
mod find;
pub mod list;
pub mod options;
pub mod publish;
pub mod read;
pub mod receivers;
pub mod redeliver;
pub mod redeliver_many;
pub mod replace;
pub mod report;
