//! The filter dialect `data`: a condition on one member of a JSON payload, named by a JSON Pointer (RFC 6901).
//!
//! It fails closed (G3): an event without payload, with another payload than JSON, or whose member is missing, null, an object or an
//! array does not match, except that `exists` also matches an object and an array. The rule for kenmerken differs; see
//! [`crate::selection`].
//!
//! Payloads were checked as JSON when they were accepted, so a member is looked up without a parser: what the lookup cannot
//! follow is a missing member.

use std::borrow::Cow;

use compact_str::CompactString;

use crate::{Data, Event};

/// The most parts of a path.
pub const MAX_PARTS: usize = 16;
/// The longest path, in bytes.
pub const MAX_PATH: usize = 512;

/// A condition on one member of the payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataFilter {
    /// The member.
    pub path: DataPath,
    /// What must hold for it.
    pub condition: DataCondition,
}

/// What must hold for a member. Text is compared as it is, numbers and booleans as they are written in the payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DataCondition {
    /// It has this value.
    Exact(CompactString),
    /// It has one of these values; never empty.
    In(Vec<CompactString>),
    /// It is there and not null.
    Exists,
}

impl DataFilter {
    /// Whether the payload of the event meets the condition.
    pub fn matches(&self, event: &Event) -> bool {
        let Some(member) = self.path.find(event) else { return false };
        let scalar = || member.scalar();
        match &self.condition {
            DataCondition::Exists => member.0 != "null",
            DataCondition::Exact(wanted) => scalar().is_some_and(|value| value == wanted.as_str()),
            DataCondition::In(wanted) => scalar().is_some_and(|value| wanted.iter().any(|one| value == one.as_str())),
        }
    }
}

/// A JSON Pointer to a member of the payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataPath {
    text: String,
    parts: Vec<String>,
}

/// Why a text is no path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DataPathError {
    /// It does not begin with a slash.
    #[error("must be a JSON Pointer such as /zaak/zaaktype")]
    Start,
    /// `~` is followed by something else than 0 or 1.
    #[error("must write ~ as ~0 and / in a name as ~1")]
    Escape,
    /// It is longer than [`MAX_PATH`], or has more than [`MAX_PARTS`] parts.
    #[error("must have at most {MAX_PARTS} parts and {MAX_PATH} bytes")]
    Length,
}

impl DataPath {
    /// Reads a pointer.
    ///
    /// # Errors
    /// It is none, or too long.
    pub fn new(text: &str) -> Result<Self, DataPathError> {
        let parts = text.strip_prefix('/').ok_or(DataPathError::Start)?;
        if text.len() > MAX_PATH || parts.split('/').nth(MAX_PARTS).is_some() {
            return Err(DataPathError::Length);
        }
        let parts = parts.split('/').map(unescaped).collect::<Option<_>>().ok_or(DataPathError::Escape)?;
        Ok(Self { text: text.to_owned(), parts })
    }

    /// The pointer as it was given.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The JSON text of the member in the payload; `None` when there is none.
    pub fn json<'a>(&self, event: &'a Event) -> Option<&'a str> {
        self.find(event).map(|member| member.0)
    }

    /// The content of the member, when it is a JSON string.
    pub fn text<'a>(&self, event: &'a Event) -> Option<Cow<'a, str>> {
        self.find(event).filter(|member| member.0.starts_with('"')).and_then(Member::scalar)
    }

    fn find<'a>(&self, event: &'a Event) -> Option<Member<'a>> {
        let Some(Data::Json(json)) = event.data() else { return None };
        find(std::str::from_utf8(json).ok()?, &self.parts)
    }
}

fn unescaped(part: &str) -> Option<String> {
    let mut pieces = part.split('~');
    let mut name = pieces.next()?.to_owned();
    for piece in pieces {
        let rest = match piece.as_bytes().first()? {
            b'0' => ("~", &piece[1..]),
            b'1' => ("/", &piece[1..]),
            _ => return None,
        };
        name.push_str(rest.0);
        name.push_str(rest.1);
    }
    Some(name)
}

/// The text of a JSON value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Member<'a>(&'a str);

impl<'a> Member<'a> {
    /// The content of a string, the text of a number or boolean.
    fn scalar(self) -> Option<Cow<'a, str>> {
        match self.0.as_bytes().first()? {
            b'"' => content(self.0),
            b'{' | b'[' | b'n' => None,
            _ => Some(self.0.into()),
        }
    }
}

