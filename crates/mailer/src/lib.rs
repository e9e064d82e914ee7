//! Sends what is due to people by e-mail and SMS, through one provider a channel: the messages of the outbox (confirmations,
//! acknowledgements) and mailings (one event to the addressees of a kanaal).
//!
//! # The parts
//!
//! | name | what it is |
//! |---|---|
//! | [`Provider`] | the port to what sends messages: a mail relay, an SMS provider, NotifyNL |
//! | [`Relay`] | the one way to a provider: a bounded number of messages at a time, the rate, and who comes first (CH-27) |
//! | [`ChannelComposer`], [`Outlet`] | what makes the messages of a channel, with the way to its provider |
//! | [`Composer`] | the mail to one person: header fields, envelope sender and Message-ID around rendered texts |
//! | [`mailings`] | the driver of mailings: follows the logs and performs the effects of `delivery::mailing` |
//! | [`outbox::Outbox`] | the driver of due messages |
//! | [`reply_of`] | the table from the class of a reply of a relay to what it means for a mailing |
//!
//! # What is not here
//!
//! SMTP (`channel-email`), HTTP (`channel-sms`), MIME (`message`), the decisions of a mailing (`delivery::mailing`), who may subscribe
//! (`management`), configuration files (`gateway`). No address is in a log line, a metric or an error (I10).
//!
//! Ids such as CH-27 are requirements for channels to people.

mod channel;
mod compose;
pub mod mailings;
pub mod outbox;
mod pause;
mod provider;
mod relay;
mod reply;

pub use self::{
    channel::{ChannelComposer, MessageError, Outlet, Texts},
    compose::{About, ComposeError, Composer, Draft, Kind, Mail},
    provider::{Message, NotifyMail, NotifyText, Provider, SecretError, SecretSource, Sent, SmsProvider},
    relay::{MAILS, Priority, Relay, RelaySettings, RelayState, TEXTS, Turn},
    reply::reply_of,
};
