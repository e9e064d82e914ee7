//! Parses tokens into a tree by precedence climbing (CESQL 2, 3.6).

use crate::{
    MAX_DEPTH, MAX_HEIGHT, MAX_LENGTH, ParseError,
    ast::{Node, Operator},
    functions::Function,
    lexer::{Spanned, Token, tokens},
};

/// Parses a whole expression.
pub(crate) fn parse(text: &str) -> Result<Node, ParseError> {
    if text.len() > MAX_LENGTH {
        return Err(ParseError { position: 0, message: format!("an expression has at most {MAX_LENGTH} bytes") });
    }
    let mut parser = Parser { tokens: tokens(text)?, at: 0, end: text.chars().count(), depth: 0 };
    let root = parser.binary(1)?;
    match parser.peek() {
        None if root.height() > MAX_HEIGHT => {
            Err(ParseError { position: 0, message: format!("more than {MAX_HEIGHT} operations inside one another") })
        }
        None => Ok(root),
        Some(token) => Err(parser.fail(format!("{} is not expected here", describe(token)))),
    }
}

struct Parser {
    tokens: Vec<Spanned>,
    at: usize,
    end: usize,
    depth: usize,
}

impl Parser {
    /// Binary operators with at least the precedence `least`, left-associative.
    fn binary(&mut self, least: u8) -> Result<Node, ParseError> {
        let mut left = self.like_or_in()?;
        while let Some(&Token::Operator(operator)) = self.peek() {
            if operator.precedence() < least {
                break;
            }
            self.at += 1;
            let right = self.binary(operator.precedence() + 1)?;
            left = Node::Binary(operator, Box::new(left), Box::new(right));
        }
        Ok(left)
    }

    /// An operand with an optional `[NOT] LIKE` or `[NOT] IN`.
    fn like_or_in(&mut self) -> Result<Node, ParseError> {
        let mut operand = self.unary()?;
        loop {
            let negated = matches!(self.peek(), Some(Token::Not));
            let keyword = self.tokens.get(self.at + usize::from(negated)).map(|(_, token)| token);
            operand = match keyword {
                Some(Token::Like) => {
                    self.at += 1 + usize::from(negated);
                    Node::Like { operand: Box::new(operand), pattern: self.pattern()?, negated }
                }
                Some(Token::In) => {
                    self.at += 1 + usize::from(negated);
                    self.expect(&Token::Open)?;
                    Node::In { operand: Box::new(operand), set: self.list()?, negated }
                }
                _ => return Ok(operand),
            };
        }
    }

    fn unary(&mut self) -> Result<Node, ParseError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.fail(format!("more than {MAX_DEPTH} levels of nesting")));
        }
        let node = self.operand();
        self.depth -= 1;
        node
    }

    fn operand(&mut self) -> Result<Node, ParseError> {
        let Some((position, token)) = self.tokens.get(self.at).cloned() else {
            return Err(self.fail("the expression ends where an operand should follow".to_owned()));
        };
        self.at += 1;
        match token {
            Token::Not => Ok(Node::Not(Box::new(self.unary()?))),
            Token::Operator(Operator::Subtract) => match self.digits() {
                Some(digits) => integer(&format!("-{digits}"), position),
                None => Ok(Node::Negate(Box::new(self.unary()?))),
            },
            Token::Operator(Operator::Add) => match self.digits() {
                Some(digits) => integer(&digits, position),
                None => Err(self.fail("a number should follow the sign".to_owned())),
            },
            Token::Exists => match self.tokens.get(self.at).cloned() {
                Some((at, Token::Name(name) | Token::Digits(name))) => {
                    self.at += 1;
                    attribute(&name, at).map(Node::Exists)
                }
                _ => Err(self.fail("EXISTS is followed by the name of an attribute".to_owned())),
            },
            Token::Open => {
                let inner = self.binary(1)?;
                self.expect(&Token::Close)?;
                Ok(inner)
            }
            Token::Boolean(truth) => Ok(Node::Boolean(truth)),
            Token::Digits(digits) => integer(&digits, position),
            Token::String(text) => Ok(Node::String(text)),
            Token::Name(name) if self.peek() == Some(&Token::Open) => {
                if name.contains(|c: char| c.is_ascii_digit()) {
                    return Err(ParseError { position, message: format!("{name} is no name of a function") });
                }
                self.at += 1;
                self.call(&name)
            }
            Token::Name(name) => attribute(&name, position).map(Node::Attribute),
            other => Err(ParseError { position, message: format!("{} is not expected here", describe(&other)) }),
        }
    }

    fn call(&mut self, name: &str) -> Result<Node, ParseError> {
        let arguments = if self.peek() == Some(&Token::Close) {
            self.at += 1;
            Vec::new()
        } else {
            self.list()?
        };
        Ok(match Function::find(name, arguments.len()) {
            Some(function) => Node::Call(function, arguments),
            None => Node::UnknownCall { name: name.to_owned(), arguments: arguments.len() },
        })
    }

    /// One or more expressions up to and including `)`.
    fn list(&mut self) -> Result<Vec<Node>, ParseError> {
        let mut items = vec![self.binary(1)?];
        while self.peek() == Some(&Token::Comma) {
            self.at += 1;
            items.push(self.binary(1)?);
        }
        self.expect(&Token::Close)?;
        Ok(items)
    }

    fn pattern(&mut self) -> Result<String, ParseError> {
        match self.peek() {
            Some(Token::String(pattern)) => {
                let pattern = pattern.clone();
                self.at += 1;
                Ok(pattern)
            }
            _ => Err(self.fail("LIKE is followed by a string literal".to_owned())),
        }
    }

    fn digits(&mut self) -> Option<String> {
        let Some(Token::Digits(digits)) = self.peek() else { return None };
        let digits = digits.clone();
        self.at += 1;
        Some(digits)
    }

    fn expect(&mut self, wanted: &Token) -> Result<(), ParseError> {
        if self.peek() != Some(wanted) {
            return Err(self.fail(format!("{} is missing", describe(wanted))));
        }
        self.at += 1;
        Ok(())
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|(_, token)| token)
    }

    /// An error at the next token.
    fn fail(&self, message: String) -> ParseError {
        ParseError { position: self.tokens.get(self.at).map_or(self.end, |(position, _)| *position), message }
    }
}

fn integer(text: &str, position: usize) -> Result<Node, ParseError> {
    let outside = |_| ParseError { position, message: format!("{text} is no whole number of 32 bits") };
    text.parse().map(Node::Integer).map_err(outside)
}

/// The lower-case name of an attribute, which may be written in any case.
fn attribute(name: &str, position: usize) -> Result<String, ParseError> {
    if name.contains('_') {
        return Err(ParseError { position, message: format!("{name} is no name of an attribute") });
    }
    Ok(name.to_ascii_lowercase())
}

fn describe(token: &Token) -> String {
    match token {
        Token::Open => "'('".to_owned(),
        Token::Close => "')'".to_owned(),
        Token::Comma => "','".to_owned(),
        Token::Not => "NOT".to_owned(),
        Token::Like => "LIKE".to_owned(),
        Token::Exists => "EXISTS".to_owned(),
        Token::In => "IN".to_owned(),
        Token::Operator(operator) => format!("an operator ({operator:?})"),
        Token::Boolean(truth) => truth.to_string(),
        Token::Digits(text) | Token::Name(text) => format!("{text:?}"),
        Token::String(_) => "a string".to_owned(),
    }
}
