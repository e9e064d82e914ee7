//! Section `[[people.template]]`: the texts of mails about the events of a kanaal, in one language. A kanaal without any has
//! built-in texts.

use std::{collections::HashMap, path::PathBuf};

use mailer::mailings::{Obligation, ObligationError, WmebvFields};
use model::addressee::Language;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The texts of mails about the events of a kanaal, with tokens such as `{event::subject}`.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PeopleTemplate {
    /// The kanaal.
    pub kanaal: String,
    /// The language. People with the other one get these texts when there are none in theirs.
    pub language: PeopleLanguage,
    /// Whether the messages must be sent, the same in all languages of a kanaal.
    pub class: PeopleClass,
    /// Why people get a message that must be sent, at most 500 bytes; needed with class `obligatory` or `wmebv`. It is put behind the
    /// texts.
    pub reason: Option<String>,
    /// The fields of a notification; needed with class `wmebv`.
    pub wmebv: Option<PeopleWmebv>,
    /// The subject.
    pub subject: String,
    /// A file with the plain text, read at the start. It should have `{unsubscription_url}`, unless the messages must be sent.
    #[schema(value_type = String)]
    pub text_file: PathBuf,
    /// Whether a message with a token that has no value is not sent; three such messages in a row suspend the mailing.
    pub strict: bool,
    /// The members of the payload that the texts may show, as JSON Pointers such as `/zaak/nummer`; absent: all. A token of another member has
    /// no value.
    pub disclose: Option<Vec<String>>,
    /// The text message; absent: a built-in one. It should be short and have `{unsubscription_url}`.
    pub sms: Option<String>,
    /// The text of an event in a mail with others, for people who chose one mail a day or a week; absent: a built-in one. The mail has the link
    /// to leave, so this has none.
    pub collected: Option<String>,
    /// A file with the HTML; absent: the mails are plain text.
    #[schema(value_type = Option<String>)]
    pub html_file: Option<PathBuf>,
}

/// Whether the messages about the events of a kanaal must be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum PeopleClass {
    /// They need not; who leaves gets nothing any more.
    #[default]
    Normal,
    /// The organisation has to send them: also to who was confirmed and left, and without a way to unsubscribe.
    Obligatory,
    /// As `obligatory`, and a notification under the Wmebv (Awb 2:10): every event has the fields of `wmebv`.
    Wmebv,
}

/// What a notification under the Wmebv must have, each as one token of the event, such as `{notification::besluit.aard}`.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PeopleWmebv {
    /// The nature of the message.
    pub nature: Option<String>,
    /// Its legal effect.
    pub effect: Option<String>,
    /// Whether an answer is expected: true or false, or words.
    pub answer: Option<String>,
    /// The term of the answer. An event needs none when its answer is false.
    pub term: Option<String>,
}

impl PeopleTemplate {
    /// What follows from the class; `None` for a normal one.
    ///
    /// # Errors
    /// The key that is wrong or missing, without a name.
    pub fn obligation(&self) -> Result<Option<Obligation>, String> {
        if self.class == PeopleClass::Normal {
            let is_alone = self.reason.is_none() && self.wmebv.is_none();
            let why = "reason and wmebv: are for class obligatory or wmebv".to_owned();
            return if is_alone { Ok(None) } else { Err(why) };
        }
        let own = self.wmebv.clone().unwrap_or_default();
        let fields = WmebvFields {
            nature: own.nature.as_deref(),
            effect: own.effect.as_deref(),
            answer: own.answer.as_deref(),
            term: own.term.as_deref(),
        };
        let fields = match self.class {
            PeopleClass::Wmebv => Some(fields),
            PeopleClass::Normal | PeopleClass::Obligatory if self.wmebv.is_some() => {
                return Err("wmebv: is for class wmebv".to_owned());
            }
            PeopleClass::Normal | PeopleClass::Obligatory => None,
        };
        if self.collected.is_some() {
            return Err(ObligationError::Collected.to_string());
        }
        let reason = self.reason.as_deref().unwrap_or_default();
        let obligation = Obligation::new(self.language.into(), reason, fields);
        obligation.map(Some).map_err(|error| error.to_string())
    }

