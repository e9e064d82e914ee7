//! `/v1/subscriptions`: the management API of the CloudEvents Subscriptions API with what is ours (CE-SUB).
//! One file per operation; `view` writes and `input` reads the object.

pub mod access;
pub mod change;
pub mod check;
pub mod create;
pub mod credential;
pub mod dead_letters;
pub mod delete;
pub mod deliveries;
pub mod filter;
mod headers;
pub mod input;
mod key;
pub mod light;
pub mod list;
pub mod pause;
pub mod preview;
pub mod read;
pub mod replay;
pub mod resume;
pub mod revalidate;
pub mod statistics;
pub mod status;
pub mod test;
pub mod view;
pub mod warnings;

pub use credential::SinkCredential;
