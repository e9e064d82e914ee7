//! Licences: every package can be had under licences of the list. Reads the SPDX expression that a package states; the texts of
//! licences are left to cargo-deny.

use super::policy::Licenses;
use super::{FILE, Package};
use crate::tidy::Findings;

pub fn check(policy: &Licenses, packages: &[Package], findings: &mut Findings) {
    for package in packages {
        let name = format!("{} {}", package.name, package.version);
        let clarified = || {
            let own = format!("{}@{}", package.name, package.version);
            policy.clarify.iter().find(|entry| entry.package == own).map(|entry| entry.expression.as_str())
        };
        match package.license.as_deref().or_else(clarified) {
            None => findings.error(&name, format!("names no licence, and {FILE} does not clarify it")),
            Some(expression) => match is_allowed(expression, &policy.allow) {
                Some(true) => {}
                Some(false) => findings.error(&name, format!("licence {expression} is not on the list of {FILE}")),
                None => findings.error(&name, format!("licence {expression:?} is no SPDX expression")),
            },
        }
    }
}

/// Whether the terms of the list are enough for this SPDX expression; none when it is not one. `/` is an old form of `OR`.
fn is_allowed(expression: &str, list: &[String]) -> Option<bool> {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let mut parser = Parser { words: spaced.split_whitespace().peekable(), list };
    let verdict = parser.any()?;
    parser.words.next().is_none().then_some(verdict)
}

struct Parser<'a, W: Iterator<Item = &'a str>> {
    words: std::iter::Peekable<W>,
    list: &'a [String],
}

impl<'a, W: Iterator<Item = &'a str>> Parser<'a, W> {
    /// Alternatives: one is enough. `AND` binds more strongly than `OR` (SPDX 3.0, annex B).
    fn any(&mut self) -> Option<bool> {
        let mut verdict = self.all()?;
        while self.words.next_if_eq(&"OR").is_some() {
            verdict |= self.all()?;
        }
        Some(verdict)
    }

    fn all(&mut self) -> Option<bool> {
        let mut verdict = self.term()?;
        while self.words.next_if_eq(&"AND").is_some() {
            verdict &= self.term()?;
        }
        Some(verdict)
    }

    /// An expression in brackets, or a licence with its exception if it has one.
    fn term(&mut self) -> Option<bool> {
        let word = self.words.next()?;
        if word == "(" {
            let verdict = self.any()?;
            return self.words.next_if_eq(&")").map(|_| verdict);
        }
        if matches!(word, ")" | "AND" | "OR" | "WITH") {
            return None;
        }
        let mut licence = word.to_owned();
        if self.words.next_if_eq(&"WITH").is_some() {
            licence = format!("{licence} WITH {}", self.words.next()?);
        }
        Some(self.list.contains(&licence))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_read_with_their_precedence() {
        let list = ["MIT", "ISC", "Apache-2.0 WITH LLVM-exception"].map(str::to_owned);
        for (expression, expected) in [
            ("MIT", Some(true)),
            ("GPL-2.0-only", Some(false)),
            ("GPL-2.0-only OR MIT", Some(true)),
            ("GPL-2.0-only/MIT", Some(true)),
            ("MIT AND GPL-2.0-only", Some(false)),
            ("MIT AND ISC", Some(true)),
            ("MIT OR ISC AND GPL-2.0-only", Some(true)),
            ("(MIT OR ISC) AND GPL-2.0-only", Some(false)),
            ("Apache-2.0", Some(false)),
            ("Apache-2.0 WITH LLVM-exception", Some(true)),
            ("(MIT", None),
            ("MIT MIT", None),
            ("MIT OR", None),
            ("", None),
        ] {
            assert_eq!(is_allowed(expression, &list), expected, "{expression}");
        }
    }
}
