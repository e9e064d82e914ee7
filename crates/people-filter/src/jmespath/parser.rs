//! From text to an expression, by precedence as the grammar of JMESPath has it. The text must be one complete expression: nothing
//! in it can end the brackets in which a caller puts it (CH-68).

use std::sync::Arc;

use super::{
    MAX_DEPTH, MAX_HEIGHT, MAX_LENGTH, MAX_NODES,
    ast::Node,
    functions::Builtin,
    lexer::{Placed, Token, tokens},
    named::Functions,
};

/// What is wrong with an expression. It has nothing of its values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{rule} (at character {position})")]
pub struct Fault {
    /// The place, in characters from 1.
    pub position: usize,
    /// The rule.
    pub rule: String,
}

impl Fault {
    /// `before` is the number of characters before the place.
    pub(super) fn new(before: usize, rule: impl Into<String>) -> Self {
        Self { position: before + 1, rule: rule.into() }
    }
}

/// The binding powers: a token with a higher one than that of an operator belongs to the right side of it.
mod power {
    pub const PIPE: u8 = 1;
    pub const OR: u8 = 2;
    pub const AND: u8 = 3;
    pub const COMPARE: u8 = 5;
    pub const FLATTEN: u8 = 9;
    /// What is below ends a projection.
    pub const PROJECTION_STOP: u8 = 10;
    pub const STAR: u8 = 20;
    pub const FILTER: u8 = 21;
    pub const DOT: u8 = 40;
    pub const NOT: u8 = 45;
    pub const CURLY: u8 = 50;
    pub const SQUARE: u8 = 55;
    pub const ROUND: u8 = 60;
}

struct Parser<'a> {
    tokens: Vec<Placed>,
    at: usize,
    depth: usize,
    nodes: usize,
    functions: &'a Functions,
}

/// Parses a whole text.
pub(super) fn parse(text: &str, functions: &Functions) -> Result<Node, Fault> {
    if text.len() > MAX_LENGTH {
        return Err(Fault::new(0, "an expression has at most 4080 bytes"));
    }
    let mut parser = Parser { tokens: tokens(text)?, at: 0, depth: 0, nodes: 0, functions };
    let root = parser.expression(0)?;
    if parser.peek() != &Token::End {
        return Err(parser.fault("must be one complete expression; this does not belong to it"));
    }
    if root.height() > MAX_HEIGHT {
        return Err(Fault::new(0, "calls too many named expressions inside each other"));
    }
    Ok(root)
}

fn boxed(node: Node) -> Box<Node> {
    Box::new(node)
}

