//! Where a list of light subscriptions goes on: in the link to the next page, sealed, since it names a digest.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use model::{KanaalName, addressee::Digest, sealed::Sealed};

use crate::{Keys, KeysError};

/// The longest text of a cursor that is read, in bytes.
const MAX_TEXT: usize = 1_000;

/// Behind this digest, in this kanaal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cursor {
    pub(crate) kanaal: KanaalName,
    pub(crate) after: Digest,
}

impl Cursor {
    /// The cursor as text for a URL.
    pub(crate) fn write(&self, keys: &Keys) -> Result<String, KeysError> {
        let Sealed { key_id, ciphertext } =
            keys.seal_cursor(&[&self.after.0[..], self.kanaal.as_str().as_bytes()].concat())?;
        Ok(format!("{}~{}", BASE64_URL_SAFE_NO_PAD.encode(ciphertext), BASE64_URL_SAFE_NO_PAD.encode(key_id)))
    }

    /// Reads such a text; `None` when it was not made here, or with a key that is gone.
    pub(crate) fn read(text: &str, keys: &Keys) -> Option<Self> {
        let (ciphertext, key_id) = text.get(..text.len().min(MAX_TEXT + 1))?.split_once('~')?;
        let decode = |part: &str| BASE64_URL_SAFE_NO_PAD.decode(part).ok();
        let sealed = Sealed { key_id: String::from_utf8(decode(key_id)?).ok()?, ciphertext: decode(ciphertext)? };
        let plain = keys.open_cursor(&sealed).ok()?;
        let (digest, kanaal) = plain.split_first_chunk::<32>()?;
        let kanaal = KanaalName::new(std::str::from_utf8(kanaal).ok()?)?;
        Some(Self { kanaal, after: Digest(*digest) })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use secrets::Secrets;

    use super::*;

    #[test]
    fn ch_134_a_cursor_reads_back_and_shows_no_digest() {
        let directory = tempfile::tempdir().expect("a directory");
        let keys = |name| {
            let secrets = Secrets::open_file(&directory.path().join(name)).expect("a key file");
            Keys::new(Arc::new(secrets)).expect("keys")
        };
        let (own, others) = (keys("a"), keys("b"));
        let cursor = Cursor { kanaal: KanaalName::new("weg").expect("a name"), after: Digest([7; 32]) };
        let text = cursor.write(&own).expect("sealed");
        assert!(!text.contains(&BASE64_URL_SAFE_NO_PAD.encode([7; 24])));
        assert_eq!(Cursor::read(&text, &own), Some(cursor));
        assert_eq!(Cursor::read(&text, &others), None);
        for wrong in ["", "~", "a~b", "é~é", &format!("A{text}"), &"é".repeat(2_000)] {
            assert_eq!(Cursor::read(wrong, &own), None, "{wrong}");
        }
    }
}
