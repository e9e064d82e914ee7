//! The parts of a mail, with bounds. No recursion.

use std::borrow::Cow;

use mail_parser::{
    ContentType, Message, MessageParser, MimeHeaders,
    decoders::{base64::base64_decode, quoted_printable::quoted_printable_decode},
};

use super::{MAX_HEADER, MAX_PARTS};

/// A mail, or a part of one.
pub(super) struct Part<'a> {
    header: Option<Message<'a>>,
    body: &'a [u8],
}

impl<'a> Part<'a> {
    /// Header and body of these bytes.
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        let (header, body) = split_header(bytes);
        let header = header.get(..MAX_HEADER).unwrap_or(header);
        Self { header: MessageParser::default().parse_headers(header), body }
    }

    /// Whether its media type is `kind` with one of these subtypes.
    pub(super) fn is(&self, kind: &str, subtypes: &[&str]) -> bool {
        self.content_type().is_some_and(|found| {
            let subtype = found.subtype().unwrap_or_default();
            found.ctype().eq_ignore_ascii_case(kind) && subtypes.iter().any(|one| subtype.eq_ignore_ascii_case(one))
        })
    }

    /// A header field as text.
    pub(super) fn text(&self, name: &'static str) -> Option<&str> {
        self.header.as_ref()?.header_raw(name)
    }

    /// The address in `From`.
    pub(super) fn sender(&self) -> Option<&str> {
        self.header.as_ref()?.from()?.first()?.address()
    }

    /// The address in `Return-Path`.
    pub(super) fn return_path(&self) -> Option<&str> {
        self.header.as_ref()?.return_address()
    }

    /// The parts of a multipart and of the multiparts in it, one level deep, not of messages in it: some mail systems put a
    /// report into another multipart.
    pub(super) fn parts(&self) -> Vec<Part<'a>> {
        let mut parts = self.direct_parts();
        let inner: Vec<Part<'a>> = parts.iter().flat_map(Part::direct_parts).take(MAX_PARTS).collect();
        parts.extend(inner);
        parts
    }

    /// The direct parts of a multipart; none of anything else.
    fn direct_parts(&self) -> Vec<Part<'a>> {
        let boundary = self.content_type().filter(|found| found.ctype().eq_ignore_ascii_case("multipart"));
        let Some(boundary) = boundary.and_then(|found| found.attribute("boundary")).filter(|text| !text.is_empty())
        else {
            return Vec::new();
        };
        split(self.body, boundary.as_bytes()).into_iter().map(Part::new).collect()
    }

    /// The body without its transfer encoding; as it is when that is broken.
    pub(super) fn content(&self) -> Cow<'a, [u8]> {
        let encoding = self.header.as_ref().and_then(MimeHeaders::content_transfer_encoding).unwrap_or_default();
        let decoded = match encoding.to_ascii_lowercase().as_str() {
            "base64" => base64_decode(self.body),
            "quoted-printable" => quoted_printable_decode(self.body),
            _ => None,
        };
        decoded.map_or(Cow::Borrowed(self.body), Cow::Owned)
    }

    /// The header and body of the message that this part is.
    pub(super) fn message(&self) -> Part<'a> {
        Part::new(self.body)
    }

    fn content_type(&self) -> Option<&ContentType<'_>> {
        self.header.as_ref().and_then(MimeHeaders::content_type)
    }
}

/// The header with its last line break, and what comes after the empty line.
fn split_header(bytes: &[u8]) -> (&[u8], &[u8]) {
    let mut start = 0;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        if matches!(line, b"\n" | b"\r\n") {
            return (&bytes[..start], &bytes[start + line.len()..]);
        }
        start += line.len();
    }
    (bytes, &[])
}

/// What is between the lines `--boundary`, until `--boundary--` or [`MAX_PARTS`].
fn split<'a>(body: &'a [u8], boundary: &[u8]) -> Vec<&'a [u8]> {
    let mut parts = Vec::new();
    let mut open: Option<usize> = None;
    let mut start = 0;
    for line in body.split_inclusive(|byte| *byte == b'\n') {
        let after = line.strip_prefix(b"--").and_then(|line| line.strip_prefix(boundary)).map(<[u8]>::trim_ascii);
        if let Some(after @ (b"" | b"--")) = after {
            if let Some(open) = open {
                parts.push(&body[open..start]);
            }
            open = Some(start + line.len());
            if after == b"--" || parts.len() == MAX_PARTS {
                return parts;
            }
        }
        start += line.len();
    }
    // A mail that was cut off has no last boundary.
    parts.extend(open.map(|open| &body[open..]));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ch_115_parts_are_split_at_their_boundary() {
        let text =
            |parts: Vec<&[u8]>| parts.iter().map(|part| String::from_utf8_lossy(part).into_owned()).collect::<Vec<_>>();
        for (body, expected) in [
            ("", &[][..]),
            ("preamble\r\n--b\r\none\r\n--b\r\ntwo\r\n--b--\r\nepilogue", &["one\r\n", "two\r\n"]),
            ("--b\none\n--b--", &["one\n"]),
            ("--b \none\n--bb\n--b--x\n--b--\n", &["one\n--bb\n--b--x\n"]),
            ("--b\none", &["one"]),
            ("--b--\none", &[]),
            ("--b\n--b\n--b--", &["", ""]),
        ] {
            assert_eq!(text(split(body.as_bytes(), b"b")), expected, "{body}");
        }
        assert_eq!(split("--b\nx\n".repeat(10_000).as_bytes(), b"b").len(), MAX_PARTS);
    }

    #[test]
    fn a_header_ends_at_the_first_empty_line() {
        for (bytes, header, body) in [
            (&b"a: b\r\n\r\nc"[..], &b"a: b\r\n"[..], &b"c"[..]),
            (b"a: b\n\nc", b"a: b\n", b"c"),
            (b"\nc", b"", b"c"),
            (b"a: b", b"a: b", b""),
            (b"", b"", b""),
        ] {
            assert_eq!(split_header(bytes), (header, body));
        }
    }
}
