//! Checks a receiver as a sender would meet it, and reports clause by clause what it does and how to correct it.
//!
//! [`run`] sends some twenty requests. Those with a test event are sent only with consent, at the granted rate, and not after
//! the receiver has asked to stop. Clauses are the rules, [`Report`] has the verdicts with the exchanges as evidence, in
//! Dutch and English. The program `webhook-validator` and the gateway both use it.

mod checks;
mod clauses;
mod events;
mod exchange;
mod options;
mod query;
mod report;
mod session;
mod text;
mod wire;

pub use self::{
    checks::{run, unreachable, unusable_url},
    clauses::{Applies, Clause},
    options::{CallbackOptions, Consent, Format, Options, Turn},
    report::{Finding, Report, Verdict},
    text::{Language, Said, Text},
    wire::Wire,
};
