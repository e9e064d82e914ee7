//! The audit trail: the list with its filter, the export of what the filter matches, and the check of its chains.

mod chain;
mod export;
mod list;

pub use self::{
    chain::post as verify,
    export::handler as export,
    list::{PATH, handler as list},
};

/// The path of the export.
pub const EXPORT: &str = "/beheer/logboek/export";

/// The path of the check of the chains.
pub const CHAIN: &str = "/beheer/logboek/keten";
