//! The `Message-ID` of a mail: it follows from event and addressee, so a mail that is sent twice is recognisable (CH-18). Keyed,
//! so that nobody can compute it for another person.

use model::SubscriptionId;

use crate::{
    address::{EmailAddress, EmailError},
    digest::{Digest, DigestKey, Purpose},
};

/// A `Message-ID`, and the boundary of the parts of that mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageId {
    id: String,
    boundary: String,
}

impl MessageId {
    /// The id of the mail about an event, by its source and id, to a subscription. `domain` is one of the organisation.
    pub fn new(
        key: &DigestKey,
        source: &str,
        event: &str,
        subscription: SubscriptionId,
        domain: &str,
    ) -> Result<Self, EmailError> {
        let parts = [source.as_bytes(), event.as_bytes(), subscription.0.as_bytes()];
        let id = format!("{}@{domain}", start(key.digest(Purpose::MessageId, &parts)));
        let id = EmailAddress::parse(&id)?.folded().to_owned();
        // `=_` is in no quoted-printable and no base64 text; the digest is in no other.
        let boundary = format!("=_{}", start(key.digest(Purpose::Boundary, &parts)));
        Ok(Self { id, boundary })
    }

    /// The id without angle brackets.
    pub fn as_str(&self) -> &str {
        &self.id
    }

    pub(super) fn boundary(&self) -> &str {
        &self.boundary
    }
}

/// The first 128 bits as hexadecimal digits.
fn start(digest: Digest) -> String {
    digest.0.iter().take(16).fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn ch_18_the_id_follows_from_event_and_addressee() {
        let key = DigestKey::new(&[3; 32]);
        let id = |source, event, subscription, domain| {
            MessageId::new(&key, source, event, SubscriptionId(Uuid::from_u128(subscription)), domain)
        };
        let one = id("urn:a", "1", 1, "Example.nl").unwrap();
        assert_eq!(one.as_str().len(), "@example.nl".len() + 32);
        assert!(one.as_str().ends_with("@example.nl"));
        assert_eq!(id("urn:a", "1", 1, "example.nl").unwrap(), one);
        for other in
            [id("urn:b", "1", 1, "example.nl"), id("urn:a", "2", 1, "example.nl"), id("urn:a", "1", 2, "example.nl")]
        {
            let other = other.unwrap();
            assert!(other.as_str() != one.as_str() && other.boundary() != one.boundary());
        }
        assert_eq!(id("urn:a", "1", 1, "x\r\nBcc: y").err(), Some(EmailError::Control));
    }
}
