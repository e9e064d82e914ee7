//! The resources: one directory per API, one file per operation.

pub mod operations;
pub mod v1;
pub mod zgw;
