//! Decodes the content of a JSON string: escapes and surrogate pairs.

use std::borrow::Cow;

/// An unpaired surrogate, which Unicode text cannot contain (CE-CTX-32).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an unpaired surrogate is no character")]
pub(crate) struct Surrogate;

/// Decodes the escapes of `raw`, the content of a string that the scanner has accepted.
pub(crate) fn unescape(raw: &str) -> Result<Cow<'_, str>, Surrogate> {
    let Some(first) = memchr::memchr(b'\\', raw.as_bytes()) else {
        return Ok(Cow::Borrowed(raw));
    };
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    let mut next = Some(first);
    while let Some(at) = next {
        out.push_str(&rest[..at]);
        let (character, length) = decode_escape(&rest[at..])?;
        out.push(character);
        rest = &rest[at + length..];
        next = memchr::memchr(b'\\', rest.as_bytes());
    }
    out.push_str(rest);
    Ok(Cow::Owned(out))
}

/// The character of the escape at the start of `text`, and the length of the escape.
fn decode_escape(text: &str) -> Result<(char, usize), Surrogate> {
    let simple = match text.as_bytes()[1] {
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return unicode(text),
        other => char::from(other),
    };
    Ok((simple, 2))
}

fn unicode(text: &str) -> Result<(char, usize), Surrogate> {
    let unit = |at: usize| {
        let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    let units = [unit(0), unit(6)].into_iter().flatten();
    match char::decode_utf16(units).next() {
        Some(Ok(character)) => Ok((character, 6 * character.len_utf16())),
        _ => Err(Surrogate),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_ce_ctx_32() {
        for (raw, expected) in [
            ("plain é", "plain é"),
            (r#"\"\\\/\b\f\n\r\t"#, "\"\\/\u{8}\u{c}\n\r\t"),
            (r"a\u00e9b\u0000", "aéb\0"),
            (r"\uD83D\uDE00!", "😀!"),
            (r"\ud83d\ude00\ud83d\ude00", "😀😀"),
            (r"\u0041\uD83D\uDE00", "A😀"),
        ] {
            assert_eq!(unescape(raw).as_deref(), Ok(expected), "{raw}");
        }
        for bad in [r"\uDEAD", r"\uD83D", r"\uD83Dx", r"\uD83D\n", r"\uD83D\u0041", r"\uDE00\uD83D"] {
            assert_eq!(unescape(bad), Err(Surrogate), "{bad}");
        }
    }
}
