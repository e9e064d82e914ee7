//! JMESPath (jmespath.org): expressions over JSON values, as filters. An expression is parsed once and evaluated often.
//!
//! All of the language is there, with its 26 functions, some of ours (`functions::TABLE`) and named expressions of the configuration
//! ([`Functions`]). What is wrong with an expression without any value is found when it is parsed: an unknown function, a wrong
//! number of arguments, a step of 0.
//!
//! # Bounds
//!
//! A text of [`MAX_LENGTH`] bytes can otherwise ask for any amount of work: `[@[],@[]][]` doubles a list each time it is
//! written. So length, nesting and nodes are bounded, and each evaluation may do [`MAX_WORK`] steps (CH-68).

mod ast;
mod eval;
mod functions;
mod lexer;
mod named;
mod number;
mod parser;
#[cfg(test)]
mod tests;
mod work;

use serde_json::Value;

pub use self::{
    eval::Failure,
    named::{Functions, MAX_FUNCTIONS, MAX_PARAMETERS},
    parser::Fault,
    work::MAX_WORK,
};

/// The longest expression, in bytes.
pub const MAX_LENGTH: usize = 4_080;
/// The deepest nesting of brackets, calls and `!`.
pub const MAX_DEPTH: usize = 64;
/// The most parts of an expression; `a.b == 'c'` has five.
pub const MAX_NODES: usize = 512;
/// The most parts inside each other, with those of the named expressions that are called.
pub const MAX_HEIGHT: usize = 512;

/// A parsed expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expression {
    root: ast::Node,
}

impl Expression {
    /// Parses an expression; it may call `functions`.
    ///
    /// # Errors
    /// The rule that it breaks, with its place.
    pub fn parse(text: &str, functions: &Functions) -> Result<Self, Fault> {
        parser::parse(text, functions).map(|root| Self { root })
    }

    /// The value of the expression for `data`.
    ///
    /// # Errors
    /// A function was called with values of another type, or the bound on work was reached.
    pub fn search(&self, data: &Value) -> Result<Value, Failure> {
        let mut evaluator = eval::Evaluator::default();
        let found = evaluator.node(&self.root, data)?;
        evaluator.own(found)
    }

    /// Whether `[?expression]` keeps `data`: the value is neither null, false, an empty text, an empty list nor an empty object
    /// (CH-67).
    ///
    /// # Errors
    /// As [`Expression::search`].
    pub fn matches(&self, data: &Value) -> Result<bool, Failure> {
        Ok(eval::is_true(eval::Evaluator::default().node(&self.root, data)?.as_ref()))
    }
}
