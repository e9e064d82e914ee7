//! The finished bytes of a message, checked for what SMTP requires of any content (RFC 5321, sections 2.3.8 and 4.5.3.1.6). It reads
//! nothing of the message but where its header ends, and changes nothing.

use std::fmt;

use bytes::Bytes;
use memchr::{memchr2_iter, memmem};

/// Longest line in bytes, without its end.
const MAX_LINE: usize = 998;

/// A message as it is sent: lines that end in CRLF, each at most 998 bytes. `Debug` shows only its size (I10).
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    bytes: Bytes,
    eight_bit: bool,
    utf8_header: bool,
}

/// Why bytes cannot be sent as a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// A CR or LF that is not part of a CRLF. Relays disagree about such lines, so that one could hide a second mail.
    #[error("the message has a line that does not end in CRLF")]
    LineEnd,
    /// A line of more than 998 bytes, which relays break or refuse.
    #[error("the message has a line of more than 998 bytes")]
    LongLine,
    /// A NUL, which SMTP does not transport.
    #[error("the message has a NUL")]
    Nul,
}

impl Message {
    /// A message of these bytes.
    ///
    /// # Errors
    /// When SMTP cannot transport the bytes as they are.
    pub fn new(bytes: impl Into<Bytes>) -> Result<Self, MessageError> {
        let bytes = bytes.into();
        if memchr::memchr(0, &bytes).is_some() {
            return Err(MessageError::Nul);
        }
        let mut line = 0;
        let mut ends = memchr2_iter(b'\r', b'\n', &bytes);
        while let Some(end) = ends.next() {
            if bytes[end] != b'\r' || ends.next() != Some(end + 1) || bytes[end + 1] != b'\n' {
                return Err(MessageError::LineEnd);
            }
            if end - line > MAX_LINE {
                return Err(MessageError::LongLine);
            }
            line = end + 2;
        }
        if bytes.len() - line > MAX_LINE {
            return Err(MessageError::LongLine);
        }
        let eight_bit = !bytes.is_ascii();
        let header = memmem::find(&bytes, b"\r\n\r\n").unwrap_or(bytes.len());
        let utf8_header = eight_bit && !bytes[..header].is_ascii();
        Ok(Self { bytes, eight_bit, utf8_header })
    }

    /// The bytes of the message.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The size by which the limit of a relay is counted (RFC 1870, section 5): every line with its end, without added dots.
    pub fn size(&self) -> u64 {
        let missing_end = if self.bytes.is_empty() || self.bytes.ends_with(b"\r\n") { 0 } else { 2 };
        self.bytes.len() as u64 + missing_end
    }

    /// Whether it has bytes above 127.
    pub(crate) fn is_eight_bit(&self) -> bool {
        self.eight_bit
    }

    /// Whether its header has bytes above 127 (RFC 6532).
    pub(crate) fn has_utf8_header(&self) -> bool {
        self.utf8_header
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Message({} bytes)", self.bytes.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_has_lines_that_every_relay_reads_alike() {
        let longest = "x".repeat(MAX_LINE);
        for (text, expected) in [
            ("a: b\r\n\r\nc\r\n", Ok(())),
            ("", Ok(())),
            ("a", Ok(())),
            (&longest, Ok(())),
            (&format!("{longest}\r\n{longest}\r\n"), Ok(())),
            (&format!("{longest}x"), Err(MessageError::LongLine)),
            (&format!("{longest}x\r\n"), Err(MessageError::LongLine)),
            ("a\nb\r\n", Err(MessageError::LineEnd)),
            ("a\rb\r\n", Err(MessageError::LineEnd)),
            ("a\r\r\n", Err(MessageError::LineEnd)),
            ("a\n\r\n", Err(MessageError::LineEnd)),
            ("a\r\n.\n", Err(MessageError::LineEnd)),
            ("a\r", Err(MessageError::LineEnd)),
            ("a\0b\r\n", Err(MessageError::Nul)),
        ] {
            assert_eq!(Message::new(text.to_owned()).map(drop), expected, "{:?}", &text[..text.len().min(20)]);
        }
    }

    #[test]
    fn what_a_message_needs_of_a_relay_is_seen_ch_28() {
        for (text, size, eight_bit, utf8_header) in [
            ("a: b\r\n\r\nc\r\n", 11, false, false),
            ("a: b\r\n\r\n.c", 12, false, false),
            ("a: b\r\n\r\n\u{e9}\r\n", 12, true, false),
            ("a: \u{e9}\r\n\r\nc\r\n", 12, true, true),
            ("a: \u{e9}", 7, true, true),
            ("", 0, false, false),
        ] {
            let message = Message::new(text).unwrap();
            let found = (message.size(), message.is_eight_bit(), message.has_utf8_header());
            assert_eq!(found, (size, eight_bit, utf8_header), "{text:?}");
        }
        assert_eq!(format!("{:?}", Message::new("to: jan@example.nl").unwrap()), "Message(18 bytes)");
    }
}
