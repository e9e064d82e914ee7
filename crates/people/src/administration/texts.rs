//! The texts of mailings with a preview: what a person would get about a sample event.

use message::segments::Count;
use model::{
    AttributeName, Event, KanaalName, Timestamp, Value,
    addressee::Language,
    event::{Data, EventError},
    mailing::Class,
};

use super::Administration;

/// `subject` of the sample event, and a member of its data: characters that HTML and mail programs give a meaning, so that a
/// preview shows that they are escaped.
pub const SAMPLE_SUBJECT: &str = "Dorpsstraat <1> & \"2\"";

/// The texts of one kanaal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KanaalTexts {
    /// The kanaal.
    pub kanaal: KanaalName,
    /// The languages in which it has texts of its own; built-in ones take their place without any.
    pub languages: Vec<Language>,
    /// Whether its messages must be sent.
    pub class: Class,
}

/// A message as a person would get it, without an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// Whether it must be sent.
    pub class: Class,
    /// The subject.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The source of the HTML part, when there is one.
    pub html: Option<String>,
    /// The text message; `None` when this gateway sends none.
    pub sms: Option<SmsPreview>,
    /// The tokens that were not replaced by a value, each with the reason in English.
    pub remarks: Vec<(String, String)>,
}

/// A text message as a person would get it, with what it costs (CH-39).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmsPreview {
    /// The text.
    pub text: String,
    /// Its characters, as people count them.
    pub characters: usize,
    /// The alphabet that it is sent in: `GSM 7` or `UCS-2`.
    pub alphabet: &'static str,
    /// The segments that are paid for, at least 1.
    pub segments: usize,
    /// The most segments that are sent; a message with more is refused.
    pub most: usize,
}

impl SmsPreview {
    /// Counts a text of which `most` segments are sent.
    pub fn new(text: String, most: usize) -> Self {
        let Count { alphabet, characters, segments, .. } = Count::new(&text);
        Self { text, characters, alphabet: alphabet.label(), segments, most }
    }

    /// Whether it is refused because it is too long.
    pub const fn is_too_long(&self) -> bool {
        self.segments > self.most
    }
}

/// Why there is no preview, in English.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct PreviewFault(pub String);

/// Port: the texts of mailings.
pub trait Letters: Send + Sync {
    /// The languages in which a kanaal has texts of its own.
    fn languages(&self, kanaal: &KanaalName) -> Vec<Language>;

    /// The class of the messages of a kanaal.
    fn class(&self, kanaal: &KanaalName) -> Class;

    /// The message about an event to a person who gets messages in this language.
    ///
    /// # Errors
    /// The text cannot be made of the event.
    fn preview(&self, kanaal: &KanaalName, language: Language, event: &Event) -> Result<Preview, PreviewFault>;
}

/// The event of previews. Nothing in it is of a real one.
///
/// # Errors
/// None in practice: its attributes are valid.
pub fn sample_event(now: Timestamp) -> Result<Event, EventError> {
    let text = |name: &str, value: &str| Some((AttributeName::new(name).ok()?, Value::text(value).ok()?));
    let attributes = [
        text("id", "voorbeeld-1"),
        text("source", "urn:nld:voorbeeld"),
        text("type", "nl.overheid.voorbeeld.gewijzigd"),
        text("subject", SAMPLE_SUBJECT),
        text("time", &now.to_rfc3339()),
        text("datacontenttype", "application/json"),
    ];
    let data = format!("{{\"onderwerp\":{SAMPLE_SUBJECT:?}}}");
    Event::new(attributes.into_iter().flatten().collect(), Some(Data::Json(data.into_bytes().into())))
}

impl Administration {
    /// The texts of these kanalen; `None` when nothing is sent to people.
    pub fn texts(&self, kanalen: impl IntoIterator<Item = KanaalName>) -> Option<Vec<KanaalTexts>> {
        let letters = self.letters.as_ref()?;
        let texts = |kanaal: KanaalName| KanaalTexts {
            languages: letters.languages(&kanaal),
            class: letters.class(&kanaal),
            kanaal,
        };
        Some(kanalen.into_iter().map(texts).collect())
    }

    /// The message about the sample event; `None` when nothing is sent to people.
    ///
    /// # Errors
    /// The text cannot be made of the event.
    pub fn preview(&self, kanaal: &KanaalName, language: Language) -> Option<Result<Preview, PreviewFault>> {
        let letters = self.letters.as_ref()?;
        let event = sample_event(self.people.clock.now()).map_err(|error| PreviewFault(error.to_string()));
        Some(event.and_then(|event| letters.preview(kanaal, language, &event)))
    }
}
