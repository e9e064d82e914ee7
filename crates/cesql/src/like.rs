//! Matches a LIKE pattern: `%` is any text, `_` one character, `\` before either makes it literal (CESQL 3.4.3).

/// Whether the whole `text` matches `pattern`. The time is at most proportional to the product of their lengths.
pub(crate) fn matches(text: &str, pattern: &str) -> bool {
    // Bytes suffice: characters are always compared from their first byte on.
    let (text, pattern) = (text.as_bytes(), pattern.as_bytes());
    let (mut at, mut behind) = (0, 0);
    // Where to continue after a mismatch: behind the last `%`, one character further in the text.
    let mut resume = None;
    loop {
        let escaped = pattern.get(behind) == Some(&b'\\') && matches!(pattern.get(behind + 1), Some(b'%' | b'_'));
        match (pattern.get(behind + usize::from(escaped)), text.get(at)) {
            (Some(b'%'), _) if !escaped && behind + 1 == pattern.len() => return true,
            (Some(b'%'), _) if !escaped => {
                behind += 1;
                resume = Some((behind, at));
                continue;
            }
            (Some(b'_'), Some(first)) if !escaped => {
                at += width(*first);
                behind += 1;
                continue;
            }
            (Some(wanted), Some(own)) if wanted == own => {
                at += 1;
                behind += 1 + usize::from(escaped);
                continue;
            }
            (None, None) => return true,
            _ => {}
        }
        let Some((after, from)) = resume else { return false };
        let Some(first) = text.get(from) else { return false };
        at = from + width(*first);
        behind = after;
        resume = Some((behind, at));
    }
}

/// The length in bytes of the character with this first byte.
const fn width(first: u8) -> usize {
    match first {
        0..=0x7f => 1,
        0x80..=0xdf => 2,
        0xe0..=0xef => 3,
        _ => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns_ce_sql() {
        for (text, pattern, expected) in [
            ("zaak", "zaak", true),
            ("zaak", "z%", true),
            ("zaak", "%k", true),
            ("zaak", "%a%k%", true),
            ("zaak", "z_k", false),
            ("zaak", "z__k", true),
            ("", "%", true),
            ("", "_", false),
            ("Zaak", "zaak", false),
            ("100%", "100\\%", true),
            ("100x", "100\\%", false),
            ("a_b", "a\\_b", true),
            ("a\\b", "a\\b", true),
            ("€€x", "__x", true),
            ("€€x", "%_x", true),
            ("€x", "__x", false),
            ("a€", "%€", true),
            ("é€𝄞", "_€_", true),
            ("é€𝄞", "%_𝄞", true),
            ("€€", "%€_€", false),
            ("zaak", "zaak%", true),
            ("zaa", "zaak%", false),
            ("a%%b", "a\\%%b", true),
            ("\\x", "\\%", false),
            ("\\", "\\%", false),
            ("a\\", "a%\\_", false),
            ("aaaaaaaaaaaaaaaaaaaaaaaab", "%a%a%a%a%a%a%c", false),
        ] {
            assert_eq!(matches(text, pattern), expected, "{text:?} LIKE {pattern:?}");
        }
    }
}
