//! Kanalen: who may change them, and which subscriptions get their events. One file per use case; what a request asks
//! for is in [`request`], the rules of its members are in [`rules`].

mod approve;
mod change;
mod create;
mod declaration;
mod delete;
mod documentation;
mod find;
mod findings;
mod partitions;
mod reject;
mod replace;
pub mod request;
pub mod routes;
pub mod rules;
mod statistics;
mod subscriptions;
mod volumes;

pub use self::{
    approve::{ApprovalTarget, DisclosureRequest, MAX_REASON},
    find::MayChange,
    findings::{KanaalFindings, RuleFindings, UndeclaredType},
    partitions::KeptPartition,
    request::{FilterRequest, Filters, KanaalChange, KanaalRequest},
    statistics::KanaalStatistics,
    subscriptions::ApprovalFilter,
};
