//! Where in HTML a token is: follows the literal characters of a template with the states of the HTML tokenizer that matter
//! here. It checks no HTML; what it cannot place safely it refuses ([`Place`]).

use std::fmt;

use super::{Context, url};

/// A place where no token may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The content of an element that is not parsed as HTML, or a URL that is a script or data.
    Script,
    /// A comment, also a conditional one.
    Comment,
    /// A tag outside the value of an attribute.
    Tag,
    /// The value of an attribute without quotes.
    Unquoted,
    /// An attribute whose value is more than text or one URL: a script, a style, a list of URLs, a document.
    Attribute,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Script => "a script, a style or a data URL",
            Self::Comment => "a comment",
            Self::Tag => "a tag outside the value of an attribute",
            Self::Unquoted => "the value of an attribute without quotes",
            Self::Attribute => "an attribute that holds a script, a style, a list of URLs or a document",
        })
    }
}

/// Attributes whose value is a URL.
const URLS: [&str; 10] =
    ["href", "src", "action", "formaction", "background", "cite", "poster", "data", "longdesc", "xlink:href"];
/// Attributes whose value is refused, beside those that begin with `on`.
const REFUSED: [&str; 6] = ["style", "srcset", "imagesrcset", "srcdoc", "ping", "sizes"];
/// Elements whose content is not HTML.
const RAW: [&str; 8] = ["script", "style", "xmp", "iframe", "noembed", "noframes", "noscript", "plaintext"];
/// Elements whose attributes are refused: they act on the whole document.
const DOCUMENT: [&str; 4] = ["meta", "base", "link", "object"];
/// How much of a name is kept, in characters; no name above is longer.
const MAX_NAME: usize = 20;

/// The state after the literals so far.
#[derive(Debug, Default)]
pub(super) struct Scanner {
    state: State,
    /// The element of the tag that is open, in lower case.
    element: String,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Text,
    /// After `<`.
    Open,
    /// After `<!`, until it is a comment or ends; with what came so far.
    Declaration(String),
    /// In a comment, with the last two characters.
    Comment([char; 2]),
    /// In the name of a tag; whether it is an end tag.
    Name {
        end: bool,
    },
    /// In a tag, before an attribute.
    Before,
    Attribute(String),
    /// After the name of an attribute and white space.
    AfterName(String),
    /// After `=`.
    BeforeValue(String),
    Value {
        quote: char,
        attribute: String,
        /// What the value begins with; `None` so far nothing.
        start: Option<Start>,
    },
    Unquoted,
    /// In an element of [`RAW`], with what could be the start of its end tag.
    Raw(String),
}

/// What the value of an attribute begins with.
#[derive(Debug)]
enum Start {
    /// A token: whether the URL is one that a link may have is checked when it is rendered.
    Token,
    /// A literal, its first characters in lower case.
    Literal(String),
}

impl Scanner {
    /// A literal character.
    pub(super) fn literal(&mut self, c: char) {
        let state = std::mem::take(&mut self.state);
        self.state = self.next(state, c);
    }

    /// The context of a token here.
    pub(super) fn token(&mut self) -> Result<Context, Place> {
        match &mut self.state {
            State::Text => Ok(Context::HtmlText),
            State::Open
            | State::Declaration(_)
            | State::Name { .. }
            | State::Before
            | State::Attribute(_)
            | State::AfterName(_) => Err(Place::Tag),
            State::Comment(_) => Err(Place::Comment),
            State::BeforeValue(_) | State::Unquoted => Err(Place::Unquoted),
            State::Raw(_) => Err(Place::Script),
            State::Value { attribute, start, .. } => {
                let start = start.replace(Start::Token);
                let name = attribute.as_str();
                if DOCUMENT.contains(&self.element.as_str()) || REFUSED.contains(&name) || name.starts_with("on") {
                    Err(Place::Attribute)
                } else if !URLS.contains(&name) {
                    Ok(Context::Attribute)
                } else {
                    match start {
                        None => Ok(Context::AttributeUrl),
                        Some(Start::Literal(literal)) if url::has_other_scheme(&literal) => Err(Place::Script),
                        Some(Start::Literal(_) | Start::Token) => Ok(Context::AttributeUrlPart),
                    }
                }
            }
        }
    }

