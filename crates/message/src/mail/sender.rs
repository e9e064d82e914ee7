//! Who a kanaal may send as: `From` and `Reply-To` come from its list alone (CH-16).

use crate::{address::EmailAddress, template::one_line};

/// The longest name of a mailbox, in characters.
const MAX_NAME: usize = 200;

/// An address with the name that people see. It belongs to the organisation, so `Debug` may show the name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    name: String,
    address: EmailAddress,
}

/// The mailboxes that a kanaal may send as.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AllowedSenders(Vec<Mailbox>);

/// A mailbox of such a list; only [`AllowedSenders::sender`] makes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sender<'a>(&'a Mailbox);

/// Why an address cannot be sent as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SenderError {
    /// It is not on the list of the kanaal.
    #[error("the kanaal may not send as this address")]
    NotAllowed,
}

impl Mailbox {
    /// A mailbox. The name becomes one line of at most 200 characters (CH-19); it may be empty.
    pub fn new(name: &str, address: EmailAddress) -> Self {
        Self { name: one_line(name).chars().take(MAX_NAME).collect(), address }
    }

    /// The name; empty without one.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The address.
    pub const fn address(&self) -> &EmailAddress {
        &self.address
    }
}

impl AllowedSenders {
    /// The list of a kanaal.
    pub const fn new(mailboxes: Vec<Mailbox>) -> Self {
        Self(mailboxes)
    }

    /// The mailbox with this address.
    pub fn sender(&self, address: &EmailAddress) -> Result<Sender<'_>, SenderError> {
        self.0.iter().find(|mailbox| mailbox.address == *address).map(Sender).ok_or(SenderError::NotAllowed)
    }
}

impl<'a> Sender<'a> {
    /// The mailbox.
    pub const fn mailbox(self) -> &'a Mailbox {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ch_16_only_listed_addresses_send() {
        let address = |text| EmailAddress::parse(text).unwrap();
        let list = AllowedSenders::new(vec![Mailbox::new("Gemeente", address("noreply@example.nl"))]);
        assert_eq!(list.sender(&address("NoReply@example.nl")).map(|sender| sender.mailbox().name()), Ok("Gemeente"));
        for other in ["reply@example.nl", "noreply@example.nl.evil.nl", "noreply@sub.example.nl"] {
            assert_eq!(list.sender(&address(other)), Err(SenderError::NotAllowed), "{other}");
        }
    }

    #[test]
    fn ch_19_a_name_is_one_line() {
        let address = EmailAddress::parse("noreply@example.nl").unwrap();
        let mailbox = Mailbox::new("Gemeente\r\nBcc: bo@example.nl\0", address.clone());
        assert_eq!(mailbox.name(), "Gemeente Bcc: bo@example.nl");
        assert_eq!(Mailbox::new(&"é".repeat(1_000), address).name().chars().count(), MAX_NAME);
    }
}
