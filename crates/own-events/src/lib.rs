//! Events of the gateway about itself, on the kanaal `gateway`: an outage of a sink begun or ended, a subscription suspended or
//! near it, consent refused or lost, dead letters, retention about to overtake a subscription, approval asked, a certificate near
//! its end, a mailing ended, people that messages do not reach. Subscribers get them like all other events.
//!
//! # How it works
//!
//! Every few seconds [`Publisher::pass`] compares two things and publishes the difference:
//!
//! - the **facts** ([`Facts`]): the present state of the subscriptions that this node delivers, and of its certificates;
//! - what was **announced** ([`Announced`]): the newest events about each subject, read from the log of the kanaal itself.
//!
//! [`due`] compares them. It is pure, and the only place with rules: thresholds, quiet times, and what is never announced. So a
//! crash loses nothing that is still so, and announces nothing twice: the facts and the log are both durable, except the count
//! of dead letters, which begins anew.
//!
//! One node publishes each event: the one that delivers to the subscription, and the one that owns the first shard for
//! certificates. While a shard moves, two nodes may do so; most events have an id and content that follow from the facts, and
//! such a repetition is delivered once.
//!
//! Nothing is announced about a sink that gets events of this kanaal, so that no event causes another one.
//!
//! Not here: delivery, which knows nothing of these events, the declared kanaal and its schemas (`gateway`), and who may
//! subscribe to the kanaal (`management`).

mod announced;
mod due;
mod event;
mod facts;
mod kind;
mod own_log;
mod publisher;
mod settings;
mod undeliverable;

#[cfg(test)]
mod tests;

pub use self::{
    announced::Announced,
    due::due,
    event::OwnEvent,
    facts::{CertificateEnd, Facts, NodeFacts, RetentionRisk, SubscriptionFacts, Undeliverable},
    kind::Kind,
    publisher::{Parts, Publisher},
    settings::Settings,
};
