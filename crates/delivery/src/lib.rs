//! The delivery engine: a pure machine per shard of sinks, and the driver that performs its actions.
//!
//! The machine ([`machine`]) decides everything (who gets what, when, how often) and is simulated without HTTP, SQL or
//! a clock; the driver ([`Engine`]) reads logs, sends requests and stores progress as it says. Consent is not obtained
//! here and secrets are not opened here: both come from outside.

mod answer;
mod arena;
mod backoff;
mod credentials;
mod driver;
mod duplicates;
mod egress_sender;
mod index;
mod invariants;
mod item;
pub mod machine;
pub mod metrics;
mod pace;
mod post;
mod render;
mod settings;
mod target;
pub mod tell;

pub use self::{
    answer::{Answer, Class, Reply},
    arena::Id,
    credentials::{Authorization, CredentialError, Credentials, Opened},
    driver::{Engine, EngineParts, Handle, State, shard_of},
    egress_sender::EgressSender,
    index::Index,
    invariants::Invariant,
    item::Item,
    machine::{ShardStatus, SubscriptionStatus},
    post::{Outgoing, Sender},
    settings::Settings,
};
