//! The inbox: messages that people read at the gateway themselves. What a message is for whom ([`addressed`]), the state that one
//! person gave it (`state`), and what a person sees of it (`message`). Pure: lists, counts and streams use the same rule.
//!
//! Not here: how a person is authenticated, where messages and states are stored, and the payload, which stays in the log of its
//! kanaal.
//!
//! Ids such as CH-5 are rows of the requirements for channels to people.

pub mod addressed;
mod message;
mod state;

pub use self::{
    addressed::{AddressFault, AddressedTo, InboxKanaal, InboxKanalen},
    message::{Message, MessageFilter, MessageId, NewMessage, Totals},
    state::{Change, State, StateKind, UndoOver},
};
