//! Splits an expression into tokens (CESQL 2.2, 2.3). Keywords and function names are case-insensitive.

use crate::{ParseError, ast::Operator};

/// A token and its start, in characters.
pub(crate) type Spanned = (usize, Token);

/// A token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Token {
    Open,
    Close,
    Comma,
    Not,
    Like,
    Exists,
    In,
    Operator(Operator),
    Boolean(bool),
    /// Digits without a sign.
    Digits(String),
    String(String),
    /// The name of an attribute, or of a function if `(` follows.
    Name(String),
}

/// Splits `text` into tokens.
pub(crate) fn tokens(text: &str) -> Result<Vec<Spanned>, ParseError> {
    let mut tokens = Vec::new();
    let mut chars = text.chars().enumerate().peekable();
    while let Some((at, c)) = chars.next() {
        let mut followed_by = |wanted| chars.next_if(|(_, next)| *next == wanted).is_some();
        let token = match c {
            ' ' | '\t' | '\r' | '\n' => continue,
            '(' => Token::Open,
            ')' => Token::Close,
            ',' => Token::Comma,
            '=' => Token::Operator(Operator::Equal),
            '!' if followed_by('=') => Token::Operator(Operator::NotEqual),
            '<' if followed_by('=') => Token::Operator(Operator::LessOrEqual),
            '<' if followed_by('>') => Token::Operator(Operator::NotEqual),
            '<' => Token::Operator(Operator::Less),
            '>' if followed_by('=') => Token::Operator(Operator::GreaterOrEqual),
            '>' => Token::Operator(Operator::Greater),
            '+' => Token::Operator(Operator::Add),
            '-' => Token::Operator(Operator::Subtract),
            '*' => Token::Operator(Operator::Multiply),
            '/' => Token::Operator(Operator::Divide),
            '%' => Token::Operator(Operator::Remainder),
            '\'' | '"' => Token::String(string(&mut chars, at, c)?),
            c if c.is_ascii_alphanumeric() => {
                let mut name = String::from(c);
                while let Some((_, c)) = chars.next_if(|(_, c)| c.is_ascii_alphanumeric() || *c == '_') {
                    name.push(c);
                }
                word(name)
            }
            c => return Err(ParseError { position: at, message: format!("{c:?} is no part of an expression") }),
        };
        tokens.push((at, token));
    }
    Ok(tokens)
}

/// The rest of a string literal. A backslash escapes the quote and is literal before any other character. Two
/// backslashes are literal and do not escape a following quote, so that a text can end in a backslash.
fn string(
    chars: &mut std::iter::Peekable<impl Iterator<Item = (usize, char)>>,
    start: usize,
    quote: char,
) -> Result<String, ParseError> {
    let mut text = String::new();
    while let Some((_, c)) = chars.next() {
        match c {
            c if c == quote => return Ok(text),
            '\\' => match chars.next_if(|(_, next)| *next == quote || *next == '\\') {
                Some((_, '\\')) => text.push_str("\\\\"),
                Some((_, escaped)) => text.push(escaped),
                None => text.push('\\'),
            },
            c => text.push(c),
        }
    }
    Err(ParseError { position: start, message: "the string is not closed".to_owned() })
}

fn word(name: String) -> Token {
    let keyword = |wanted: &str| name.eq_ignore_ascii_case(wanted);
    if keyword("and") {
        Token::Operator(Operator::And)
    } else if keyword("or") {
        Token::Operator(Operator::Or)
    } else if keyword("xor") {
        Token::Operator(Operator::Xor)
    } else if keyword("not") {
        Token::Not
    } else if keyword("like") {
        Token::Like
    } else if keyword("exists") {
        Token::Exists
    } else if keyword("in") {
        Token::In
    } else if keyword("true") || keyword("false") {
        Token::Boolean(keyword("true"))
    } else if name.bytes().all(|b| b.is_ascii_digit()) {
        Token::Digits(name)
    } else {
        Token::Name(name)
    }
}
