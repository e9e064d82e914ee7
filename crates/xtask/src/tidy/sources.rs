//! Rules for one Rust file: header, size, suppressions, leftovers, ambient clock and randomness, the way out.

use super::Findings;

/// Lines without inline tests: above the first a file is mentioned, above the second it is refused.
const SOFT_LINES: usize = 400;
const HARD_LINES: usize = 600;

/// A text that is allowed only in files whose path starts with one of the places.
struct BannedText {
    text: &'static str,
    places: &'static [&'static str],
    rule: &'static str,
}

/// The texts are put together from halves, so that this file does not break its own rules.
const BANS: &[BannedText] = &[
    BannedText { text: concat!("#[", "allow("), places: &[], rule: "suppress with #[expect(…, reason = \"…\")]" },
    BannedText { text: concat!("#![", "allow("), places: &[], rule: "suppress with #![expect(…, reason = \"…\")]" },
    BannedText {
        text: concat!("#[", "ignore"),
        places: &[],
        rule: "no ignored tests: assert what is, and name in the message what should be",
    },
    BannedText {
        text: concat!("TO", "DO"),
        places: &[],
        rule: "no leftovers: do it, or write down what is missing where readers look",
    },
    BannedText {
        text: concat!("FIX", "ME"),
        places: &[],
        rule: "no leftovers: fix it, or write down what is wrong where readers look",
    },
    BannedText { text: concat!("SystemTime", "::now"), places: CLOCKS, rule: "time is a parameter" },
    BannedText { text: concat!("::now_", "utc()"), places: CLOCKS, rule: "time is a parameter" },
    BannedText { text: concat!("Uuid::", "new_v4"), places: CLOCKS, rule: "randomness is a parameter" },
    BannedText {
        text: concat!("clippy::", "disallowed_methods"),
        places: CLOCKS,
        rule: "only the real clock may read the clock",
    },
    BannedText {
        text: concat!("hyper_util", "::client"),
        places: &["crates/egress/", "conformance/", "interop/", "crates/xtask/"],
        rule: "egress is the only door out",
    },
];

/// The files that may read the ambient clock and randomness.
const CLOCKS: &[&str] = &["crates/model/src/clock.rs", "conformance/", "crates/xtask/"];

pub fn check(file: &str, text: &str, findings: &mut Findings) {
    if !text.starts_with("//!") {
        findings.error(file, "opens without a header: `//!` what it is and what it is not");
    }
    let lines = counted_lines(text);
    if lines > HARD_LINES {
        findings.error(file, format!("{lines} lines without inline tests; at most {HARD_LINES}"));
    } else if lines > SOFT_LINES {
        findings.note(file, format!("{lines} lines without inline tests; aim at {SOFT_LINES}"));
    }
    for ban in BANS {
        if ban.places.iter().any(|place| file.starts_with(place)) {
            continue;
        }
        for (number, line) in text.lines().enumerate() {
            if line.contains(ban.text) {
                findings.error(&format!("{file}:{}", number + 1), format!("`{}`: {}", ban.text, ban.rule));
            }
        }
    }
}

/// Lines of a file outside inline test modules, which end at a brace in their own column as rustfmt writes them.
fn counted_lines(text: &str) -> usize {
    let mut counted = 0;
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let opens_module = |next: &&str| next.trim_start().starts_with("mod ") && next.ends_with('{');
        if line.trim_start().starts_with("#[cfg(test)]") && lines.peek().is_some_and(opens_module) {
            let indent = line.len() - line.trim_start().len();
            let closing = format!("{}}}", " ".repeat(indent));
            lines.by_ref().find(|line| *line == closing);
        } else {
            counted += 1;
        }
    }
    counted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(file: &str, text: &str) -> Vec<String> {
        let mut findings = Findings::default();
        check(file, text, &mut findings);
        findings.errors().to_vec()
    }

    #[test]
    fn inline_tests_do_not_count() {
        let text = "//! a\nfn a() {}\n\n#[cfg(test)]\nmod tests {\n    fn b() {\n    }\n}\nfn c() {}\n";
        assert_eq!(counted_lines(text), 4);
        assert_eq!(counted_lines("//! a\n#[cfg(test)]\nmod tests;\nfn b() {}\n"), 4);
    }

    #[test]
    fn each_rule_is_found_where_it_holds() {
        let long = format!("//! a\n{}", "fn a() {}\n".repeat(HARD_LINES));
        for (file, text, expected) in [
            ("gateway/src/a.rs", "//! a\n", 0),
            ("gateway/src/a.rs", "fn a() {}\n", 1),
            ("gateway/src/a.rs", long.as_str(), 1),
            ("gateway/src/a.rs", concat!("//! a\n#[", "allow(dead_code)]\n"), 1),
            ("gateway/tests/a.rs", concat!("//! a\n#[", "ignore]\n"), 1),
            ("gateway/src/a.rs", concat!("//! a\n// TO", "DO later\n"), 1),
            ("gateway/src/a.rs", concat!("//! a\nlet a = SystemTime", "::now();\n"), 1),
            ("crates/model/src/clock.rs", concat!("//! a\nlet a = SystemTime", "::now();\n"), 0),
            ("crates/delivery/src/a.rs", concat!("//! a\nuse hyper_util", "::client::legacy;\n"), 1),
            ("crates/egress/src/a.rs", concat!("//! a\nuse hyper_util", "::client::legacy;\n"), 0),
        ] {
            assert_eq!(findings(file, text).len(), expected, "{file}: {text:.60}: {:?}", findings(file, text));
        }
    }
}
