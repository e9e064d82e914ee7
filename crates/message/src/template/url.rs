//! Values in URLs: percent-encoding, and which URLs a link may have (CH-80).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What is encoded in a part of a URL: all but the unreserved characters (RFC 3986 2.3).
const PART: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// What is encoded in a whole URL: what no URL has (RFC 3986 2). A percent sign stays.
const WHOLE: &AsciiSet = &PART
    .remove(b':')
    .remove(b'/')
    .remove(b'?')
    .remove(b'#')
    .remove(b'[')
    .remove(b']')
    .remove(b'@')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b'%');

/// A value in a path segment, a query or a fragment.
pub(super) fn encode_part(value: &str) -> String {
    utf8_percent_encode(value, PART).to_string()
}

/// A value that is a URL.
pub(super) fn encode_whole(value: &str) -> String {
    utf8_percent_encode(value, WHOLE).to_string()
}

/// Whether a link may have this URL: absolute, to a page or to a way to reach somebody; no script and no data.
pub(super) fn is_safe(value: &str) -> bool {
    let starts = |start: &str| value.get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(start));
    ["https://", "http://", "mailto:", "tel:", "sms:"].iter().any(|start| starts(start))
}

/// Whether a URL that begins with these characters, in lower case, has a scheme that no link may have: a script would run what
/// percent-encoding hides.
pub(super) fn has_other_scheme(start: &str) -> bool {
    let scheme = start.split(['/', '?', '#']).next().unwrap_or_default().split_once(':').map(|(scheme, _)| scheme);
    scheme.is_some_and(|scheme| !["https", "http", "mailto", "tel", "sms", "cid"].contains(&scheme))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ch_80_safe_urls() {
        for url in ["https://example.nl", "HTTP://example.nl", "mailto:an@example.nl", "tel:+31612345678"] {
            assert!(is_safe(url), "{url}");
        }
        for url in [
            "",
            "javascript:alert(1)",
            "JaVaScRiPt:1",
            " javascript:1",
            "java\nscript:1",
            "data:text/html,x",
            "vbscript:x",
            "//example.nl",
            "/a",
            "a",
            "https:",
            "é",
            " https://example.nl",
        ] {
            assert!(!is_safe(url), "{url}");
        }
    }

    #[test]
    fn ch_80_a_literal_start_with_another_scheme_is_found() {
        for start in ["javascript:", "data:text/html,", "java script:", ":", "x:y"] {
            assert!(has_other_scheme(start), "{start}");
        }
        for start in ["", "https://x:1/", "mailto:", "cid:", "/a:b", "?a:b", "#a:b", "a"] {
            assert!(!has_other_scheme(start), "{start}");
        }
    }

    #[test]
    fn ch_80_parts_and_wholes_are_percent_encoded() {
        assert_eq!(encode_part("a/b?c=d&é %"), "a%2Fb%3Fc%3Dd%26%C3%A9%20%25");
        assert_eq!(encode_whole("https://x.nl/a b?c=%20&d=é\n"), "https://x.nl/a%20b?c=%20&d=%C3%A9%0A");
    }
}
