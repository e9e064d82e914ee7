//! Reads replies of SMTP line by line (RFC 5321, section 4.2). It does no IO, and keeps no text of a reply: relays repeat the
//! address there.

use crate::status::EnhancedStatus;

/// Most lines of a reply.
const MAX_LINES: usize = 128;

/// A reply: its code and its enhanced status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reply {
    pub code: u16,
    pub status: Option<EnhancedStatus>,
}

/// Why bytes are no reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReplyError {
    Malformed,
    TooLong,
}

/// A reply of which some lines may have been read.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    first: Option<Reply>,
    lines: usize,
}

/// A line of a reply.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Line<'a> {
    /// What follows the code.
    pub text: &'a [u8],
    /// The reply, if this is its last line.
    pub reply: Option<Reply>,
}

impl Reader {
    /// Reads a line without its end.
    pub fn line<'a>(&mut self, line: &'a [u8]) -> Result<Line<'a>, ReplyError> {
        self.lines += 1;
        if self.lines > MAX_LINES {
            return Err(ReplyError::TooLong);
        }
        let (code, rest) = line.split_at_checked(3).ok_or(ReplyError::Malformed)?;
        let code = code_of(code).ok_or(ReplyError::Malformed)?;
        let (last, text) = match rest.split_first() {
            None => (true, rest),
            Some((b' ', text)) => (true, text),
            Some((b'-', text)) => (false, text),
            Some(_) => return Err(ReplyError::Malformed),
        };
        let first = *self.first.get_or_insert_with(|| Reply { code, status: EnhancedStatus::at_start(text, code) });
        if first.code != code {
            return Err(ReplyError::Malformed);
        }
        Ok(Line { text, reply: last.then_some(first) })
    }
}

fn code_of(digits: &[u8]) -> Option<u16> {
    let digits: [u8; 3] = digits.try_into().ok()?;
    let valid = digits.iter().all(u8::is_ascii_digit) && (b'2'..=b'5').contains(&digits[0]);
    valid.then(|| digits.iter().fold(0, |code, digit| code * 10 + u16::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&str]) -> Result<Option<(u16, Option<String>)>, ReplyError> {
        let mut reader = Reader::default();
        let mut found = None;
        for line in lines {
            assert!(found.is_none(), "lines after the last");
            found = reader.line(line.as_bytes())?.reply;
        }
        Ok(found.map(|reply| (reply.code, reply.status.map(|status| status.to_string()))))
    }

    #[test]
    fn replies_are_read_as_rfc_5321_writes_them() {
        for (lines, expected) in [
            (&["250 2.1.0 ok"][..], Ok(Some((250, Some("2.1.0"))))),
            (&["250"], Ok(Some((250, None)))),
            (&["250 "], Ok(Some((250, None)))),
            (&["250-a", "250-b", "250 c"], Ok(Some((250, None)))),
            (&["550-5.7.1 a", "550 5.7.1 b"], Ok(Some((550, Some("5.7.1"))))),
            (&["250-a"], Ok(None)),
            (&["250-a", "251 b"], Err(ReplyError::Malformed)),
            (&["25"], Err(ReplyError::Malformed)),
            (&[""], Err(ReplyError::Malformed)),
            (&["2500 a"], Err(ReplyError::Malformed)),
            (&["150 a"], Err(ReplyError::Malformed)),
            (&["650 a"], Err(ReplyError::Malformed)),
            (&["+OK"], Err(ReplyError::Malformed)),
            (&["HTTP/1.1 400 Bad Request"], Err(ReplyError::Malformed)),
            (&["\u{e9}50 a"], Err(ReplyError::Malformed)),
        ] {
            let expected = expected.map(|found| found.map(|(code, status)| (code, status.map(str::to_owned))));
            assert_eq!(read(lines), expected, "{lines:?}");
        }
        assert_eq!(read(&["250-a"; MAX_LINES + 1]), Err(ReplyError::TooLong));
        assert_eq!(Reader::default().line(b"250 \xff\xfe").unwrap().text, b"\xff\xfe");
    }
}
