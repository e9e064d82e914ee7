//! Header values of attributes: percent-encoding by the current text of the binding. Decoding also accepts the quoted
//! form of CloudEvents 1.0.1 and, leniently, the unencoded values that SDKs send (CE-HTTP-17 to CE-HTTP-31, GW-11).

use std::borrow::Cow;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::{Strictness, rejection::Reason};

/// The ASCII bytes that a header value encodes; every other byte outside ASCII is encoded as well.
const ENCODED: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'%');

/// Whether a header value contains this byte unencoded: the complement of [`ENCODED`].
fn is_plain(byte: u8) -> bool {
    (0x21..=0x7E).contains(&byte) && byte != b'"' && byte != b'%'
}

/// The attribute value of a header value.
pub(super) fn decode(raw: &[u8], strictness: Strictness) -> Result<Cow<'_, str>, Reason> {
    let raw = raw.trim_ascii();
    let text = std::str::from_utf8(raw).map_err(|_| Reason::Utf8)?;
    // Without an early exit, so that the compiler checks many bytes at a time.
    if raw.iter().fold(true, |plain, byte| plain & is_plain(*byte)) {
        return Ok(Cow::Borrowed(text));
    }
    if strictness == Strictness::Strict && !raw.is_ascii() {
        return Err(Reason::NotAscii);
    }
    percent_decode(unquote(text), strictness)
}

/// The content of a value that is one quoted string; any other value unchanged.
fn unquote(text: &str) -> Cow<'_, str> {
    let inner = match text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inner) if text.len() >= 2 => inner,
        _ => return Cow::Borrowed(text),
    };
    let mut out = String::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some(escaped) => out.push(escaped),
                None => return Cow::Borrowed(text),
            },
            '"' => return Cow::Borrowed(text),
            other => out.push(other),
        }
    }
    Cow::Owned(out)
}

/// One round of percent-decoding (CE-HTTP-24).
fn percent_decode(text: Cow<'_, str>, strictness: Strictness) -> Result<Cow<'_, str>, Reason> {
    if memchr::memchr(b'%', text.as_bytes()).is_none() {
        return Ok(text);
    }
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let encoded = if byte == b'%' { hex_pair(bytes.get(at + 1..at + 3)) } else { None };
        match encoded {
            Some(decoded) => {
                out.push(decoded);
                at += 3;
            }
            None if byte == b'%' && strictness == Strictness::Strict => return Err(Reason::Percent),
            None => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8(out).map(Cow::Owned).map_err(|_| Reason::Utf8)
}

fn hex_pair(digits: Option<&[u8]>) -> Option<u8> {
    let [high, low] = digits? else { return None };
    let digit = |byte: u8| char::from(byte).to_digit(16);
    Some((digit(*high)? << 4 | digit(*low)?) as u8)
}

/// The header value of an attribute value: printable US-ASCII.
pub(super) fn encode(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}