    /// What is wrong with the classes of texts: the kanaal, the key and the rule.
    pub(super) fn class_fault(all: &[Self]) -> Option<String> {
        let mut classes: HashMap<&str, PeopleClass> = HashMap::new();
        let fault = |own: &Self, why: &str| Some(format!("{}: {why}", own.kanaal));
        all.iter().find_map(|own| {
            if *classes.entry(&own.kanaal).or_insert(own.class) != own.class {
                return fault(own, "class: must be the same in all languages of a kanaal");
            }
            own.obligation().err().and_then(|why| fault(own, &why))
        })
    }
}

impl From<PeopleLanguage> for Language {
    fn from(own: PeopleLanguage) -> Self {
        match own {
            PeopleLanguage::Nl => Self::Dutch,
            PeopleLanguage::En => Self::English,
        }
    }
}

/// The language of texts to people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum PeopleLanguage {
    /// Dutch.
    #[default]
    Nl,
    /// English.
    En,
}

#[cfg(test)]
mod tests {
    use crate::config::parse;

    #[test]
    fn ch_21_ch_85_a_class_needs_what_it_promises() {
        let head = "[people]\nurl = \"https://b.example\"\n";
        let template = |language: &str, more: &str| {
            let names = format!("[[people.template]]\nkanaal = \"besluiten\"\nlanguage = \"{language}\"\n");
            format!("{names}subject = \"x\"\ntext_file = \"x.txt\"\n{more}\n")
        };
        let because = "reason = \"U vroeg dit aan.\"\n";
        let fields = |left_out: &str| {
            let all = ["nature", "effect", "answer", "term"].into_iter().filter(|name| *name != left_out);
            let lines: Vec<_> = all.map(|name| format!("{name} = \"{{notification::{name}}}\"")).collect();
            format!("[people.template.wmebv]\n{}\n", lines.join("\n"))
        };
        let wmebv = |left_out: &str| template("nl", &format!("class = \"wmebv\"\n{because}{}", fields(left_out)));
        let obligatory = format!("class = \"obligatory\"\n{because}");
        for (text, expected) in [
            (template("nl", ""), None),
            (template("nl", "class = \"normal\""), None),
            (template("nl", &obligatory), None),
            (wmebv("nothing"), None),
            (template("nl", "class = \"obligatory\""), Some("besluiten: reason: is needed")),
            (template("nl", because), Some("besluiten: reason and wmebv: are for class")),
            (
                template("nl", &format!("{obligatory}{}", fields("nothing"))),
                Some("besluiten: wmebv: is for class wmebv"),
            ),
            (template("nl", &format!("{obligatory}collected = \"x\"")), Some("besluiten: collected: must be absent")),
            (template("nl", &format!("class = \"wmebv\"\n{because}")), Some("besluiten: wmebv.nature: is needed")),
            (wmebv("nature"), Some("besluiten: wmebv.nature: is needed")),
            (wmebv("effect"), Some("besluiten: wmebv.effect: is needed")),
            (wmebv("answer"), Some("besluiten: wmebv.answer: is needed")),
            (wmebv("term"), Some("besluiten: wmebv.term: is needed with class wmebv (Awb 2:10)")),
            (
                [template("nl", &obligatory), template("en", "")].concat(),
                Some("besluiten: class: must be the same in all languages"),
            ),
        ] {
            let found = parse(&format!("{head}{text}")).err().map(|error| error.to_string());
            match (&found, expected) {
                (None, None) => {}
                (Some(found), Some(expected)) => {
                    assert!(found.contains("people.template") && found.contains(expected), "{found}");
                }
                _ => panic!("{text}: {found:?}"),
            }
        }
        // Keys of a notification that nobody knows are refused as well.
        let unknown = wmebv("nothing").replace("term =", "termijn =");
        assert!(parse(&format!("{head}{unknown}")).is_err());
    }
}
