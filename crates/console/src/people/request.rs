//! What a posted body asks for: a button of a page, or the one-click request of a mail program (RFC 8058).

use std::borrow::Cow;

use model::addressee::Frequency;
use people::Act;

/// The most bytes of a body.
pub const MAX_BYTES: usize = 16 << 10;

/// The field that names the button.
pub const FIELD: &str = "wat";

/// The values of [`FIELD`].
pub const CONFIRM: &str = "bevestigen";
/// Leave the kanaal of the link.
pub const LEAVE: &str = "afmelden";
/// Leave all.
pub const LEAVE_ALL: &str = "alles";
/// Undo.
pub const UNDO: &str = "herstellen";
/// Confirm with the code in [`CODE_FIELD`].
pub const CODE: &str = "code";
/// Send a link to the data of the person.
pub const DATA: &str = "gegevens";
/// Use the address in [`ADDRESS_FIELD`].
pub const ADDRESS: &str = "adres";
/// Send mails as often as in [`FREQUENCY_FIELD`].
pub const FREQUENCY: &str = "hoevaak";
/// Change the attributes in the fields that begin with [`ATTRIBUTE_PREFIX`].
pub const ATTRIBUTES: &str = "kenmerken";
/// Erase the data of the person.
pub const ERASE: &str = "wissen";

/// The field with a code.
pub const CODE_FIELD: &str = "code";
/// The field with how often mails come.
pub const FREQUENCY_FIELD: &str = "hoevaak";
/// The beginning of the name of a field with an attribute; the name of the attribute follows.
pub const ATTRIBUTE_PREFIX: &str = "kenmerk.";
/// The field with an address.
pub const ADDRESS_FIELD: &str = "adres";

/// What a body asks for.
#[derive(Clone, PartialEq, Eq)]
pub enum Asked {
    /// To confirm, leave or undo.
    Act(Act),
    /// To confirm with this code, as it was typed.
    Code(String),
    /// To send a link to the data of the person.
    DataLink,
    /// To use this address, as it was typed.
    Address(String),
    /// To send mails this often.
    Frequency(Frequency),
    /// To change these attributes: name and what was typed.
    Attributes(Vec<(String, String)>),
    /// To erase the data of the person.
    Erase,
}

impl std::fmt::Debug for Asked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Act(_) => "Act",
            Self::Code(_) => "Code(…)",
            Self::DataLink => "DataLink",
            Self::Address(_) => "Address(…)",
            Self::Frequency(_) => "Frequency",
            Self::Attributes(_) => "Attributes(…)",
            Self::Erase => "Erase",
        })
    }
}

/// The field and value of a one-click request (RFC 8058 3.1).
const ONE_CLICK: (&str, &str) = ("List-Unsubscribe", "One-Click");

/// Reads a body; `None` for one that asks for nothing that is known. A one-click request is
/// `multipart/form-data` or `application/x-www-form-urlencoded` (RFC 8058 3.2); a button is the latter.
pub fn read(content_type: &str, body: &[u8]) -> Option<Asked> {
    if content_type.trim_start().to_ascii_lowercase().starts_with("multipart/form-data") {
        return is_one_click_part(body).then_some(Asked::Act(Act::OneClick));
    }
    let field = |sought: &str| form_urlencoded::parse(body).find(|(name, _)| name == sought).map(|(_, value)| value);
    if form_urlencoded::parse(body).any(|(name, value)| name == ONE_CLICK.0 && value == ONE_CLICK.1) {
        return Some(Asked::Act(Act::OneClick));
    }
    Some(match field(FIELD)?.as_ref() {
        CONFIRM => Asked::Act(Act::Confirm),
        LEAVE => Asked::Act(Act::Leave),
        LEAVE_ALL => Asked::Act(Act::LeaveAll),
        UNDO => Asked::Act(Act::Undo),
        CODE => Asked::Code(field(CODE_FIELD)?.into_owned()),
        DATA => Asked::DataLink,
        ADDRESS => Asked::Address(field(ADDRESS_FIELD)?.into_owned()),
        FREQUENCY => Asked::Frequency(Frequency::of_label(&field(FREQUENCY_FIELD)?)?),
        ATTRIBUTES => Asked::Attributes(attributes(body)),
        ERASE => Asked::Erase,
        _ => return None,
    })
}

