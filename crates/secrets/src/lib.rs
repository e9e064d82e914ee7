//! Secrets at rest: sealed with AES-256-GCM under a key that lives in a file of its own.
//!
//! The file holds one key per line (64 hexadecimal digits). The first seals; all of them open, so that a key is
//! replaced by putting the new one on top. It is made at the first start, readable for its owner only.

mod text_file;

use std::{
    io::{ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use model::sealed::Sealed;
use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    digest, hmac,
    rand::{SecureRandom, SystemRandom},
};

pub use text_file::read_text;

const KEY_LEN: usize = 32;

/// What is sealed. It is the associated data (AAD) of the ciphertext: one made for another purpose does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A secret that is stored: a credential, a key of an applicatie.
    Stored,
    /// The session of a person, in a cookie.
    Session,
    /// A log-in that is under way, in a cookie.
    Login,
    /// What was typed in a form while its session lapsed, in a cookie.
    Form,
    /// A login link.
    LoginLink,
    /// The address of a person.
    Address,
    /// What a message to a person has and the store does not show: a code and the token of a link.
    DueMessage,
    /// Where a list of light subscriptions goes on, in the link to its next page.
    Cursor,
    /// The record of an event that replaces another one, until it is on the log.
    Replacement,
}

impl Purpose {
    const fn context(self) -> &'static [u8] {
        match self {
            Self::Stored => b"nl-gov-event-gateway secret v1",
            Self::Session => b"nl-gov-event-gateway session v1",
            Self::Login => b"nl-gov-event-gateway login v1",
            Self::Form => b"nl-gov-event-gateway form v1",
            Self::LoginLink => b"nl-gov-event-gateway login link v1",
            Self::Address => b"nl-gov-event-gateway address of a person v1",
            Self::DueMessage => b"nl-gov-event-gateway due message v1",
            Self::Cursor => b"nl-gov-event-gateway cursor v1",
            Self::Replacement => b"nl-gov-event-gateway replacement of an event v1",
        }
    }
}

/// The context of the digest that ids of installations are derived from.
const INSTALLATION: &[u8] = b"nl-gov-event-gateway installation v1";

/// Why the key file cannot be used, or a secret cannot be sealed or opened.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The key file cannot be read or made.
    #[error("key file {path}: {source}")]
    File {
        /// The path of the key file.
        path: PathBuf,
        /// The error of the file system.
        source: std::io::Error,
    },
    /// The key file does not hold keys.
    #[error("key file {path}: line {line} is not a key of 64 hexadecimal digits")]
    Form {
        /// The path of the key file.
        path: PathBuf,
        /// The number of the line, from 1; 0 when the file holds no key.
        line: usize,
    },
    /// The secret was sealed with a key that is not in the file.
    #[error("the secret was sealed with key {0}, which the key file does not hold")]
    UnknownKey(String),
    /// The ciphertext was damaged.
    #[error("a sealed secret is damaged")]
    Damaged,
    /// The operating system returns no random bytes.
    #[error("the system gives no randomness")]
    Randomness,
}

struct Key {
    id: String,
    key: LessSafeKey,
}

/// The keys; the first one seals.
pub struct Secrets {
    keys: Vec<Key>,
    /// Digest of the last, and so oldest, key of the file.
    installation: digest::Digest,
    /// The oldest key, which other keys are derived from.
    oldest: hmac::Key,
    random: SystemRandom,
}

impl Secrets {
    /// Reads the key file, or makes one with a fresh key.
    pub fn open_file(path: &Path) -> Result<Self, Error> {
        match Self::read_file(path) {
            Err(Error::File { source, .. }) if source.kind() == ErrorKind::NotFound => {
                Self::parse(path, &create(path)?)
            }
            read => read,
        }
    }

    /// Reads an existing key file; unlike [`Self::open_file`] it makes none.
    pub fn read_file(path: &Path) -> Result<Self, Error> {
        let text = read_text(path).map_err(|source| Error::File { path: path.to_owned(), source })?;
        Self::parse(path, &text)
    }

    fn parse(path: &Path, text: &str) -> Result<Self, Error> {
        let mut keys = Vec::new();
        let mut oldest = [0; KEY_LEN];
        for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let form = || Error::Form { path: path.to_owned(), line: at + 1 };
            oldest = parse_hex(line.trim()).ok_or_else(form)?;
            keys.push(Key::new(&oldest).ok_or_else(form)?);
        }
        if keys.is_empty() {
            return Err(Error::Form { path: path.to_owned(), line: 0 });
        }
        let installation = digest::digest(&digest::SHA256, &[INSTALLATION, &oldest].concat());
        let oldest = hmac::Key::new(hmac::HMAC_SHA256, &oldest);
        Ok(Self { keys, installation, oldest, random: SystemRandom::new() })
    }

    /// An id of the installation that these keys belong to, 16 hexadecimal digits: the same on every node and after every
    /// restart while the oldest key stays in the file and `origin` stays the same. It reveals nothing of the key.
    pub fn installation_id(&self, origin: &str) -> String {
        let digest = digest::digest(&digest::SHA256, &[self.installation.as_ref(), origin.as_bytes()].concat());
        hex(&digest.as_ref()[..8])
    }

    /// A key of 256 bits for another use (HMAC-SHA256 of `context` under the oldest key of the file): the same while that key
    /// stays in the file. Each use has a context of its own.
    pub fn derive(&self, context: &[u8]) -> [u8; KEY_LEN] {
        let mut derived = [0; KEY_LEN];
        for (to, from) in derived.iter_mut().zip(hmac::sign(&self.oldest, context).as_ref()) {
            *to = *from;
        }
        derived
    }

    /// Seals a secret that is stored, with the first key.
    pub fn seal(&self, plain: &[u8]) -> Result<Sealed, Error> {
        self.seal_for(Purpose::Stored, plain)
    }

    /// Seals bytes with the first key.
    pub fn seal_for(&self, purpose: Purpose, plain: &[u8]) -> Result<Sealed, Error> {
        let key = self.keys.first().ok_or(Error::Randomness)?;
        let mut nonce = [0; NONCE_LEN];
        self.random.fill(&mut nonce).map_err(|_| Error::Randomness)?;
        let mut secret = plain.to_vec();
        key.key
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(purpose.context()), &mut secret)
            .map_err(|_| Error::Randomness)?;
        Ok(Sealed { key_id: key.id.clone(), ciphertext: [&nonce[..], &secret].concat() })
    }

    /// Opens a sealed secret that was stored.
    pub fn open(&self, sealed: &Sealed) -> Result<Vec<u8>, Error> {
        self.open_for(Purpose::Stored, sealed)
    }

    /// Opens what was sealed for this purpose.
    pub fn open_for(&self, purpose: Purpose, sealed: &Sealed) -> Result<Vec<u8>, Error> {
        let key = self
            .keys
            .iter()
            .find(|key| key.id == sealed.key_id)
            .ok_or_else(|| Error::UnknownKey(sealed.key_id.clone()))?;
        let (nonce, secret) = sealed.ciphertext.split_first_chunk::<NONCE_LEN>().ok_or(Error::Damaged)?;
        let mut secret = secret.to_vec();
        let plain = key
            .key
            .open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(purpose.context()), &mut secret)
            .map_err(|_| Error::Damaged)?;
        Ok(plain.to_vec())
    }
}

