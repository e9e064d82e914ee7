//! Numbers in attributes that may be a burgerservicenummer (CE-CTX-44, NLG-SEC-01): exactly nine digits that pass the
//! eleven test. One in eleven numbers passes by chance, so this is only a finding.

use super::{Finding, POSSIBLE_BSN};
use crate::{Event, Value};

/// Attributes that are not checked: numbers of organisations have the same check digit, and the others identify no
/// person by definition.
const EXEMPT: [&str; 11] = [
    "source",
    "type",
    "time",
    "datacontenttype",
    "dataschema",
    "sequence",
    "sequencetype",
    "bronorganisatie",
    "verantwoordelijkeorganisatie",
    "rsin",
    "oin",
];

/// Adds findings about the attributes of `event`, without the numbers.
pub(super) fn check(event: &Event, findings: &mut Vec<Finding>) {
    findings.extend(members(event).map(|name| {
        Finding::new(
            POSSIBLE_BSN,
            name,
            "holds a number that may be a BSN; sensitive data does not belong in context attributes",
            "bevat een getal dat een BSN kan zijn; gevoelige gegevens horen niet in contextattributen",
        )
    }));
}

/// The attributes that contain such a number.
pub(super) fn members(event: &Event) -> impl Iterator<Item = &str> {
    event.attributes().iter().filter_map(|(name, value)| {
        let name = name.as_str();
        if EXEMPT.contains(&name) {
            return None;
        }
        let found = match value {
            Value::Text(text) => has_bsn(text.as_bytes()),
            Value::Integer(number @ 100_000_000..=999_999_999) => has_bsn(number.to_string().as_bytes()),
            Value::Integer(_) | Value::Boolean(_) => false,
        };
        found.then_some(name)
    })
}

/// Whether a run of exactly nine digits, not part of a longer word, passes the eleven test.
pub fn has_bsn(text: &[u8]) -> bool {
    // Any nine consecutive bytes include one at index 8, 17, ...: for most texts a few bytes suffice.
    (8..text.len()).step_by(9).filter(|at| text[*at].is_ascii_digit()).any(|at| {
        let of_word = |byte: &&u8| byte.is_ascii_alphanumeric();
        let before = text[..at].iter().rev().take(9).take_while(of_word).count();
        let after = text[at..].iter().take(10).take_while(of_word).count();
        <&[u8; 9]>::try_from(&text[at - before..at + after]).is_ok_and(passes_eleven_test)
    })
}

fn passes_eleven_test(digits: &[u8; 9]) -> bool {
    if !digits.iter().all(u8::is_ascii_digit) || digits == b"000000000" {
        return false;
    }
    let sum: i32 =
        digits.iter().zip([9, 8, 7, 6, 5, 4, 3, 2, -1]).map(|(d, weight)| i32::from(d - b'0') * weight).sum();
    sum % 11 == 0
}

#[cfg(test)]
mod tests {
    use super::has_bsn;

    #[test]
    fn eleven_test_nlg_sec_01_ch_138() {
        for yes in [
            "999990342",
            "https://gemeente.nl/api/persoon/999990342",
            "bsn:999990342.",
            "111222333",
            "é999990342é",
            "1 999990342",
        ] {
            assert!(has_bsn(yes.as_bytes()), "{yes}");
        }
        for no in [
            "999990343",
            "000000000",
            "9999903420",
            "a999990342",
            "999990342a",
            "1999990342",
            "12345678",
            "1234567890999990342",
            "f3dce042-cd6e-4977-844d-05be8dce7cea",
        ] {
            assert!(!has_bsn(no.as_bytes()), "{no}");
        }
    }
}
