//! What messages have that must be sent (CH-21, CH-85): why people get them, that they cannot unsubscribe, and, for a notification
//! under the Awb, its nature and legal effect, whether an answer is expected, and the term.
//!
//! The fields of a notification are tokens of the event, so every event has its own. They follow the texts of the kanaal, in
//! the language of these.

use std::fmt;

use message::template::{Kind, ParseError, RenderError, Source, StaticToken, Template, Token, Values};
use model::{addressee::Language, mailing::Class};
use serde_json::{Map, Value};

use super::letter::{LetterError, locale};

/// The longest reason, in bytes.
const MAX_REASON: usize = 500;

/// What the texts of a kanaal have because of their class.
#[derive(Debug, Clone)]
pub struct Obligation {
    language: Language,
    reason: Template,
    wmebv: Option<Wmebv>,
}

/// The tokens of a notification, as configured; `None` when one is missing.
#[derive(Debug, Clone, Copy, Default)]
pub struct WmebvFields<'a> {
    /// The nature of the message.
    pub nature: Option<&'a str>,
    /// Its legal effect.
    pub effect: Option<&'a str>,
    /// Whether an answer is expected.
    pub answer: Option<&'a str>,
    /// The term of the answer.
    pub term: Option<&'a str>,
}

#[derive(Debug, Clone)]
struct Wmebv {
    nature: Template,
    effect: Template,
    answer: Template,
    term: Template,
}

/// A field of a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// The nature of the message.
    Nature,
    /// Its legal effect.
    Effect,
    /// Whether an answer is expected.
    Answer,
    /// The term of the answer.
    Term,
}

/// Why texts cannot have a class.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ObligationError {
    /// There is no reason.
    #[error("reason: is needed, since a message that must be sent tells people why they get it")]
    NoReason,
    /// The reason cannot be used.
    #[error("reason: {0}")]
    Reason(ParseError),
    /// The reason is too long.
    #[error("reason: must be at most 500 bytes")]
    LongReason,
    /// A field is not bound.
    #[error(
        "{0}: is needed with class wmebv (Awb 2:10): one token of the event, such as {{notification::besluit.aard}}"
    )]
    NoField(Field),
    /// A field is bound to something else than a value of the event.
    #[error("{0}: must be one token of the event and nothing else, such as {{notification::besluit.aard}}")]
    NotOfEvent(Field),
    /// A text has a way to unsubscribe.
    #[error("{0}: must not have {{{1}}}, since nobody can unsubscribe from a message that must be sent")]
    Unsubscribes(&'static str, String),
    /// There is a text for mails with others.
    #[error("collected: must be absent, since a message that must be sent does not wait for others")]
    Collected,
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nature => "wmebv.nature",
            Self::Effect => "wmebv.effect",
            Self::Answer => "wmebv.answer",
            Self::Term => "wmebv.term",
        })
    }
}

impl Obligation {
    /// What follows from the settings of texts in a language: with fields, the class is [`Class::Wmebv`].
    ///
    /// # Errors
    /// The key that is wrong or missing.
    pub fn new(language: Language, reason: &str, fields: Option<WmebvFields<'_>>) -> Result<Self, ObligationError> {
        if reason.trim().is_empty() {
            return Err(ObligationError::NoReason);
        }
        if reason.len() > MAX_REASON {
            return Err(ObligationError::LongReason);
        }
        let reason = Template::parse(Kind::Text, reason.trim()).map_err(ObligationError::Reason)?;
        refuse_ways_to_unsubscribe("reason", &reason)?;
        let wmebv = fields.map(|fields| {
            Ok::<_, ObligationError>(Wmebv {
                nature: bound(Field::Nature, fields.nature)?,
                effect: bound(Field::Effect, fields.effect)?,
                answer: bound(Field::Answer, fields.answer)?,
                term: bound(Field::Term, fields.term)?,
            })
        });
        Ok(Self { language, reason, wmebv: wmebv.transpose()? })
    }

    /// The class.
    pub fn class(&self) -> Class {
        if self.wmebv.is_some() { Class::Wmebv } else { Class::Obligatory }
    }

    /// The language.
    pub(super) fn language(&self) -> Language {
        self.language
    }

    /// The fields of which the event has no value.
    pub(super) fn missing(&self, values: &Values<'_>) -> Result<Vec<Field>, RenderError> {
        let Some(wmebv) = &self.wmebv else { return Ok(Vec::new()) };
        Ok(wmebv.values(self.language, values)?.missing())
    }

