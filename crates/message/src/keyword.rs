//! The keyword of a reply by text message, such as `STOP` (CH-40). It decides what the text asks for; which subscriptions that
//! ends is the caller's.

use std::collections::BTreeSet;

/// The keywords that end a subscription out of the box: Dutch, English, and those that providers filter on.
const UNSUBSCRIBE: [&str; 12] = [
    "STOP",
    "STOPPEN",
    "STOPALL",
    "AFMELDEN",
    "AFMELDING",
    "AF",
    "UIT",
    "UITSCHRIJVEN",
    "UNSUBSCRIBE",
    "CANCEL",
    "END",
    "QUIT",
];
/// How much of a text is looked at, in bytes: more than any keyword.
const MAX_LOOKED_AT: usize = 200;
/// The longest keyword, in characters.
const MAX_KEYWORD: usize = 40;

/// The keywords of a kanaal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keywords(BTreeSet<String>);

/// Why a text is no keyword.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeywordError {
    /// Empty, or longer than 40 characters.
    #[error("a keyword has 1 to 40 characters")]
    Length,
    /// Other characters than letters and digits: replies are compared without punctuation.
    #[error("a keyword is one word of letters and digits")]
    Character,
}

impl Default for Keywords {
    fn default() -> Self {
        Self(UNSUBSCRIBE.iter().map(|word| (*word).to_owned()).collect())
    }
}

impl Keywords {
    /// Adds a keyword to these, in any case.
    pub fn add(&mut self, keyword: &str) -> Result<(), KeywordError> {
        if keyword.is_empty() || keyword.chars().count() > MAX_KEYWORD {
            return Err(KeywordError::Length);
        }
        if !keyword.chars().all(char::is_alphanumeric) {
            return Err(KeywordError::Character);
        }
        self.0.insert(keyword.to_uppercase());
        Ok(())
    }

    /// Whether a reply asks to end the subscription: its first line that is not empty is a keyword, in any case, apart from
    /// white space and punctuation around it. A sentence that contains a keyword does not.
    pub fn is_unsubscribe(&self, reply: &str) -> bool {
        let end = reply.floor_char_boundary(MAX_LOOKED_AT);
        let reply = &reply[..end];
        let line = reply.split(is_line_break).map(|line| line.trim_matches(is_around)).find(|line| !line.is_empty());
        line.is_some_and(|line| self.0.contains(&line.to_uppercase()))
    }
}

fn is_line_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn is_around(c: char) -> bool {
    !c.is_alphanumeric()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ch_40_keywords_in_the_forms_that_people_send() {
        let keywords = Keywords::default();
        for reply in [
            "STOP",
            "stop",
            "Stop.",
            " stop ",
            "\"STOP\"",
            "STOP!",
            "stop\r\n",
            "\r\n\r\nSTOP\r\nVerzonden vanaf mijn telefoon",
            "afmelden",
            "Afmelden\nGroet",
            "AF",
            "uit",
            "\u{feff}STOP",
            "STOP\0",
            "stop\u{2028}x",
        ] {
            assert!(keywords.is_unsubscribe(reply), "{reply:?}");
        }
        for reply in [
            "",
            " ",
            "\r\n",
            "STO",
            "STOPP",
            "niet stop",
            "stop daarmee",
            "ik wil me niet afmelden",
            "AFVAL",
            "aan",
            "S TOP",
            "x\r\nSTOP",
            &"x".repeat(1_000_000),
            &format!("{}STOP", " ".repeat(1_000)),
            &"é".repeat(150),
        ] {
            assert!(!keywords.is_unsubscribe(reply), "{:?}", reply.get(..40));
        }
    }

    #[test]
    fn ch_40_keywords_can_be_added() {
        let mut keywords = Keywords::default();
        assert_eq!(keywords.add("weg"), Ok(()));
        assert!(keywords.is_unsubscribe("WEG"));
        assert_eq!(keywords.add(""), Err(KeywordError::Length));
        assert_eq!(keywords.add(&"a".repeat(41)), Err(KeywordError::Length));
        assert_eq!(keywords.add("STOP\r\n"), Err(KeywordError::Character));
        assert_eq!(keywords.add("stop nu"), Err(KeywordError::Character));
    }

    proptest! {
        #[test]
        fn ch_40_no_reply_makes_the_reader_fail(reply in "\\PC{0,300}|[STOPé\\r\\n ]{0,20}") {
            let _ = Keywords::default().is_unsubscribe(&reply);
        }
    }
}
