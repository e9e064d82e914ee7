//! The texts of due messages by SMS, in Dutch and English at level B1: short, and without links to confirm. A code is confirmed where
//! the person subscribed, or on a page of the organisation.

use model::{KanaalName, addressee::Language};

/// What a text message is about.
#[derive(Debug, Clone, Copy)]
pub(super) enum SmsTopic<'a> {
    /// A number is to be confirmed.
    Confirmation {
        /// What is subscribed to.
        kanaal: &'a KanaalName,
        /// The code, valid for ten minutes.
        code: &'a str,
    },
    /// Somebody asked for what there is already (CH-52).
    AlreadySubscribed {
        /// What is subscribed to.
        kanaal: &'a KanaalName,
        /// The link to the page that ends it.
        leave: &'a str,
    },
    /// Subscriptions ended (CH-61).
    Acknowledgement {
        /// What ended, at least one.
        kanalen: &'a [KanaalName],
        /// The link to the page that undoes it; `None` when it cannot be undone any more.
        undo: Option<&'a str>,
        /// Whether messages about one of them must be sent, so that they still come (CH-21).
        obligatory: bool,
    },
    /// The link to the data of the person.
    DataLink {
        /// The link.
        link: &'a str,
    },
    /// Another number was asked for (CH-51).
    ChangeRequested {
        /// What the other number is for.
        kanaal: &'a KanaalName,
        /// The link to the page that ends it.
        leave: &'a str,
    },
}

/// The text in a language, signed by the organisation.
pub(super) fn text(language: Language, topic: SmsTopic<'_>, organisation: &str) -> String {
    let text = match (language, topic) {
        (Language::Dutch, SmsTopic::Confirmation { kanaal, code }) => {
            format!(
                "Uw code voor berichten over {kanaal} is {code}. De code werkt 10 minuten. Niet gevraagd? Doe dan niets."
            )
        }
        (Language::English, SmsTopic::Confirmation { kanaal, code }) => {
            format!(
                "Your code for messages about {kanaal} is {code}. It works for 10 minutes. Not asked for? Do nothing."
            )
        }
        (Language::Dutch, SmsTopic::AlreadySubscribed { kanaal, leave }) => {
            format!("U krijgt al berichten over {kanaal}. U hoeft niets te doen. Afmelden: {leave}")
        }
        (Language::English, SmsTopic::AlreadySubscribed { kanaal, leave }) => {
            format!("You get messages about {kanaal} already. You do not have to do anything. Unsubscribe: {leave}")
        }
        (Language::Dutch, SmsTopic::Acknowledgement { kanalen, undo, obligatory }) => {
            let undo = undo.map(|undo| format!(" Toch weer aanmelden: {undo}")).unwrap_or_default();
            let still = if obligatory { " Wat wij moeten sturen, krijgt u nog." } else { "" };
            format!("U krijgt geen berichten meer over {}.{still}{undo}", names(kanalen, "en nog"))
        }
        (Language::English, SmsTopic::Acknowledgement { kanalen, undo, obligatory }) => {
            let undo = undo.map(|undo| format!(" Subscribe again: {undo}")).unwrap_or_default();
            let still = if obligatory { " You still get what we have to send." } else { "" };
            format!("You get no more messages about {}.{still}{undo}", names(kanalen, "and another"))
        }
        (Language::Dutch, SmsTopic::DataLink { link }) => format!("Uw gegevens (de link werkt 24 uur): {link}"),
        (Language::English, SmsTopic::DataLink { link }) => format!("Your data (the link works for 24 hours): {link}"),
        (Language::Dutch, SmsTopic::ChangeRequested { kanaal, leave }) => {
            format!("Er is een ander nummer gevraagd voor berichten over {kanaal}. Niet door u? Afmelden: {leave}")
        }
        (Language::English, SmsTopic::ChangeRequested { kanaal, leave }) => {
            format!("Another number was asked for messages about {kanaal}. Not by you? Unsubscribe: {leave}")
        }
    };
    format!("{text} {organisation}")
}

/// The first name, and how many more there are.
fn names(kanalen: &[KanaalName], more: &str) -> String {
    match kanalen {
        [] => String::new(),
        [one] => one.to_string(),
        [first, others @ ..] => format!("{first} {more} {}", others.len()),
    }
}

#[cfg(test)]
mod tests {
    use message::segments::{Alphabet, Count};

    use super::*;

    #[test]
    fn ch_39_ch_47_texts_are_short_in_every_language() {
        let kanaal = |name: &str| KanaalName::new(name).unwrap();
        let (weg, longest) = (kanaal("wegwerkzaamheden"), kanaal(&"k".repeat(50)));
        let link = format!("https://berichten.gemeente.example/a/{}", "x".repeat(64));
        let three = [weg.clone(), longest.clone(), kanaal("raad")];
        for language in [Language::Dutch, Language::English] {
            for (topic, most) in [
                (SmsTopic::Confirmation { kanaal: &weg, code: "123456" }, 1),
                (SmsTopic::Confirmation { kanaal: &longest, code: "123456" }, 2),
                (SmsTopic::AlreadySubscribed { kanaal: &longest, leave: &link }, 2),
                (SmsTopic::Acknowledgement { kanalen: &three, undo: Some(&link), obligatory: false }, 2),
                (SmsTopic::Acknowledgement { kanalen: &three, undo: Some(&link), obligatory: true }, 2),
                (SmsTopic::Acknowledgement { kanalen: &three[..1], undo: None, obligatory: true }, 1),
                (SmsTopic::DataLink { link: &link }, 2),
                (SmsTopic::ChangeRequested { kanaal: &longest, leave: &link }, 2),
            ] {
                let text = text(language, topic, "Gemeente Voorbeeld");
                let count = Count::new(&text);
                assert!(count.segments <= most && count.alphabet == Alphabet::Gsm7, "{count:?} {text}");
                assert!(text.ends_with(" Gemeente Voorbeeld"), "{text}");
            }
        }
        let topic = SmsTopic::Acknowledgement { kanalen: &three, undo: None, obligatory: false };
        let text = text(Language::Dutch, topic, "G");
        assert_eq!(text, "U krijgt geen berichten meer over wegwerkzaamheden en nog 2. G");
    }
}
