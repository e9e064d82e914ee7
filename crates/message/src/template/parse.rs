//! From text to parts: finds the tokens and decides the place of each. In linear time.

use super::{
    Context, Kind, MAX_TEMPLATE, MAX_TOKEN, MAX_TOKENS, Part, Token, escape,
    html::{self, Scanner},
    token,
};

/// Why a text is no template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {problem}")]
pub struct ParseError {
    /// The line, from 1.
    pub line: usize,
    /// The character in the line, from 1.
    pub column: usize,
    /// What is wrong there.
    pub problem: Problem,
}

/// What is wrong with a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// More than [`MAX_TEMPLATE`] bytes.
    #[error("the template is longer than 256 KiB")]
    TooLong,
    /// More than [`MAX_TOKENS`] tokens.
    #[error("the template has more than 1,000 tokens")]
    TooManyTokens,
    /// A token of more than [`MAX_TOKEN`] bytes.
    #[error("the token is longer than 200 bytes")]
    TokenTooLong,
    /// A path of more than [`super::MAX_DEPTH`] segments.
    #[error("the path of the token has more than 16 members and indexes")]
    TooDeep,
    /// A line break or another control character in a header.
    #[error("a header has no line breaks or other control characters")]
    Control,
    /// A control character other than a line break or a tab.
    #[error("a text has no control characters but line breaks and tabs")]
    ControlInText,
    /// A token where no escaping is safe.
    #[error("a token must not be in {0}; to write the braces, put a backslash before each")]
    Place(html::Place),
}

pub(super) fn parse(kind: Kind, text: &str) -> Result<Vec<Part>, ParseError> {
    Parser { kind, text, at: 0, literal: String::new(), parts: Vec::new(), tokens: 0, places: Places::new(kind) }
        .parse()
}

/// The state between two tokens.
struct Parser<'a> {
    kind: Kind,
    text: &'a str,
    /// The byte that is read next.
    at: usize,
    /// The literal since the last token.
    literal: String,
    parts: Vec<Part>,
    tokens: usize,
    places: Places,
}

/// Follows the literals to know where a token is.
enum Places {
    Header,
    Text(escape::Word),
    Html(Scanner),
}

impl Places {
    fn new(kind: Kind) -> Self {
        match kind {
            Kind::Header => Self::Header,
            Kind::Text => Self::Text(escape::Word::default()),
            Kind::Html => Self::Html(Scanner::default()),
        }
    }

    fn literal(&mut self, c: char) {
        match self {
            Self::Header => {}
            Self::Text(word) => word.literal(c),
            Self::Html(scanner) => scanner.literal(c),
        }
    }

    fn token(&mut self, token: &Token) -> Result<Context, html::Place> {
        match self {
            Self::Header => Ok(Context::Header),
            Self::Text(word) => Ok(word.token(token)),
            Self::Html(scanner) => scanner.token(),
        }
    }
}

impl Parser<'_> {
    fn parse(mut self) -> Result<Vec<Part>, ParseError> {
        if self.text.len() > MAX_TEMPLATE {
            return Err(self.error(Problem::TooLong));
        }
        while let Some(rest) = self.text.get(self.at..).filter(|rest| !rest.is_empty()) {
            if rest.starts_with("\\{") || rest.starts_with("\\}") {
                self.at += 1;
                self.push_character()?;
            } else if let Some(written) = token_text(rest) {
                self.push_token(written)?;
            } else {
                self.push_character()?;
            }
        }
        self.end_literal();
        Ok(self.parts)
    }

    fn push_character(&mut self) -> Result<(), ParseError> {
        let Some(c) = self.text.get(self.at..).and_then(|rest| rest.chars().next()) else { return Ok(()) };
        match self.kind {
            Kind::Header if c.is_control() => return Err(self.error(Problem::Control)),
            Kind::Text | Kind::Html if c.is_control() && !matches!(c, '\n' | '\r' | '\t') => {
                return Err(self.error(Problem::ControlInText));
            }
            _ => {}
        }
        self.at += c.len_utf8();
        self.literal.push(c);
        self.places.literal(c);
        Ok(())
    }

    fn push_token(&mut self, written: &str) -> Result<(), ParseError> {
        if written.len() > MAX_TOKEN {
            return Err(self.error(Problem::TokenTooLong));
        }
        self.tokens += 1;
        if self.tokens > MAX_TOKENS {
            return Err(self.error(Problem::TooManyTokens));
        }
        let token = Token::read(written).map_err(|token::TooDeep| self.error(Problem::TooDeep))?;
        let context = self.places.token(&token).map_err(|place| self.error(Problem::Place(place)))?;
        self.end_literal();
        self.parts.push(Part::Token { token, written: written.to_owned(), context });
        self.at += written.len() + 2;
        Ok(())
    }

    fn end_literal(&mut self) {
        if !self.literal.is_empty() {
            self.parts.push(Part::Literal(std::mem::take(&mut self.literal)));
        }
    }

    fn error(&self, problem: Problem) -> ParseError {
        let before = self.text.get(..self.at).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        ParseError { line, column, problem }
    }
}

