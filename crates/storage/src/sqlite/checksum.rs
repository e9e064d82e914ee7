//! The checksum of a stored record: over its place, its append time and its bytes, so that a changed byte and a row at
//! another place are both noticed. It protects against damage, not against people.

use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

/// The checksum that is stored beside a record.
pub(super) fn of(place: i64, appended: i64, body: &[u8]) -> i64 {
    let mut row = [0; 16];
    row[..8].copy_from_slice(&place.to_le_bytes());
    row[8..].copy_from_slice(&appended.to_le_bytes());
    xxh3_64_with_seed(body, xxh3_64(&row)) as i64
}

/// Whether a record is as it was stored. Records of versions before this one have no checksum.
pub(super) fn matches(stored: Option<i64>, place: i64, appended: i64, body: &[u8]) -> bool {
    stored.is_none_or(|stored| stored == of(place, appended, body))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Stored, so it never changes.
    #[test]
    fn h12_the_checksum_is_fixed_and_covers_place_time_and_bytes() {
        let stored = of(1 << 40, 1_700_000_000_000_000, b"{\"bedrag\":1000}");
        assert_eq!(stored, FIXED);
        assert!(matches(Some(stored), 1 << 40, 1_700_000_000_000_000, b"{\"bedrag\":1000}"));
        assert!(matches(None, 1, 2, b"of an older version"));
        assert!(!matches(Some(stored), 1 << 40, 1_700_000_000_000_000, b"{\"bedrag\":9000}"));
        assert!(!matches(Some(stored), (1 << 40) + 1, 1_700_000_000_000_000, b"{\"bedrag\":1000}"));
        assert!(!matches(Some(stored), 1 << 40, 1_700_000_000_000_001, b"{\"bedrag\":1000}"));
    }

    const FIXED: i64 = 1_611_941_158_170_159_947;
}
