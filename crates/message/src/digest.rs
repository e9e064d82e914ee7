//! Keyed digests (HMAC-SHA256): how an address, a code or a token is stored, found and compared without being readable.
//! It encrypts nothing; `secrets` does that.

use std::fmt;

use ring::hmac;

/// What a digest is made for. A digest for one purpose fits no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Finds the subscriptions of an address (CH-134).
    Address,
    /// Finds the messages of a person, by issuer and `sub` (CH-2).
    Person,
    /// Compares a confirmation code (CH-44).
    Code,
    /// Compares the token of a link (CH-44, CH-55).
    LinkToken,
    /// Makes the `Message-ID` of a mail (CH-18).
    MessageId,
    /// Makes the boundary between the parts of a mail.
    Boundary,
    /// Signs and hides the envelope sender of a mail (CH-22).
    EnvelopeSender,
    /// Authenticates the link to unsubscribe (CH-55).
    LeaveLink,
    /// Authenticates the link that undoes an act of leaving (CH-62).
    UndoLink,
    /// Authenticates the link to the page that takes a code (CH-45).
    CodeLink,
    /// Authenticates the link to the page of a person's data (CH-65).
    DataLink,
    /// Makes the id of an imported subscription from its id and code elsewhere (CH-131).
    ImportedLink,
}

impl Purpose {
    const fn context(self) -> &'static [u8] {
        match self {
            Self::Address => b"nl-gov-event-gateway address v1",
            Self::Person => b"nl-gov-event-gateway person v1",
            Self::Code => b"nl-gov-event-gateway confirmation code v1",
            Self::LinkToken => b"nl-gov-event-gateway link token v1",
            Self::MessageId => b"nl-gov-event-gateway message id v1",
            Self::Boundary => b"nl-gov-event-gateway boundary v1",
            Self::EnvelopeSender => b"nl-gov-event-gateway envelope sender v1",
            Self::LeaveLink => b"nl-gov-event-gateway leave link v1",
            Self::UndoLink => b"nl-gov-event-gateway undo link v1",
            Self::CodeLink => b"nl-gov-event-gateway code link v1",
            Self::DataLink => b"nl-gov-event-gateway data link v1",
            Self::ImportedLink => b"nl-gov-event-gateway imported link v1",
        }
    }
}

/// The key of the digests. It must be the same on every node, and is stored apart from what it protects.
#[derive(Clone)]
pub struct DigestKey(hmac::Key);

/// A keyed digest, 256 bits. Equality is for finding; a secret that somebody presents is compared with
/// [`DigestKey::verify`], in constant time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl DigestKey {
    /// The key with these 256 bits.
    pub fn new(secret: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }

    /// The digest of `parts`. The boundaries of the parts count: `["ab", "c"]` and `["a", "bc"]` differ.
    pub fn digest(&self, purpose: Purpose, parts: &[&[u8]]) -> Digest {
        let mut digest = [0; 32];
        let tag = hmac::sign(&self.0, &message(purpose, parts));
        for (to, from) in digest.iter_mut().zip(tag.as_ref()) {
            *to = *from;
        }
        Digest(digest)
    }

    /// Whether `expected` is the digest of `parts`, in a time that does not depend on where they differ.
    pub fn verify(&self, purpose: Purpose, parts: &[&[u8]], expected: &Digest) -> bool {
        hmac::verify(&self.0, &message(purpose, parts), &expected.0).is_ok()
    }
}

/// What is signed: the purpose, and each part after its length.
fn message(purpose: Purpose, parts: &[&[u8]]) -> Vec<u8> {
    let mut message = purpose.context().to_vec();
    for part in parts {
        message.extend_from_slice(&(part.len() as u64).to_be_bytes());
        message.extend_from_slice(part);
    }
    message
}

impl fmt::Debug for DigestKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DigestKey(…)")
    }
}

impl fmt::Debug for Digest {
    /// Writes the first four bytes: enough to compare two lines, too little to search with.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest(")?;
        self.0.iter().take(4).try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str("…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ch_44_digests_differ_by_key_purpose_and_boundary_of_parts() {
        let key = DigestKey::new(&[1; 32]);
        let digest = key.digest(Purpose::Code, &[b"ab", b"c"]);
        assert!(key.verify(Purpose::Code, &[b"ab", b"c"], &digest));
        assert!(!key.verify(Purpose::Code, &[b"a", b"bc"], &digest));
        assert!(!key.verify(Purpose::LinkToken, &[b"ab", b"c"], &digest));
        assert!(!DigestKey::new(&[2; 32]).verify(Purpose::Code, &[b"ab", b"c"], &digest));
        let mut other = digest;
        other.0[31] ^= 1;
        assert!(!key.verify(Purpose::Code, &[b"ab", b"c"], &other));
    }

    #[test]
    fn ch_44_debug_shows_neither_key_nor_whole_digest() {
        let key = DigestKey::new(&[1; 32]);
        assert_eq!(format!("{key:?}"), "DigestKey(…)");
        assert_eq!(
            format!("{:?}", key.digest(Purpose::Address, &[])).chars().count(),
            "Digest(01234567…)".chars().count()
        );
    }
}
