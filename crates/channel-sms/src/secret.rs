//! A secret of a provider, which nothing shows.

use std::fmt;

/// A secret. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A secret. White space at its ends does not count, because it comes from files.
    pub fn new(text: &str) -> Self {
        Self(text.trim().to_owned())
    }

    /// The secret, for the request that it belongs in.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// Whether it is the text, in a time that does not depend on where they differ.
    pub fn matches(&self, text: &str) -> bool {
        let (own, other) = (self.0.as_bytes(), text.as_bytes());
        let difference = own.iter().zip(other).fold(0, |difference, (own, other)| difference | (own ^ other));
        !own.is_empty() && own.len() == other.len() && difference == 0
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
    fn a_secret_is_compared_and_not_shown() {
        let secret = Secret::new(" geheim\n");
        assert!(secret.matches("geheim"));
        for other in ["", "gehei", "geheim2", "Geheim", " geheim"] {
            assert!(!secret.matches(other), "{other}");
        }
        assert!(!Secret::new("").matches(""), "no secret is none");
        assert!(!format!("{secret:?}").contains("geheim"));
    }
}
