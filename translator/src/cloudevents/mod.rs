//! CloudEvents 1.0 over HTTP: the JSON event format (single and batched) and the binary mode.

pub mod batch;
pub mod binary;
mod mode;
mod registered;
pub mod remarks;
pub mod structured;

pub use mode::{MediaTypeError, Mode, mode};