    /// What follows the texts about an event. `is_sample` is for an event that needs no values: the tokens take their place.
    ///
    /// # Errors
    /// `Missing`: a field has no value; the reason is too long.
    pub(super) fn notice(&self, values: &Values<'_>, is_sample: bool) -> Result<Notice, LetterError> {
        let mut fields = Vec::new();
        if let Some(wmebv) = &self.wmebv {
            let found = wmebv.values(self.language, values)?;
            let missing = found.missing();
            if !(missing.is_empty() || is_sample) {
                return Err(LetterError::Missing(missing));
            }
            fields = found.shown();
        }
        let reason = self.reason.render(values, &locale(self.language))?;
        Ok(Notice { words: words(self.language), fields, reason: one_line(&reason.text), remarks: reason.remarks })
    }
}

/// The token of a field.
fn bound(field: Field, text: Option<&str>) -> Result<Template, ObligationError> {
    let text = text.map(str::trim).filter(|text| !text.is_empty()).ok_or(ObligationError::NoField(field))?;
    let template = Template::parse(Kind::Header, text).map_err(|_| ObligationError::NotOfEvent(field))?;
    let is_alone = |(token, written): (&Token, &str)| {
        let is_of_event = matches!(token, Token::Field(Source::Notification | Source::Event | Source::Either, _));
        is_of_event && text == format!("{{{written}}}")
    };
    if template.tokens().any(is_alone) { Ok(template) } else { Err(ObligationError::NotOfEvent(field)) }
}

/// Refuses a text with a token by which people could unsubscribe.
pub(super) fn refuse_ways_to_unsubscribe(part: &'static str, template: &Template) -> Result<(), ObligationError> {
    let is_way = |token: &Token| {
        matches!(
            token,
            Token::Static(
                StaticToken::UnsubscriptionUrl | StaticToken::UnsubscriptionAllUrl | StaticToken::UnsubscriptionCode
            )
        )
    };
    let found = template.tokens().find(|(token, _)| is_way(token));
    found.map_or(Ok(()), |(_, written)| Err(ObligationError::Unsubscribes(part, written.to_owned())))
}

/// The values of the fields for an event. Those without one have their token.
struct FieldValues {
    words: &'static Words,
    nature: Found,
    effect: Found,
    answer: Found,
    term: Found,
}

struct Found {
    text: String,
    is_missing: bool,
}

impl Wmebv {
    /// Attributes of people are no values of the event.
    fn values(&self, language: Language, values: &Values<'_>) -> Result<FieldValues, RenderError> {
        let of_event = Values { statics: None, subscription: None, ..*values };
        let locale = locale(language);
        let found = |template: &Template| {
            let rendered = template.render(&of_event, &locale)?;
            let is_missing = !rendered.remarks.is_empty() || rendered.text.is_empty();
            Ok::<_, RenderError>(Found { text: rendered.text, is_missing })
        };
        Ok(FieldValues {
            words: words(language),
            nature: found(&self.nature)?,
            effect: found(&self.effect)?,
            answer: found(&self.answer)?,
            term: found(&self.term)?,
        })
    }
}

impl FieldValues {
    /// Without an answer there is no term for one.
    fn missing(&self) -> Vec<Field> {
        let needs_term = self.answer.is_missing || is_expected(&self.answer.text) != Some(false);
        let all = [
            (Field::Nature, &self.nature, true),
            (Field::Effect, &self.effect, true),
            (Field::Answer, &self.answer, true),
            (Field::Term, &self.term, needs_term),
        ];
        let is_missing =
            |(field, found, is_needed): (Field, &Found, bool)| (is_needed && found.is_missing).then_some(field);
        all.into_iter().filter_map(is_missing).collect()
    }

    /// Each with its label.
    fn shown(self) -> Vec<(&'static str, String)> {
        let words = self.words;
        let (answer, has_term) = match is_expected(&self.answer.text) {
            Some(true) => (words.yes.to_owned(), true),
            Some(false) => (words.no.to_owned(), !self.term.is_missing),
            None => (self.answer.text, true),
        };
        let mut all = vec![(words.nature, self.nature.text), (words.effect, self.effect.text), (words.answer, answer)];
        all.extend(has_term.then_some((words.term, self.term.text)));
        all
    }
}

