//! Consent of webhook receivers; it does not check signatures, whatever the name may suggest.
//!
//! A sender asks a receiver with `OPTIONS` and `WebHook-Request-Origin` whether it wants to receive, and at what rate
//! (CloudEvents HTTP webhook, section 4). [`handshake`] is the pure machine of that conversation, [`http`] performs its one
//! request, [`callback`] guards the deferred answer, [`target`] is the receiver's side, [`probe`] the two requests by which
//! the Notificaties API checks a receiver instead. It knows no subscriptions and no events: only URLs, origins, rates, moments.

pub mod callback;
pub mod handshake;
pub mod headers;
pub mod http;
pub mod probe;
pub mod rate;
pub mod reason;
pub mod target;

pub use handshake::{Action, Answer, CallbackReply, Input, Moment, State, Step, Terms, step};
pub use headers::{Field, Origin};
pub use rate::Rate;
pub use reason::Reason;
