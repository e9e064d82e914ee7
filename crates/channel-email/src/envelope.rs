//! The envelope of a mail: sender and addressee as they are written in MAIL and RCPT. It checks what would break the commands; that
//! an address is a good one is checked where it is given.

use std::fmt;

/// Longest address in bytes: a path has at most 256 with its brackets (RFC 5321, section 4.5.3.1.3).
const MAX_ADDRESS: usize = 254;

/// Sender and addressee of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// The sender, to which the relay reports failures; `None` for the empty path `<>`.
    pub sender: Option<EnvelopeAddress>,
    /// The one addressee.
    pub recipient: EnvelopeAddress,
}

/// An address in an envelope. `Debug` does not show it (I10).
#[derive(Clone, PartialEq, Eq)]
pub struct EnvelopeAddress(Box<str>);

/// Why a text cannot be an address in an envelope. It does not repeat the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// There is no `@` between two parts.
    #[error("the address has no @ between two parts")]
    NoDomain,
    /// It is longer than 254 bytes.
    #[error("the address is longer than 254 bytes")]
    TooLong,
    /// It has a control character, a space or an angle bracket, which could end the command that has it.
    #[error("the address has a character that an envelope cannot have")]
    Character,
}

impl EnvelopeAddress {
    /// An address, without angle brackets.
    ///
    /// # Errors
    /// When it cannot be written in a command.
    pub fn new(text: &str) -> Result<Self, AddressError> {
        if text.len() > MAX_ADDRESS {
            return Err(AddressError::TooLong);
        }
        if text.chars().any(|c| c.is_control() || c.is_whitespace() || matches!(c, '<' | '>')) {
            return Err(AddressError::Character);
        }
        match text.rsplit_once('@') {
            Some((local, domain)) if !local.is_empty() && !domain.is_empty() => Ok(Self(text.into())),
            _ => Err(AddressError::NoDomain),
        }
    }

    /// The address.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it needs SMTPUTF8.
    pub(crate) fn is_ascii(&self) -> bool {
        self.0.is_ascii()
    }
}

impl fmt::Debug for EnvelopeAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EnvelopeAddress(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_cannot_end_its_command() {
        for (text, expected) in [
            ("jan@example.nl", Ok(())),
            ("j\u{e9}@example.nl", Ok(())),
            ("jan+x@[192.0.2.1]", Ok(())),
            ("jan@example.nl>\r\nRCPT TO:<x@example.nl", Err(AddressError::Character)),
            ("jan@example.nl> SIZE=1", Err(AddressError::Character)),
            ("jan@exam\tple.nl", Err(AddressError::Character)),
            ("jan\u{85}@example.nl", Err(AddressError::Character)),
            ("jan", Err(AddressError::NoDomain)),
            ("@example.nl", Err(AddressError::NoDomain)),
            ("jan@", Err(AddressError::NoDomain)),
            ("", Err(AddressError::NoDomain)),
        ] {
            assert_eq!(EnvelopeAddress::new(text).map(drop), expected, "{text:?}");
        }
        let long = format!("{}@example.nl", "x".repeat(250));
        assert_eq!(EnvelopeAddress::new(&long), Err(AddressError::TooLong));
    }

    #[test]
    fn debug_shows_no_address_i10() {
        let address = EnvelopeAddress::new("jan@example.nl").unwrap();
        let envelope = Envelope { sender: Some(address.clone()), recipient: address };
        assert!(!format!("{envelope:?}").contains("example"));
    }
}
