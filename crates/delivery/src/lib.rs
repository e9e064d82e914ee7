//! The delivery engine: it reads the logs and delivers every event to the subscriptions that want it, at least once.
//!
//! # The parts
//!
//! - The **machine** ([`machine`]) decides: which subscription gets which event, when, how often, and how each delivery
//!   ends. There is one per shard (the sinks that share one progress partition). It is a pure function of its inputs, without IO, async or clock, and is tested in
//!   simulated worlds (`tests/delivery/sim`). **Start reading at [`machine`]**: it lists the types, the life of an
//!   event and how positions work.
//! - The **driver** ([`Engine`], module `driver`) performs the actions of the machines and reports back: it reads and
//!   decodes records, sends requests, stores checkpoints and dead letters. It starts and stops machines as shards come
//!   to this node and leave it. It decides nothing.
//! - A **channel** ([`Channel`]) is the port to one kind of sink: it renders events, sends one request and classifies
//!   the answer. The engine knows no protocol; webhooks are in `crates/channel-webhook`.
//! - Around them are small parts that know none of these: the filter index ([`Index`]: which subscriptions want an
//!   event), the duplicates window (digests of the last records), the rate limiter of a sink (GCRA), the
//!   waits between retries, and the arena that holds the state.
//! - A **mailing** ([`mailing`]) is a machine of its own: one event to the addressees of a kanaal. The driver of its
//!   effects is `mailer::mailings`.
//!
//! ```text
//!  EventLog -- records --+                          +--> Channel -- requests --> sinks
//!                        v                          |
//!  Control -- changes -> driver (task of a shard) --+--> Progress (checkpoints)
//!                        |   ^                      |
//!                 inputs |   | actions              +--> Journal (attempts, outcomes, dead letters)
//!                        v   |
//!                       machine
//! ```
//!
//! # What is not here
//!
//! Consent is not requested here; it is a member of the subscription. Secrets and protocols belong to the channels. Which node
//! owns a shard is decided by `storage::Progress`.
//!
//! # Words
//!
//! A *position* is the number of a record in its partition; a *mark* is the position of the next record to read. A
//! delivery is *accepted* into the *window* of its subscription (its unsettled deliveries) and *settled* with exactly one outcome. *Stored* means
//! durable.

mod arena;
mod backoff;
mod channel;
mod decoded_event;
mod driver;
mod duplicates;
pub mod event_log;
mod extensions;
mod index;
mod invariants;
pub mod machine;
pub mod mailing;
pub mod metrics;
pub mod outcomes;
mod pace;
#[cfg(feature = "planted")]
pub mod planted;
#[cfg(not(feature = "planted"))]
mod planted;
mod settings;

pub use self::{
    arena::Id,
    channel::{Answer, Cause, Channel, Channels, Class, Reply, RequestResult, Sender},
    decoded_event::DecodedEvent,
    driver::{DeadLetterCount, Engine, EngineParts, Handle, OwnSubscription, ShardOwnership, shard_of},
    extensions::Extensions,
    index::Index,
    invariants::{Invariant, Violation},
    machine::{ExtraRequest, NextAttempt, ShardStatus, SinkOutage, SubscriptionStatus, WaitingFor},
    metrics::Totals,
    pace::Pace,
    settings::Settings,
};