    fn next(&mut self, state: State, c: char) -> State {
        match state {
            State::Text if c == '<' => State::Open,
            State::Text => State::Text,
            State::Open => self.open(c),
            State::Declaration(start) => declaration(start, c),
            State::Comment(last) => comment(last, c),
            State::Name { end } if c.is_ascii_whitespace() || c == '/' => self.before(end),
            State::Name { end } if c == '>' => self.close(end),
            State::Name { end } => {
                push(&mut self.element, c);
                State::Name { end }
            }
            State::Attribute(name) if c == '=' => State::BeforeValue(name),
            State::Attribute(name) if c.is_ascii_whitespace() => State::AfterName(name),
            State::Attribute(_) | State::AfterName(_) if c == '>' => self.close(false),
            State::Attribute(_) | State::AfterName(_) if c == '/' => State::Before,
            State::Attribute(mut name) => {
                push(&mut name, c);
                State::Attribute(name)
            }
            State::AfterName(name) if c == '=' => State::BeforeValue(name),
            State::AfterName(name) if c.is_ascii_whitespace() => State::AfterName(name),
            State::Before | State::AfterName(_) => self.in_tag(c),
            State::BeforeValue(attribute) if c == '"' || c == '\'' => State::Value { quote: c, attribute, start: None },
            State::BeforeValue(attribute) if c.is_ascii_whitespace() => State::BeforeValue(attribute),
            State::BeforeValue(_) | State::Unquoted if c == '>' => self.close(false),
            State::Unquoted if c.is_ascii_whitespace() => State::Before,
            State::BeforeValue(_) | State::Unquoted => State::Unquoted,
            State::Value { quote, .. } if c == quote => State::Before,
            // White space before a URL is not part of it.
            State::Value { quote, attribute, start: None } if c.is_ascii_whitespace() => {
                State::Value { quote, attribute, start: None }
            }
            State::Value { quote, attribute, start } => {
                let start = match start {
                    Some(Start::Token) => Start::Token,
                    Some(Start::Literal(mut literal)) => {
                        push(&mut literal, c);
                        Start::Literal(literal)
                    }
                    None => Start::Literal(c.to_ascii_lowercase().to_string()),
                };
                State::Value { quote, attribute, start: Some(start) }
            }
            State::Raw(start) => self.raw(start, c),
        }
    }

    /// After `<`.
    fn open(&mut self, c: char) -> State {
        self.element.clear();
        match c {
            '!' | '?' => State::Declaration(String::new()),
            '/' => State::Name { end: true },
            '<' => State::Open,
            c if c.is_ascii_alphabetic() => {
                push(&mut self.element, c);
                State::Name { end: false }
            }
            _ => State::Text,
        }
    }

    /// After the name of a tag. An end tag has no content, whatever its name.
    fn before(&mut self, end: bool) -> State {
        if end {
            self.element.clear();
        }
        State::Before
    }

    /// Between attributes.
    fn in_tag(&mut self, c: char) -> State {
        match c {
            '>' => self.close(false),
            '/' => State::Before,
            c if c.is_ascii_whitespace() => State::Before,
            c => {
                let mut name = String::new();
                push(&mut name, c);
                State::Attribute(name)
            }
        }
    }

    /// After `>`.
    fn close(&self, end: bool) -> State {
        if !end && RAW.contains(&self.element.as_str()) { State::Raw(String::new()) } else { State::Text }
    }

    /// In the content of an element of [`RAW`]: it ends with its own end tag alone.
    fn raw(&mut self, mut start: String, c: char) -> State {
        let end = format!("</{}", self.element);
        if start.len() == end.len() && (c == '>' || c == '/' || c.is_ascii_whitespace()) {
            self.element.clear();
            return if c == '>' { State::Text } else { State::Before };
        }
        start.push(c.to_ascii_lowercase());
        if end.starts_with(&start) {
            State::Raw(start)
        } else if c == '<' {
            State::Raw("<".to_owned())
        } else {
            State::Raw(String::new())
        }
    }
}

/// After `<!`.
fn declaration(mut start: String, c: char) -> State {
    if start.len() < 2 {
        start.push(c);
    }
    match c {
        // `<!-->` and `<!--->` are comments too.
        '-' if start == "--" => State::Comment(['-', '-']),
        '>' => State::Text,
        _ => State::Declaration(start),
    }
}

