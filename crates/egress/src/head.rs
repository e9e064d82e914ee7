//! Follows the head of an HTTP/1.1 response, so that a status that arrived is known even if the rest of the
//! head never comes or cannot be parsed. It parses no headers: hyper does.

use http::StatusCode;

/// The bytes of a status line that matter: `HTTP/1.1 200`.
const START: usize = 12;

/// How far the response to the last request on a connection has arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Head {
    /// No byte since the request.
    Nothing,
    /// The start of a status line, or an interim response (1xx).
    StatusLine {
        /// The first bytes of the line.
        start: [u8; START],
        /// How many they are; more than `START` when the line is longer.
        length: usize,
    },
    /// The header fields after a status line.
    Fields {
        status: u16,
        /// Whether the next byte begins a line.
        line_start: bool,
    },
    /// The head is complete, or it is not HTTP/1 and has no status.
    Over {
        /// The status, until somebody has the response.
        status: Option<u16>,
    },
}

impl Head {
    /// A part of a request is written. After a complete response it belongs to the next request.
    pub fn request_written(&mut self) {
        if self.is_over() {
            *self = Self::Nothing;
        }
    }

    /// The response was handed out: its status says nothing about the next request.
    pub fn response_taken(&mut self) {
        if self.is_over() {
            *self = Self::Over { status: None };
        }
    }

    /// Whether the head is complete, or not HTTP/1.
    pub fn is_over(&self) -> bool {
        matches!(self, Self::Over { .. })
    }

    /// Advances by the bytes that arrived.
    pub fn parse(&mut self, mut bytes: &[u8]) {
        while let Some((first, rest)) = bytes.split_first() {
            bytes = match self {
                Self::Over { .. } => return,
                Self::Nothing if *first == b'H' => {
                    if let Some((status, end)) = whole_status_line(bytes) {
                        *self = Self::Fields { status, line_start: true };
                        &bytes[end..]
                    } else {
                        *self = self.after(*first);
                        rest
                    }
                }
                // The rest of a line with a field says nothing.
                Self::Fields { line_start: false, .. } => match memchr::memchr(b'\n', bytes) {
                    Some(end) => {
                        *self = self.after(b'\n');
                        &bytes[end + 1..]
                    }
                    None => return,
                },
                _ => {
                    *self = self.after(*first);
                    rest
                }
            };
        }
    }

    /// The final status, once its line is complete.
    pub fn status(&self) -> Option<StatusCode> {
        match self {
            Self::Fields { status, .. } | Self::Over { status: Some(status) } if *status >= 200 => {
                StatusCode::from_u16(*status).ok()
            }
            _ => None,
        }
    }

    fn after(self, byte: u8) -> Self {
        match self {
            Self::Nothing => Self::StatusLine { start: [0; START], length: 0 }.after(byte),
            // Empty lines before a status line are skipped, as hyper does.
            Self::StatusLine { length: 0, .. } if byte == b'\r' || byte == b'\n' => self,
            Self::StatusLine { start, length } if byte == b'\n' => match status(&start, length) {
                Some(status) => Self::Fields { status, line_start: true },
                None => Self::Over { status: None },
            },
            Self::StatusLine { mut start, length } => {
                match start.get_mut(length) {
                    Some(place) => *place = byte,
                    None if length == START && byte != b' ' && byte != b'\r' => return Self::Over { status: None },
                    None => {}
                }
                Self::StatusLine { start, length: length.saturating_add(1) }
            }
            // An interim response is followed by another status line.
            Self::Fields { line_start: true, status: 100 | 102..=199 } if byte == b'\n' => {
                Self::StatusLine { start: [0; START], length: 0 }
            }
            Self::Fields { line_start: true, status } if byte == b'\n' => Self::Over { status: Some(status) },
            Self::Fields { status, .. } if byte == b'\n' => Self::Fields { status, line_start: true },
            Self::Fields { .. } if byte == b'\r' => self,
            Self::Fields { status, .. } => Self::Fields { status, line_start: false },
            Self::Over { .. } => self,
        }
    }
}

/// The status in a line that is whole and good, which is the rule, and where the next line begins.
fn whole_status_line(bytes: &[u8]) -> Option<(u16, usize)> {
    let end = memchr::memchr(b'\n', bytes)?;
    let (start, rest) = bytes[..end].split_first_chunk::<START>()?;
    let good = matches!(rest.first(), None | Some(b' ' | b'\r'));
    Some((status(start, end).filter(|_| good)?, end + 1))
}

fn status(start: &[u8; START], length: usize) -> Option<u16> {
    let digits = start.strip_prefix(b"HTTP/1.").filter(|_| length >= START)?;
    match digits {
        [b'0'..=b'9', b' ', code @ ..] if code.iter().all(u8::is_ascii_digit) => {
            std::str::from_utf8(code).ok()?.parse().ok().filter(|status| (100..600).contains(status))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(received: &str) -> Head {
        let mut head = Head::Nothing;
        for byte in received.bytes() {
            head.parse(&[byte]);
        }
        let mut whole = Head::Nothing;
        whole.parse(received.as_bytes());
        assert_eq!(head, whole, "{received:?}");
        head
    }

    #[test]
    fn b4_a_status_line_counts_from_its_end_until_the_response_is_taken() {
        for (received, expected) in [
            ("", None),
            ("HTTP/1.1 200 OK", None),
            ("HTTP/1.1 200 OK\r\n", Some(200)),
            ("HTTP/1.1 204\r\n", Some(204)),
            ("HTTP/1.0 204\nx", Some(204)),
            ("\r\nHTTP/1.1 202 Accepted\r\nx: y\r\n", Some(202)),
            ("HTTP/1.1 200 OK\r\n: no name\r\n", Some(200)),
            ("HTTP/1.1 200 OK\r\nx: y\r\n\r\n", Some(200)),
            ("HTTP/1.1 200 OK\n\n", Some(200)),
            ("HTTP/1.1 100 Continue\r\n\r\n", None),
            ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\n", Some(201)),
            ("HTTP/1.1 2000 OK\r\n", None),
            ("HTTP/1.1 20\r\n", None),
            ("HTTP/2 200 OK\r\n", None),
            ("220 mail.example ESMTP\r\n", None),
        ] {
            assert_eq!(after(received).status().map(|status| status.as_u16()), expected, "{received:?}");
        }
        let mut answered = after("HTTP/1.1 200 OK\r\n\r\n");
        answered.response_taken();
        assert_eq!(answered.status(), None);
        let mut next = after("HTTP/1.1 200 OK\r\n\r\n");
        next.request_written();
        assert_eq!(next.status(), None);
    }

    #[test]
    fn b2_only_a_complete_answer_makes_room_for_the_next() {
        for (received, afresh) in [
            ("", true),
            ("HTTP/1.1 200 OK\r\n\r\nbody", true),
            ("no HTTP\r\n", true),
            ("HTTP/1.1 200 OK\r\n", false),
            ("HTTP/1.1 100 Continue\r\n\r\n", false),
            ("H", false),
        ] {
            let mut head = after(received);
            head.request_written();
            assert_eq!(head == Head::Nothing, afresh, "{received:?}");
        }
    }
}
