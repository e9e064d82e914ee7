//! What operators ask of a running gateway: verdicts about its configuration, its clients, its
//! nodes and partitions, figures over time and what happens now.
//!
//! Health and metrics are outside this API, in `gateway`.

pub mod applicaties;
pub mod checks;
pub mod nodes;
pub mod partitions;
pub mod refresh_rights;
pub mod statistics;
pub mod stream;
