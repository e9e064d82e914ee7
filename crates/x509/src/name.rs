//! The subject of a certificate: its attributes, and the subject as text (RFC 4514).

use crate::der::{self, IA5_STRING, OBJECT_IDENTIFIER, PRINTABLE_STRING, SEQUENCE, SET, UTF8_STRING, element};

/// The attributes that have a name in text, by the content of their object identifier. The names are those of OpenSSL.
const NAMED: [(&[u8], &str); 11] = [
    (&[0x55, 4, 3], "CN"),
    (&[0x55, 4, 5], "serialNumber"),
    (&[0x55, 4, 6], "C"),
    (&[0x55, 4, 7], "L"),
    (&[0x55, 4, 8], "ST"),
    (&[0x55, 4, 9], "street"),
    (&[0x55, 4, 10], "O"),
    (&[0x55, 4, 11], "OU"),
    (&[0x55, 4, 97], "organizationIdentifier"),
    (&[0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 1], "UID"),
    (&[0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 25], "DC"),
];

/// An attribute of a subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// Its name, such as `CN` or `serialNumber`; an attribute without a known name has its object identifier with dots.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// The subject of a certificate: sets of attributes, in the order of the certificate. Most sets have one attribute.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Subject(Vec<Vec<Attribute>>);

impl Subject {
    /// Reads a `Name`. A value that is no text in UTF-8, such as a BMPString, is refused with the whole subject.
    pub(crate) fn read(content: &[u8]) -> Option<Self> {
        let sets = der::all(content)?;
        sets.into_iter()
            .map(|(tag, set)| if tag == SET { attributes(set) } else { None })
            .collect::<Option<_>>()
            .map(Self)
    }

    /// The values of the attributes with this name.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().flatten().filter(move |own| own.name == name).map(|own| own.value.as_str())
    }
}

/// As text by RFC 4514, the last attribute first: `CN=zaken.gemeente.example,O=Gemeente Example,C=NL`. OpenSSL prints the same with
/// `-nameopt RFC2253,utf8,-esc_msb`.
impl std::fmt::Display for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (at, set) in self.0.iter().rev().enumerate() {
            f.write_str(if at == 0 { "" } else { "," })?;
            for (at, attribute) in set.iter().enumerate() {
                let plus = if at == 0 { "" } else { "+" };
                write!(f, "{plus}{}={}", attribute.name, escaped(&attribute.value))?;
            }
        }
        Ok(())
    }
}

fn attributes(set: &[u8]) -> Option<Vec<Attribute>> {
    der::all(set)?.into_iter().map(|(tag, content)| if tag == SEQUENCE { attribute(content) } else { None }).collect()
}

fn attribute(content: &[u8]) -> Option<Attribute> {
    let (oid, rest) = element(content, OBJECT_IDENTIFIER)?;
    let (tag, value, _) = der::any(rest)?;
    if ![UTF8_STRING, PRINTABLE_STRING, IA5_STRING].contains(&tag) {
        return None;
    }
    let value = std::str::from_utf8(value).ok()?.to_owned();
    let named = NAMED.iter().find(|(own, _)| *own == oid).map(|(_, name)| (*name).to_owned());
    Some(Attribute { name: named.or_else(|| dotted(oid))?, value })
}

/// An object identifier in numbers with dots.
fn dotted(oid: &[u8]) -> Option<String> {
    let mut arcs = Vec::new();
    let mut arc = 0_u64;
    for byte in oid {
        arc = arc.checked_mul(128)?.checked_add(u64::from(byte & 0x7f))?;
        if byte & 0x80 == 0 {
            arcs.push(arc);
            arc = 0;
        }
    }
    let (first, rest) = arcs.split_first()?;
    let root = (first / 40).min(2);
    let all = [root, first - root * 40].into_iter().chain(rest.iter().copied());
    Some(all.map(|arc| arc.to_string()).collect::<Vec<_>>().join("."))
}

fn escaped(value: &str) -> String {
    let last = value.chars().count().saturating_sub(1);
    let mut text = String::with_capacity(value.len());
    for (at, char) in value.chars().enumerate() {
        let special = ",+\"\\<>;".contains(char);
        let at_edge = (at == 0 && matches!(char, ' ' | '#')) || (at == last && char == ' ');
        if special || at_edge {
            text.push('\\');
        }
        text.push(char);
    }
    text
}
