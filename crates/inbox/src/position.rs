//! Positions in lists and streams as text: sealed, since the numbers show how many messages others get.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use model::sealed::Sealed;
use people::{Keys, KeysError};

/// The longest text that is read, in bytes.
const MAX_TEXT: usize = 500;

/// What a position is for; one of a list is none of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    List = b'l' as isize,
    Stream = b's' as isize,
}

pub(crate) fn write(keys: &Keys, purpose: Purpose, number: u64) -> Result<String, KeysError> {
    let Sealed { key_id, ciphertext } = keys.seal_cursor(&[&[purpose as u8][..], &number.to_be_bytes()].concat())?;
    Ok(format!("{}~{}", BASE64_URL_SAFE_NO_PAD.encode(ciphertext), BASE64_URL_SAFE_NO_PAD.encode(key_id)))
}

/// The number; `None` when the text was not made here for this purpose, or with a key that is gone.
pub(crate) fn read(keys: &Keys, purpose: Purpose, text: &str) -> Option<u64> {
    let (ciphertext, key_id) = Some(text).filter(|text| text.len() <= MAX_TEXT)?.split_once('~')?;
    let decode = |part: &str| BASE64_URL_SAFE_NO_PAD.decode(part).ok();
    let sealed = Sealed { key_id: String::from_utf8(decode(key_id)?).ok()?, ciphertext: decode(ciphertext)? };
    let plain = keys.open_cursor(&sealed).ok()?;
    let number = plain.strip_prefix(&[purpose as u8])?;
    Some(u64::from_be_bytes(number.try_into().ok()?))
}