/// The member of a JSON text at the end of a path. Where a name occurs twice, the first one counts, as for kenmerken.
fn find<'a>(json: &'a str, path: &[String]) -> Option<Member<'a>> {
    let mut value = json.trim_start_matches(SPACE);
    for part in path {
        value = match value.as_bytes().first()? {
            b'{' => named(value, part)?,
            b'[' => numbered(value, part)?,
            _ => return None,
        };
    }
    Some(Member(&value[..length(value)?]))
}

/// White space of JSON.
const SPACE: [char; 4] = [' ', '\t', '\n', '\r'];

/// What follows `start` and white space around it.
fn after<'a>(text: &'a str, start: &str) -> Option<&'a str> {
    Some(text.trim_start_matches(SPACE).strip_prefix(start)?.trim_start_matches(SPACE))
}

/// The rest of an object from the value of its member with this name on.
fn named<'a>(object: &'a str, name: &str) -> Option<&'a str> {
    let mut rest = after(object, "{")?;
    loop {
        let key = &rest[..length(rest).filter(|_| rest.starts_with('"'))?];
        let value = after(&rest[key.len()..], ":")?;
        if content(key).is_some_and(|own| own == name) {
            return Some(value);
        }
        rest = after(&value[length(value)?..], ",")?;
    }
}

/// The rest of an array from the element with this number on.
fn numbered<'a>(array: &'a str, number: &str) -> Option<&'a str> {
    let is_number = number == "0" || (!number.starts_with('0') && number.bytes().all(|byte| byte.is_ascii_digit()));
    let number: usize = number.parse().ok().filter(|_| is_number)?;
    let mut rest = after(array, "[")?;
    for _ in 0..number {
        rest = after(&rest[length(rest)?..], ",")?;
    }
    (!rest.starts_with(']')).then_some(rest)
}

/// The length in bytes of the value at the start of a text.
fn length(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    match bytes.first()? {
        b'"' => string_length(bytes),
        b'{' | b'[' => {
            let (mut at, mut open) = (0, 0_usize);
            loop {
                match bytes.get(at)? {
                    b'"' => at += string_length(&bytes[at..])?,
                    b'{' | b'[' => (at, open) = (at + 1, open + 1),
                    b'}' | b']' if open == 1 => return Some(at + 1),
                    b'}' | b']' => (at, open) = (at + 1, open - 1),
                    _ => at += 1,
                }
            }
        }
        _ => {
            let ends = |byte: &u8| b",]} \t\n\r".contains(byte);
            Some(bytes.iter().position(ends).unwrap_or(bytes.len())).filter(|length| *length > 0)
        }
    }
}

/// The length of the string at the start, with its quotes.
fn string_length(bytes: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        match bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// The content of a string with its quotes; `None` for a surrogate without its other half.
fn content(string: &str) -> Option<Cow<'_, str>> {
    let inner = string.strip_prefix('"')?.strip_suffix('"')?;
    if !inner.contains('\\') {
        return Some(inner.into());
    }
    let mut text = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        let escape = *rest.as_bytes().get(at + 1)?;
        rest = rest.get(at + 2..)?;
        match escape {
            b'u' => {
                let (unit, left) = unit(rest)?;
                rest = left;
                let char = match unit {
                    0xd800..0xdc00 => {
                        let (low, left) = unit_of_pair(rest)?;
                        rest = left;
                        char::from_u32(0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00))?
                    }
                    unit => char::from_u32(unit)?,
                };
                text.push(char);
            }
            b'b' => text.push('\u{8}'),
            b'f' => text.push('\u{c}'),
            b'n' => text.push('\n'),
            b'r' => text.push('\r'),
            b't' => text.push('\t'),
            b'"' | b'\\' | b'/' => text.push(char::from(escape)),
            _ => return None,
        }
    }
    text.push_str(rest);
    Some(text.into())
}

/// The four digits of an escape, and what follows.
fn unit(text: &str) -> Option<(u32, &str)> {
    let (digits, rest) = text.split_at_checked(4)?;
    let value = digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, 16).ok())??;
    Some((value, rest))
}

