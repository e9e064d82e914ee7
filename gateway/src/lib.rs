//! The NL GOV event gateway: the library behind the binary `gateway`.
//!
//! It holds the inbound edges (ingest, the Notificaties API, the native API), authentication, configuration,
//! the command line and the wiring. It parses no events (that is `translator`), retries nothing (that is
//! `delivery`), speaks no SQL (that is `storage`) and opens no connection of its own (that is `egress`).
//!
//! Start with [`app`] (what there is) and [`router`] (what it answers to).

pub mod api;
pub mod app;
pub mod auth;
pub mod cli;
pub mod config;
pub mod consent;
pub mod credentials;
pub mod import;
pub mod inbound;
pub mod ingest;
#[cfg(feature = "kafka")]
pub mod migrate;
pub mod openapi;
pub mod payload;
pub mod problem;
pub mod router;
pub mod secrets;
pub mod server;
pub mod stores;
pub mod tasks;
pub mod telemetry;
