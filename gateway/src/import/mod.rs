//! Moving over from Open Notificaties: what its set-up file and its API hold, compared with what is here, applied to
//! storage, and said in Dutch to the administrator who does it.
//!
//! It changes nothing at Open Notificaties and moves no messages. Clients, retries and addresses are configuration
//! here, so those come out as lines for the configuration file.

mod apply;
mod fragment;
mod plan;
mod report;
mod rest;
mod setup;
mod source;

pub use apply::{ApplyError, Place};
pub use fragment::fragment;
pub use plan::{Change, Plan, Present, plan};
pub use report::report;
pub use rest::{RestError, read as read_api};
pub use setup::{SetupError, read as read_setup};
pub use source::{Abonnement, Auth, Client, Kanaal, Registration, Retry, Service, Source};
