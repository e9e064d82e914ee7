//! The secret path of a callback URL, at which a receiver may consent later: `{id}/{secret}` (CE-WHV-06 to CE-WHV-09).
//! This module creates and checks the secret; `handshake` decides what a call means.

use std::fmt;
use std::fmt::Write;

/// The unguessable part of a callback URL: 256 random bits as 64 hexadecimal digits (CE-WHV-08 requires at least 128
/// bits).
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The secret for these bits, which must be random.
    pub fn from_random(bits: [u8; 32]) -> Self {
        let mut text = String::with_capacity(64);
        for byte in bits {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        Self(text)
    }

    /// A stored secret; `None` if the text is not one.
    pub fn from_kept(text: &str) -> Option<Self> {
        (text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| Self(text.to_owned()))
    }

    /// The text, for storage and for the URL.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The last two segments of the callback URL; `id` must be safe in a path.
    pub fn path(&self, id: &str) -> String {
        format!("{id}/{}", self.0)
    }

    /// Whether `candidate` is this secret, in a time that does not depend on how much of it matches.
    pub fn matches(&self, candidate: &str) -> bool {
        let same_length = candidate.len() == self.0.len();
        let difference = self.0.bytes().zip(candidate.bytes()).fold(0, |sum, (ours, theirs)| sum | (ours ^ theirs));
        std::hint::black_box(difference) == 0 && same_length
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_holds_all_its_bits_ce_whv_08() {
        let secret = Secret::from_random(std::array::from_fn(|index| index as u8 * 8));
        assert!(secret.reveal().starts_with("00081018") && secret.reveal().len() == 64);
        assert_eq!(secret.path("42"), format!("42/{}", secret.reveal()));
        assert_eq!(Secret::from_kept(secret.reveal()), Some(secret.clone()));
        assert_ne!(secret, Secret::from_random([7; 32]));
        assert_eq!(format!("{secret:?}"), "Secret(…)");
        for kept in ["", "abc", &"g".repeat(64), &"a".repeat(65)] {
            assert_eq!(Secret::from_kept(kept), None);
        }
    }

    #[test]
    fn only_the_whole_secret_matches_ce_whv_08() {
        let secret = Secret::from_random([0xab; 32]);
        assert!(secret.matches(&"ab".repeat(32)));
        for wrong in ["", "ab", &"ab".repeat(31), &"ab".repeat(33), &("ab".repeat(31) + "ac"), &"AB".repeat(32)] {
            assert!(!secret.matches(wrong), "{wrong}");
        }
    }
}
