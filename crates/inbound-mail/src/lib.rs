//! An SMTP listener (RFC 5321, the side of the server) for mail that comes back to the gateway: bounces, complaints, and mails to
//! unsubscribe. It takes mail only for recipients that [`Mailboxes`] accepts, relays nothing, and keeps nothing.
//!
//! # The parts
//!
//! | module | what it is |
//! |---|---|
//! | `command` | one line as a command. Pure |
//! | `content` | the lines after DATA, until their end. Pure |
//! | `session` | bytes in, the next [`Step`] out: a reply, a mail, the end. Pure |
//! | `slots` | how many connections are open, in all and by address |
//! | `server` | the driver: sockets, TLS, times |
//!
//! # What holds
//!
//! - A line ends with CRLF, and a mail with CRLF, dot, CRLF. Any other line break is refused, so that no relay reads another end of a
//!   mail than this server (SMTP smuggling). Nothing may follow DATA or STARTTLS before their reply.
//! - 250 is answered for a mail only after [`Mailboxes::deliver`] has returned [`Delivered::Stored`].
//! - Everything is bounded: connections, lines, refused commands, bytes, and the time until the last byte ([`Limits`]).
//! - No address and nothing of a mail is in a log line, a metric, a reply or `Debug` (I10).
//!
//! # What is not here
//!
//! What a mail means (`message`), what follows from it (`people`), configuration files. Of SMTP: relaying, AUTH, CHUNKING, DSN, SMTPUTF8,
//! and the mailbox postmaster, which is at the relay.

mod command;
mod content;
pub mod metrics;
mod reply;
mod server;
mod session;
mod slots;

use async_trait::async_trait;

pub use self::{
    reply::{Refusal, Reply},
    server::{Acceptor, Settings, serve},
    session::{Limits, Session, Step},
};

/// A mail that was accepted. `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// The envelope recipient, which [`Mailboxes::takes`] has accepted.
    pub recipient: String,
    /// Header and body, with CRLF at the end of each line.
    pub content: Vec<u8>,
}

impl std::fmt::Debug for Mail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Mail(…)")
    }
}

/// What became of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivered {
    /// What follows from it is stored durably, or nothing follows.
    Stored,
    /// It could not be stored: the relay is to send it again.
    Later,
}

/// The recipients that there are, and what becomes of their mail.
#[async_trait]
pub trait Mailboxes: Send + Sync {
    /// Whether mail to this address is taken. It is asked for each RCPT, and does no IO.
    fn takes(&self, recipient: &str) -> bool;

    /// Handles a mail. A mail whose reply does not reach the relay comes again.
    async fn deliver(&self, mail: Mail) -> Delivered;
}
