//! One mail with several events: the text of each by the template of its kanaal, between an opening and the one link to leave.

use std::collections::BTreeMap;

use message::template::{Kind, Locale, StaticToken, Template, Values};
use model::addressee::{Addressee, Language};

use super::super::{
    MailingParts,
    letter::{Letter, LetterError, locale},
};

/// Most bytes of the texts of events in a mail. A longer text is in a mail of its own.
const MAX_TEXTS: usize = 256 << 10;

/// The texts of the events of a mail.
#[derive(Debug, Default)]
pub(super) struct Items(Vec<String>);

impl Items {
    /// Adds the text of an event; false when it has no room.
    pub fn add(&mut self, text: String) -> bool {
        let bytes: usize = self.0.iter().map(String::len).sum();
        let has_room = self.0.is_empty() || bytes + text.len() <= MAX_TEXTS;
        if has_room {
            self.0.push(text);
        }
        has_room
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The text of one event for an addressee.
pub(super) fn item(letter: &Letter, addressee: &Addressee) -> Result<String, LetterError> {
    letter.item(addressee).map(|text| text.trim_end().to_owned())
}

/// Subject and text.
pub(super) fn texts(
    parts: &MailingParts,
    addressee: &Addressee,
    items: &Items,
) -> Result<(String, String), LetterError> {
    let words = match addressee.language {
        Language::Dutch => &DUTCH,
        Language::English => &ENGLISH,
    };
    let locale = locale(addressee.language);
    let count = items.0.len();
    let subject = render(words.subject, Kind::Header, addressee, &locale)?;
    let opening = if count == 1 { words.one.to_owned() } else { words.many.replace("{count}", &count.to_string()) };
    let mut text = render(&opening, Kind::Text, addressee, &locale)?;
    for (place, item) in items.0.iter().enumerate() {
        let place = (place + 1).to_string();
        text.extend(["\n\n", words.item, " ", &place, "\n", item]);
    }
    text.extend(["\n\n", words.leave, "\n", &parts.links.leave(addressee.id), "\n"]);
    Ok((subject, text))
}

fn render(text: &str, kind: Kind, addressee: &Addressee, locale: &Locale) -> Result<String, LetterError> {
    let template = Template::parse(kind, text).map_err(LetterError::BuiltIn)?;
    let statics = BTreeMap::from([(StaticToken::ServiceName, addressee.kanaal.to_string())]);
    let values = Values { statics: Some(&statics), notification: None, subscription: None, event: None };
    Ok(template.render(&values, locale)?.text)
}

/// The words around the events.
struct Words {
    subject: &'static str,
    one: &'static str,
    many: &'static str,
    item: &'static str,
    leave: &'static str,
}

const DUTCH: Words = Words {
    subject: "Uw berichten over {service_name}",
    one: "Er is 1 nieuw bericht over {service_name}.",
    many: "Er zijn {count} nieuwe berichten over {service_name}.",
    item: "Bericht",
    leave: "Wilt u deze berichten niet meer krijgen? Open dan deze link:",
};

const ENGLISH: Words = Words {
    subject: "Your messages about {service_name}",
    one: "There is 1 new message about {service_name}.",
    many: "There are {count} new messages about {service_name}.",
    item: "Message",
    leave: "Do you no longer want these messages? Open this link:",
};
