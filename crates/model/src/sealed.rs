//! An encrypted secret, with the id of its key.
//!
//! `model`, `storage` and `delivery` cannot open it; the crate `secrets` holds the keys.

/// The ciphertext of a secret.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Sealed {
    /// The id of the key that encrypted it.
    pub key_id: String,
    /// Nonce, ciphertext and tag, in the layout of the key's algorithm.
    pub ciphertext: Vec<u8>,
}

impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sealed({})", self.key_id)
    }
}
