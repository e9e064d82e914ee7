//! Secrets that a person proves an address with: a code to type over, and a token in a link (CH-43 to CH-45, CH-49, CH-55,
//! CH-58). Only their digests are stored.
//!
//! Sending them, storing a [`Challenge`] and limiting requests are the caller's.

mod challenge;
mod draw;
mod pattern;
mod token;

pub use challenge::{Answer, Challenge, Limits, Secret, VoidReason};
pub use pattern::{Code, MIN_OUTCOMES, Pattern, PatternError};
pub use token::LinkToken;
