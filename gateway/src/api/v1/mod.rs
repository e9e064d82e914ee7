//! The native API under `/v1`.

pub mod events;
