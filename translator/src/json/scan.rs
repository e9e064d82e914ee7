//! The scanner: one pass over UTF-8 text that checks the grammar and bounds the depth.
//!
//! The caller opens an object with [`Scanner::open`] and reads it member by member; every other value is skipped as a
//! whole and returned as a slice.

use std::{borrow::Cow, fmt};

use super::text::{Surrogate, unescape};

/// The deepest nesting that the scanner supports, whatever the limit.
pub(crate) const DEEPEST: u8 = 127;

/// A syntax error and its position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{kind} (at byte {at})")]
pub struct SyntaxError {
    /// The offset in bytes from the start of the input.
    pub at: usize,
    /// The kind of error.
    pub kind: SyntaxKind,
}

/// The kind of a syntax error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SyntaxKind {
    /// The text ends inside a value.
    End,
    /// An unexpected byte.
    Unexpected,
    /// Text follows the value.
    Trailing,
    /// The text is not UTF-8.
    Utf8,
    /// A control character in a string.
    Control,
    /// An invalid escape in a string.
    Escape,
    /// An invalid number.
    Number,
    /// The nesting exceeds the limit.
    Depth,
}

impl fmt::Display for SyntaxKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::End => "the JSON text ends too early",
            Self::Unexpected => "not valid JSON",
            Self::Trailing => "something follows the JSON value",
            Self::Utf8 => "the JSON text is not UTF-8",
            Self::Control => "a JSON string holds a raw control character",
            Self::Escape => "a JSON string holds a broken escape",
            Self::Number => "a JSON number is malformed",
            Self::Depth => "the JSON text is nested too deeply",
        })
    }
}

/// The kind of a JSON value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Object,
    Array,
    String,
    Number,
    Boolean,
    Null,
}

/// A JSON value as a slice of the input.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Raw<'a> {
    pub kind: Kind,
    /// The text, including quotes.
    pub text: &'a str,
    /// The offset in bytes from the start of the input.
    pub start: usize,
    /// Whether it is a string with escapes.
    escaped: bool,
}

impl<'a> Raw<'a> {
    /// The content of a string, without quotes and escapes; the text of any other value.
    #[inline]
    pub fn content(&self) -> Result<Cow<'a, str>, Surrogate> {
        match self.kind {
            Kind::String if self.escaped => unescape(&self.text[1..self.text.len() - 1]),
            Kind::String => Ok(self.text[1..self.text.len() - 1].into()),
            _ => Ok(self.text.into()),
        }
    }
}

/// A single pass over a JSON text.
#[derive(Debug)]
pub(crate) struct Scanner<'a> {
    text: &'a str,
    at: usize,
    /// The number of containers that the caller has opened.
    depth: u8,
    limit: u8,
}

type Scan<T> = Result<T, SyntaxError>;

impl<'a> Scanner<'a> {
    /// A scanner at the start of `input`; `limit` is the deepest nesting.
    pub fn new(input: &'a [u8], limit: u8) -> Scan<Self> {
        let text = std::str::from_utf8(input)
            .map_err(|error| SyntaxError { at: error.valid_up_to(), kind: SyntaxKind::Utf8 })?;
        let mut scanner = Self { text, at: 0, depth: 0, limit: limit.min(DEEPEST) };
        scanner.space();
        Ok(scanner)
    }

    /// Checks that `input` is one JSON value and returns it without surrounding white space.
    pub fn whole(input: &'a [u8], limit: u8) -> Scan<Raw<'a>> {
        let mut scanner = Self::new(input, limit)?;
        let raw = scanner.value()?;
        scanner.end()?;
        Ok(raw)
    }

    /// The next byte, if any.
    pub fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Enters the object (`{`) or array (`[`) at this position; returns false and does not move if there is another
    /// value.
    pub fn open(&mut self, bracket: u8) -> Scan<bool> {
        if self.peek() != Some(bracket) {
            return Ok(false);
        }
        if self.depth >= self.limit {
            return Err(self.error(SyntaxKind::Depth));
        }
        self.depth += 1;
        self.at += 1;
        self.space();
        Ok(true)
    }

    /// The name of the next member of the innermost open object, positioned at its value; `None` behind the last.
    /// `first` must be true before the first call, which clears it.
    #[inline]
    pub fn member(&mut self, first: &mut bool) -> Scan<Option<Raw<'a>>> {
        if !self.more(first, b'}')? {
            return Ok(None);
        }
        self.key().map(Some)
    }

    /// Whether the innermost open array has another element, positioned at it; for `first` see [`Self::member`].
    pub fn element(&mut self, first: &mut bool) -> Scan<bool> {
        self.more(first, b']')
    }

