//! The tree of an expression.

use crate::{functions::Function, value::Type};

/// One operation, with its operands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Node {
    Boolean(bool),
    Integer(i32),
    String(String),
    Attribute(String),
    Exists(String),
    Not(Box<Node>),
    Negate(Box<Node>),
    Binary(Operator, Box<Node>, Box<Node>),
    Like {
        operand: Box<Node>,
        pattern: String,
        negated: bool,
    },
    In {
        operand: Box<Node>,
        set: Vec<Node>,
        negated: bool,
    },
    Call(Function, Vec<Node>),
    /// A function that does not exist: an error when evaluated, not when parsed.
    UnknownCall {
        name: String,
        arguments: usize,
    },
}

impl Node {
    /// Adds what is equal to a text whenever this is true: both sides of an AND count. An equality counts with the attribute
    /// on the left, since the left side is cast to the type of the right one.
    pub(crate) fn required<'a>(&'a self, found: &mut Vec<(&'a str, &'a str)>) {
        match self {
            Self::Binary(Operator::And, left, right) => {
                left.required(found);
                right.required(found);
            }
            Self::Binary(Operator::Equal, left, right) => {
                if let (Self::Attribute(name), Self::String(text)) = (&**left, &**right) {
                    found.push((name, text));
                }
            }
            _ => {}
        }
    }
}

/// A binary operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    And,
    Or,
    Xor,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

impl Operator {
    /// How tightly it binds; more is tighter (CESQL 3.6).
    pub(crate) const fn precedence(self) -> u8 {
        match self {
            Self::And | Self::Or | Self::Xor => 1,
            Self::Equal | Self::NotEqual | Self::Less | Self::LessOrEqual | Self::Greater | Self::GreaterOrEqual => 2,
            Self::Add | Self::Subtract => 3,
            Self::Multiply | Self::Divide | Self::Remainder => 4,
        }
    }

    /// The type of its result.
    pub(crate) const fn result(self) -> Type {
        match self.precedence() {
            1 | 2 => Type::Boolean,
            _ => Type::Integer,
        }
    }
}
