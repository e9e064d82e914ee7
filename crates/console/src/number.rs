//! Numbers as people write them in the language of the page.

use web::language::Language;

/// A whole number with separators of thousands.
pub fn whole(language: Language, number: u64) -> String {
    let separator = match language {
        Language::Dutch => '.',
        Language::English => ',',
    };
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(separator);
        }
        text.push(digit);
    }
    text
}

/// A number of tenths, with one decimal.
pub fn tenths(language: Language, tenths: u64) -> String {
    format!("{}{}{}", whole(language, tenths / 10), point(language), tenths % 10)
}

/// What is between the whole part and the decimals.
fn point(language: Language) -> char {
    match language {
        Language::Dutch => ',',
        Language::English => '.',
    }
}

/// A number of bytes with one decimal, in the largest unit of powers of 1,024 in which it is at least 1.
pub fn bytes(language: Language, bytes: u64) -> String {
    let units = ["KiB", "MiB", "GiB", "TiB"];
    let mut tenths = u128::from(bytes) * 10;
    let mut unit = "bytes";
    for larger in units {
        if tenths < 10_240 {
            break;
        }
        tenths /= 1_024;
        unit = larger;
    }
    let point = point(language);
    match unit {
        "bytes" => format!("{bytes} {unit}"),
        unit => format!("{}{point}{} {unit}", tenths / 10, tenths % 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_have_a_unit() {
        for (number, dutch, english) in [
            (0, "0 bytes", "0 bytes"),
            (1_023, "1023 bytes", "1023 bytes"),
            (1_536, "1,5 KiB", "1.5 KiB"),
            (1_048_575, "1023,9 KiB", "1023.9 KiB"),
            (5 << 30, "5,0 GiB", "5.0 GiB"),
            (3 << 50, "3072,0 TiB", "3072.0 TiB"),
        ] {
            assert_eq!(bytes(Language::Dutch, number), dutch);
            assert_eq!(bytes(Language::English, number), english);
        }
    }

    #[test]
    fn tenths_have_one_decimal() {
        for (number, dutch, english) in [(0, "0,0", "0.0"), (15, "1,5", "1.5"), (123_456, "12.345,6", "12,345.6")] {
            assert_eq!(tenths(Language::Dutch, number), dutch);
            assert_eq!(tenths(Language::English, number), english);
        }
    }

    #[test]
    fn thousands_are_separated() {
        for (number, dutch, english) in
            [(0, "0", "0"), (999, "999", "999"), (1_000, "1.000", "1,000"), (1_234_567, "1.234.567", "1,234,567")]
        {
            assert_eq!(whole(Language::Dutch, number), dutch);
            assert_eq!(whole(Language::English, number), english);
        }
    }
}
