//! A mail that came back: a delivery status notification (DSN, RFC 3464), a complaint (ARF, RFC 5965), an automatic reply
//! (RFC 3834), or none of these (CH-111, CH-112, CH-116).
//!
//! Who it is about follows from the address that it came to ([`crate::verp`]), never from its text, so nothing of its text is
//! kept. `mail-parser` reads the header fields. The parts are split here, two levels of multiparts deep and not into messages: a
//! mail of a megabyte can nest thousands of messages, which the parser keeps as nested values.

mod dsn;
mod feedback;
mod fields;
mod parts;

pub use dsn::{Recipient, Status, Verdict};
pub use feedback::{Complaint, ComplaintKind};
use parts::Part;

/// The largest mail, in bytes (CH-115).
pub const MAX_MAIL: usize = 1024 * 1024;
/// The longest header of the mail or of a part, in bytes; what comes after is not read.
pub const MAX_HEADER: usize = 64 * 1024;
/// The most parts; what comes after is not read.
pub const MAX_PARTS: usize = 20;
/// The most recipients of a notification; what comes after is not read.
pub const MAX_RECIPIENTS: usize = 100;

/// What an inbound mail is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Report {
    /// A notification about delivery, with at least one recipient.
    Delivery(Vec<Recipient>),
    /// A complaint of the addressee, sent by their provider.
    Complaint(Complaint),
    /// An automatic reply, such as that of an absent person; not counted (CH-112).
    AutomaticReply,
    /// Anything else: most likely a bounce in no known form; counted apart (CH-112).
    Unclear,
}

/// Why a mail is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Larger than [`MAX_MAIL`].
    #[error("the mail is larger than 1 MiB")]
    TooLarge,
}

/// Reads an inbound mail.
pub fn read(mail: &[u8]) -> Result<Report, ReadError> {
    if mail.len() > MAX_MAIL {
        return Err(ReadError::TooLarge);
    }
    let mail = Part::new(mail);
    let parts = mail.parts();
    if let Some(part) = parts.iter().find(|part| part.is("message", &["delivery-status", "global-delivery-status"])) {
        let recipients = dsn::recipients(&part.content());
        if !recipients.is_empty() {
            return Ok(Report::Delivery(recipients));
        }
    }
    if let Some(part) = parts.iter().find(|part| part.is("message", &["feedback-report"]))
        && let Some(complaint) = feedback::complaint(&part.content(), &parts)
    {
        return Ok(Report::Complaint(complaint));
    }
    Ok(if is_automatic_reply(&mail) { Report::AutomaticReply } else { Report::Unclear })
}

/// Whether it answers itself, and is no bounce: some mail systems mark their bounces as automatic replies.
fn is_automatic_reply(mail: &Part<'_>) -> bool {
    let text = |name| mail.text(name).unwrap_or_default().trim().to_ascii_lowercase();
    let submitted = text("Auto-Submitted");
    let automatic = !submitted.is_empty() && !submitted.starts_with("no")
        || text("Precedence") == "auto_reply"
        || ["X-Autoreply", "X-Autorespond", "X-Autoresponder"].into_iter().any(|name| mail.text(name).is_some());
    let from = mail.sender().unwrap_or_default().to_ascii_lowercase();
    let local = from.split('@').next().unwrap_or_default();
    let is_bounce = mail.text("X-Failed-Recipients").is_some()
        || mail.is("multipart", &["report"])
        || matches!(local, "mailer-daemon" | "postmaster" | "");
    automatic && !is_bounce
}
