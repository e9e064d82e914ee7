//! Mails, read back by `mail-parser`, the independent judge.

use mail_parser::{Message, MessageParser, MimeHeaders};
use message::{
    address::EmailAddress,
    digest::DigestKey,
    mail::{AllowedSenders, Class, List, ListId, Mail, MailError, Mailbox, MessageId, Unsubscribe, compose},
};
use model::{SubscriptionId, Timestamp};
use uuid::Uuid;

const TEXT: &str = "Beste An,\n\nUw grofvuil wordt opgehaald.\n.\n--\nGemeente\n";
const HTML: &str = "<p>Beste An,</p>\n<p>Uw grofvuil wordt één keer opgehaald.</p>\n";

pub fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).expect("an address")
}

pub fn message_id() -> MessageId {
    let subscription = SubscriptionId(Uuid::from_u128(1));
    MessageId::new(&DigestKey::new(&[3; 32]), "urn:a", "1", subscription, "example.nl").expect("an id")
}

pub fn list() -> List {
    let inbound = address("u-abc@bounces.example.nl");
    List {
        id: ListId::of_kanaal("afval", "example.nl").expect("an id"),
        unsubscribe: Unsubscribe::new("https://gateway.example.nl/a/token", Some(inbound)).expect("a URL"),
    }
}

pub fn senders(name: &str) -> AllowedSenders {
    AllowedSenders::new(vec![
        Mailbox::new(name, address("noreply@example.nl")),
        Mailbox::new("", address("info@example.nl")),
    ])
}

/// The bytes of a mail.
fn mail(subject: &str, text: &str, html: Option<&str>, class: Class<'_>) -> Result<Vec<u8>, MailError> {
    let (senders, to, id) = (senders("Gemeente Één, \"afval\""), address("An@Example.nl"), message_id());
    let from = senders.sender(&address("noreply@example.nl")).expect("allowed");
    let reply_to = senders.sender(&address("info@example.nl")).ok();
    let date = Timestamp::parse_rfc3339("2026-12-01T13:30:05.9Z").expect("a time");
    compose(&Mail { from, reply_to, to: &to, subject, text, html, date, id: &id, class })
}

pub fn parse(bytes: &[u8]) -> Message<'_> {
    MessageParser::default().parse(bytes).expect("a message")
}

pub fn header_names(message: &Message<'_>) -> Vec<String> {
    message.headers().iter().map(|header| header.name().to_owned()).collect()
}

/// Every line ends with CRLF and has at most 998 octets, and there is no other CR, LF or control character.
pub fn check_lines(bytes: &[u8]) {
    let text = String::from_utf8(bytes.to_vec()).expect("UTF-8");
    for line in text.split("\r\n") {
        assert!(line.len() <= 998, "{} octets", line.len());
        assert!(!line.contains(|c: char| c.is_control() && c != '\t'), "{line:?}");
        assert!(line.is_ascii(), "{line}");
    }
}

/// A text with the line breaks of a mail.
pub fn crlf(text: &str) -> String {
    text.replace('\n', "\r\n")
}

#[test]
fn ch_16_ch_18_ch_20_headers_of_a_broadcast() {
    let list = list();
    let bytes = mail("Grofvuil op 1 december", TEXT, Some(HTML), Class::Broadcast(&list)).unwrap();
    check_lines(&bytes);
    let message = parse(&bytes);
    let raw = |name: &str| message.header_raw(name.to_owned()).map(|value| value.trim().replace("\r\n", ""));
    assert_eq!(
        header_names(&message),
        [
            "From",
            "Reply-To",
            "To",
            "Subject",
            "Date",
            "Message-ID",
            "MIME-Version",
            "Auto-Submitted",
            "List-ID",
            "List-Unsubscribe",
            "List-Unsubscribe-Post",
            "Content-Type",
        ]
    );
    let from = message.from().and_then(|from| from.first()).unwrap();
    assert_eq!((from.name(), from.address()), (Some("Gemeente Één, \"afval\""), Some("noreply@example.nl")));
    assert_eq!(message.reply_to().and_then(|to| to.first()).and_then(|to| to.address()), Some("info@example.nl"));
    assert_eq!(raw("To").as_deref(), Some("<An@example.nl>"));
    assert_eq!(raw("Date").as_deref(), Some("Tue, 1 Dec 2026 13:30:05 +0000"));
    assert_eq!(message.message_id(), Some(message_id().as_str()));
    assert_eq!(raw("Auto-Submitted").as_deref(), Some("auto-generated"));
    assert_eq!(raw("List-Id").as_deref(), Some("<afval.example.nl>"));
    assert_eq!(
        raw("List-Unsubscribe").as_deref(),
        Some("<https://gateway.example.nl/a/token>, <mailto:u-abc@bounces.example.nl>")
    );
    assert_eq!(raw("List-Unsubscribe-Post").as_deref(), Some("List-Unsubscribe=One-Click"));
}

