//! `/v1/events`: publishing, and reading back.

pub mod options;
pub mod publish;