/// What is between the braces, if a token begins here. `{ color: red }` is none: a colon comes only in pairs.
fn token_text(rest: &str) -> Option<&str> {
    let rest = rest.strip_prefix('{')?;
    let (written, _) = rest.split_at(rest.find(|c| !token::is_character(c))?);
    let is_closed = rest.get(written.len()..)?.starts_with('}');
    let has_single_colon = written.replace("::", "").contains(':');
    (is_closed && !written.trim().is_empty() && !has_single_colon).then_some(written)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::{MAX_DEPTH, Template};

    fn problem(kind: Kind, text: &str) -> Problem {
        Template::parse(kind, text).expect_err("refused").problem
    }

    fn tokens(text: &str) -> Vec<String> {
        let template = Template::parse(Kind::Text, text).expect("a template");
        template.tokens().map(|(_, written)| written.to_owned()).collect()
    }

    #[test]
    fn ch_77_tokens_are_listed_and_other_braces_are_text() {
        assert_eq!(tokens("{a} {b.c[0]} {event::type} { d }"), ["a", "b.c[0]", "event::type", " d "]);
        for text in [
            "",
            "{",
            "}",
            "{}",
            "{ }",
            "{a",
            "a}",
            "p { color: red }",
            "p {color:red}",
            "{a;b}",
            "{a\nb}",
            "{\"a\": 1}",
            "\\{a}",
            "\\{a\\}",
            "{a\\}",
            "{{",
            "{a{",
            "{:}",
        ] {
            assert_eq!(tokens(text), Vec::<String>::new(), "{text}");
        }
        assert_eq!(tokens("{{a}}"), ["a"]);
        assert_eq!(tokens("\\{{a}\\}"), ["a"]);
    }

    #[test]
    fn ch_76_sizes_are_bounded() {
        assert_eq!(problem(Kind::Text, &"a".repeat(MAX_TEMPLATE + 1)), Problem::TooLong);
        assert_eq!(problem(Kind::Text, &"{a}".repeat(MAX_TOKENS + 1)), Problem::TooManyTokens);
        assert_eq!(problem(Kind::Text, &format!("{{{}}}", "a".repeat(MAX_TOKEN + 1))), Problem::TokenTooLong);
        assert_eq!(problem(Kind::Text, &format!("{{{}}}", vec!["a"; MAX_DEPTH + 1].join("."))), Problem::TooDeep);
        assert!(Template::parse(Kind::Text, &"{".repeat(MAX_TEMPLATE)).is_ok(), "many braces cost linear time");
        assert!(Template::parse(Kind::Text, &"{a".repeat(MAX_TEMPLATE / 2)).is_ok());
    }

    #[test]
    fn ch_19_a_header_template_is_one_line() {
        for text in ["a\nb", "a\r", "a\tb", "a\0"] {
            assert_eq!(problem(Kind::Header, text), Problem::Control, "{text:?}");
        }
        assert_eq!(problem(Kind::Text, "a\0"), Problem::ControlInText);
        assert_eq!(problem(Kind::Html, "\u{1b}"), Problem::ControlInText);
        assert!(Template::parse(Kind::Text, "a\r\n\tb").is_ok());
    }

    #[test]
    fn an_error_names_line_and_column() {
        let error = Template::parse(Kind::Html, "<p>\n<b>é <script>{a}").unwrap_err();
        assert_eq!((error.line, error.column), (2, 14));
        assert_eq!(
            error.to_string(),
            "line 2, column 14: a token must not be in a script, a style or a data URL; to write the braces, put a backslash before each"
        );
    }
}
