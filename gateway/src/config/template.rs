//! Section `[[people.template]]`: the texts of mails about the events of a kanaal, in one language. A kanaal without any has
//! built-in texts.

use std::path::PathBuf;

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
    /// The subject.
    pub subject: String,
    /// A file with the plain text, read at the start. It should have `{unsubscription_url}`.
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
