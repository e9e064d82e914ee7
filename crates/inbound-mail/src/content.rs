//! The lines after DATA (RFC 5321 4.5.2): takes the dots away that the client put before lines, and finds the end. A mail with a
//! fault is read to its end, so that the client gets the reply, and nothing of it is kept.

use std::mem;

use memchr::memchr;

/// The longest line of a mail, in bytes with CRLF. RFC 5321 4.5.3.1.6 has 1,000; real mails have longer ones.
pub(crate) const MAX_TEXT_LINE: usize = 16 * 1024;

/// Why a mail is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Larger than the limit.
    TooLarge,
    /// A line longer than [`MAX_TEXT_LINE`].
    LineTooLong,
    /// CR or LF alone.
    LineBreak,
}

/// How far the content is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// More bytes are needed.
    More,
    /// It is complete.
    End(Result<Vec<u8>, Fault>),
    /// It has a fault and goes on for more than twice the limit.
    Endless,
}

/// A mail that is being received.
#[derive(Debug, Default)]
pub(crate) struct Content {
    kept: Vec<u8>,
    /// Bytes that were read, also those that are not kept.
    seen: usize,
    fault: Option<Fault>,
    /// Whether the next byte continues a line: the bytes before it did not end with CRLF.
    is_in_line: bool,
}

impl Content {
    /// Takes what it can from the front of `buffer`. `limit` is the largest mail, in bytes.
    pub fn take(&mut self, buffer: &mut Vec<u8>, limit: usize) -> Progress {
        let mut taken = 0;
        let progress = loop {
            let rest = &buffer[taken..];
            let Some(end) = memchr(b'\n', rest) else {
                if rest.len() > MAX_TEXT_LINE {
                    // Its last byte may be the CR of its end.
                    self.failed(Fault::LineTooLong);
                    self.is_in_line = true;
                    self.seen += rest.len() - 1;
                    taken += rest.len() - 1;
                }
                break if self.seen > limit.saturating_mul(2) { Progress::Endless } else { Progress::More };
            };
            taken += end + 1;
            self.seen += end + 1;
            if self.line(&rest[..end], limit) {
                break Progress::End(match self.fault {
                    Some(fault) => Err(fault),
                    None => Ok(mem::take(&mut self.kept)),
                });
            }
            if self.seen > limit.saturating_mul(2) {
                break Progress::Endless;
            }
        };
        buffer.drain(..taken);
        progress
    }

    /// Takes a line without its LF. True for the one that ends the mail.
    fn line(&mut self, line: &[u8], limit: usize) -> bool {
        let is_start = !mem::replace(&mut self.is_in_line, false);
        let Some((b'\r', line)) = line.split_last() else {
            self.failed(Fault::LineBreak);
            self.is_in_line = true;
            return false;
        };
        if is_start && line == b"." {
            return true;
        }
        if line.contains(&b'\r') {
            self.failed(Fault::LineBreak);
        } else if line.len() + 2 > MAX_TEXT_LINE {
            self.failed(Fault::LineTooLong);
        }
        let line = line.strip_prefix(b".").unwrap_or(line);
        if self.kept.len() + line.len() + 2 > limit {
            self.failed(Fault::TooLarge);
        }
        if self.fault.is_none() {
            self.kept.extend_from_slice(line);
            self.kept.extend_from_slice(b"\r\n");
        }
        false
    }

