//! Enhanced status codes (RFC 2034, RFC 3463), such as `5.1.1`.

use std::fmt;

/// An enhanced status code: class (2, 4 or 5), subject and detail (each at most 999).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct EnhancedStatus {
    /// 2 for success, 4 for a failure that may pass, 5 for a permanent one.
    pub class: u8,
    /// The subject: 1 addressing, 2 mailbox, 3 mail system, 4 network, 5 protocol, 6 content, 7 policy.
    pub subject: u16,
    /// The detail.
    pub detail: u16,
}

impl EnhancedStatus {
    /// The status at the start of the text of a reply with this code; `None` when there is none, or when it contradicts the code.
    pub(crate) fn at_start(text: &[u8], code: u16) -> Option<Self> {
        let word = text.split(|byte| *byte == b' ').next()?;
        let mut parts = std::str::from_utf8(word).ok()?.split('.');
        let (class, subject, detail) = (parts.next()?, parts.next()?, parts.next()?);
        let class = class.parse().ok().filter(|class| matches!(class, 2 | 4 | 5))?;
        (parts.next().is_none() && u16::from(class) == code / 100).then_some(Self {
            class,
            subject: number(subject)?,
            detail: number(detail)?,
        })
    }

    /// Whether the address of the addressee is bad for good: 5.1.x, but not the sender's address (5.1.7 and 5.1.8), and 5.2.1, a
    /// mailbox that is disabled (CH-110).
    pub fn is_bad_address(self) -> bool {
        match (self.class, self.subject, self.detail) {
            (5, 1, 7 | 8) => false,
            (5, 1, _) | (5, 2, 1) => true,
            _ => false,
        }
    }

    /// Whether the address of the sender is bad for good: 5.1.7 and 5.1.8 (RFC 3463).
    pub fn is_bad_sender(self) -> bool {
        matches!((self.class, self.subject, self.detail), (5, 1, 7 | 8))
    }

    /// Whether the mailbox of the addressee refuses this mail: 5.2.x but 5.2.1.
    pub fn is_mailbox_refusal(self) -> bool {
        self.class == 5 && self.subject == 2 && self.detail != 1
    }
}

fn number(digits: &str) -> Option<u16> {
    let plain = (1..=3).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| plain)
}

impl fmt::Display for EnhancedStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.class, self.subject, self.detail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_read_from_the_start_of_the_text_ch_110() {
        for (text, code, expected) in [
            ("5.1.1 no such user", 550, Some((5, 1, 1))),
            ("5.1.10", 556, Some((5, 1, 10))),
            ("4.7.1 <jan@example.nl> greylisted", 451, Some((4, 7, 1))),
            ("2.0.0 ok", 250, Some((2, 0, 0))),
            ("5.1.1 no such user", 450, None),
            ("5.1 no such user", 550, None),
            ("5.1.1.1 x", 550, None),
            ("5.1.1000 x", 550, None),
            ("5.+1.1 x", 550, None),
            ("3.1.1 x", 354, None),
            (" 5.1.1", 550, None),
            ("mailbox 5.1.1", 550, None),
            ("", 550, None),
        ] {
            let expected = expected.map(|(class, subject, detail)| EnhancedStatus { class, subject, detail });
            assert_eq!(EnhancedStatus::at_start(text.as_bytes(), code), expected, "{text}");
        }
        assert_eq!(EnhancedStatus::at_start(b"5.1.\xff", 550), None);
    }
}
