//! The keys of people: digests that addresses are found by, and the sealing of addresses, codes and tokens (CH-44, CH-134).
//! It stores nothing.

use std::{fmt, sync::Arc};

use message::{
    address::{Address, EmailAddress, PhoneNumber, Region},
    code::{Code, LinkToken, Pattern},
    digest::{DigestKey, Purpose},
};
use model::{Random, addressee::Digest, sealed::Sealed};
use secrets::Secrets;

/// The pattern of codes: 10^6 outcomes (CH-43).
const CODE: &str = "\\d{6}";

/// What the key of digests is derived for.
const DIGESTS: &[u8] = b"nl-gov-event-gateway digests of people v1";

/// The keys. The key of digests is derived from the oldest key of the file; addresses are sealed with the newest one.
pub struct Keys {
    /// The key of digests.
    pub digest: DigestKey,
    pattern: Pattern,
    secrets: Arc<Secrets>,
}

/// A code and the token of a link that prove an address; `Debug` shows neither.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// The code to type over.
    pub code: Code,
    /// The token of the link.
    pub link: LinkToken,
}

/// Why something cannot be sealed or opened. No variant has a part of it.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// The key is missing, the bytes are damaged, or there is no randomness.
    #[error(transparent)]
    Secrets(#[from] secrets::Error),
    /// What was sealed has another form.
    #[error("a sealed address or code has an unknown form")]
    Form,
}

impl Keys {
    /// The keys of this key file.
    ///
    /// # Errors
    /// `Form`, if the pattern of codes cannot be read, which a test excludes.
    pub fn new(secrets: Arc<Secrets>) -> Result<Self, KeysError> {
        let pattern = Pattern::parse(CODE).map_err(|_| KeysError::Form)?;
        Ok(Self { digest: DigestKey::new(&secrets.derive(DIGESTS)), pattern, secrets })
    }

    /// The digest that an address is found by: the same for every form of the same address (CH-15).
    pub fn digest_of(&self, address: &EmailAddress) -> Digest {
        Digest(Address::Email(address.clone()).digest(&self.digest).0)
    }

    /// The digest that an address or a number is found by.
    pub fn digest_of_address(&self, address: &Address) -> Digest {
        Digest(address.digest(&self.digest).0)
    }

    /// The digest that messages and states of a person are found by: of the issuer and the `sub` of its tokens.
    pub fn digest_of_person(&self, issuer: &str, subject: &str) -> Digest {
        Digest(self.digest.digest(Purpose::Person, &[issuer.as_bytes(), subject.as_bytes()]).0)
    }

    /// Seals an address or a number.
    ///
    /// # Errors
    /// `Secrets` without randomness.
    pub fn seal(&self, address: &Address) -> Result<Sealed, KeysError> {
        Ok(self.secrets.seal_for(secrets::Purpose::Address, address.expose().as_bytes())?)
    }

    /// Opens a sealed address or number. Only an e-mail address has an `@`.
    ///
    /// # Errors
    /// When its key is not in the file, or it is damaged.
    pub fn open(&self, sealed: &Sealed) -> Result<Address, KeysError> {
        let plain = self.secrets.open_for(secrets::Purpose::Address, sealed)?;
        let text = std::str::from_utf8(&plain).map_err(|_| KeysError::Form)?;
        if text.contains('@') {
            EmailAddress::parse(text).map(Address::Email).map_err(|_| KeysError::Form)
        } else {
            PhoneNumber::parse(text, Region::International).map(Address::Phone).map_err(|_| KeysError::Form)
        }
    }

    /// A new code and token. The source must be a secure one (CH-43).
    pub fn challenge(&self, random: &dyn Random) -> Challenge {
        Challenge { code: self.pattern.generate(random), link: LinkToken::generate(random) }
    }

    /// What a person typed, as a code.
    pub fn typed(&self, text: &str) -> Code {
        self.pattern.typed(text)
    }

    /// Seals a code and token, for the outbox.
    ///
    /// # Errors
    /// `Secrets` without randomness.
    pub fn seal_challenge(&self, challenge: &Challenge) -> Result<Sealed, KeysError> {
        let plain = format!("{}\n{}", challenge.code.expose(), challenge.link.expose());
        Ok(self.secrets.seal_for(secrets::Purpose::DueMessage, plain.as_bytes())?)
    }

    /// Opens a sealed code and token.
    ///
    /// # Errors
    /// When its key is not in the file, or it is damaged.
    pub fn open_challenge(&self, sealed: &Sealed) -> Result<Challenge, KeysError> {
        let plain = self.secrets.open_for(secrets::Purpose::DueMessage, sealed)?;
        let text = std::str::from_utf8(&plain).map_err(|_| KeysError::Form)?;
        let (code, link) = text.split_once('\n').ok_or(KeysError::Form)?;
        let link = LinkToken::parse(link).ok_or(KeysError::Form)?;
        Ok(Challenge { code: self.pattern.typed(code), link })
    }

