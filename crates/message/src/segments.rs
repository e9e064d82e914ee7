//! How many segments a text message has: GSM 7-bit when every character is in the default alphabet (GSM 03.38), else UCS-2
//! (CH-39). It does not send, and knows no national tables.

/// The alphabet of a text message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alphabet {
    /// 160 septets in one message, 153 a segment in several.
    Gsm7,
    /// 70 units of 16 bits in one message, 67 a segment in several.
    Ucs2,
}

/// What a preview shows of a text message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// The alphabet that it is sent in.
    pub alphabet: Alphabet,
    /// Characters as people count them (Unicode scalar values).
    pub characters: usize,
    /// Septets or 16-bit units.
    pub units: usize,
    /// Messages that are paid for; 1 for an empty text.
    pub segments: usize,
}

/// The default alphabet, one septet each.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// The extension table, two septets each.
const EXTENDED: &str = "\u{c}^{}\\[~]|€";

impl Alphabet {
    /// Its name.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Gsm7 => "GSM 7",
            Self::Ucs2 => "UCS-2",
        }
    }

    /// Units in a message of one segment, and in each of several.
    const fn capacity(self) -> (usize, usize) {
        match self {
            Self::Gsm7 => (160, 153),
            Self::Ucs2 => (70, 67),
        }
    }

    /// Units of one character; `None` if it is not in the alphabet.
    fn units(self, c: char) -> Option<usize> {
        match self {
            Self::Gsm7 if BASIC.contains(c) => Some(1),
            Self::Gsm7 => EXTENDED.contains(c).then_some(2),
            Self::Ucs2 => Some(c.len_utf16()),
        }
    }
}

impl Count {
    /// Counts a text.
    pub fn new(text: &str) -> Self {
        let is_gsm7 = text.chars().all(|c| Alphabet::Gsm7.units(c).is_some());
        let alphabet = if is_gsm7 { Alphabet::Gsm7 } else { Alphabet::Ucs2 };
        let sizes = || text.chars().filter_map(|c| alphabet.units(c));
        let units = sizes().sum();
        let (single, several) = alphabet.capacity();
        let mut segments = 1;
        if units > single {
            let mut used = 0;
            for size in sizes() {
                // A character of two units is not divided over two segments.
                if used + size > several {
                    segments += 1;
                    used = 0;
                }
                used += size;
            }
        }
        Self { alphabet, characters: text.chars().count(), units, segments }
    }

    /// Whether it has at most `most` segments.
    pub const fn is_within(&self, most: usize) -> bool {
        self.segments <= most
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ch_39_alphabet_units_and_segments() {
        use Alphabet::{Gsm7, Ucs2};
        let a = |n| "a".repeat(n);
        for (text, alphabet, units, segments) in [
            (String::new(), Gsm7, 0, 1),
            (a(160), Gsm7, 160, 1),
            (a(161), Gsm7, 161, 2),
            (a(306), Gsm7, 306, 2),
            (a(307), Gsm7, 307, 3),
            ("Één €uro".to_owned(), Gsm7, 9, 1),
            ("€".repeat(80), Gsm7, 160, 1),
            ("€".repeat(81), Gsm7, 162, 2),
            // 152 septets and the first half of a euro sign: it moves to the second segment whole.
            (format!("{}€{}", a(152), a(151)), Gsm7, 305, 2),
            (format!("{}€{}", a(152), a(152)), Gsm7, 306, 3),
            ("[{}]~^|\\\r\n".to_owned(), Gsm7, 18, 1),
            ("ç".repeat(70), Ucs2, 70, 1),
            ("Ç".repeat(160), Gsm7, 160, 1),
            ("ë".repeat(71), Ucs2, 71, 2),
            (format!("{}😀", a(68)), Ucs2, 70, 1),
            (format!("{}😀", a(69)), Ucs2, 71, 2),
            (format!("{}😀{}", a(66), a(65)), Ucs2, 133, 2),
            (format!("{}😀{}", a(66), a(66)), Ucs2, 134, 3),
            ("`".to_owned(), Ucs2, 1, 1),
            ("\t".to_owned(), Ucs2, 1, 1),
        ] {
            let count = Count::new(&text);
            assert_eq!((count.alphabet, count.units, count.segments), (alphabet, units, segments), "{text}");
            assert_eq!(count.characters, text.chars().count());
        }
        assert!(Count::new(&a(160)).is_within(1) && !Count::new(&a(161)).is_within(1));
    }

    #[test]
    fn ch_39_the_default_alphabet_has_128_places() {
        // The 128th is the escape to the extension table.
        assert_eq!(BASIC.chars().count(), 127);
        assert_eq!(BASIC.chars().collect::<std::collections::BTreeSet<_>>().len(), 127);
        assert_eq!(EXTENDED.chars().count(), 10);
    }

    proptest! {
        #[test]
        fn ch_39_segments_hold_the_units(text in "[a€ë😀]{0,400}") {
            let count = Count::new(&text);
            let (single, several) = count.alphabet.capacity();
            if count.segments == 1 {
                prop_assert!(count.units <= single);
            } else {
                prop_assert!(count.units > single && count.units <= count.segments * several);
                // At most one unit of each segment is lost to a character that is not divided.
                prop_assert!(count.units > (count.segments - 1) * (several - 1));
            }
        }
    }
}
