//! The text of a feed: its bytes decoded by a byte order mark, the `charset` of the answer, or the XML declaration, in this order
//! (RFC 7303 section 3). Without any of them it is UTF-8.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8};

/// How far the encoding in an XML declaration is searched, in bytes.
const DECLARATION: usize = 256;

/// Why the bytes of a feed are no text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CharsetError {
    /// No encoding has this name.
    #[error("its charset is unknown")]
    Unknown,
    /// The bytes are not of the encoding, and not UTF-8 either.
    #[error("its bytes are no {0}")]
    Malformed(&'static str),
}

/// The text of a feed. `content_type` is the header of the answer. Bytes that are not of the encoding that is named are read as UTF-8
/// if they are valid UTF-8: many servers name one encoding for all files.
///
/// # Errors
/// The encoding is unknown, or the bytes are neither of it nor UTF-8.
pub(crate) fn decode<'a>(bytes: &'a [u8], content_type: Option<&str>) -> Result<Cow<'a, str>, CharsetError> {
    let (encoding, bytes) = match Encoding::for_bom(bytes) {
        Some((encoding, length)) => (encoding, &bytes[length..]),
        None => (named(bytes, content_type)?, bytes),
    };
    if let Some(text) = encoding.decode_without_bom_handling_and_without_replacement(bytes) {
        return Ok(text);
    }
    std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|_| CharsetError::Malformed(encoding.name()))
}

fn named(bytes: &[u8], content_type: Option<&str>) -> Result<&'static Encoding, CharsetError> {
    let label = content_type.and_then(charset).map(str::as_bytes).or_else(|| declared(bytes));
    label.map_or(Ok(UTF_8), |label| Encoding::for_label(label).ok_or(CharsetError::Unknown))
}

/// The parameter `charset` of a media type.
fn charset(content_type: &str) -> Option<&str> {
    content_type.split(';').skip(1).find_map(|part| {
        let (name, value) = part.split_once('=')?;
        let value = value.trim().trim_matches('"');
        (name.trim().eq_ignore_ascii_case("charset") && !value.is_empty()).then_some(value)
    })
}

/// The encoding in an XML declaration that is readable as US-ASCII.
fn declared(bytes: &[u8]) -> Option<&[u8]> {
    let head = bytes.get(..DECLARATION.min(bytes.len()))?;
    let head = head.strip_prefix(b"<?xml")?;
    let end = head.windows(2).position(|two| two == b"?>")?;
    let head = &head[..end];
    let at = head.windows(8).position(|word| word == b"encoding")?;
    let value = head[at + 8..].trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let (quote, value) = value.split_first()?;
    let end = value.iter().position(|byte| byte == quote)?;
    Some(&value[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_charset_is_that_of_mark_header_or_declaration_ch_106() {
        let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain("é".encode_utf16().flat_map(u16::to_le_bytes)).collect();
        let declared = b"<?xml version='1.0' encoding = \"ISO-8859-1\"?>\xe9".as_slice();
        let malformed = CharsetError::Malformed("UTF-8");
        for (bytes, content_type, expected) in [
            ("é".as_bytes(), None, Ok("é")),
            (b"\xe9", None, Err(malformed.clone())),
            (b"\xe9", Some("text/xml; charset=iso-8859-1"), Ok("é")),
            (b"\xe9", Some("text/xml;CHARSET = \"latin1\" "), Ok("é")),
            (b"\xef\xbb\xbf\xc3\xa9", Some("text/xml; charset=iso-8859-1"), Ok("é")),
            (&utf16, None, Ok("é")),
            (declared, None, Ok("<?xml version='1.0' encoding = \"ISO-8859-1\"?>é")),
            (declared, Some("text/xml; charset=utf-8"), Err(malformed)),
            ("é".as_bytes(), Some("text/xml; charset=us-ascii"), Ok("Ã©")),
            ("é".as_bytes(), Some("text/xml; charset=shift_jis"), Ok("ﾃｩ")),
            (b"a", Some("text/xml; charset=klingon"), Err(CharsetError::Unknown)),
            (b"a", Some("text/xml; charset="), Ok("a")),
            (b"<?xml version='1.0' encoding='", None, Ok("<?xml version='1.0' encoding='")),
            (b"", None, Ok("")),
        ] {
            assert_eq!(decode(bytes, content_type).as_deref(), expected.as_deref(), "{content_type:?} {bytes:?}");
        }
    }
}
