//! The replies of the server (RFC 5321 4.2, RFC 3463). Their texts are fixed, so that nothing that a client sent is in one.

use std::borrow::Cow;

/// A reply: one or more lines, each with CRLF.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    text: Cow<'static, str>,
    refusal: Option<Refusal>,
}

/// Why something was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Nobody has this address here.
    Recipient,
    /// A mail or a line is too long.
    Size,
    /// A command, a parameter or a line break is none that SMTP has.
    Form,
    /// The command is not possible now, or something came before a reply that it has to wait for.
    Order,
    /// It is to come again later.
    Later,
}

impl Refusal {
    /// The word for metrics.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Recipient => "recipient",
            Self::Size => "size",
            Self::Form => "form",
            Self::Order => "order",
            Self::Later => "later",
        }
    }
}

impl Reply {
    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        self.text.as_bytes()
    }

    /// Why it refuses; `None` for any other reply.
    pub fn refusal(&self) -> Option<Refusal> {
        self.refusal
    }

    pub(crate) const fn good(text: &'static str) -> Self {
        Self { text: Cow::Borrowed(text), refusal: None }
    }

    const fn bad(refusal: Refusal, text: &'static str) -> Self {
        Self { text: Cow::Borrowed(text), refusal: Some(refusal) }
    }

    /// The first line of a connection.
    pub(crate) fn greeting(host: &str) -> Self {
        Self { text: format!("220 {host} ESMTP\r\n").into(), refusal: None }
    }

    /// The reply to HELO.
    pub(crate) fn hello(host: &str) -> Self {
        Self { text: format!("250 {host}\r\n").into(), refusal: None }
    }

    /// The reply to EHLO.
    pub(crate) fn extensions(host: &str, size: usize, offers_tls: bool) -> Self {
        let tls = if offers_tls { "250-STARTTLS\r\n" } else { "" };
        let text = format!(
            "250-{host}\r\n250-PIPELINING\r\n250-SIZE {size}\r\n250-8BITMIME\r\n{tls}250 ENHANCEDSTATUSCODES\r\n"
        );
        Self { text: text.into(), refusal: None }
    }
}

pub(crate) const OK: Reply = Reply::good("250 2.0.0 OK\r\n");
pub(crate) const SENDER_OK: Reply = Reply::good("250 2.1.0 OK\r\n");
pub(crate) const RECIPIENT_OK: Reply = Reply::good("250 2.1.5 OK\r\n");
pub(crate) const STORED: Reply = Reply::good("250 2.0.0 Stored\r\n");
pub(crate) const SEND_CONTENT: Reply = Reply::good("354 End with <CRLF>.<CRLF>\r\n");
pub(crate) const START_TLS: Reply = Reply::good("220 2.0.0 Ready to start TLS\r\n");
pub(crate) const NOT_VERIFIED: Reply = Reply::good("252 2.1.5 Send mail to find out\r\n");
pub(crate) const BYE: Reply = Reply::good("221 2.0.0 Bye\r\n");

pub(crate) const NO_SUCH_RECIPIENT: Reply =
    Reply::bad(Refusal::Recipient, "550 5.1.1 No such mailbox here, and no relaying\r\n");
pub(crate) const MORE_RECIPIENTS: Reply =
    Reply::bad(Refusal::Later, "452 4.5.3 One recipient a mail; send the others in another one\r\n");
pub(crate) const NOT_STORED: Reply = Reply::bad(Refusal::Later, "451 4.3.0 Not stored; try again later\r\n");
pub(crate) const TOO_LARGE: Reply = Reply::bad(Refusal::Size, "552 5.3.4 The mail is too large\r\n");
pub(crate) const LONG_TEXT_LINE: Reply = Reply::bad(Refusal::Size, "554 5.6.0 A line of the mail is too long\r\n");
pub(crate) const LONG_COMMAND: Reply = Reply::bad(Refusal::Size, "500 5.5.2 The command is too long\r\n");
pub(crate) const LINE_BREAK: Reply = Reply::bad(Refusal::Form, "521 5.5.2 A line does not end with CRLF\r\n");
pub(crate) const UNKNOWN: Reply = Reply::bad(Refusal::Form, "500 5.5.2 No such command\r\n");
pub(crate) const NOT_IMPLEMENTED: Reply = Reply::bad(Refusal::Form, "502 5.5.1 Not implemented\r\n");
pub(crate) const SYNTAX: Reply = Reply::bad(Refusal::Form, "501 5.5.4 Syntax error\r\n");
pub(crate) const PARAMETER: Reply = Reply::bad(Refusal::Form, "555 5.5.4 Unknown parameter\r\n");
pub(crate) const WRONG_ORDER: Reply = Reply::bad(Refusal::Order, "503 5.5.1 Not possible now\r\n");
pub(crate) const NO_RECIPIENT: Reply = Reply::bad(Refusal::Order, "554 5.5.1 No valid recipient\r\n");
pub(crate) const TOO_EARLY: Reply = Reply::bad(Refusal::Order, "521 5.5.1 Sent before the reply\r\n");
pub(crate) const TOO_MANY_ERRORS: Reply = Reply::bad(Refusal::Form, "421 4.7.0 Too many errors\r\n");
pub(crate) const TIME_OVER: Reply = Reply::good("421 4.4.2 Too slow\r\n");
pub(crate) const STOPPING: Reply = Reply::good("421 4.3.2 Stopping; try again later\r\n");
pub(crate) const FULL: Reply = Reply::good("421 4.3.2 Too many connections; try again later\r\n");
