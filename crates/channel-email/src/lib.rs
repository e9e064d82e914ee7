//! E-mail over SMTP: a submission client (RFC 6409, RFC 5321) for one relay, and the table of its replies.
//!
//! It takes an envelope and the finished bytes of a message; it knows no MIME, no templates and no addressees beyond the one
//! of a mail. It does not decide about retries: [`Class`] states what happened, and the caller decides. All connections are
//! opened by `egress`. No address, no text of a reply and no secret is in an error, in a log or in `Debug` output.
//!
//! Ids such as CH-26 are requirements.

mod authenticate;
mod capabilities;
mod class;
mod client;
mod content;
mod credential;
mod envelope;
mod message;
mod outcome;
mod place;
mod pool;
mod reply;
mod session;
mod settings;
mod status;
mod transaction;
mod wire;

pub use class::{Class, Meaning, class_without_reply, meaning};
pub use client::Client;
pub use credential::{Credential, CredentialError, Credentials};
pub use envelope::{AddressError, Envelope, EnvelopeAddress};
pub use message::{Message, MessageError};
pub use outcome::{Fault, NotSent, Outcome, Reason};
pub use place::Place;
pub use settings::{Security, Settings, SettingsError};
pub use status::EnhancedStatus;
