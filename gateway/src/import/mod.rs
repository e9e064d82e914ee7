//! Import from Open Notificaties: reads its set-up file, also inside the values of a chart, and its API, compares them with this gateway, applies the
//! differences to storage, and reports them in Dutch to the administrator.
//!
//! It changes nothing at Open Notificaties and imports no messages. Clients, retries and addresses are configuration of
//! this gateway, so those are written as lines for the configuration file.
//!
//! [`people`] imports light subscriptions of people.

mod apply;
mod chart;
mod fragment;
mod items;
pub mod people;
mod plan;
mod report;
mod rest;
mod section;
mod setup;
mod source;

pub use apply::{ApplyError, ImportTarget};
pub use fragment::fragment;
pub use plan::{Change, Plan, PresentState, plan};
pub use report::report;
pub use rest::{RestError, read as read_api};
pub use setup::{SetupError, read as read_setup};
pub use source::{Abonnement, Auth, Client, Kanaal, Registration, Retry, Service, Source};
