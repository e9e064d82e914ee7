//! `/v1/subscriptions`: the management API of the CloudEvents Subscriptions API with what is ours (CE-SUB).
//! One file per operation; `view` and `input` are the object itself.

pub mod access;
pub mod change;
mod consent;
pub mod create;
pub mod credential;
pub mod dead_letters;
pub mod delete;
pub mod deliveries;
mod filter;
mod headers;
pub mod input;
pub mod kenmerken;
mod key;
pub mod list;
pub mod pause;
pub mod read;
pub mod replay;
pub mod resume;
pub mod revalidate;
pub mod start;
pub mod status;
pub mod tls;
pub mod view;

pub use credential::SinkCredential;