    /// The first fault counts, except that a wrong line break always does.
    fn failed(&mut self, fault: Fault) {
        if self.fault.is_none() || fault == Fault::LineBreak {
            self.fault = Some(fault);
        }
        self.kept = Vec::new();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Feeds the bytes in pieces of a size; returns what came of it and what is left.
    fn receive(bytes: &[u8], piece: usize, limit: usize) -> (Progress, Vec<u8>) {
        let (mut content, mut buffer) = (Content::default(), Vec::new());
        let mut pieces = bytes.chunks(piece);
        loop {
            match content.take(&mut buffer, limit) {
                Progress::More => match pieces.next() {
                    Some(next) => buffer.extend_from_slice(next),
                    None => return (Progress::More, buffer),
                },
                end => {
                    buffer.extend(pieces.flatten());
                    return (end, buffer);
                }
            }
        }
    }

    #[test]
    fn a_mail_ends_with_crlf_dot_crlf_only_ch_115() {
        let good = |text: &str| Progress::End(Ok(text.as_bytes().to_vec()));
        let line_break = || Progress::End(Err(Fault::LineBreak));
        for (bytes, expected, rest) in [
            (".\r\n", good(""), ""),
            ("a\r\n.\r\nRSET\r\n", good("a\r\n"), "RSET\r\n"),
            ("..\r\n.a\r\n.\r\n", good(".\r\na\r\n"), ""),
            ("a\r\n\r\n.\r\n", good("a\r\n\r\n"), ""),
            // Smuggling: none of these ends the mail before the last line.
            ("a\n.\nMAIL FROM:<x>\r\n.\r\n", line_break(), ""),
            ("a\n.\r\nMAIL FROM:<x>\r\n.\r\n", line_break(), ""),
            ("a\r\n.\nMAIL FROM:<x>\r\n.\r\n", line_break(), ""),
            ("a\r.\r\nMAIL FROM:<x>\r\n.\r\n", line_break(), ""),
            ("a\r\n.\rMAIL FROM:<x>\r\n.\r\n", line_break(), ""),
            ("a\r.\rMAIL FROM:<x>\r\n.\r\n", line_break(), ""),
            ("a\r\r\n.\r\n", line_break(), ""),
            ("\n.\r\n\r\n.\r\n", line_break(), ""),
            ("a\r\n.", Progress::More, "."),
            ("a", Progress::More, "a"),
        ] {
            for piece in [1, 2, 3, 1_000] {
                let (found, left) = receive(bytes.as_bytes(), piece, 1_000);
                assert_eq!((&found, left.as_slice()), (&expected, rest.as_bytes()), "{bytes:?} by {piece}");
            }
        }
    }

    #[test]
    fn a_mail_that_is_too_large_is_read_to_its_end_and_not_kept_ch_115() {
        let line = format!("{}\r\n", "x".repeat(98));
        for (lines, expected) in [
            (10, Progress::End(Ok(line.repeat(10).into_bytes()))),
            (11, Progress::End(Err(Fault::TooLarge))),
            (19, Progress::End(Err(Fault::TooLarge))),
            (21, Progress::Endless),
        ] {
            let bytes = format!("{}.\r\n", line.repeat(lines));
            assert_eq!(receive(bytes.as_bytes(), 64, 1_000).0, expected, "{lines}");
        }
    }

    #[test]
    fn a_long_line_is_refused_and_its_end_is_found_ch_115() {
        let long = "x".repeat(MAX_TEXT_LINE + 10);
        let bytes = format!("{long}\r\n.\r\n");
        for piece in [1, 1_000, 1_000_000] {
            assert_eq!(
                receive(bytes.as_bytes(), piece, 1_000_000).0,
                Progress::End(Err(Fault::LineTooLong)),
                "by {piece}"
            );
        }
        // A dot in the middle of a long line does not end the mail, and a line without an end is not read for ever.
        let dot = format!("{}.\r\n.\r\n", "x".repeat(MAX_TEXT_LINE + 1));
        let (found, rest) = receive(dot.as_bytes(), MAX_TEXT_LINE + 1, 1_000_000);
        assert_eq!((found, rest.as_slice()), (Progress::End(Err(Fault::LineTooLong)), &b""[..]));
        let (found, rest) = receive("x".repeat(200_000).as_bytes(), 4_096, 50_000);
        assert_eq!(found, Progress::Endless);
        assert!(rest.len() < 200_000);
    }

    proptest! {
        #[test]
        fn the_pieces_in_which_bytes_arrive_do_not_matter(text in "[.a\r\n]{0,40}", piece in 1_usize..6) {
            let bytes = format!("{text}\r\n.\r\n");
            prop_assert_eq!(receive(bytes.as_bytes(), piece, 30), receive(bytes.as_bytes(), 1_000, 30));
        }

        #[test]
        fn what_a_client_stuffs_comes_out_as_it_was(lines in prop::collection::vec("[.a]{0,4}", 0..6)) {
            let (mut mail, mut stuffed) = (String::new(), String::new());
            for line in &lines {
                let dot = if line.starts_with('.') { "." } else { "" };
                mail.extend([line, "\r\n"]);
                stuffed.extend([dot, line, "\r\n"]);
            }
            let (found, rest) = receive(format!("{stuffed}.\r\n").as_bytes(), 3, 1_000);
            prop_assert_eq!((found, rest), (Progress::End(Ok(mail.into_bytes())), Vec::new()));
        }
    }
}
