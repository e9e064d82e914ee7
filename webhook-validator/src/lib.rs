//! Consent of webhook receivers. (It does not check signatures, which its name may suggest.)
//!
//! A sender asks a receiver with `OPTIONS` and `WebHook-Request-Origin` whether it may send, and at what rate
//! (CloudEvents HTTP webhook, section 4). [`handshake`] is the state machine of that exchange, [`http`] performs its
//! one request, [`callback`] holds the secret of a deferred answer, [`target`] is the receiver's side, and [`probe`]
//! the two requests by which the Notificaties API checks a receiver instead. [`check`] examines a receiver with all of them and
//! with test events, and reports. The crate knows no subscriptions and no events of others: only URLs, origins, rates and
//! timestamps.
//!
//! Ids such as CE-WHV-05 and NLG-WH-05 are rows of `conformance/requirements.csv`.

pub mod callback;
pub mod check;
pub mod handshake;
pub mod headers;
pub mod http;
pub mod probe;
pub mod rate;
pub mod reason;
pub mod target;

pub use handshake::{Action, Answer, CallbackReply, Input, Micros, State, Step, Terms, step};
pub use headers::{Field, Origin};
pub use rate::Rate;
pub use reason::Reason;
