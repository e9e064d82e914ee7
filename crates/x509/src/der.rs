//! Elements of DER (X.690), from the start of a slice on. Every function returns `None` where the bytes are something else.

pub const BOOLEAN: u8 = 0x01;
pub const INTEGER: u8 = 0x02;
pub const OCTET_STRING: u8 = 0x04;
pub const OBJECT_IDENTIFIER: u8 = 0x06;
pub const UTF8_STRING: u8 = 0x0c;
pub const PRINTABLE_STRING: u8 = 0x13;
pub const IA5_STRING: u8 = 0x16;
pub const UTC_TIME: u8 = 0x17;
pub const GENERALIZED_TIME: u8 = 0x18;
pub const SEQUENCE: u8 = 0x30;
pub const SET: u8 = 0x31;

/// The content of the element with this tag at the start of `bytes`, and what follows it.
pub fn element(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (found, content, rest) = any(bytes)?;
    (found == tag).then_some((content, rest))
}

/// The same, when it is there; else nothing, and all of `bytes`.
pub fn optional(bytes: &[u8], tag: u8) -> (Option<&[u8]>, &[u8]) {
    element(bytes, tag).map_or((None, bytes), |(content, rest)| (Some(content), rest))
}

/// Tag and content of the element at the start of `bytes`, and what follows it.
pub fn any(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let [tag, length, rest @ ..] = bytes else { return None };
    let (content, rest) = if *length < 0x80 {
        rest.split_at_checked(usize::from(*length))?
    } else {
        // At most three bytes of length: 16 MiB.
        let count = usize::from(*length & 0x7f);
        let (digits, rest) = rest.split_at_checked(count).filter(|_| (1..=3).contains(&count))?;
        rest.split_at_checked(digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)))?
    };
    Some((*tag, content, rest))
}

/// The contents of all elements of `bytes`, with their tags.
pub fn all(mut bytes: &[u8]) -> Option<Vec<(u8, &[u8])>> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let (tag, content, rest) = any(bytes)?;
        found.push((tag, content));
        bytes = rest;
    }
    Some(found)
}
