//! Templates of messages in NotifyBC's token language (CH-75 to CH-82): text in which `{token}` is replaced by a value.
//!
//! A template is parsed once, with what it is for: a subject, a plain text or HTML. Parsing decides for each token where it is
//! (text, attribute, URL, header), and so how its value is escaped (CH-19, CH-80); a place where no escaping is safe, such as a
//! script, is refused. A value cannot change where the next one is: what is inserted is never parsed again (CH-79). There are no
//! loops, conditions, includes or raw values.
//!
//! | written | gives |
//! |---|---|
//! | `{unsubscription_url}`, in any case | a [`StaticToken`], from the gateway |
//! | `{notification::a.b[0]}` | that member of the data of the event |
//! | `{subscription::a}` | that attribute of the subscriber |
//! | `{event::type}` | that context attribute of the event |
//! | `{a}` | the member of the event, else of the subscriber |
//! | `\{a\}` | `{a}` |
//!
//! A token without a value stays as it is and is listed ([`Rendered::remarks`]).

mod escape;
mod html;
mod locale;
mod parse;
mod render;
mod static_token;
mod token;
mod url;

pub use locale::{Language, Locale};
pub use parse::{ParseError, Problem};
pub use render::{Reason, Remark, RenderError, Rendered, Values};
pub use static_token::{StaticToken, service_names};
pub use token::{Path, Segment, Source, Token};

use escape::Context;
pub(crate) use escape::one_line;

/// The longest template, in bytes.
pub const MAX_TEMPLATE: usize = 256 * 1024;
/// The most tokens of a template.
pub const MAX_TOKENS: usize = 1_000;
/// The longest token without its braces, in bytes.
pub const MAX_TOKEN: usize = 200;
/// The deepest path of a token, in members and indexes.
pub const MAX_DEPTH: usize = 16;
/// The longest result, in bytes.
pub const MAX_RENDERED: usize = 1024 * 1024;

/// What a template makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A header field in one line: the subject.
    Header,
    /// A plain text, of a mail or an SMS.
    Text,
    /// HTML.
    Html,
}

/// A parsed template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Literal(String),
    Token { token: Token, written: String, context: Context },
}

impl Template {
    /// Parses a template.
    ///
    /// # Errors
    /// A bound, or a token in a place where no value is safe.
    pub fn parse(kind: Kind, text: &str) -> Result<Self, ParseError> {
        parse::parse(kind, text).map(|parts| Self { parts })
    }

    /// The tokens in their order, as they are written without braces, for the check at registration (CH-77).
    pub fn tokens(&self) -> impl Iterator<Item = (&Token, &str)> {
        self.parts.iter().filter_map(|part| match part {
            Part::Token { token, written, .. } => Some((token, written.as_str())),
            Part::Literal(_) => None,
        })
    }

    /// Replaces the tokens by values.
    ///
    /// # Errors
    /// When the result is longer than [`MAX_RENDERED`].
    pub fn render(&self, values: &Values<'_>, locale: &Locale) -> Result<Rendered, RenderError> {
        render::render(&self.parts, values, locale)
    }
}