    /// Seals the place where a list goes on: it may be the digest of an address of somebody else's subscription.
    ///
    /// # Errors
    /// `Secrets` without randomness.
    pub fn seal_cursor(&self, plain: &[u8]) -> Result<Sealed, KeysError> {
        Ok(self.secrets.seal_for(secrets::Purpose::Cursor, plain)?)
    }

    /// Opens such a place.
    ///
    /// # Errors
    /// When its key is not in the file, or it is damaged.
    pub fn open_cursor(&self, sealed: &Sealed) -> Result<Vec<u8>, KeysError> {
        Ok(self.secrets.open_for(secrets::Purpose::Cursor, sealed)?)
    }

    /// Seals the record of an event that replaces another one.
    ///
    /// # Errors
    /// `Secrets` without randomness.
    pub fn seal_record(&self, plain: &[u8]) -> Result<Sealed, KeysError> {
        Ok(self.secrets.seal_for(secrets::Purpose::Replacement, plain)?)
    }

    /// Opens such a record.
    ///
    /// # Errors
    /// When its key is not in the file, or it is damaged.
    pub fn open_record(&self, sealed: &Sealed) -> Result<Vec<u8>, KeysError> {
        Ok(self.secrets.open_for(secrets::Purpose::Replacement, sealed)?)
    }

    /// The digest of a code, bound to the address that it proves.
    pub fn code_digest(&self, address: Digest, code: &Code) -> Digest {
        Digest(self.digest.digest(Purpose::Code, &[&address.0, code.expose().as_bytes()]).0)
    }

    /// The digest of the token of a link, bound to the address that it proves.
    pub fn link_digest(&self, address: Digest, link: &LinkToken) -> Digest {
        Digest(self.digest.digest(Purpose::LinkToken, &[&address.0, link.expose().as_bytes()]).0)
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(…)")
    }
}

#[cfg(test)]
mod tests {
    use model::clock::SeededRandom;

    use super::*;

    fn keys(directory: &tempfile::TempDir) -> Keys {
        let secrets = Secrets::open_file(&directory.path().join("people.key")).expect("a key file");
        Keys::new(Arc::new(secrets)).expect("keys")
    }

    #[test]
    fn ch_134_an_address_is_sealed_and_found_by_its_digest() {
        let directory = tempfile::tempdir().expect("a directory");
        let keys = keys(&directory);
        let parse = |text| EmailAddress::parse(text).expect("an address");
        let sealed = keys.seal(&Address::Email(parse("An@x.nl"))).expect("sealed");
        assert!(!sealed.ciphertext.windows(4).any(|part| part == b"An@x"));
        assert_eq!(keys.open(&sealed).expect("opened").expose(), "An@x.nl");
        assert_eq!(keys.digest_of(&parse("An@x.nl")), keys.digest_of(&parse("an@X.nl")));
        assert_ne!(keys.digest_of(&parse("an@x.nl")), keys.digest_of(&parse("jan@x.nl")));
        assert_eq!(format!("{keys:?}"), "Keys(…)");
    }

    #[test]
    fn ch_31_ch_134_an_address_or_a_number_opens_as_what_was_sealed() {
        let directory = tempfile::tempdir().expect("a directory");
        let keys = keys(&directory);
        for sink in ["sms:0612345678", "mailto:an@x.nl", "mailto:+31612345678@x.nl"] {
            let address = Address::parse_sink(sink, Region::Netherlands).expect("an address");
            let sealed = keys.seal(&address).expect("sealed");
            assert_eq!(keys.open(&sealed).expect("opened"), address, "{sink}");
        }
    }

    #[test]
    fn ch_44_a_code_is_sealed_for_the_outbox_and_opens_as_nothing_else() {
        let directory = tempfile::tempdir().expect("a directory");
        let keys = keys(&directory);
        let challenge = keys.challenge(&SeededRandom::new(1));
        assert_eq!(challenge.code.expose().len(), 6);
        let sealed = keys.seal_challenge(&challenge).expect("sealed");
        assert_eq!(keys.open_challenge(&sealed).expect("opened"), challenge);
        assert!(keys.open(&sealed).is_err());
        assert_eq!(format!("{challenge:?}"), "Challenge { code: Code(…), link: LinkToken(…) }");
    }

    #[test]
    fn ch_58_digests_of_codes_and_tokens_are_bound_to_the_address() {
        let directory = tempfile::tempdir().expect("a directory");
        let keys = keys(&directory);
        let challenge = keys.challenge(&SeededRandom::new(1));
        let (an, bo) = (Digest([1; 32]), Digest([2; 32]));
        assert_ne!(keys.code_digest(an, &challenge.code), keys.code_digest(bo, &challenge.code));
        assert_ne!(keys.link_digest(an, &challenge.link), keys.link_digest(bo, &challenge.link));
    }
}