/// Whether an answer is expected, by a truth value or the word for one; `None` for other words, which are shown as they are.
fn is_expected(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "true" | "ja" | "yes" => Some(true),
        "false" | "nee" | "no" => Some(false),
        _ => None,
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What follows the texts. No `Debug`: it is personal data.
pub(super) struct Notice {
    words: &'static Words,
    fields: Vec<(&'static str, String)>,
    reason: String,
    /// The tokens of the reason without a value.
    pub remarks: Vec<message::template::Remark>,
}

impl Notice {
    /// A plain text with it.
    pub fn in_text(&self, text: &str) -> String {
        let mut all = format!("{}\n\n", text.trim_end());
        for (label, value) in &self.fields {
            all.extend([*label, ": ", value.as_str(), "\n"]);
        }
        if !self.fields.is_empty() {
            all.push('\n');
        }
        all.extend([self.words.reason, ": ", &self.reason, "\n", self.words.no_leave, "\n"]);
        all
    }

    /// A text message with it, in as few characters as that takes.
    pub fn in_sms(&self, text: &str) -> String {
        let mut all = text.trim_end().to_owned();
        for (label, value) in &self.fields {
            all.extend([" ", *label, ": ", value.as_str(), "."]);
        }
        all.extend([" ", &self.reason]);
        all
    }

    /// HTML with it, before the end of the body; values are escaped.
    ///
    /// # Errors
    /// When it is too long.
    pub fn in_html(&self, html: &str) -> Result<String, LetterError> {
        let (mut source, mut values) = (String::new(), Map::new());
        let mut paragraph = |lines: Vec<(&str, &str)>, end: &str| {
            source.push_str("<p>");
            for (place, (label, value)) in lines.into_iter().enumerate() {
                let name = format!("v{}", values.len());
                source.extend([if place == 0 { "" } else { "<br>" }, label, ": {notification::", &name, "}"]);
                values.insert(name, Value::from(value));
            }
            source.extend([end, "</p>\n"]);
        };
        if !self.fields.is_empty() {
            paragraph(self.fields.iter().map(|(label, value)| (*label, value.as_str())).collect(), "");
        }
        let no_leave = format!("<br>{}", self.words.no_leave);
        paragraph(vec![(self.words.reason, &self.reason)], &no_leave);
        let template = Template::parse(Kind::Html, &source).map_err(LetterError::BuiltIn)?;
        let data = Value::Object(values);
        let values = Values { notification: Some(&data), ..Values::default() };
        let notice = template.render(&values, &locale(Language::default()))?.text;
        let lower = html.to_ascii_lowercase();
        let end = lower.rfind("</body").or_else(|| lower.rfind("</html")).unwrap_or(html.len());
        let (before, after) = html.split_at(end);
        Ok([before, "\n", &notice, after].concat())
    }
}

/// The words of the notice.
struct Words {
    nature: &'static str,
    effect: &'static str,
    answer: &'static str,
    yes: &'static str,
    no: &'static str,
    term: &'static str,
    reason: &'static str,
    no_leave: &'static str,
}

fn words(language: Language) -> &'static Words {
    match language {
        Language::Dutch => &DUTCH,
        Language::English => &ENGLISH,
    }
}

const DUTCH: Words = Words {
    nature: "Aard van het bericht",
    effect: "Rechtsgevolg",
    answer: "Antwoord nodig",
    yes: "ja",
    no: "nee",
    term: "Termijn",
    reason: "Waarom u dit bericht krijgt",
    no_leave: "Voor dit bericht kunt u zich niet afmelden: wij moeten het u sturen.",
};

const ENGLISH: Words = Words {
    nature: "Nature of the message",
    effect: "Legal effect",
    answer: "Answer needed",
    yes: "yes",
    no: "no",
    term: "Term",
    reason: "Why you get this message",
    no_leave: "You cannot unsubscribe from this message: we have to send it to you.",
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const FIELDS: WmebvFields<'_> = WmebvFields {
        nature: Some("{notification::besluit.aard}"),
        effect: Some("{gevolg}"),
        answer: Some("{notification::antwoord}"),
        term: Some("{event::antwoordvoor}"),
    };

    fn new(reason: &str, fields: Option<WmebvFields<'_>>) -> Result<Obligation, String> {
        Obligation::new(Language::Dutch, reason, fields).map_err(|error| error.to_string())
    }

    #[test]
    fn ch_21_ch_85_what_is_not_bound_is_refused_with_its_key() {
        assert_eq!(new("Omdat.", None).unwrap().class(), Class::Obligatory);
        assert_eq!(new("Omdat.", Some(FIELDS)).unwrap().class(), Class::Wmebv);
        for (reason, fields, key) in [
            (" ", None, "reason"),
            ("{unsubscription_URL}", None, "reason"),
            (&*"x".repeat(501), None, "reason"),
            ("x", Some(WmebvFields { nature: None, ..FIELDS }), "wmebv.nature"),
            ("x", Some(WmebvFields { effect: Some(""), ..FIELDS }), "wmebv.effect"),
            ("x", Some(WmebvFields { answer: Some("ja"), ..FIELDS }), "wmebv.answer"),
            ("x", Some(WmebvFields { answer: Some("{service_name}"), ..FIELDS }), "wmebv.answer"),
            ("x", Some(WmebvFields { term: None, ..FIELDS }), "wmebv.term"),
            ("x", Some(WmebvFields { term: Some("{subscription::termijn}"), ..FIELDS }), "wmebv.term"),
            ("x", Some(WmebvFields { term: Some("{termijn} weken"), ..FIELDS }), "wmebv.term"),
            ("x", Some(WmebvFields { term: Some("{a}{b}"), ..FIELDS }), "wmebv.term"),
        ] {
            let error = new(reason, fields).unwrap_err();
            assert!(error.starts_with(&format!("{key}: ")), "{error}");
        }
    }

    #[test]
    fn ch_85_a_field_without_a_value_has_no_notice() {
        let fields = WmebvFields { term: Some("{termijn}"), ..FIELDS };
        let obligation = new("Omdat.", Some(fields)).unwrap();
        let attributes = json!({ "gevolg": "van de persoon" });
        for (data, expected) in [
            (json!({ "besluit": { "aard": "b" }, "gevolg": "g", "antwoord": true, "termijn": "2027-01-15" }), vec![]),
            (json!({ "besluit": { "aard": "b" }, "gevolg": "g", "antwoord": false }), vec![]),
            (json!({ "besluit": { "aard": "b" }, "gevolg": "g", "antwoord": "nee" }), vec![]),
            (json!({ "besluit": { "aard": "b" }, "gevolg": "g", "antwoord": true }), vec![Field::Term]),
            (json!({ "besluit": { "aard": "b" }, "gevolg": "g", "antwoord": "per brief" }), vec![Field::Term]),
            (
                json!({ "besluit": { "aard": " " }, "gevolg": {}, "termijn": "x" }),
                vec![Field::Nature, Field::Effect, Field::Answer],
            ),
            (json!(null), vec![Field::Nature, Field::Effect, Field::Answer, Field::Term]),
        ] {
            let values = Values { notification: Some(&data), subscription: Some(&attributes), ..Values::default() };
            assert_eq!(obligation.missing(&values).unwrap(), expected, "{data}");
            let notice = obligation.notice(&values, false);
            match notice {
                Ok(_) => assert!(expected.is_empty(), "{data}"),
                Err(LetterError::Missing(missing)) => assert_eq!(missing, expected),
                Err(error) => panic!("{error}"),
            }
            assert!(obligation.notice(&values, true).is_ok());
        }
    }

    #[test]
    fn ch_21_ch_85_a_notice_is_put_behind_each_text_and_escaped() {
        let fields = WmebvFields { term: Some("{termijn}"), ..FIELDS };
        let data = json!({
            "besluit": { "aard": "besluit\nTermijn: nooit" }, "gevolg": "<b>x</b>", "antwoord": true, "termijn": "2027-01-15",
        });
        let values = Values { notification: Some(&data), ..Values::default() };
        for (language, lines) in [
            (
                Language::Dutch,
                "Aard van het bericht: besluit Termijn: nooit\nRechtsgevolg: <b>x</b>\nAntwoord nodig: ja\n\
                 Termijn: 15 januari 2027\n\nWaarom u dit bericht krijgt: Omdat.\nVoor dit bericht kunt u zich niet afmelden: \
                 wij moeten het u sturen.\n",
            ),
            (
                Language::English,
                "Nature of the message: besluit Termijn: nooit\nLegal effect: <b>x</b>\nAnswer needed: yes\n\
                 Term: 15 January 2027\n\nWhy you get this message: Omdat.\nYou cannot unsubscribe from this message: \
                 we have to send it to you.\n",
            ),
        ] {
            let obligation = Obligation::new(language, "Omdat.", Some(fields)).unwrap();
            let Ok(notice) = obligation.notice(&values, false) else { panic!("no notice") };
            assert_eq!(notice.in_text("Hallo\n\n"), format!("Hallo\n\n{lines}"));
            assert!(notice.in_sms("Hallo").starts_with("Hallo ") && notice.in_sms("Hallo").ends_with(". Omdat."));
            for (html, end) in [("<p>a</p>", "</p>\n"), ("<BODY>a</BODY></html>", "</p>\n</BODY></html>")] {
                let Ok(found) = notice.in_html(html) else { panic!("no HTML") };
                assert!(found.ends_with(end) && found.contains("&lt;b&gt;x") && !found.contains("<b>"), "{found}");
                assert_eq!(found.matches("<br>").count(), 4, "{found}");
            }
        }
        // Nothing is asked of an obligatory message but its reason.
        let obligation = Obligation::new(Language::Dutch, "Omdat.", None).unwrap();
        let Ok(notice) = obligation.notice(&Values::default(), false) else { panic!("no notice") };
        assert_eq!(notice.in_sms("Hallo."), "Hallo. Omdat.");
        assert!(notice.in_text("Hallo").starts_with("Hallo\n\nWaarom u dit bericht krijgt: Omdat.\n"));
    }
}
