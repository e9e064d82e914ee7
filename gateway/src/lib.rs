//! The NL GOV event gateway: the library behind the binary `gateway`.
//!
//! It holds configuration, the command line, import, migration, and the wiring. The APIs are `api-native` and `api-zgw`, over
//! the use cases of `management` and `publishing`. The gateway checks no requests and no tokens (that is `web`), parses no
//! events (`translator`), retries nothing (`delivery`), speaks no SQL (`storage`) and opens no connection of its own
//! (`egress`).
//!
//! Start with [`start`] (what is started, and in which order), [`app`] (what handlers see) and [`router`] (the routes).

// A command prints through `cli::output`, which survives a closed pipe.
#![deny(clippy::print_stdout, clippy::print_stderr)]

/// The version: the tag that a release was built from, else that of the package.
pub const VERSION: &str = match option_env!("GATEWAY_VERSION") {
    Some(version) => version,
    None => env!("CARGO_PKG_VERSION"),
};

pub mod app;
#[cfg(feature = "kafka")]
mod broker_tokens;
pub mod cli;
mod clients;
pub mod config;
#[cfg(feature = "console")]
mod console;
mod dkim;
mod feeds;
pub mod import;
mod inbound_mail;
mod inbox;
mod inspector;
mod mail;
mod mailings;
#[cfg(feature = "kafka")]
pub mod migrate;
pub mod operations;
mod own_events;
pub mod own_urls;
mod people;
mod people_administration;
mod people_owner;
mod process_facts;
mod receipts;
pub mod receiver_check;
pub mod receivers;
pub mod router;
mod security_txt;
mod senders;
pub mod server;
pub mod settings;
mod sms;
pub mod start;
pub mod stores;
pub mod tasks;
pub mod telemetry;
mod watched_files;
mod webhooks;
