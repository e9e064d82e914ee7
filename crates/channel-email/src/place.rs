//! The steps of an SMTP session, for the table of replies and for messages.

use std::fmt;

/// The step of a session that a reply, or its absence, belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// Connecting, and the greeting of the relay.
    Connect,
    /// EHLO.
    Ehlo,
    /// STARTTLS and the TLS handshake.
    StartTls,
    /// AUTH, with all its challenges.
    Auth,
    /// RSET, which ends the transaction of a refused mail before the next.
    Reset,
    /// MAIL, the sender.
    Mail,
    /// RCPT, the addressee.
    Rcpt,
    /// DATA, before the content.
    Data,
    /// The content while it is sent: its end was not sent yet, so the relay cannot have accepted it.
    Content,
    /// The end of the content was sent: the reply accepts or refuses the mail.
    Body,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "connecting",
            Self::Ehlo => "EHLO",
            Self::StartTls => "STARTTLS",
            Self::Auth => "AUTH",
            Self::Reset => "RSET",
            Self::Mail => "MAIL",
            Self::Rcpt => "RCPT",
            Self::Data => "DATA",
            Self::Content => "the content",
            Self::Body => "the end of the content",
        })
    }
}
