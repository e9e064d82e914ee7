//! Text messages over HTTPS, through one provider: a generic one that is described by configuration ([`HttpProvider`], with
//! [`Preset`]s), or NotifyNL ([`notify`]), which also sends e-mail.
//!
//! It takes finished texts. It knows no templates of kanalen, no addressees beyond the one of a message, and it does not decide
//! about retries: [`Class`] states what happened, and the caller decides. All requests go through `egress`, each at most once: a
//! message whose answer did not arrive is [`Class::Unknown`] (I11). No number, no text of an answer and no secret is in an error,
//! in a log, in a URL or in `Debug` output (I10).
//!
//! Requests are made and answers are read by pure functions; [`Client`] and [`notify::Client`] are the drivers.
//!
//! # Requirements
//!
//! | id | in short |
//! |---|---|
//! | CH-32 | a provider is configuration, with presets |
//! | CH-33 | success is decided by status and body |
//! | CH-34 | 429 and 503 with `Retry-After` are the provider's |
//! | CH-35 | a refused number is the addressee's, nobody else's |
//! | CH-36 | without an answer a message is in doubt, and not sent again |
//! | CH-37, CH-40 | delivery reports and replies that a provider posts |
//! | CH-39 | more segments than allowed are refused |
//! | CH-117, CH-147 | receipts of NotifyNL |
//! | CH-146 | requests of NotifyNL, with its tokens |

mod answer;
mod class;
mod client;
pub mod notify;
mod outcome;
mod placeholder;
mod preset;
mod provider;
mod report;
mod secret;
mod text;

pub use answer::{Answer, AnswerRules};
pub use class::{Class, class_of_status, class_without_answer};
pub use client::{Client, ClientSettings};
pub use outcome::{Outcome, Reason};
pub use placeholder::PlaceholderError;
pub use preset::Preset;
pub use provider::{Authorization, Body, Description, HttpProvider, ProviderError};
pub use report::{MAX_REPORT, Report, parse_report};
pub use secret::Secret;
pub use text::{TextError, TextMessage};