    /// Skips the value at this position and the white space behind it; returns the value.
    #[inline]
    pub fn value(&mut self) -> Scan<Raw<'a>> {
        let start = self.at;
        let (kind, escaped) =
            if self.peek() == Some(b'"') { (Kind::String, self.string()?) } else { (self.skip()?, false) };
        let text = &self.text[start..self.at];
        self.space();
        Ok(Raw { kind, text, start, escaped })
    }

    /// Checks that nothing follows.
    pub fn end(&self) -> Scan<()> {
        if self.at == self.text.len() { Ok(()) } else { Err(self.error(SyntaxKind::Trailing)) }
    }

    #[inline]
    fn more(&mut self, first: &mut bool, close: u8) -> Scan<bool> {
        let was_first = std::mem::take(first);
        match self.peek() {
            Some(byte) if byte == close => {
                self.at += 1;
                self.depth -= 1;
                self.space();
                Ok(false)
            }
            Some(_) if was_first => Ok(true),
            Some(b',') => {
                self.at += 1;
                self.space();
                Ok(true)
            }
            _ => Err(self.unexpected_byte()),
        }
    }

    /// A member name and its colon.
    #[inline]
    fn key(&mut self) -> Scan<Raw<'a>> {
        let start = self.at;
        if self.peek() != Some(b'"') {
            return Err(self.unexpected_byte());
        }
        let escaped = self.string()?;
        let text = &self.text[start..self.at];
        self.space();
        if self.peek() != Some(b':') {
            return Err(self.unexpected_byte());
        }
        self.at += 1;
        self.space();
        Ok(Raw { kind: Kind::String, text, start, escaped })
    }

    /// Skips one value of any nesting; the open containers are bits, 1 for an object.
    fn skip(&mut self) -> Scan<Kind> {
        let base = self.depth;
        let mut objects: u128 = 0;
        let mut outermost = None;
        loop {
            let byte = self.peek().ok_or_else(|| self.unexpected_byte())?;
            let kind = match byte {
                b'{' => Kind::Object,
                b'[' => Kind::Array,
                b'"' => Kind::String,
                b't' | b'f' => Kind::Boolean,
                b'n' => Kind::Null,
                b'-' | b'0'..=b'9' => Kind::Number,
                _ => return Err(self.unexpected_byte()),
            };
            let outermost = *outermost.get_or_insert(kind);
            match kind {
                Kind::Object | Kind::Array => {
                    let object = kind == Kind::Object;
                    self.open(byte)?;
                    objects = objects << 1 | u128::from(object);
                    if self.peek() != Some(if object { b'}' } else { b']' }) {
                        if object {
                            self.key()?;
                        }
                        continue;
                    }
                }
                Kind::String => drop(self.string()?),
                Kind::Number => self.number()?,
                Kind::Boolean => self.literal(if byte == b't' { "true" } else { "false" })?,
                Kind::Null => self.literal("null")?,
            }
            // A value, or an empty container, is complete: close the containers that end here.
            loop {
                if self.depth == base {
                    return Ok(outermost);
                }
                self.space();
                let object = objects & 1 == 1;
                match self.peek() {
                    Some(b',') => {
                        self.at += 1;
                        self.space();
                        if object {
                            self.key()?;
                        }
                        break;
                    }
                    Some(b'}') if object => {}
                    Some(b']') if !object => {}
                    _ => return Err(self.unexpected_byte()),
                }
                self.at += 1;
                self.depth -= 1;
                objects >>= 1;
            }
        }
    }

    /// Skips a string from its opening quote; returns whether it has escapes.
    fn string(&mut self) -> Scan<bool> {
        let bytes = self.text.as_bytes();
        self.at += 1;
        let mut escaped = false;
        loop {
            self.at += plain(&bytes[self.at..]);
            match bytes.get(self.at) {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(escaped);
                }
                Some(b'\\') => {
                    self.escape()?;
                    escaped = true;
                }
                Some(_) => return Err(self.error(SyntaxKind::Control)),
                None => return Err(self.error(SyntaxKind::End)),
            }
        }
    }

    fn escape(&mut self) -> Scan<()> {
        let bytes = self.text.as_bytes();
        let length = match bytes.get(self.at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => 2,
            Some(b'u') => {
                let digits = bytes.get(self.at + 2..self.at + 6).ok_or_else(|| self.error(SyntaxKind::End))?;
                if !digits.iter().all(u8::is_ascii_hexdigit) {
                    return Err(self.error(SyntaxKind::Escape));
                }
                6
            }
            Some(_) => return Err(self.error(SyntaxKind::Escape)),
            None => return Err(self.error(SyntaxKind::End)),
        };
        self.at += length;
        Ok(())
    }

    fn number(&mut self) -> Scan<()> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Scan<()> {
        let rest = &self.text.as_bytes()[self.at..];
        let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if count == 0 {
            let kind = if rest.is_empty() { SyntaxKind::End } else { SyntaxKind::Number };
            return Err(self.error(kind));
        }
        self.at += count;
        Ok(())
    }

    fn literal(&mut self, word: &str) -> Scan<()> {
        if !self.text.as_bytes()[self.at..].starts_with(word.as_bytes()) {
            return Err(self.error(SyntaxKind::Unexpected));
        }
        self.at += word.len();
        Ok(())
    }

    fn space(&mut self) {
        let bytes = self.text.as_bytes();
        while matches!(bytes.get(self.at), Some(b' ' | b'\n' | b'\t' | b'\r')) {
            self.at += 1;
        }
    }

    fn unexpected_byte(&self) -> SyntaxError {
        self.error(if self.at == self.text.len() { SyntaxKind::End } else { SyntaxKind::Unexpected })
    }

    fn error(&self, kind: SyntaxKind) -> SyntaxError {
        SyntaxError { at: self.at, kind }
    }
}

