//! A secret as it may be stored: encrypted, with the id of the key that did it.
//!
//! Nothing in `model`, `storage` or `delivery` can open one; the gateway holds the keys.

/// Ciphertext of a secret.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Sealed {
    /// Which key encrypted it.
    pub key_id: String,
    /// Nonce and ciphertext with its tag, as the key's algorithm lays them out.
    pub ciphertext: Vec<u8>,
}

impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sealed({})", self.key_id)
    }
}
