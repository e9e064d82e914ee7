//! The native API under `/v1`: one directory per resource, one file per operation.

pub mod dead_letters;
mod delivery;
pub mod events;
pub mod kanalen;
mod list;
mod members;
pub mod runs;
mod scan;
pub mod schemas;
pub mod subscriptions;
pub mod types;