/// A comment ends with `-->`, and with `--!>`, which browsers accept.
fn comment([a, b]: [char; 2], c: char) -> State {
    match (a, b, c) {
        ('-', '-', '>') => State::Text,
        ('-', '-', '!' | '-') => State::Comment(['-', '-']),
        _ => State::Comment([b, c]),
    }
}

/// Adds a character of a name in lower case.
fn push(name: &mut String, c: char) {
    if name.len() < MAX_NAME {
        name.push(c.to_ascii_lowercase());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The context of a token after this text.
    fn after(text: &str) -> Result<Context, Place> {
        let mut scanner = Scanner::default();
        text.chars().for_each(|c| scanner.literal(c));
        scanner.token()
    }

    #[test]
    fn ch_80_places_of_text_attribute_and_url() {
        use Context::{Attribute, AttributeUrl, AttributeUrlPart, HtmlText};
        for (text, context) in [
            ("", HtmlText),
            ("<p>", HtmlText),
            ("a < b ", HtmlText),
            ("a <3 ", HtmlText),
            ("<!DOCTYPE html><p>", HtmlText),
            ("<!-- a > b --> ", HtmlText),
            ("<!-- a --!> ", HtmlText),
            ("<!----> ", HtmlText),
            ("<!---> ", HtmlText),
            ("<!--> ", HtmlText),
            ("<br/>", HtmlText),
            ("<p class=x>", HtmlText),
            ("<p title='<'>", HtmlText),
            ("<style>p { color: red }</style>", HtmlText),
            ("<SCRIPT>'</s' + '</scripts'</Script >", HtmlText),
            ("<title>", HtmlText),
            ("</script>", HtmlText),
            ("<p title=\"", Attribute),
            ("<p title = 'a b", Attribute),
            ("<p data-on='", Attribute),
            ("<img alt=\"", Attribute),
            ("<p hidden title=\"", Attribute),
            ("<a href=\"", AttributeUrl),
            ("<A HREF=' ", AttributeUrl),
            ("<a\nclass=x\nhref='", AttributeUrl),
            ("<a href=\"https://example.nl/?q=", AttributeUrlPart),
            ("<img src='https://example.nl/", AttributeUrlPart),
            ("<img src='cid:", AttributeUrlPart),
            ("<a href='mailto:", AttributeUrlPart),
            ("<a href='/a:b/", AttributeUrlPart),
        ] {
            assert_eq!(after(text), Ok(context), "{text}");
        }
    }

    #[test]
    fn ch_80_places_that_are_refused() {
        use Place::{Comment, Script, Tag, Unquoted};
        for (text, place) in [
            ("<", Tag),
            ("<a", Tag),
            ("<a ", Tag),
            ("<a hr", Tag),
            ("<a href ", Tag),
            ("</", Tag),
            ("<a href='x'", Tag),
            ("<!", Tag),
            ("<!DOCTYPE ", Tag),
            ("<!--", Comment),
            ("<!--[if mso]>", Comment),
            ("<!-- -- ", Comment),
            ("<a href=", Unquoted),
            ("<a href=x", Unquoted),
            ("<script>", Script),
            ("<script src='x'>", Script),
            ("<style>", Script),
            ("<style></styl", Script),
            ("<script></style>", Script),
            ("<iframe>", Script),
            ("<a href=\"javascript:f('", Script),
            ("<a href=' JavaScript:", Script),
            ("<img src='data:text/html,", Script),
            ("<p style=\"", Place::Attribute),
            ("<p onclick='", Place::Attribute),
            ("<p ONCLICK='", Place::Attribute),
            ("<img srcset='", Place::Attribute),
            ("<iframe srcdoc='", Place::Attribute),
            ("<meta content='", Place::Attribute),
            ("<base href='", Place::Attribute),
        ] {
            assert_eq!(after(text), Err(place), "{text}");
        }
    }

    #[test]
    fn ch_80_the_second_token_of_a_url_is_a_part() {
        let mut scanner = Scanner::default();
        "<a href='".chars().for_each(|c| scanner.literal(c));
        assert_eq!(scanner.token(), Ok(Context::AttributeUrl));
        assert_eq!(scanner.token(), Ok(Context::AttributeUrlPart));
    }
}