impl Key {
    fn new(bytes: &[u8; KEY_LEN]) -> Option<Self> {
        let id = hex(&digest::digest(&digest::SHA256, bytes).as_ref()[..4]);
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, bytes).ok()?);
        Some(Self { id, key })
    }
}

fn create(path: &Path) -> Result<String, Error> {
    let mut key = [0; KEY_LEN];
    SystemRandom::new().fill(&mut key).map_err(|_| Error::Randomness)?;
    let text = format!("{}\n", hex(&key));
    let write = || {
        let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    };
    write().map_err(|source| Error::File { path: path.to_owned(), source })?;
    Ok(text)
}

/// Bytes as lowercase hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn parse_hex(text: &str) -> Option<[u8; KEY_LEN]> {
    let mut bytes = [0; KEY_LEN];
    if text.len() != KEY_LEN * 2 || !text.is_ascii() {
        return None;
    }
    for (byte, at) in bytes.iter_mut().zip((0..).step_by(2)) {
        *byte = u8::from_str_radix(text.get(at..at + 2)?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn secrets_survive_and_need_their_key() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        let secrets = Secrets::open_file(&path).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let sealed = secrets.seal(b"geheim").unwrap();
        assert!(!sealed.ciphertext.windows(6).any(|part| part == b"geheim"));
        assert_ne!(sealed, secrets.seal(b"geheim").unwrap(), "a nonce is never used twice");
        assert_eq!(Secrets::open_file(&path).unwrap().open(&sealed).unwrap(), b"geheim");

        let mut damaged = sealed.clone();
        *damaged.ciphertext.last_mut().unwrap() ^= 1;
        assert!(matches!(secrets.open(&damaged), Err(Error::Damaged)));

        let other = Secrets::open_file(&dir.path().join("other")).unwrap();
        assert!(matches!(other.open(&sealed), Err(Error::UnknownKey(_))));
    }

    #[test]
    fn what_is_sealed_for_one_purpose_opens_for_no_other() {
        let dir = tempfile::tempdir().unwrap();
        let secrets = Secrets::open_file(&dir.path().join("key")).unwrap();
        let purposes = [
            Purpose::Stored,
            Purpose::Session,
            Purpose::Login,
            Purpose::LoginLink,
            Purpose::Address,
            Purpose::DueMessage,
        ];
        for purpose in purposes {
            let sealed = secrets.seal_for(purpose, b"x").unwrap();
            for other in purposes {
                assert_eq!(secrets.open_for(other, &sealed).is_ok(), purpose == other, "{purpose:?} {other:?}");
            }
        }
    }

    #[test]
    fn a_new_key_on_top_still_opens_what_the_old_one_sealed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        let sealed = Secrets::open_file(&path).unwrap().seal(b"x").unwrap();
        let old = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, format!("{}\n{old}", "ab".repeat(32))).unwrap();
        let both = Secrets::open_file(&path).unwrap();
        assert_eq!(both.open(&sealed).unwrap(), b"x");
        assert_ne!(both.seal(b"x").unwrap().key_id, sealed.key_id);
    }

    #[test]
    fn a_derived_key_stays_when_a_new_key_is_put_on_top_and_differs_by_context() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        let before = Secrets::open_file(&path).unwrap();
        let old = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, format!("{}\n{old}", "ab".repeat(32))).unwrap();
        let after = Secrets::open_file(&path).unwrap();
        assert_eq!(before.derive(b"digests"), after.derive(b"digests"));
        assert_ne!(before.derive(b"digests"), before.derive(b"links"));
        let other = Secrets::open_file(&dir.path().join("other")).unwrap();
        assert_ne!(before.derive(b"digests"), other.derive(b"digests"));
    }

    #[test]
    fn a_broken_key_file_is_refused_with_its_line() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        for (text, at) in [("", 0), ("abc", 1), (&*format!("{}\nzz", "ab".repeat(32)), 2)] {
            std::fs::write(&path, text).unwrap();
            assert!(matches!(Secrets::open_file(&path), Err(Error::Form { line, .. }) if line == at), "{text:?}");
        }
    }
}
