//! The outcome of a mail: its class, for the caller, and the reason, for people. The reason has no address, no text of the relay
//! and no secret, so it can be logged and stored (I10).

use std::fmt;

use egress::SendError;

use crate::class::{Class, class_without_reply};
use crate::place::Place;
use crate::reply::Reply;
use crate::status::EnhancedStatus;

/// How a mail ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Whose trouble it is.
    pub class: Class,
    /// What happened.
    pub reason: Reason,
}

/// What happened to a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// The relay replied.
    Reply {
        /// The step that it replied to.
        place: Place,
        /// The reply code.
        code: u16,
        /// The enhanced status code, if the reply has one.
        status: Option<EnhancedStatus>,
    },
    /// There was no usable reply.
    NoReply {
        /// The step that has no reply.
        place: Place,
        /// Why.
        fault: Fault,
    },
    /// The relay cannot take the mail, by what it offers; nothing of the mail was sent.
    NotSent(NotSent),
}

/// Why there is no usable reply.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The connection was closed or broke.
    #[error("the relay closed the connection")]
    Closed,
    /// No complete reply arrived in time, or the relay did not read.
    #[error("no reply in time")]
    Timeout,
    /// The reply has more bytes than a reply may have.
    #[error("the reply is too long")]
    TooLong,
    /// The reply is not one of SMTP.
    #[error("what the relay sent is not SMTP; check its port")]
    Malformed,
    /// Bytes arrived before the TLS handshake that belong to no reply: somebody may have put them there.
    #[error("the relay sent more than its reply before TLS")]
    BytesBeforeTls,
    /// The relay offers no STARTTLS, and TLS is required (CH-23).
    #[error("the relay offers no STARTTLS; use implicit TLS, or another port")]
    NoStartTls,
    /// The relay offers no mechanism of AUTH that fits the credential (CH-25).
    #[error("the relay offers no authentication that fits the credential")]
    NoMechanism,
    /// There is no credential now; the text says why.
    #[error("no credential for the relay: {0}")]
    NoCredential(String),
    /// No connection, or no TLS (CH-23, CH-24).
    #[error("{0}")]
    NotConnected(String),
    /// The gateway lacks a resource to connect.
    #[error("{0}")]
    Gateway(String),
}

/// What a mail needs that the relay does not offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotSent {
    /// The message is larger than the relay takes (SIZE, RFC 1870; CH-28).
    #[error("the message has {size} bytes, and the relay takes at most {limit}")]
    TooLarge {
        /// The size of the message in bytes.
        size: u64,
        /// The limit of the relay in bytes.
        limit: u64,
    },
    /// The message has bytes above 127, and the relay offers no 8BITMIME (RFC 6152).
    #[error("the message needs 8BITMIME, which the relay does not offer")]
    EightBit,
    /// The header of the message or its sender is not ASCII, and the relay offers no SMTPUTF8 (RFC 6531).
    #[error("the header or the sender of the message needs SMTPUTF8, which the relay does not offer")]
    Utf8,
    /// The address of the addressee is not ASCII, and the relay offers no SMTPUTF8.
    #[error("the address needs SMTPUTF8, which the relay does not offer")]
    Utf8Address,
}

impl Outcome {
    pub(crate) fn reply(class: Class, place: Place, reply: Reply) -> Self {
        Self { class, reason: Reason::Reply { place, code: reply.code, status: reply.status } }
    }

    pub(crate) fn no_reply(place: Place, fault: Fault) -> Self {
        Self { class: class_without_reply(place, &fault), reason: Reason::NoReply { place, fault } }
    }

    pub(crate) fn not_connected(place: Place, error: &SendError) -> Self {
        let text = error.to_string();
        let fault = match error {
            SendError::Own(_) => Fault::Gateway(text),
            _ => Fault::NotConnected(text),
        };
        Self::no_reply(place, fault)
    }

    pub(crate) fn not_sent(reason: NotSent) -> Self {
        let class = match reason {
            NotSent::Utf8Address => Class::AddresseeRefused,
            NotSent::TooLarge { .. } | NotSent::EightBit | NotSent::Utf8 => Class::Message,
        };
        Self { class, reason: Reason::NotSent(reason) }
    }

    /// Whether the relay takes no other connection now.
    pub(crate) fn is_connection_limit(&self) -> bool {
        matches!(self.reason, Reason::Reply { place: Place::Connect, code: 421, .. })
    }

    /// Whether the mail can be sent again on another connection at once: the connection ended, and the relay cannot have accepted
    /// the mail (CH-26). A relay that takes no new connection (421 as its greeting) gets none.
    pub(crate) fn may_repeat(&self) -> bool {
        match &self.reason {
            Reason::Reply { place, code: 421, .. } => *place != Place::Connect,
            Reason::NoReply { place, fault: Fault::Closed } => *place != Place::Body,
            _ => false,
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.reason {
            Reason::Reply { place, code, status: None } => write!(f, "the relay answered {code} to {place}"),
            Reason::Reply { place, code, status: Some(status) } => {
                write!(f, "the relay answered {code} {status} to {place}")
            }
            Reason::NoReply { place, fault } => write!(f, "{place}: {fault}"),
            Reason::NotSent(reason) => write!(f, "not sent: {reason}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_not_accepted_is_sent_again_ch_26() {
        let reply = |place, code| Outcome::reply(Class::Relay, place, Reply { code, status: None });
        for (outcome, expected) in [
            (reply(Place::Mail, 421), true),
            (reply(Place::Rcpt, 421), true),
            (reply(Place::Body, 421), true),
            (reply(Place::Connect, 421), false),
            (reply(Place::Mail, 451), false),
            (Outcome::no_reply(Place::Connect, Fault::Closed), true),
            (Outcome::no_reply(Place::Content, Fault::Closed), true),
            (Outcome::no_reply(Place::Body, Fault::Closed), false),
            (Outcome::no_reply(Place::Rcpt, Fault::Timeout), false),
            (Outcome::not_connected(Place::Connect, &SendError::Connect("x".into())), false),
        ] {
            assert_eq!(outcome.may_repeat(), expected, "{outcome}");
        }
    }
}
