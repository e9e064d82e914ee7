//! The clauses that a receiver is checked against: id, rule and remedy, in both languages. They are data; `checks`
//! applies them. [`CLAUSES`] lists them in the order of the report. Every rule for receivers in the webhook
//! specification is among them, but of CE-WH-14 only the response time can be observed.

pub mod connection;
pub mod credentials;
pub mod events;
pub mod handshake;

use crate::check::text::Text;

/// One rule for receivers.
#[derive(Debug)]
pub struct Clause {
    /// The id of the requirement (`conformance/requirements.csv`), or the section of the RFC.
    pub id: &'static str,
    /// Whether a violation is an error (`true`) or only inadvisable.
    pub must: bool,
    /// The receivers that it applies to.
    pub applies: Applies,
    /// The rule in a sentence.
    pub rule: Text,
    /// What to do if it is not met.
    pub remedy: Text,
}

/// The kinds of receivers that a clause applies to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applies {
    /// All receivers.
    Always,
    /// Receivers that consent by handshake and accept CloudEvents.
    Consent,
    /// Receivers of the Notificaties API.
    Legacy,
}

impl Applies {
    /// Whether a clause for `self` applies to a receiver of this kind.
    pub fn covers(self, receiver: Self) -> bool {
        self == Self::Always || self == receiver
    }
}

const fn clause(id: &'static str, must: bool, applies: Applies, rule: Text, remedy: Text) -> Clause {
    Clause { id, must, applies, rule, remedy }
}

const fn text(en: &'static str, nl: &'static str) -> Text {
    Text { en, nl }
}

/// Every clause, in the order of the report.
pub static CLAUSES: &[&Clause] = &[
    &connection::HTTPS,
    &connection::TLS_VERSION,
    &connection::HTTP_VERSIONS,
    &connection::NO_REDIRECT,
    &handshake::SUPPORTS_HANDSHAKE,
    &handshake::ALLOWED_ORIGIN,
    &handshake::ORIGIN_ONCE,
    &handshake::ORIGIN_EQUAL,
    &handshake::RATE_PRESENT,
    &handshake::RATE_VALID,
    &handshake::CONSENT_STATUS,
    &handshake::WITHOUT_RATE,
    &handshake::ALLOW_POST,
    &handshake::NOT_HANDLED,
    &handshake::STRANGERS,
    &handshake::UNASKED,
    &handshake::CALLBACK,
    &handshake::CALLBACK_METHOD,
    &handshake::CALLBACK_RATE,
    &credentials::PROBE_GUARDED,
    &credentials::PROBE_ACCEPTED,
    &events::ACCEPTED,
    &events::REPEATED,
    &events::EXTENSIONS,
    &events::LARGE,
    &events::MEDIA_TYPE,
    &connection::HEADER_CASE,
    &connection::CHUNKED,
    &events::INVALID,
    &events::BROKEN,
    &events::UNKNOWN_FORMAT,
    &events::OTHER_FORMATS,
    &events::EMPTY_BATCH,
    &credentials::NO_AUTHENTICATION,
    &credentials::BOTH_METHODS,
    &credentials::QUERY_PRIVATE,
    &credentials::TOKEN_TWICE,
    &connection::PAYLOAD,
    &connection::RETRY_AFTER,
    &connection::IN_TIME,
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_rule_for_receivers_is_checked() {
        let list = include_str!("../../../../conformance/requirements.csv");
        let rules: BTreeSet<&str> = list
            .lines()
            .map(|line| line.split(',').collect::<Vec<_>>())
            .filter(|row| ["CE-WH-", "CE-WHA-", "CE-WHV-"].iter().any(|group| row[0].starts_with(group)))
            .filter(|row| matches!(row[3], "target" | "receiver"))
            .map(|row| row[0])
            .collect();
        assert!(rules.len() >= 12, "{rules:?}");
        let checked: BTreeSet<&str> = CLAUSES.iter().map(|clause| clause.id).collect();
        let missing: Vec<_> = rules.difference(&checked).collect();
        assert!(missing.is_empty(), "not checked: {missing:?}");

        let ids: BTreeSet<&str> = list.lines().filter_map(|line| line.split(',').next()).collect();
        let unknown: Vec<_> = checked.iter().filter(|id| !ids.contains(*id) && !id.starts_with("RFC ")).collect();
        assert!(unknown.is_empty(), "no requirement of the list: {unknown:?}");
    }

    #[test]
    fn every_clause_is_whole_in_both_languages() {
        for clause in CLAUSES {
            for text in [clause.rule, clause.remedy] {
                assert!(text.en.ends_with('.') && text.nl.ends_with('.'), "{}: {text:?}", clause.id);
                assert_ne!(text.en, text.nl, "{}", clause.id);
            }
        }
    }
}
