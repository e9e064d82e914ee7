//! Texts in attributes that may be an e-mail address (CH-138): something before an `@` or `%40`, and a host name with a dot
//! after it. User information in a URI has the same form, so this is only a finding.

use super::{Finding, POSSIBLE_EMAIL};
use crate::{Event, Value};

/// Attributes that are not checked: they identify no person by definition.
const EXEMPT: [&str; 6] = ["type", "time", "datacontenttype", "dataschema", "sequence", "sequencetype"];

/// Adds findings about the attributes of `event`, without the addresses.
pub(super) fn check(event: &Event, findings: &mut Vec<Finding>) {
    findings.extend(members(event).map(|name| {
        Finding::new(
            POSSIBLE_EMAIL,
            name,
            "holds what may be an e-mail address; sensitive data does not belong in context attributes",
            "bevat wat een e-mailadres kan zijn; gevoelige gegevens horen niet in contextattributen",
        )
    }));
}

/// The attributes that contain such a text.
pub(super) fn members(event: &Event) -> impl Iterator<Item = &str> {
    event.attributes().iter().filter_map(|(name, value)| {
        let name = name.as_str();
        let found = match value {
            Value::Text(text) => !EXEMPT.contains(&name) && has_email(text.as_bytes()),
            Value::Integer(_) | Value::Boolean(_) => false,
        };
        found.then_some(name)
    })
}

/// Whether an `@` or `%40` has a character of a mailbox before it and a host name of two labels or more after it.
fn has_email(text: &[u8]) -> bool {
    if !text.contains(&b'@') && !text.contains(&b'%') {
        return false;
    }
    (1..text.len()).any(|at| {
        let ([b'@', after @ ..] | [b'%', b'4', b'0', after @ ..]) = &text[at..] else { return false };
        is_of_mailbox(text[at - 1]) && starts_with_host(after)
    })
}

/// Whether a mailbox may end with this byte: a letter or digit, any byte that is not ASCII, a sign of RFC 5322, section 3.2.3,
/// that separates nothing in a URI, or a closing quote.
fn is_of_mailbox(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || !byte.is_ascii() || b"\"!#$%'*+-^_`{|}~.".contains(&byte)
}

/// Whether the text starts with labels with dots between them, of which one after the first has two characters or more and does
/// not start with a digit. So `package@1.2.3` is none.
fn starts_with_host(text: &[u8]) -> bool {
    let of_host = |byte: &&u8| byte.is_ascii_alphanumeric() || !byte.is_ascii() || matches!(**byte, b'.' | b'-');
    // A host name has at most 253 characters (RFC 1035, section 2.3.4); what is longer is read up to there.
    let length = text.iter().take(253).take_while(of_host).count();
    let mut labels = text[..length].split(|byte| *byte == b'.');
    labels.next().is_some_and(|first| !first.is_empty())
        && labels.any(|label| label.len() >= 2 && !label[0].is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::has_email;

    #[test]
    fn what_may_be_an_address_ch_138() {
        for yes in [
            "an@burger.example",
            "mailto:an.de-wit+zaak@post.burger.example?subject=x",
            "mailto:an%40burger.example",
            "<an@burger.example>.",
            "https://gemeente.nl/personen/an@burger.example/zaken",
            "de burger (an@burger.example)",
            "é@burger.example",
            "an@bürger.example",
            "x @ y, an@burger.example",
        ] {
            assert!(has_email(yes.as_bytes()), "{yes}");
        }
        for no in [
            "",
            "@",
            "an@",
            "@burger.example",
            "an @burger.example",
            "an@burger",
            "an@.example",
            "an@burger.",
            "fw529a3039@dt=FfEfGfHf",
            "pkg:npm/pakket@1.2.3",
            "100%400",
            "https://gemeente.nl/@burger.example",
            "urn:nld:oin:00000001823288444000:systeem:zaken",
        ] {
            assert!(!has_email(no.as_bytes()), "{no}");
        }
    }
}
