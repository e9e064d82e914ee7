//! The MIME message: header fields and one or two parts, by `mail-builder`.
//!
//! Everything that `mail-builder` would take from clock and randomness is set here (date, id, boundary), so the same mail is the
//! same bytes.

use mail_builder::{
    MessageBuilder,
    headers::{
        HeaderType, address::Address, content_type::ContentType, date::Date, message_id::MessageId as Id, raw::Raw,
        text::Text,
    },
    mime::{BodyPart, MimePart},
};
use model::Timestamp;

use super::{List, Mailbox, MessageId, Sender, encoded_word};
use crate::{address::EmailAddress, template::one_line};

/// The longest subject, in bytes.
const MAX_SUBJECT: usize = 1_000;
/// The longest part, in bytes.
const MAX_PART: usize = crate::template::MAX_RENDERED;

/// A mail to one person.
#[derive(Clone, Copy)]
pub struct Mail<'a> {
    /// Who it is from.
    pub from: Sender<'a>,
    /// Where answers go, if not to `from`.
    pub reply_to: Option<Sender<'a>>,
    /// The addressee, alone in `To` (CH-16).
    pub to: &'a EmailAddress,
    /// The rendered subject.
    pub subject: &'a str,
    /// The rendered text, which every mail has (CH-17).
    pub text: &'a str,
    /// The rendered HTML.
    pub html: Option<&'a str>,
    /// When it was made, to the second.
    pub date: Timestamp,
    /// Its id, the same when it is sent again (CH-18).
    pub id: &'a MessageId,
    /// What kind of mail it is.
    pub class: Class<'a>,
}

/// What kind of mail it is.
#[derive(Clone, Copy)]
pub enum Class<'a> {
    /// To the subscribers of a kanaal: with `List-Id` and the fields to unsubscribe (CH-18, CH-20).
    Broadcast(&'a List),
    /// To one person, or about a subscription: without those.
    Direct,
    /// The law obliges it, so it cannot be unsubscribed from: without those (CH-21).
    Obligatory,
}

/// Why there is no mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// The subject is empty.
    #[error("a mail has a subject")]
    NoSubject,
    /// The subject is longer than 1,000 bytes.
    #[error("the subject is longer than 1,000 bytes")]
    SubjectTooLong,
    /// The text is empty; HTML alone is not enough.
    #[error("a mail has a plain text")]
    NoText,
    /// A part is longer than 1 MiB.
    #[error("a part of the mail is longer than 1 MiB")]
    TooLong,
}

/// The bytes of a mail, with CRLF at the end of each line and no line over 998 octets.
pub fn compose(mail: &Mail<'_>) -> Result<Vec<u8>, MailError> {
    let subject = one_line(mail.subject);
    if subject.is_empty() {
        return Err(MailError::NoSubject);
    }
    if subject.len() > MAX_SUBJECT {
        return Err(MailError::SubjectTooLong);
    }
    if mail.text.trim().is_empty() {
        return Err(MailError::NoText);
    }
    if mail.text.len().max(mail.html.map_or(0, str::len)) > MAX_PART {
        return Err(MailError::TooLong);
    }
    let mut message = MessageBuilder::new().header("From", address(mail.from.mailbox()));
    if let Some(reply_to) = mail.reply_to {
        message = message.header("Reply-To", address(reply_to.mailbox()));
    }
    message = message
        .to(Address::new_address(None::<&str>, mail.to.expose()))
        .header("Subject", unstructured(subject))
        .header("Date", Date::new(mail.date.as_micros().div_euclid(1_000_000)))
        .header("Message-ID", Id::new(mail.id.as_str()))
        .header("MIME-Version", Raw::new("1.0"))
        .header("Auto-Submitted", Raw::new("auto-generated"));
    if let Class::Broadcast(list) = mail.class {
        message = message
            .header("List-Id", Raw::new(list.id.header()))
            .header("List-Unsubscribe", Raw::new(list.unsubscribe.header()))
            .header("List-Unsubscribe-Post", Raw::new("List-Unsubscribe=One-Click"));
    }
    let text = part("text/plain", mail.text);
    let body = match mail.html {
        None => text,
        Some(html) => MimePart {
            headers: vec![(
                "Content-Type".into(),
                HeaderType::ContentType(
                    ContentType::new("multipart/alternative").attribute("boundary", mail.id.boundary()),
                ),
            )],
            contents: BodyPart::Multipart(vec![text, part("text/html", html)]),
        },
    };
    let mut bytes = Vec::new();
    message.body(body).serialize(&mut bytes);
    Ok(bytes)
}

/// `From` or `Reply-To`.
fn address(mailbox: &Mailbox) -> HeaderType<'_> {
    let (name, address) = (mailbox.name(), mailbox.address().expose());
    match name {
        "" => Address::new_address(None::<&str>, address).into(),
        name if encoded_word::is_needed(name) => Raw::new(format!("{} <{address}>", encoded_word::encode(name))).into(),
        name => Address::new_address(Some(name), address).into(),
    }
}

fn unstructured(text: String) -> HeaderType<'static> {
    if encoded_word::is_needed(&text) { Raw::new(encoded_word::encode(&text)).into() } else { Text::new(text).into() }
}

/// A part whose lines end with CRLF. Control characters other than tabs are left out: as they are, they would be in no valid
/// message, and a bare CR would be a line break to some servers.
fn part(content_type: &'static str, text: &str) -> MimePart<'static> {
    let lines = text.replace("\r\n", "\n").replace('\r', "\n");
    let body: String = lines.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
    MimePart::new(content_type, BodyPart::Text(body.replace('\n', "\r\n").into()))
}