#[test]
fn ch_21_an_obligatory_mail_has_no_way_to_unsubscribe() {
    for class in [Class::Obligatory, Class::Direct] {
        let bytes = mail("Besluit", TEXT, None, class).unwrap();
        let names = header_names(&parse(&bytes));
        assert!(!names.iter().any(|name| name.starts_with("List-")), "{names:?}");
        assert!(names.iter().any(|name| name == "Auto-Submitted"), "{names:?}");
    }
}

#[test]
fn ch_17_text_and_html_are_alternatives_in_utf_8() {
    let bytes = mail("Grofvuil", TEXT, Some(HTML), Class::Direct).unwrap();
    let message = parse(&bytes);
    let kind = message.content_type().unwrap();
    assert_eq!((kind.ctype(), kind.subtype()), ("multipart", Some("alternative")));
    assert_eq!(message.parts.len(), 3);
    for (part, subtype) in [(1, "plain"), (2, "html")] {
        let kind = message.parts[part].content_type().unwrap();
        assert_eq!((kind.ctype(), kind.subtype(), kind.attribute("charset")), ("text", Some(subtype), Some("utf-8")));
    }
    assert_eq!(message.body_text(0).as_deref(), Some(crlf(TEXT).as_str()));
    assert_eq!(message.body_html(0).as_deref(), Some(crlf(HTML).as_str()));
}

#[test]
fn ch_17_text_alone_is_one_part() {
    let bytes = mail("Grofvuil", TEXT, None, Class::Direct).unwrap();
    let message = parse(&bytes);
    assert_eq!((message.parts.len(), message.content_type().unwrap().subtype()), (1, Some("plain")));
    assert_eq!(message.body_text(0).as_deref(), Some(crlf(TEXT).as_str()));
}

#[test]
fn ch_17_lines_are_bounded_whatever_the_text() {
    for text in ["x".repeat(5_000), "é ".repeat(5_000), format!("{}\r{}\0", "a".repeat(2_000), "😀".repeat(2_000))] {
        let subject: String = text.chars().filter(|c| !c.is_control()).take(200).collect();
        let bytes = mail(&subject, &text, Some(&text), Class::Direct).unwrap();
        check_lines(&bytes);
        assert_eq!(parse(&bytes).subject(), Some(subject.trim()));
    }
}

#[test]
fn ch_17_a_mail_without_text_or_subject_is_refused() {
    for (subject, text, error) in [
        ("", TEXT, MailError::NoSubject),
        (" \r\n ", TEXT, MailError::NoSubject),
        ("x", "", MailError::NoText),
        ("x", " \n", MailError::NoText),
        (&"x".repeat(1_001), TEXT, MailError::SubjectTooLong),
        ("x", &"x".repeat(1_048_577), MailError::TooLong),
    ] {
        assert_eq!(mail(subject, text, Some(HTML), Class::Direct), Err(error));
    }
}

#[test]
fn ch_18_the_same_mail_is_the_same_bytes() {
    let list = list();
    let one = mail("Grofvuil", TEXT, Some(HTML), Class::Broadcast(&list)).unwrap();
    assert_eq!(mail("Grofvuil", TEXT, Some(HTML), Class::Broadcast(&list)).unwrap(), one);
}

#[test]
fn ch_29_nothing_is_added_to_the_texts() {
    let html = "<a href=\"https://example.nl/?a=1\">x</a><img src='cid:x'>";
    let bytes = mail("x", "https://example.nl", Some(html), Class::Broadcast(&list())).unwrap();
    let message = parse(&bytes);
    assert_eq!(message.body_text(0).as_deref(), Some("https://example.nl"));
    assert_eq!(message.body_html(0).as_deref(), Some(html));
}
