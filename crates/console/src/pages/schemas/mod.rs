//! Registering a schema for types of events, and withdrawing one. The catalogue itself is in `types`.

mod register;
mod withdraw;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

pub use self::{
    register::{handler as new, post as register},
    withdraw::{handler as ask_withdraw, post as withdraw},
};

/// The path of the form of a new schema.
pub const NEW: &str = "/beheer/schemas/nieuw";

/// The path of the withdrawal of the schema with this name.
pub fn withdrawal_of(name: &str) -> String {
    format!("/beheer/schemas/{}/intrekken", utf8_percent_encode(name, NON_ALPHANUMERIC))
}