impl Parser<'_> {
    fn peek(&self) -> &Token {
        self.ahead(0)
    }

    fn ahead(&self, number: usize) -> &Token {
        self.tokens.get(self.at + number).map_or(&Token::End, |(_, token)| token)
    }

    fn fault(&self, rule: impl Into<String>) -> Fault {
        self.fault_at(self.at, rule)
    }

    fn fault_at(&self, token: usize, rule: impl Into<String>) -> Fault {
        let last = self.tokens.last().map_or(0, |(before, _)| *before);
        Fault::new(self.tokens.get(token).map_or(last, |(before, _)| *before), rule)
    }

    fn advance(&mut self) -> Token {
        let token = self.peek().clone();
        self.at += 1;
        token
    }

    fn expect(&mut self, token: &Token, rule: &str) -> Result<(), Fault> {
        if self.peek() != token {
            return Err(self.fault(rule));
        }
        self.at += 1;
        Ok(())
    }

    /// Counts a part.
    fn node(&mut self, node: Node) -> Result<Node, Fault> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return Err(self.fault("an expression has at most 512 parts"));
        }
        Ok(node)
    }

    /// What follows until a token that binds less than `power`.
    fn expression(&mut self, power: u8) -> Result<Node, Fault> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.fault("an expression is nested at most 64 deep"));
        }
        let mut left = self.start()?;
        while power < binding(self.peek()) {
            left = self.continued(left)?;
            left = self.node(left)?;
        }
        self.depth -= 1;
        Ok(left)
    }

    /// The begin of an expression.
    fn start(&mut self) -> Result<Node, Fault> {
        let place = self.at;
        let node = match self.advance() {
            Token::Literal(value) => Node::Literal(value),
            Token::Identifier(name) if self.peek() == &Token::OpenRound => {
                self.at += 1;
                self.call(place, &name)?
            }
            Token::Quoted(_) if self.peek() == &Token::OpenRound => {
                return Err(self.fault_at(place, "the name of a function has no quotes"));
            }
            Token::Identifier(name) | Token::Quoted(name) => Node::Field(name),
            Token::Current => Node::Current,
            Token::Star => {
                let each =
                    if self.peek() == &Token::CloseSquare { Node::Current } else { self.projected(power::STAR)? };
                Node::EachValue(boxed(Node::Current), boxed(each))
            }
            Token::Filter => self.filtered(Node::Current)?,
            Token::OpenCurly => self.hash()?,
            Token::OpenRound => {
                let inner = self.expression(0)?;
                self.expect(&Token::CloseRound, "must be ) here")?;
                inner
            }
            Token::Flatten => self.flattened(Node::Current)?,
            Token::Not => Node::Not(boxed(self.expression(power::NOT)?)),
            Token::OpenSquare => match self.peek() {
                Token::Number(_) | Token::Colon => self.indexed(Node::Current)?,
                Token::Star if self.ahead(1) == &Token::CloseSquare => {
                    self.at += 2;
                    let each = self.projected(power::STAR)?;
                    Node::Each(boxed(Node::Current), boxed(each))
                }
                _ => self.list()?,
            },
            Token::Ampersand => return Err(self.fault_at(place, "& is for an argument of a function only")),
            Token::End => return Err(self.fault_at(place, "an expression is missing here")),
            _ => return Err(self.fault_at(place, "an expression cannot begin with this")),
        };
        self.node(node)
    }

    /// What follows an expression and belongs to it.
    fn continued(&mut self, left: Node) -> Result<Node, Fault> {
        let place = self.at;
        Ok(match self.advance() {
            Token::Dot if self.peek() == &Token::Star => {
                self.at += 1;
                let each = self.projected(power::STAR)?;
                Node::EachValue(boxed(left), boxed(each))
            }
            Token::Dot => Node::Then(boxed(left), boxed(self.member(power::DOT)?)),
            Token::Pipe => Node::Then(boxed(left), boxed(self.expression(power::PIPE)?)),
            Token::Or => Node::Or(boxed(left), boxed(self.expression(power::OR)?)),
            Token::And => Node::And(boxed(left), boxed(self.expression(power::AND)?)),
            Token::Compare(comparison) => {
                Node::Compare(comparison, boxed(left), boxed(self.expression(power::COMPARE)?))
            }
            Token::Filter => self.filtered(left)?,
            Token::Flatten => self.flattened(left)?,
            Token::OpenSquare => match self.peek() {
                Token::Number(_) | Token::Colon => self.indexed(left)?,
                _ => {
                    self.expect(&Token::Star, "must be an index, a slice or * here")?;
                    self.expect(&Token::CloseSquare, "must be ] here")?;
                    let each = self.projected(power::STAR)?;
                    Node::Each(boxed(left), boxed(each))
                }
            },
            _ => return Err(self.fault_at(place, "this cannot follow here")),
        })
    }

    /// The right side of a projection.
    fn projected(&mut self, power: u8) -> Result<Node, Fault> {
        match self.peek() {
            token if binding(token) < power::PROJECTION_STOP => Ok(Node::Current),
            Token::OpenSquare | Token::Filter => self.expression(power),
            Token::Dot => {
                self.at += 1;
                self.member(power)
            }
            _ => Err(self.fault("this cannot follow here")),
        }
    }

    /// What is behind a dot.
    fn member(&mut self, power: u8) -> Result<Node, Fault> {
        match self.peek() {
            Token::Identifier(_) | Token::Quoted(_) | Token::Star => self.expression(power),
            Token::OpenSquare => {
                self.at += 1;
                let list = self.list()?;
                self.node(list)
            }
            Token::OpenCurly => {
                self.at += 1;
                let hash = self.hash()?;
                self.node(hash)
            }
            _ => Err(self.fault("must be a name, *, [ or { behind a dot")),
        }
    }

    fn filtered(&mut self, list: Node) -> Result<Node, Fault> {
        let condition = self.expression(0)?;
        self.expect(&Token::CloseSquare, "must be ] here")?;
        let each = if self.peek() == &Token::Flatten { Node::Current } else { self.projected(power::FILTER)? };
        Ok(Node::Filtered { list: boxed(list), condition: boxed(condition), each: boxed(each) })
    }

    fn flattened(&mut self, list: Node) -> Result<Node, Fault> {
        let each = self.projected(power::FLATTEN)?;
        Ok(Node::Each(boxed(Node::Flatten(boxed(list))), boxed(each)))
    }

    /// An index or a slice; its bracket was read.
    fn indexed(&mut self, list: Node) -> Result<Node, Fault> {
        if let (Token::Number(index), Token::CloseSquare) = (self.peek(), self.ahead(1)) {
            let index = *index;
            self.at += 2;
            return Ok(Node::Then(boxed(list), boxed(Node::Index(index))));
        }
        let (mut parts, mut colons, place) = ([None; 3], 0, self.at);
        loop {
            match self.advance() {
                Token::Colon if colons < 2 => colons += 1,
                Token::Number(number) if parts[colons].is_none() => parts[colons] = Some(number),
                Token::CloseSquare if colons > 0 => break,
                _ => return Err(self.fault_at(self.at - 1, "must be an index or a slice, such as [1:3]")),
            }
        }
        let [start, stop, step] = parts;
        if step == Some(0) {
            return Err(self.fault_at(place, "the step of a slice must not be 0"));
        }
        let slice = Node::Slice { start, stop, step: step.unwrap_or(1) };
        let each = self.projected(power::STAR)?;
        Ok(Node::Each(boxed(Node::Then(boxed(list), boxed(slice))), boxed(each)))
    }

    /// `[a, b]`; its first bracket was read.
    fn list(&mut self) -> Result<Node, Fault> {
        let mut all = Vec::new();
        loop {
            all.push(self.expression(0)?);
            match self.advance() {
                Token::Comma => {}
                Token::CloseSquare => return Ok(Node::List(all)),
                _ => return Err(self.fault_at(self.at - 1, "must be , or ] here")),
            }
        }
    }

    /// `{a: b}`; its first bracket was read.
    fn hash(&mut self) -> Result<Node, Fault> {
        let mut all = Vec::new();
        loop {
            let (Token::Identifier(name) | Token::Quoted(name)) = self.advance() else {
                return Err(self.fault_at(self.at - 1, "must be a name here"));
            };
            self.expect(&Token::Colon, "must be : here")?;
            all.push((name, self.expression(0)?));
            match self.advance() {
                Token::Comma => {}
                Token::CloseCurly => return Ok(Node::Hash(all)),
                _ => return Err(self.fault_at(self.at - 1, "must be , or } here")),
            }
        }
    }

    /// A call; its bracket was read.
    fn call(&mut self, place: usize, name: &str) -> Result<Node, Fault> {
        let mut arguments = Vec::new();
        if self.peek() == &Token::CloseRound {
            self.at += 1;
        } else {
            loop {
                arguments.push(self.argument()?);
                match self.advance() {
                    Token::Comma => {}
                    Token::CloseRound => break,
                    _ => return Err(self.fault_at(self.at - 1, "must be , or ) here")),
                }
            }
        }
        if let Some(builtin) = Builtin::of(name) {
            builtin.check(&arguments).map_err(|rule| self.fault_at(place, rule))?;
            return Ok(Node::Call(builtin, arguments));
        }
        let Some(named) = self.functions.get(name) else {
            return Err(self.fault_at(place, "there is no function of this name"));
        };
        if named.parameters.len() != arguments.len() || arguments.iter().any(|one| matches!(one, Node::Reference(_))) {
            let rule = format!("this function has {} arguments, and none with &", named.parameters.len());
            return Err(self.fault_at(place, rule));
        }
        Ok(Node::CallNamed(Arc::clone(named), arguments))
    }

    fn argument(&mut self) -> Result<Node, Fault> {
        if self.peek() != &Token::Ampersand {
            return self.expression(0);
        }
        self.at += 1;
        let referred = self.expression(0)?;
        self.node(Node::Reference(boxed(referred)))
    }
}

fn binding(token: &Token) -> u8 {
    match token {
        Token::Pipe => power::PIPE,
        Token::Or => power::OR,
        Token::And => power::AND,
        Token::Compare(_) => power::COMPARE,
        Token::Flatten => power::FLATTEN,
        Token::Star => power::STAR,
        Token::Filter => power::FILTER,
        Token::Dot => power::DOT,
        Token::Not => power::NOT,
        Token::OpenCurly => power::CURLY,
        Token::OpenSquare => power::SQUARE,
        Token::OpenRound => power::ROUND,
        _ => 0,
    }
}
