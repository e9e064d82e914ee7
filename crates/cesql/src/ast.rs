//! The syntax tree of an expression.

use crate::{functions::Function, value::Type};

/// An operation with its operands.
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
    /// A call of an unknown function: an error in evaluation, not in parsing.
    UnknownCall {
        name: String,
        arguments: usize,
    },
}

impl Node {
    /// Adds the equalities with a text that must hold for this to be true: both operands of an AND are searched. An
    /// equality counts only with the attribute on the left, since the left operand is cast to the type of the right
    /// one.
    pub(crate) fn collect_required_equalities<'a>(&'a self, found: &mut Vec<(&'a str, &'a str)>) {
        match self {
            Self::Binary(Operator::And, left, right) => {
                left.collect_required_equalities(found);
                right.collect_required_equalities(found);
            }
            Self::Binary(Operator::Equal, left, right) => {
                if let (Self::Attribute(name), Self::String(text)) = (&**left, &**right) {
                    found.push((name, text));
                }
            }
            _ => {}
        }
    }

    /// Adds the names of the attributes that are read or tested, as often as they occur.
    pub(crate) fn collect_attributes<'a>(&'a self, found: &mut Vec<&'a str>) {
        // Not recursive: a chain of operators is as high as it is long.
        let mut open = vec![self];
        while let Some(node) = open.pop() {
            match node {
                Self::Attribute(name) | Self::Exists(name) => found.push(name),
                Self::Not(operand) | Self::Negate(operand) | Self::Like { operand, .. } => open.push(operand),
                Self::Binary(_, left, right) => open.extend([&**left, &**right]),
                Self::In { operand, set, .. } => {
                    open.push(operand);
                    open.extend(set);
                }
                Self::Call(_, arguments) => open.extend(arguments),
                Self::Boolean(_) | Self::Integer(_) | Self::String(_) | Self::UnknownCall { .. } => {}
            }
        }
    }

    /// The height of the tree. A chain of binary operators is as high as it is long.
    pub(crate) fn height(&self) -> usize {
        let mut height = 0;
        // Not recursive, since the height bounds recursion elsewhere.
        let mut open = vec![(self, 1)];
        while let Some((node, level)) = open.pop() {
            height = height.max(level);
            let mut below = |node| open.push((node, level + 1));
            match node {
                Self::Not(operand) | Self::Negate(operand) | Self::Like { operand, .. } => below(operand),
                Self::Binary(_, left, right) => {
                    below(left);
                    below(right);
                }
                Self::In { operand, set, .. } => {
                    below(operand);
                    set.iter().for_each(below);
                }
                Self::Call(_, arguments) => arguments.iter().for_each(below),
                Self::Boolean(_)
                | Self::Integer(_)
                | Self::String(_)
                | Self::Attribute(_)
                | Self::Exists(_)
                | Self::UnknownCall { .. } => {}
            }
        }
        height
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
    /// Its precedence; higher binds more tightly (CESQL 3.6).
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
