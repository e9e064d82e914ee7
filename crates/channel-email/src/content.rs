//! The content of a mail as it is on the wire: dots at the start of lines doubled, with the line that ends it (RFC 5321, section
//! 4.5.2). Pure; the session writes the pieces.

use memchr::memchr_iter;

/// Bytes of a message in one piece.
const PIECE: usize = 32 * 1024;

/// The pieces of a content, in order. Only the last has the end of the content, so that a relay that has not got it cannot have
/// accepted the mail.
pub(crate) struct Pieces<'a> {
    rest: &'a [u8],
    line_starts: bool,
    ended: bool,
}

impl<'a> Pieces<'a> {
    pub fn new(message: &'a [u8]) -> Self {
        Self { rest: message, line_starts: true, ended: false }
    }

    /// Writes the next piece to `out`, which is cleared first. Returns whether it is the last; `None` after the last.
    pub fn next(&mut self, out: &mut Vec<u8>) -> Option<bool> {
        if self.ended {
            return None;
        }
        out.clear();
        let (piece, rest) = self.rest.split_at(self.rest.len().min(PIECE));
        self.rest = rest;
        self.double_dots(piece, out);
        if rest.is_empty() {
            if !self.line_starts {
                out.extend_from_slice(b"\r\n");
            }
            out.extend_from_slice(b".\r\n");
            self.ended = true;
        }
        Some(self.ended)
    }

    fn double_dots(&mut self, piece: &[u8], out: &mut Vec<u8>) {
        let mut from = 0;
        for dot in memchr_iter(b'.', piece) {
            let starts_line = if dot == 0 { self.line_starts } else { piece[dot - 1] == b'\n' };
            if starts_line {
                out.extend_from_slice(&piece[from..=dot]);
                from = dot;
            }
        }
        out.extend_from_slice(&piece[from..]);
        if let Some(last) = piece.last() {
            self.line_starts = *last == b'\n';
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a receiver makes of it, by RFC 5321 section 4.5.2; `None` when the end is not exactly at the end.
    fn received(wire: &[u8]) -> Option<Vec<u8>> {
        let mut message = Vec::new();
        let mut lines = wire.split_inclusive(|byte| *byte == b'\n').peekable();
        while let Some(line) = lines.next() {
            if line == b".\r\n" {
                return lines.peek().is_none().then_some(message);
            }
            message.extend_from_slice(line.strip_prefix(b".").unwrap_or(line));
        }
        None
    }

    fn wire(message: &[u8]) -> Vec<u8> {
        let (mut pieces, mut out, mut all) = (Pieces::new(message), Vec::new(), Vec::new());
        while let Some(last) = pieces.next(&mut out) {
            all.extend_from_slice(&out);
            assert_eq!(last, pieces.ended);
            assert!(last || !all.ends_with(b"\r\n.\r\n"));
        }
        all
    }

    #[test]
    fn dots_at_the_start_of_lines_are_doubled() {
        for (message, expected) in [
            ("a\r\n", "a\r\n.\r\n"),
            ("", ".\r\n"),
            ("a", "a\r\n.\r\n"),
            (".", "..\r\n.\r\n"),
            (".\r\n", "..\r\n.\r\n"),
            ("..\r\n", "...\r\n.\r\n"),
            ("a.b\r\n.c\r\n.\r\n", "a.b\r\n..c\r\n..\r\n.\r\n"),
            ("a\r\n.\r\nMAIL FROM:<x@example.nl>\r\n", "a\r\n..\r\nMAIL FROM:<x@example.nl>\r\n.\r\n"),
        ] {
            assert_eq!(String::from_utf8(wire(message.as_bytes())).unwrap(), expected, "{message:?}");
        }
    }

    #[test]
    fn every_message_arrives_as_it_was_wherever_its_pieces_are_cut() {
        let line = ".x\r\n";
        for length in [0, 1, PIECE - 2, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 3 * PIECE + 7] {
            let filling = "y".repeat(length % 900);
            let mut message = format!("{filling}\r\n").into_bytes();
            while message.len() < length {
                message.extend_from_slice(line.as_bytes());
            }
            for shift in 0..5 {
                let shifted = [&b"zzzzz"[..shift], &message].concat();
                assert_eq!(received(&wire(&shifted)).as_deref(), Some(shifted.as_slice()), "{length} {shift}");
            }
        }
    }
}
