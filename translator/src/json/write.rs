//! Writes JSON into one buffer; values that are JSON already are copied.

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;

use super::scan::plain;

/// A buffer that JSON is appended to.
#[derive(Debug, Default)]
pub(crate) struct Writer(Vec<u8>);

impl Writer {
    /// An empty buffer with room for `bytes`.
    pub fn with_capacity(bytes: usize) -> Self {
        Self(Vec::with_capacity(bytes))
    }

    /// The written text.
    pub fn finish(self) -> Bytes {
        self.0.into()
    }

    /// Appends JSON text unchanged.
    pub fn raw(&mut self, json: impl AsRef<[u8]>) -> &mut Self {
        self.0.extend_from_slice(json.as_ref());
        self
    }

    /// Appends `text` as a string.
    pub fn string(&mut self, text: &str) -> &mut Self {
        self.0.push(b'"');
        let mut rest = text.as_bytes();
        loop {
            let (plain, after) = rest.split_at(plain(rest));
            self.0.extend_from_slice(plain);
            let Some((&byte, after)) = after.split_first() else { break };
            match byte {
                b'"' | b'\\' => self.0.extend_from_slice(&[b'\\', byte]),
                b'\n' => self.0.extend_from_slice(b"\\n"),
                b'\r' => self.0.extend_from_slice(b"\\r"),
                b'\t' => self.0.extend_from_slice(b"\\t"),
                control => self.0.extend_from_slice(format!("\\u{control:04x}").as_bytes()),
            }
            rest = after;
        }
        self.0.push(b'"');
        self
    }

    /// Appends `,"name":`, without the comma at the start of an object.
    pub fn name(&mut self, name: &str) -> &mut Self {
        self.separate().string(name).raw(":")
    }

    /// Appends a comma, unless this is the first member.
    pub fn separate(&mut self) -> &mut Self {
        if self.0.last() != Some(&b'{') {
            self.0.push(b',');
        }
        self
    }

    /// Appends `bytes` as a base64 string.
    pub fn base64(&mut self, bytes: &[u8]) -> &mut Self {
        self.raw("\"").raw(STANDARD.encode(bytes)).raw("\"")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_escaped_where_json_asks_for_it() {
        let mut out = Writer::default();
        out.string("a\"b\\c\n\r\t\u{1}\u{7f}é😀/");
        assert_eq!(out.finish(), "\"a\\\"b\\\\c\\n\\r\\t\\u0001\u{7f}é😀/\"".as_bytes());
    }

    #[test]
    fn names_are_parted_by_commas() {
        let mut out = Writer::default();
        out.raw("{").name("a").raw("1").name("b").base64(b"aap").raw("}");
        assert_eq!(out.finish(), r#"{"a":1,"b":"YWFw"}"#);
    }
}
