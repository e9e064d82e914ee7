//! The tokens of an expression.

use serde_json::Value;

use super::{ast::Comparison, parser::Fault};

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Identifier(String),
    Quoted(String),
    Literal(Value),
    Number(i64),
    Dot,
    Star,
    Comma,
    Colon,
    Current,
    Ampersand,
    And,
    Or,
    Pipe,
    Not,
    Compare(Comparison),
    OpenRound,
    CloseRound,
    OpenSquare,
    CloseSquare,
    OpenCurly,
    CloseCurly,
    /// `[]`
    Flatten,
    /// `[?`
    Filter,
    End,
}

/// A token, and the number of characters before it.
pub(super) type Placed = (usize, Token);

struct Lexer<'a> {
    text: &'a str,
    /// In bytes.
    at: usize,
}

/// The tokens, with [`Token::End`] at the end.
pub(super) fn tokens(text: &str) -> Result<Vec<Placed>, Fault> {
    let (mut lexer, mut found) = (Lexer { text, at: 0 }, Vec::new());
    loop {
        lexer.skip_while(|own| matches!(own, ' ' | '\t' | '\n' | '\r'));
        let start = lexer.at;
        let token = lexer.token().map_err(|rule| Fault::new(before(text, start), rule))?;
        let is_end = token == Token::End;
        found.push((before(text, start), token));
        if is_end {
            return Ok(found);
        }
    }
}

fn before(text: &str, at: usize) -> usize {
    text.get(..at).map_or(0, |before| before.chars().count())
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn next(&mut self) -> Option<char> {
        let found = self.rest().chars().next()?;
        self.at += found.len_utf8();
        Some(found)
    }

    fn is_next(&mut self, wanted: char) -> bool {
        let is_next = self.rest().starts_with(wanted);
        if is_next {
            self.at += wanted.len_utf8();
        }
        is_next
    }

    fn skip_while(&mut self, is_in: impl Fn(char) -> bool) {
        let rest = self.rest();
        self.at += rest.find(|own| !is_in(own)).unwrap_or(rest.len());
    }

    fn token(&mut self) -> Result<Token, &'static str> {
        let start = self.at;
        let Some(first) = self.next() else { return Ok(Token::End) };
        Ok(match first {
            '.' => Token::Dot,
            '*' => Token::Star,
            ',' => Token::Comma,
            ':' => Token::Colon,
            '@' => Token::Current,
            '(' => Token::OpenRound,
            ')' => Token::CloseRound,
            ']' => Token::CloseSquare,
            '{' => Token::OpenCurly,
            '}' => Token::CloseCurly,
            '[' if self.is_next(']') => Token::Flatten,
            '[' if self.is_next('?') => Token::Filter,
            '[' => Token::OpenSquare,
            '&' if self.is_next('&') => Token::And,
            '&' => Token::Ampersand,
            '|' if self.is_next('|') => Token::Or,
            '|' => Token::Pipe,
            '!' if self.is_next('=') => Token::Compare(Comparison::NotEqual),
            '!' => Token::Not,
            '<' if self.is_next('=') => Token::Compare(Comparison::LessOrEqual),
            '<' => Token::Compare(Comparison::Less),
            '>' if self.is_next('=') => Token::Compare(Comparison::GreaterOrEqual),
            '>' => Token::Compare(Comparison::Greater),
            '=' if self.is_next('=') => Token::Compare(Comparison::Equal),
            '=' => return Err("a comparison is written =="),
            '\'' => Token::Literal(Value::String(self.until('\'')?)),
            '`' => Token::Literal(literal(&self.until('`')?)?),
            '"' => {
                self.until('"')?;
                let json = self.text.get(start..self.at).unwrap_or_default();
                Token::Quoted(serde_json::from_str(json).map_err(|_| "a name in double quotes must be a text of JSON")?)
            }
            '-' | '0'..='9' => {
                self.skip_while(|own| own.is_ascii_digit());
                let digits = self.text.get(start..self.at).unwrap_or_default();
                Token::Number(digits.parse().map_err(|_| "must be a whole number of at most 18 digits")?)
            }
            'a'..='z' | 'A'..='Z' | '_' => {
                self.skip_while(|own| own.is_ascii_alphanumeric() || own == '_');
                Token::Identifier(self.text.get(start..self.at).unwrap_or_default().to_owned())
            }
            _ => return Err("this character has no meaning here"),
        })
    }

    /// What is before the delimiter; a backslash before a delimiter is left out, any other stays.
    fn until(&mut self, delimiter: char) -> Result<String, &'static str> {
        let mut text = String::new();
        loop {
            let next = self.next().ok_or("the quotes or backticks that begin here have no end")?;
            if next == delimiter {
                return Ok(text);
            }
            if next != '\\' {
                text.push(next);
                continue;
            }
            let escaped = self.next().ok_or("the quotes or backticks that begin here have no end")?;
            if escaped != delimiter {
                text.push('\\');
            }
            text.push(escaped);
        }
    }
}

/// The value in backticks: JSON, or a text without quotes, as the reference still reads it.
fn literal(text: &str) -> Result<Value, &'static str> {
    let quoted = || serde_json::from_str(&["\"", text.trim_start(), "\""].concat());
    serde_json::from_str(text).or_else(|_| quoted()).map_err(|_| "must be JSON between backticks")
}
