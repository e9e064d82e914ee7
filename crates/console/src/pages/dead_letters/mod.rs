//! The pages of dead letters: the list with groups, and the confirmations of delivering them again and of deleting them.

mod confirm;
mod export;
mod filter;
mod list;

pub use self::{
    confirm::{ask_delete, ask_redrive, delete, redrive},
    export::handler as export,
    list::handler as list,
};

/// The path of the list.
pub const LIST: &str = "/beheer/dead-letters";
