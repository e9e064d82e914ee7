//! Sends what is due to people by e-mail, through one relay: the messages of the outbox (confirmations, acknowledgements) and
//! mailings (one event to the addressees of a kanaal).
//!
//! # The parts
//!
//! | name | what it is |
//! |---|---|
//! | [`Relay`] | the one way to the relay: a bounded number of mails at a time, the rate, and who comes first (CH-27) |
//! | [`Composer`] | the mail to one person: header fields, envelope sender and Message-ID around rendered texts |
//! | [`mailings`] | the driver of mailings: follows the logs and performs the effects of `delivery::mailing` |
//! | [`outbox::Outbox`] | the driver of due messages |
//! | [`reply_of`] | the table from the class of a reply to what it means for a mailing |
//!
//! # What is not here
//!
//! SMTP (`channel-email`), MIME (`message`), the decisions of a mailing (`delivery::mailing`), who may subscribe (`management`),
//! configuration files and HTTP (`gateway`). No address is in a log line, a metric or an error (I10).
//!
//! Ids such as CH-27 are requirements for channels to people.

mod compose;
pub mod mailings;
pub mod outbox;
mod relay;
mod reply;

pub use self::{
    compose::{About, ComposeError, Composer, Draft, Kind, Mail},
    relay::{MAILS, Priority, Relay, RelaySettings, RelayState, Turn},
    reply::reply_of,
};
