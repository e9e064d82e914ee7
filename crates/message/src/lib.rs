//! What a message to a person is made of: the pure part of the citizens' channels (e-mail, SMS). No IO, no clock, no
//! randomness of its own, no async.
//!
//! # Words
//!
//! An **addressee** is a person's address with a subscription; it is no sink. What sends is the **provider** (mail relay, SMS
//! service), which has pace and outages like any sink. A **template** has **tokens**, which are replaced by values. A **mailing**
//! is one event to many addressees. This crate knows one message to one addressee; whom to send to, when, and through what is
//! decided elsewhere.
//!
//! # How a message is made and read
//!
//! ```text
//! sink "mailto:…"  -> address::Address ---- digest --> stored and found by a keyed digest
//!                          |
//! kanaal's texts   -> template::Template -- render --> subject, text, HTML (escaped by place)
//!                          |
//! event, subscription -> mail::MessageId, verp::EnvelopeSenders (the same when it is sent again)
//!                          |
//!                     mail::compose ---------------> bytes for the relay
//!
//! it comes back    -> verp (whose) + bounce::read (what) -> Hard, Soft, Complaint, AutomaticReply, Unclear
//! somebody proves the address -> code::Challenge (waiting -> confirmed or void)
//! a text message   -> segments::Count (what it costs), keyword::Keywords (a reply that unsubscribes)
//! ```
//!
//! # What holds
//!
//! - Personal data and secrets are in no `Debug`, no `Display` and no error. `expose` is the one way to them, `masked` the form
//!   for administrators.
//! - A value never changes the form of a message: no header, part, tag, attribute or end of the message begins in one.
//! - Everything that comes from outside is bounded in size, count and depth, and read in linear time; no parser panics.
//! - Nothing is added to the rendered texts: no pixel, no rewritten link (CH-29).
//!
//! # Requirements
//!
//! The names of tests begin with the requirement that they prove.
//!
//! | id | in short |
//! |---|---|
//! | CH-14, CH-15 | `mailto:` is one valid address without headers; addresses are compared whole |
//! | CH-16 to CH-18 | one addressee, allowed senders; text and HTML; stable `Message-ID`, `Date`, `Auto-Submitted`, `List-Id` |
//! | CH-19 | no value starts a header, a part or the end of the message |
//! | CH-20, CH-21 | a broadcast can be unsubscribed from with one click; an obligatory mail not |
//! | CH-22 | the envelope sender is signed, and nothing can be read from it |
//! | CH-29 | nothing that tracks is added |
//! | CH-31, CH-39, CH-40 | phone numbers; segments of a text message; replies with a keyword |
//! | CH-43 to CH-45 | codes with at least 10^6 outcomes and links of 128 bits, stored as digests; bounded tries and time |
//! | CH-47, CH-48 | a confirmation has no data of the subscriber; the same secret again is success without effect |
//! | CH-49, CH-55, CH-58 | unknown, wrong and void are alike; the link to unsubscribe lives as long as the subscription |
//! | CH-75 to CH-82 | the token language: sources, unknown tokens, escapes, scalars, escaping, forms of a language |
//! | CH-111, CH-112, CH-116 | notifications by Action and Status; automatic replies and unclear mail; complaints |
//! | CH-115 | inbound mail is bounded |
//! | CH-134, CH-141 | addresses are found by keyed digest and shown masked |
//!
//! # Example
//!
//! ```
//! use message::{
//!     address::{Address, Region},
//!     template::{Kind, Language, Locale, Template, Values},
//! };
//!
//! let sink = Address::parse_sink("mailto:An@Example.nl", Region::Netherlands).expect("an address");
//! assert_eq!((sink.masked().as_str(), format!("{sink:?}").as_str()), ("a…@e…", "EmailAddress(…)"));
//!
//! let html = Template::parse(Kind::Html, "<p>{naam}: <a href='https://example.nl/?z={zaak}'>{datum}</a>").expect("a template");
//! let data = serde_json::json!({ "naam": "<b>An</b>", "zaak": "A 1&2", "datum": "2026-12-01" });
//! let locale = Locale { language: Language::Dutch, zone: jiff::tz::TimeZone::UTC };
//! let values = Values { notification: Some(&data), ..Values::default() };
//! let rendered = html.render(&values, &locale).expect("a text");
//! assert_eq!(
//!     rendered.text,
//!     "<p>&lt;b&gt;An&lt;/b&gt;: <a href='https://example.nl/?z=A%201%262'>1 december 2026</a>"
//! );
//! assert_eq!(rendered.remarks, []);
//! ```

pub mod address;
pub mod bounce;
pub mod code;
pub mod digest;
pub mod keyword;
pub mod mail;
pub mod segments;
pub mod template;
pub mod verp;