/// The attributes of a form, in its order.
fn attributes(body: &[u8]) -> Vec<(String, String)> {
    let fields = form_urlencoded::parse(body);
    let attribute = |(name, typed): (Cow<'_, str>, Cow<'_, str>)| {
        Some((name.strip_prefix(ATTRIBUTE_PREFIX)?.to_owned(), typed.into_owned()))
    };
    fields.filter_map(attribute).collect()
}

/// Whether a part of a form has the name and value of a one-click request.
fn is_one_click_part(body: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(body) else { return false };
    let mut rest = text;
    while let Some((head, after)) = rest.split_once("\r\n\r\n") {
        let value = after.split("\r\n").next().unwrap_or_default();
        if head.contains("name=\"List-Unsubscribe\"") && value == ONE_CLICK.1 {
            return true;
        }
        rest = after;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: &str = "application/x-www-form-urlencoded";
    const PARTS: &str = "multipart/form-data; boundary=x";

    #[test]
    fn ch_56_a_one_click_request_comes_in_two_forms() {
        let part = |name: &str, value: &str| {
            format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n--x--\r\n")
        };
        for (kind, body, expected) in [
            (FORM, "List-Unsubscribe=One-Click".to_owned(), Some(Asked::Act(Act::OneClick))),
            ("", "List-Unsubscribe=One-Click".to_owned(), Some(Asked::Act(Act::OneClick))),
            (PARTS, part("List-Unsubscribe", "One-Click"), Some(Asked::Act(Act::OneClick))),
            (PARTS, part("List-Unsubscribe", "One-Click-Not"), None),
            (PARTS, part("Other", "One-Click"), None),
            (PARTS, part("wat", "afmelden"), None),
            (FORM, "List-Unsubscribe=Two-Clicks".to_owned(), None),
            (FORM, "wat=bevestigen".to_owned(), Some(Asked::Act(Act::Confirm))),
            (FORM, "wat=afmelden".to_owned(), Some(Asked::Act(Act::Leave))),
            (FORM, "wat=alles".to_owned(), Some(Asked::Act(Act::LeaveAll))),
            (FORM, "wat=herstellen".to_owned(), Some(Asked::Act(Act::Undo))),
            (FORM, "wat=code&code=12+34%2056".to_owned(), Some(Asked::Code("12 34 56".to_owned()))),
            (FORM, "wat=code".to_owned(), None),
            (FORM, "wat=gegevens".to_owned(), Some(Asked::DataLink)),
            (FORM, "adres=an%40x.nl&wat=adres".to_owned(), Some(Asked::Address("an@x.nl".to_owned()))),
            (FORM, "hoevaak=weekly&wat=hoevaak".to_owned(), Some(Asked::Frequency(Frequency::Weekly))),
            (FORM, "hoevaak=soms&wat=hoevaak".to_owned(), None),
            (
                FORM,
                "kenmerk.postcode=1012+AB&anders=x&kenmerk.wijk=&wat=kenmerken".to_owned(),
                Some(Asked::Attributes(vec![
                    ("postcode".to_owned(), "1012 AB".to_owned()),
                    ("wijk".to_owned(), String::new()),
                ])),
            ),
            (FORM, "wat=wissen".to_owned(), Some(Asked::Erase)),
            (FORM, "wat=anders".to_owned(), None),
            (FORM, String::new(), None),
            (PARTS, String::new(), None),
            (PARTS, "\u{0}\r\n\r\n".to_owned(), None),
        ] {
            assert_eq!(read(kind, body.as_bytes()), expected, "{kind} {body}");
        }
        assert_eq!(read(PARTS, b"\xff\xfe"), None);
    }

    #[test]
    fn ch_134_what_was_typed_is_not_in_debug_output() {
        let attributes = vec![("postcode".to_owned(), "geheim".to_owned())];
        let address = Asked::Address("geheim@x.nl".to_owned());
        for asked in [Asked::Code("geheim".to_owned()), address, Asked::Attributes(attributes)] {
            assert!(!format!("{asked:?}").contains("geheim"));
        }
    }
}
