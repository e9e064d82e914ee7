//! The token of a link: 128 random bits, 22 characters in a URL (CH-43, CH-55).

use std::fmt;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use model::Random;

use super::draw;

/// A token that cannot be guessed. `Debug` does not write it; equality is for tests, a presented token is compared by
/// [`super::Challenge::answer`].
#[derive(Clone, PartialEq, Eq)]
pub struct LinkToken([u8; 16]);

impl LinkToken {
    /// A new token. The source must be a secure one ([`model::clock::SystemRandom`]).
    pub fn generate(random: &dyn Random) -> Self {
        Self(draw::bytes(random))
    }

    /// The token in a URL; `None` for a text that is none.
    pub fn parse(text: &str) -> Option<Self> {
        // A longer text is not decoded.
        let text = (text.len() == 22).then_some(text)?;
        BASE64_URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok().map(Self)
    }

    /// The token in clear, for the link to the address that it proves; for nothing else (CH-44).
    pub fn expose(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.0)
    }

    pub(super) const fn bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Debug for LinkToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkToken(…)")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use model::clock::SystemRandom;

    use super::*;

    #[test]
    fn ch_55_tokens_have_128_bits_that_all_vary() {
        let tokens: Vec<LinkToken> = (0..1_000).map(|_| LinkToken::generate(&SystemRandom)).collect();
        assert_eq!(tokens.iter().map(LinkToken::expose).collect::<BTreeSet<_>>().len(), 1_000);
        for bit in 0..128 {
            let ones = tokens.iter().filter(|token| token.0[bit / 8] >> (bit % 8) & 1 == 1).count();
            // 1,000 fair bits: beyond 400 to 600 once in 10^10 times.
            assert!((400..=600).contains(&ones), "bit {bit}: {ones}");
        }
    }

    #[test]
    fn ch_55_the_text_of_a_token_reads_back_and_nothing_else_does() {
        let token = LinkToken::generate(&SystemRandom);
        assert_eq!(LinkToken::parse(&token.expose()), Some(token.clone()));
        for text in ["", "a", &"a".repeat(23), &"é".repeat(11), &"=".repeat(22), "aaaaaaaaaaaaaaaaaaaaa+"] {
            assert_eq!(LinkToken::parse(text), None, "{text}");
        }
        assert_eq!(format!("{token:?}"), "LinkToken(…)");
    }
}