/// The number of bytes at the start of `bytes` that a string may contain unescaped: up to a quote, a backslash or a
/// control character. Checks eight bytes at a time while possible.
pub(super) fn plain(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::MAX / 255;
    const TOPS: u64 = ONES << 7;
    let zero_byte = |word: u64| word.wrapping_sub(ONES) & !word & TOPS;
    let mut at = 0;
    for chunk in bytes.chunks_exact(8) {
        let mut eight = [0; 8];
        eight.copy_from_slice(chunk);
        let word = u64::from_le_bytes(eight);
        let control = word.wrapping_sub(ONES * 0x20) & !word & TOPS;
        let found = control | zero_byte(word ^ (ONES * u64::from(b'"'))) | zero_byte(word ^ (ONES * u64::from(b'\\')));
        if found != 0 {
            return at + (found.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    at + bytes[at..].iter().take_while(|byte| **byte >= 0x20 && !matches!(byte, b'"' | b'\\')).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &str) -> Option<SyntaxKind> {
        Scanner::whole(text.as_bytes(), 64).err().map(|error| error.kind)
    }

    #[test]
    fn grammar_ce_json_25() {
        for good in [
            "null",
            " true ",
            "-0",
            "0.5",
            "1E400",
            "-1.25e-7",
            "\"\"",
            "\"a\\u00e9\\n\"",
            "[]",
            "[1,[2],{}]",
            "{ }",
            "{\"a\":1, \"b\":[{}], \"\":null}\n",
            "\"\\uD800\"",
            "{\"a\":{\"b\":[]}}",
            "[[],[]]",
        ] {
            assert_eq!(kind(good), None, "{good}");
        }
        for (bad, why) in [
            ("", SyntaxKind::End),
            ("{", SyntaxKind::End),
            ("{\"a\":1,}", SyntaxKind::Unexpected),
            ("[1,]", SyntaxKind::Unexpected),
            ("[1 2]", SyntaxKind::Unexpected),
            ("{\"a\" 1}", SyntaxKind::Unexpected),
            ("{a:1}", SyntaxKind::Unexpected),
            ("[1}", SyntaxKind::Unexpected),
            ("{\"a\":1]", SyntaxKind::Unexpected),
            ("01", SyntaxKind::Trailing),
            ("1 1", SyntaxKind::Trailing),
            ("1.", SyntaxKind::End),
            ("-x", SyntaxKind::Number),
            ("1e+x", SyntaxKind::Number),
            ("+1", SyntaxKind::Unexpected),
            ("nul", SyntaxKind::Unexpected),
            ("NaN", SyntaxKind::Unexpected),
            ("\"a", SyntaxKind::End),
            ("\"a\nb\"", SyntaxKind::Control),
            ("\"\\x\"", SyntaxKind::Escape),
            ("\"\\u12g4\"", SyntaxKind::Escape),
            ("\"\\u12", SyntaxKind::End),
            ("\u{feff}1", SyntaxKind::Unexpected),
            ("'a'", SyntaxKind::Unexpected),
            ("1 // x", SyntaxKind::Trailing),
        ] {
            assert_eq!(kind(bad), Some(why), "{bad:?}");
        }
        assert_eq!(Scanner::whole(b"\"\xff\"", 64).unwrap_err(), SyntaxError { at: 1, kind: SyntaxKind::Utf8 });
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert_eq!(kind(&nested(64)), None);
        assert_eq!(kind(&nested(65)), Some(SyntaxKind::Depth));
        assert!(Scanner::whole(nested(127).as_bytes(), 255).is_ok());
        assert!(Scanner::whole(nested(128).as_bytes(), 255).is_err());
    }

    #[test]
    fn plain_runs_end_at_the_same_byte_whatever_the_alignment() {
        for stop in [b'"', b'\\', 0x1F, b'\n', 0] {
            for length in 0..40 {
                let mut bytes = vec![b'x'; length];
                bytes.extend("é\u{7f} ~".as_bytes());
                let expected = bytes.len();
                bytes.push(stop);
                bytes.extend([b'y'; 17]);
                assert_eq!(plain(&bytes), expected, "{stop} after {length}");
            }
        }
    }
}
