//! What a posted body asks for: a button of a page, or the one-click request of a mail program (RFC 8058).

use people::Act;

/// The most bytes of a body.
pub const MAX_BYTES: usize = 4 << 10;

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

/// The field and value of a one-click request (RFC 8058 3.1).
const ONE_CLICK: (&str, &str) = ("List-Unsubscribe", "One-Click");

/// Reads a body; `None` for one that asks for nothing that is known. A one-click request is
/// `multipart/form-data` or `application/x-www-form-urlencoded` (RFC 8058 3.2); a button is the latter.
pub fn read(content_type: &str, body: &[u8]) -> Option<Act> {
    if content_type.trim_start().to_ascii_lowercase().starts_with("multipart/form-data") {
        return is_one_click_part(body).then_some(Act::OneClick);
    }
    let (mut button, mut is_one_click) = (None, false);
    for (name, value) in form_urlencoded::parse(body) {
        is_one_click = is_one_click || (name == ONE_CLICK.0 && value == ONE_CLICK.1);
        button = button.or((name == FIELD).then_some(value));
    }
    match button.as_deref() {
        _ if is_one_click => Some(Act::OneClick),
        Some(CONFIRM) => Some(Act::Confirm),
        Some(LEAVE) => Some(Act::Leave),
        Some(LEAVE_ALL) => Some(Act::LeaveAll),
        Some(UNDO) => Some(Act::Undo),
        Some(_) | None => None,
    }
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
            (FORM, "List-Unsubscribe=One-Click".to_owned(), Some(Act::OneClick)),
            ("", "List-Unsubscribe=One-Click".to_owned(), Some(Act::OneClick)),
            (PARTS, part("List-Unsubscribe", "One-Click"), Some(Act::OneClick)),
            (PARTS, part("List-Unsubscribe", "One-Click-Not"), None),
            (PARTS, part("Other", "One-Click"), None),
            (PARTS, part("wat", "afmelden"), None),
            (FORM, "List-Unsubscribe=Two-Clicks".to_owned(), None),
            (FORM, "wat=bevestigen".to_owned(), Some(Act::Confirm)),
            (FORM, "wat=afmelden".to_owned(), Some(Act::Leave)),
            (FORM, "wat=alles".to_owned(), Some(Act::LeaveAll)),
            (FORM, "wat=herstellen".to_owned(), Some(Act::Undo)),
            (FORM, "wat=anders".to_owned(), None),
            (FORM, String::new(), None),
            (PARTS, String::new(), None),
            (PARTS, "\u{0}\r\n\r\n".to_owned(), None),
        ] {
            assert_eq!(read(kind, body.as_bytes()), expected, "{kind} {body}");
        }
        assert_eq!(read(PARTS, b"\xff\xfe"), None);
    }
}