/// The second half of a pair of surrogates.
fn unit_of_pair(text: &str) -> Option<(u32, &str)> {
    unit(text.strip_prefix("\\u")?).filter(|(low, _)| (0xdc00..0xe000).contains(low))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::{AttributeName, Value};

    fn event(data: Option<Data>) -> Event {
        let attributes = [("id", "1"), ("source", "/s"), ("type", "t")];
        let attributes =
            attributes.map(|(name, value)| (AttributeName::new(name).unwrap(), Value::text(value).unwrap()));
        Event::new(attributes.into(), data).unwrap()
    }

    fn matches(json: &str, path: &str, condition: DataCondition) -> bool {
        let filter = DataFilter { path: DataPath::new(path).unwrap(), condition };
        filter.matches(&event(Some(Data::Json(Bytes::copy_from_slice(json.as_bytes())))))
    }

    const JSON: &str = r#" { "zaak" : {"zaaktype":"https://x/1", "n": 1.10, "open":true, "leeg":null, "l":[ "a", {"b":"c"} ,[]]},
        "a/b~c.d":"x", "\u00e9\n\"":"\ud83d\ude00\t", "tekst":"}],\"", "zaak":"twee", "":"naamloos", "o":{} } "#;

    #[test]
    fn g3_a_member_of_data_is_compared_and_what_is_not_there_does_not_match() {
        let exact = |value: &str| DataCondition::Exact(value.into());
        for (path, condition, expected) in [
            ("/zaak/zaaktype", exact("https://x/1"), true),
            ("/zaak/zaaktype", exact("https://x/2"), false),
            ("/zaak/zaaktype", DataCondition::In(vec!["x".into(), "https://x/1".into()]), true),
            ("/zaak/zaaktype", DataCondition::In(vec!["x".into()]), false),
            ("/zaak/n", exact("1.10"), true),
            ("/zaak/n", exact("1.1"), false),
            ("/zaak/open", exact("true"), true),
            ("/zaak/leeg", exact("null"), false),
            ("/zaak/leeg", DataCondition::Exists, false),
            ("/zaak/Zaaktype", exact("https://x/1"), false),
            ("/zaak/ontbreekt", exact("x"), false),
            ("/zaak/ontbreekt", DataCondition::Exists, false),
            ("/zaak/zaaktype/x", DataCondition::Exists, false),
            ("/zaak", exact("twee"), false),
            ("/zaak", DataCondition::Exists, true),
            ("/o", DataCondition::Exists, true),
            ("/o/x", DataCondition::Exists, false),
            ("/zaak/l/0", exact("a"), true),
            ("/zaak/l/1/b", exact("c"), true),
            ("/zaak/l/2", DataCondition::Exists, true),
            ("/zaak/l/2/0", DataCondition::Exists, false),
            ("/zaak/l/3", DataCondition::Exists, false),
            ("/zaak/l/00", DataCondition::Exists, false),
            ("/zaak/l/-", DataCondition::Exists, false),
            ("/a~1b~0c.d", exact("x"), true),
            ("/é\n\"", exact("😀\t"), true),
            ("/tekst", exact("}],\""), true),
            ("/", exact("naamloos"), true),
        ] {
            assert_eq!(matches(JSON, path, condition.clone()), expected, "{path} {condition:?}");
        }
    }

    #[test]
    fn g3_another_payload_than_a_json_object_or_array_does_not_match() {
        for json in
            ["", "1", "\"zaak\"", "null", "[]", "{}", "{\"zaak\"", "{\"zaak\":", "{\"za\\", "{\"\\ud800\":1,\"zaak\":"]
        {
            assert!(!matches(json, "/zaak", DataCondition::Exists), "{json}");
        }
        let filter = DataFilter { path: DataPath::new("/zaak").unwrap(), condition: DataCondition::Exists };
        let text = Data::Text(Bytes::from_static(b"{\"zaak\":1}"));
        for data in [None, Some(text), Some(Data::Binary(Bytes::from_static(b"{\"zaak\":1}")))] {
            assert!(!filter.matches(&event(data)));
        }
    }

    #[test]
    fn paths_are_pointers_and_bounded() {
        for (text, error) in [
            ("", DataPathError::Start),
            ("zaak", DataPathError::Start),
            ("$.zaak", DataPathError::Start),
            ("/a~2", DataPathError::Escape),
            ("/a~", DataPathError::Escape),
            (&"/a".repeat(MAX_PARTS + 1), DataPathError::Length),
            (&format!("/{}", "a".repeat(MAX_PATH)), DataPathError::Length),
        ] {
            assert_eq!(DataPath::new(text), Err(error), "{text}");
        }
        assert!(DataPath::new(&"/a".repeat(MAX_PARTS)).is_ok());
    }
}
