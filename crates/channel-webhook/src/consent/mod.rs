//! Consent of subscribers: drives the handshake of every subscription that needs one, serves its callback URL, and
//! records the outcome with control (rows CE-WHV).
//!
//! Who calls whom: the driver of this module finds a subscription whose consent is due and asks its sink through
//! `webhook_validator`, which also decides what the answer means. The outcome is submitted to control as a command. The
//! delivery engine reads it from the registry and sends nothing before consent is granted. Here are the timers, the
//! translation between the two, and the order of steps of one subscription.

mod callback;
mod driver;
mod error;
pub mod metrics;
mod pace;
mod probe;
mod service;
mod state;
mod terms;

pub use webhook_validator::probe::{Accepted, Probe, ProbeError};

pub use self::{
    callback::CalledBack,
    error::StartError,
    service::{Parts, Service},
    terms::Settings,
};
