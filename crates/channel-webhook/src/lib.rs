//! The channel for webhooks: everything delivery needs to know of HTTP.
//!
//! It implements the engine's port ([`delivery::Channel`]), so the engine knows events, subscriptions and
//! [classes](delivery::Class) of answers, and this crate knows bodies, headers, credentials and statuses. It decides no
//! retry and keeps no queue. Its two other halves prepare a delivery: [`credentials`] opens what proves to a sink that it is
//! us, and [`consent`] asks a sink whether it wants events at all.
//!
//! # One request
//!
//! Subscription 7 wants events of kanaal `zaken` as structured CloudEvents at `https://zaken.example/hook`, with an OAuth2
//! client as its credential. The engine decides that event `a` is next for it:
//!
//! 1. The engine asks [`Webhooks`] once for a sender to subscription 7 and keeps it while the subscription stays as it is.
//! 2. It leaves out what the owner of `zaken` does not disclose to subscription 7, and calls `send([a], fallback: false)`.
//! 3. `message` picks the format; `render` encodes `a` and keeps the body with the event, so subscription 8, which wants the
//!    same format, sends the same bytes without encoding them again.
//! 4. `target` adds what all requests of this subscription have in common: URL, the subscription's own headers,
//!    `WebHook-Request-Origin` and the credential. The first request opens the credential: [`credentials::Opener`]
//!    asks the token endpoint, and the token is kept until shortly before it ends. Requests that come meanwhile wait for it.
//! 5. `egress` sends it, with the TLS profile that the subscription names or that is named like the destination and may be
//!    used for its owner. A kept connection that turns out to be closed is replaced there, unseen here.
//! 6. The sink answers `503` with `Retry-After: 30`. `status` makes that [`Class::Paced`](delivery::Class::Paced) of 30
//!    seconds, and the start of the body goes into the journal. On a `401` the token is dropped, so that the retry brings
//!    another one.
//! 7. The engine sends nothing to that sink for 30 seconds, and then calls `send([a], false)` again.

mod channel;
pub mod consent;
pub mod credentials;
mod fsc;
mod message;
pub mod outcomes;
mod render;
#[cfg(test)]
mod sample;
mod status;
mod target;
mod via;

pub use channel::{Parts, Webhooks};
