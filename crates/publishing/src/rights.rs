//! What a publisher may publish besides its scope, where configuration narrows that: on which kanalen, and under which
//! `source`.

use std::collections::HashMap;

use model::{KanaalName, addressee::ADDRESSEE_FILTER};

/// The configured limits of publishers; what is not listed is not limited.
#[derive(Debug, Clone, Default)]
pub struct PublisherRights {
    /// The only clients that publish on a kanaal.
    pub kanalen: HashMap<KanaalName, Vec<String>>,
    /// The only patterns of `source` of the events of a client; see `matches`.
    pub sources: HashMap<String, Vec<String>>,
    /// Whether the gateway publishes events of its own, on a kanaal that takes no others.
    pub own_events: bool,
}

/// Why a client may not publish an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAllowed {
    /// The kanaal takes events of other clients only (`kanaal.publishers`).
    #[error("this client is none of the publishers of the kanaal")]
    Kanaal,
    /// The kanaal carries events of the gateway itself only (`own_events`).
    #[error("this kanaal carries events of the gateway itself, and nobody else publishes on it")]
    OwnKanaal,
    /// No pattern of the client allows the `source` (`applicatie.sources`).
    #[error("this client may not publish under this source")]
    Source,
    /// The client may not give a filter over attributes of people (`people.filter_senders`).
    #[error("this client may not filter on attributes of people")]
    AddresseeFilter,
}

impl NotAllowed {
    /// The attribute that it is about.
    pub const fn member(self) -> &'static str {
        match self {
            Self::Kanaal | Self::OwnKanaal => "kanaal",
            Self::Source => "source",
            Self::AddresseeFilter => ADDRESSEE_FILTER,
        }
    }

    /// The text in Dutch.
    pub const fn text_nl(self) -> &'static str {
        match self {
            Self::Kanaal => "deze client hoort niet bij de publicerende applicaties van het kanaal",
            Self::OwnKanaal => "dit kanaal bevat events van de gateway zelf, en niemand anders publiceert erop",
            Self::Source => "deze client mag niet onder deze source publiceren",
            Self::AddresseeFilter => "deze client mag niet filteren op kenmerken van personen",
        }
    }
}

impl PublisherRights {
    /// Checks that a client may publish on a kanaal, and under `source` if the client gave one.
    ///
    /// # Errors
    /// The kanaal or the source is not allowed to the client.
    pub fn check(&self, client_id: &str, kanaal: &KanaalName, source: Option<&str>) -> Result<(), NotAllowed> {
        if self.own_events && kanaal.is_own() {
            return Err(NotAllowed::OwnKanaal);
        }
        if self.kanalen.get(kanaal).is_some_and(|clients| !clients.iter().any(|client| client == client_id)) {
            return Err(NotAllowed::Kanaal);
        }
        match (self.sources.get(client_id), source) {
            (Some(patterns), Some(source)) if !patterns.iter().any(|pattern| matches(pattern, source)) => {
                Err(NotAllowed::Source)
            }
            _ => Ok(()),
        }
    }
}

/// Returns whether a text matches a pattern. `*` matches any number of characters, including none.
pub fn matches(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(text) = text.strip_prefix(start) else { return false };
    let (middle, end) = rest.rsplit_once('*').map_or((None, rest), |(middle, end)| (Some(middle), end));
    let Some(mut text) = text.strip_suffix(end) else { return false };
    for part in middle.into_iter().flat_map(|middle| middle.split('*')) {
        let Some(at) = text.find(part) else { return false };
        text = &text[at + part.len()..];
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d6_a_source_fits_one_of_the_patterns() {
        for (pattern, text, fits) in [
            ("urn:a", "urn:a", true),
            ("urn:a", "urn:ab", false),
            ("urn:a*", "urn:ab", true),
            ("urn:a*", "urn:a", true),
            ("*", "", true),
            ("urn:*:zaken", "urn:x:zaken", true),
            ("urn:*:zaken", "urn:zaken", false),
            ("a*a", "a", false),
            ("a*b*c", "a-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("*b*", "abc", true),
            ("a**c", "abc", true),
        ] {
            assert_eq!(matches(pattern, text), fits, "{pattern} {text}");
        }
    }

    #[test]
    fn d6_what_is_not_listed_is_not_limited() {
        let (zaken, open) = (KanaalName::new("zaken").unwrap(), KanaalName::new("open").unwrap());
        let rights = PublisherRights {
            kanalen: [(zaken.clone(), vec!["a".to_owned()])].into(),
            sources: [("a".to_owned(), vec!["urn:a:*".to_owned()])].into(),
            own_events: true,
        };
        let own = KanaalName::own();
        for (client, kanaal, source, expected) in [
            ("a", &zaken, Some("urn:a:1"), Ok(())),
            ("a", &zaken, None, Ok(())),
            ("a", &zaken, Some("urn:b:1"), Err(NotAllowed::Source)),
            ("b", &own, Some("urn:b:1"), Err(NotAllowed::OwnKanaal)),
            ("b", &zaken, Some("urn:b:1"), Err(NotAllowed::Kanaal)),
            ("b", &open, Some("urn:a:1"), Ok(())),
        ] {
            assert_eq!(rights.check(client, kanaal, source), expected, "{client} {kanaal} {source:?}");
        }
    }
}
