//! Topic names, reversible for every name of a kanaal.
//!
//! A Kafka topic name has at most 249 ASCII letters, digits, `.`, `_` and `-`, and may not differ from another only in
//! `.` against `_`. A kanaal keeps its letters, digits and `-`; a run of other characters is enclosed in `_` and
//! written as four base-36 digits per code point, so a name of 50 characters takes at most 202.

use model::KanaalName;

/// The longest prefix in bytes: 249 less `.kanaal.` and the longest escaped name.
pub(super) const MAX_PREFIX: usize = 39;
const DIGITS: usize = 4;
const BASE: u32 = 36;

/// The topic names of one installation, by their common prefix.
#[derive(Debug, Clone)]
pub(super) struct Topics(String);

impl Topics {
    /// `None` when the prefix is empty, too long, or not of ASCII letters, digits, `.` and `-`.
    pub(super) fn new(prefix: &str) -> Option<Self> {
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
        ((1..=MAX_PREFIX).contains(&prefix.len()) && prefix.bytes().all(legal)).then(|| Self(prefix.to_owned()))
    }

    /// The topic of a kanaal.
    pub(super) fn kanaal(&self, naam: &KanaalName) -> String {
        format!("{}.kanaal.{}", self.0, escape(naam.as_str()))
    }

    /// The kanaal of a topic; `None` for any other topic.
    pub(super) fn kanaal_of(&self, topic: &str) -> Option<KanaalName> {
        let escaped = topic.strip_prefix(self.0.as_str())?.strip_prefix(".kanaal.")?;
        let naam = KanaalName::new(&unescape(escaped)?)?;
        (escape(naam.as_str()) == escaped).then_some(naam)
    }

    /// The name of a topic, consumer group or transactional id that the gateway uses itself.
    pub(super) fn internal(&self, name: &str) -> String {
        format!("{}.{name}", self.0)
    }
}

fn escape(naam: &str) -> String {
    let mut escaped = String::with_capacity(naam.len() + 8);
    let mut in_run = false;
    for character in naam.chars() {
        let plain = character.is_ascii_alphanumeric() || character == '-';
        if plain == in_run {
            escaped.push('_');
            in_run = !plain;
        }
        if plain {
            escaped.push(character);
        } else {
            let digit = |at: u32| char::from_digit(u32::from(character) / BASE.pow(at) % BASE, BASE).unwrap_or('0');
            escaped.extend((0..DIGITS as u32).rev().map(digit));
        }
    }
    if in_run {
        escaped.push('_');
    }
    escaped
}

fn unescape(escaped: &str) -> Option<String> {
    let mut naam = String::with_capacity(escaped.len());
    for (at, part) in escaped.split('_').enumerate() {
        if at % 2 == 0 {
            naam.push_str(part);
        } else {
            if !part.is_ascii() || part.is_empty() || part.len() % DIGITS != 0 {
                return None;
            }
            for at in (0..part.len()).step_by(DIGITS) {
                naam.push(char::from_u32(u32::from_str_radix(&part[at..at + DIGITS], BASE).ok()?)?);
            }
        }
    }
    Some(naam)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topics() -> Topics {
        Topics::new(&"p".repeat(MAX_PREFIX)).unwrap()
    }

    #[test]
    fn every_name_gives_a_legal_topic_and_comes_back() {
        let longest = [char::MAX.to_string().repeat(50), "\u{e9}".repeat(50), "a.".repeat(25), "_-".repeat(25)];
        let names =
            ["zaken", "Zaken", "zaken & zo", "a.b", "a_b", ".", "..", "_", "__", "-", "0000", "a\0b", "\u{1F4E8}"];
        for naam in names.into_iter().chain(longest.iter().map(String::as_str)) {
            let naam = KanaalName::new(naam).unwrap();
            let topic = topics().kanaal(&naam);
            assert!(topic.len() <= 249, "{topic} has {} characters", topic.len());
            assert!(topic.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte)), "{topic}");
            assert_eq!(topics().kanaal_of(&topic), Some(naam), "{topic}");
        }
    }

    #[test]
    fn names_stay_readable_and_do_not_collide() {
        let topics = Topics::new("gateway").unwrap();
        for (naam, topic) in [
            ("zaken", "gateway.kanaal.zaken"),
            ("a.b", "gateway.kanaal.a_001a_b"),
            ("a_b", "gateway.kanaal.a_002n_b"),
            ("x  ", "gateway.kanaal.x_000w000w_"),
        ] {
            assert_eq!(topics.kanaal(&KanaalName::new(naam).unwrap()), topic);
        }
    }

    #[test]
    fn other_topics_are_no_kanaal() {
        let topics = Topics::new("gateway").unwrap();
        for topic in [
            "gateway.control",
            "gateway.kanaal.",
            "gateway.kanaal.a_",
            "gateway.kanaal.a_0_",
            "x.kanaal.a",
            "gateway.kanaal.a.b_002p_",
        ] {
            assert_eq!(topics.kanaal_of(topic).map(|naam| topics.kanaal(&naam)).filter(|back| back != topic), None);
        }
        assert_eq!(topics.kanaal_of("gateway.kanaal._zzzz_"), None);
        assert_eq!(topics.kanaal_of("gateway.kanaal.a_001_"), None);
    }

    #[test]
    fn prefixes_are_checked() {
        for prefix in ["", "a_b", "a b", "\u{e9}", &"p".repeat(MAX_PREFIX + 1)] {
            assert!(Topics::new(prefix).is_none(), "{prefix}");
        }
    }
}
