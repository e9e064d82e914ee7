//! The texts of mailings: those that were configured per kanaal and language, and built-in ones. The built-in texts name the type,
//! the subject and the time of the event, and nothing of its payload.

use std::collections::HashMap;

use message::template::{Kind, ParseError, Template};
use model::{Event, KanaalName, addressee::Language, data_filter::DataPath, mailing::Class};

use super::obligation::{Obligation, ObligationError, refuse_ways_to_unsubscribe};

/// The templates of one kanaal and language.
#[derive(Debug, Clone)]
pub struct Texts {
    pub(super) subject: Template,
    pub(super) text: Template,
    pub(super) html: Option<Template>,
    pub(super) sms: Template,
    /// The text of an event in a mail with others; `None` for the built-in one.
    pub(super) item: Option<Template>,
    /// Whether a message with a token that has no value is not sent (CH-77).
    pub(super) is_strict: bool,
    /// The members of the payload that they see; `None` for all (CH-139).
    pub(super) disclosed: Option<Vec<DataPath>>,
    /// What their messages have because they must be sent; `None` for normal ones (CH-21, CH-85).
    pub(super) obligation: Option<Obligation>,
}

/// All templates.
#[derive(Debug, Clone, Default)]
pub struct Templates {
    dutch: HashMap<KanaalName, Texts>,
    english: HashMap<KanaalName, Texts>,
}

/// Why a template cannot be used.
#[derive(Debug, Clone, thiserror::Error)]
pub enum TemplatesError {
    /// The subject.
    #[error("subject: {0}")]
    Subject(ParseError),
    /// The plain text.
    #[error("text: {0}")]
    Text(ParseError),
    /// The HTML.
    #[error("html: {0}")]
    Html(ParseError),
    /// The text message.
    #[error("sms: {0}")]
    Sms(ParseError),
    /// The text of an event in a mail with others.
    #[error("collected: {0}")]
    Collected(ParseError),
    /// Their class.
    #[error(transparent)]
    Obligation(#[from] ObligationError),
}

impl Texts {
    /// Texts from templates in the token language of `message::template`. Without HTML the mail is plain text (CH-17). The text message
    /// is the built-in one of the language.
    ///
    /// # Errors
    /// The part that cannot be parsed.
    pub fn new(language: Language, subject: &str, text: &str, html: Option<&str>) -> Result<Self, TemplatesError> {
        Ok(Self {
            subject: Template::parse(Kind::Header, subject.trim_end()).map_err(TemplatesError::Subject)?,
            text: Template::parse(Kind::Text, text).map_err(TemplatesError::Text)?,
            html: html.map(|html| Template::parse(Kind::Html, html).map_err(TemplatesError::Html)).transpose()?,
            sms: Template::parse(Kind::Text, words(language).sms).map_err(TemplatesError::Sms)?,
            item: None,
            is_strict: false,
            disclosed: None,
            obligation: None,
        })
    }

    /// The same with another text message.
    ///
    /// # Errors
    /// When it cannot be parsed.
    pub fn with_sms(self, sms: &str) -> Result<Self, TemplatesError> {
        Ok(Self { sms: Template::parse(Kind::Text, sms).map_err(TemplatesError::Sms)?, ..self })
    }

    /// The same with a text of their own for an event in a mail with others (CH-101).
    ///
    /// # Errors
    /// When it cannot be parsed.
    pub fn with_collected(self, item: &str) -> Result<Self, TemplatesError> {
        let item = Template::parse(Kind::Text, item).map_err(TemplatesError::Collected)?;
        Ok(Self { item: Some(item), ..self })
    }

    /// The same, which send no message with a token that has no value (CH-77).
    #[must_use]
    pub fn strict(self) -> Self {
        Self { is_strict: true, ..self }
    }

    /// The same, which see these members of the payload only (CH-139).
    #[must_use]
    pub fn disclosing(self, members: Vec<DataPath>) -> Self {
        Self { disclosed: Some(members), ..self }
    }

