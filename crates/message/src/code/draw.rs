//! Unbiased numbers and bytes from a source of randomness.

use model::Random;

/// The low half of 64 random bits. The high bits of a version 4 UUID, which [`Random::bits`] comes from, are fixed.
fn bits(random: &dyn Random) -> u32 {
    (random.bits() & u64::from(u32::MAX)) as u32
}

/// Random bytes.
pub fn bytes<const N: usize>(random: &dyn Random) -> [u8; N] {
    let mut bytes = [0; N];
    for chunk in bytes.chunks_mut(4) {
        for (to, from) in chunk.iter_mut().zip(bits(random).to_le_bytes()) {
            *to = from;
        }
    }
    bytes
}

/// A number below `bound`, each as likely as the other; 0 for a bound of 0. What lies above the last whole multiple of
/// `bound` is drawn again.
pub fn below(random: &dyn Random, bound: u32) -> u32 {
    if bound < 2 {
        return 0;
    }
    let whole = u32::MAX - u32::MAX % bound;
    loop {
        let drawn = bits(random);
        if drawn < whole {
            return drawn % bound;
        }
    }
}
