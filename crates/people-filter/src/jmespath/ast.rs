//! The parts of an expression.

use std::sync::Arc;

use serde_json::Value;

use super::{functions::Builtin, named::Named};

/// A part of an expression. It is evaluated with a current value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    /// `@`, or nothing where a projection needs a right side.
    Current,
    /// A member of an object.
    Field(String),
    /// A value in backticks, or a text in quotes.
    Literal(Value),
    /// An element of a list; from the end when it is negative.
    Index(i64),
    /// A part of a list; the step is not 0.
    Slice {
        start: Option<i64>,
        stop: Option<i64>,
        step: i64,
    },
    /// The second with the value of the first: `a.b`, `a[0]`, `a | b`.
    Then(Box<Node>, Box<Node>),
    /// Elements that are lists are replaced by their elements.
    Flatten(Box<Node>),
    /// The second for each element of the list that the first is.
    Each(Box<Node>, Box<Node>),
    /// The second for each value of the object that the first is.
    EachValue(Box<Node>, Box<Node>),
    /// `each` for each element of `list` for which `condition` is true.
    Filtered {
        list: Box<Node>,
        condition: Box<Node>,
        each: Box<Node>,
    },
    Or(Box<Node>, Box<Node>),
    And(Box<Node>, Box<Node>),
    Not(Box<Node>),
    Compare(Comparison, Box<Node>, Box<Node>),
    /// `[a, b]`.
    List(Vec<Node>),
    /// `{a: b}`.
    Hash(Vec<(String, Node)>),
    /// `&a`, as an argument only.
    Reference(Box<Node>),
    /// A function.
    Call(Builtin, Vec<Node>),
    /// A named expression.
    CallNamed(Arc<Named>, Vec<Node>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Node {
    /// How many parts are inside each other, at least 1.
    pub fn height(&self) -> usize {
        let below = match self {
            Self::Current | Self::Field(_) | Self::Literal(_) | Self::Index(_) | Self::Slice { .. } => 0,
            Self::Flatten(only) | Self::Not(only) | Self::Reference(only) => only.height(),
            Self::Then(first, second)
            | Self::Each(first, second)
            | Self::EachValue(first, second)
            | Self::Or(first, second)
            | Self::And(first, second)
            | Self::Compare(_, first, second) => first.height().max(second.height()),
            Self::Filtered { list, condition, each } => list.height().max(condition.height()).max(each.height()),
            Self::List(all) | Self::Call(_, all) => highest(all.iter()),
            Self::Hash(all) => highest(all.iter().map(|(_, node)| node)),
            Self::CallNamed(named, all) => highest(all.iter()).max(named.height),
        };
        below + 1
    }
}

fn highest<'a>(nodes: impl Iterator<Item = &'a Node>) -> usize {
    nodes.map(Node::height).max().unwrap_or(0)
}