    /// The same, of messages that must be sent (CH-21). The built-in text message becomes one without a link to leave.
    ///
    /// # Errors
    /// A text has a way to unsubscribe, or there is one for mails with others.
    pub fn obligatory(mut self, obligation: Obligation) -> Result<Self, TemplatesError> {
        if self.item.is_some() {
            return Err(ObligationError::Collected.into());
        }
        let parse = |text| Template::parse(Kind::Text, text).map_err(TemplatesError::Sms);
        let words = words(obligation.language());
        if self.sms == parse(words.sms)? {
            self.sms = parse(words.obligatory_sms)?;
        }
        let parts = [("subject", Some(&self.subject)), ("text_file", Some(&self.text))];
        for (part, template) in parts.into_iter().chain([("html_file", self.html.as_ref()), ("sms", Some(&self.sms))]) {
            template.map_or(Ok(()), |template| refuse_ways_to_unsubscribe(part, template))?;
        }
        Ok(Self { obligation: Some(obligation), ..self })
    }

    /// Their class.
    pub(super) fn class(&self) -> Class {
        self.obligation.as_ref().map_or(Class::Normal, Obligation::class)
    }

    /// The built-in texts for an event: a line for each attribute that it has.
    pub(super) fn built_in(language: Language, event: &Event) -> Result<Self, TemplatesError> {
        let words = words(language);
        let mut text = format!("{}\n\n{}", words.opening, lines(words, event));
        text.extend(["\n", words.leave, "\n{unsubscription_url}\n"]);
        Self::new(language, words.title, &text, None)
    }

    /// The built-in text of an event in a mail with others.
    pub(super) fn built_in_item(language: Language, event: &Event) -> Result<Template, ParseError> {
        Template::parse(Kind::Text, &lines(words(language), event))
    }
}

/// A line for each attribute that an event has.
fn lines(words: &Words, event: &Event) -> String {
    let mut text = format!("{}: {{event::type}}\n", words.kind);
    for (name, label) in [("subject", words.subject), ("time", words.time)] {
        if event.attribute(name).is_some() {
            text.extend([label, ": {event::", name, "}\n"]);
        }
    }
    text
}

impl Templates {
    /// Adds the texts of a kanaal in a language; replaces those that it had.
    pub fn insert(&mut self, kanaal: KanaalName, language: Language, texts: Texts) {
        let all = match language {
            Language::Dutch => &mut self.dutch,
            Language::English => &mut self.english,
        };
        all.insert(kanaal, texts);
    }

    /// Whether a kanaal has texts of its own in a language.
    pub(super) fn has(&self, kanaal: &KanaalName, language: Language) -> bool {
        match language {
            Language::Dutch => &self.dutch,
            Language::English => &self.english,
        }
        .contains_key(kanaal)
    }

    /// The class of the messages of a kanaal, which all its texts have.
    pub(super) fn class(&self, kanaal: &KanaalName) -> Class {
        self.of(kanaal, Language::Dutch).map_or(Class::Normal, Texts::class)
    }

    /// The texts of a kanaal: in the language, else in the other one (CH-82).
    pub(super) fn of(&self, kanaal: &KanaalName, language: Language) -> Option<&Texts> {
        let (own, other) = match language {
            Language::Dutch => (&self.dutch, &self.english),
            Language::English => (&self.english, &self.dutch),
        };
        own.get(kanaal).or_else(|| other.get(kanaal))
    }
}

/// The words of the built-in texts.
struct Words {
    title: &'static str,
    opening: &'static str,
    kind: &'static str,
    subject: &'static str,
    time: &'static str,
    leave: &'static str,
    sms: &'static str,
    obligatory_sms: &'static str,
}

fn words(language: Language) -> &'static Words {
    match language {
        Language::Dutch => &DUTCH,
        Language::English => &ENGLISH,
    }
}

const DUTCH: Words = Words {
    title: "Nieuw bericht over {service_name}",
    opening: "Er is een nieuw bericht over {service_name}.",
    kind: "Soort bericht",
    subject: "Onderwerp",
    time: "Tijd",
    leave: "Wilt u deze berichten niet meer krijgen? Open dan deze link:",
    sms: "Nieuw bericht over {service_name}: {event::type}. Afmelden: {unsubscription_url}",
    obligatory_sms: "Nieuw bericht over {service_name}: {event::type}.",
};

const ENGLISH: Words = Words {
    title: "New message about {service_name}",
    opening: "There is a new message about {service_name}.",
    kind: "Type of message",
    subject: "Subject",
    time: "Time",
    leave: "Do you no longer want these messages? Open this link:",
    sms: "New message about {service_name}: {event::type}. Unsubscribe: {unsubscription_url}",
    obligatory_sms: "New message about {service_name}: {event::type}.",
};
