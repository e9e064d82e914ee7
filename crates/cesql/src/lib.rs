//! CloudEvents SQL (CESQL) 1.0: expressions over the context attributes of an event.
//!
//! It parses once and evaluates often, without allocation unless a value must be built. It knows no
//! event type: the attributes come through the trait [`Attributes`]. It is no SQL: there are no
//! tables, and the payload cannot be read.
//!
//! ```
//! use cesql::{Expression, Value};
//!
//! let expression = Expression::parse("type LIKE 'nl.overheid.%' AND sequence > 10").expect("valid");
//! let attributes = |name: &str| match name {
//!     "type" => Some(Value::from("nl.overheid.zaken")),
//!     "sequence" => Some(Value::from("11")),
//!     _ => None,
//! };
//! assert!(expression.matches(&attributes));
//! ```

mod ast;
mod error;
mod eval;
mod functions;
mod lexer;
mod like;
mod parser;
mod value;

pub use error::{Error, ParseError};
pub use eval::{Attributes, Evaluation};
pub use value::Value;

/// The longest expression that is accepted, in bytes.
pub const MAX_LENGTH: usize = 4_096;
/// The deepest nesting of parentheses, calls and unary operators that is accepted.
pub const MAX_DEPTH: usize = 64;
/// The most operations inside one another that are accepted; `a AND b AND c` are two of them.
pub const MAX_HEIGHT: usize = 512;

/// A parsed expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expression {
    text: String,
    root: ast::Node,
}

impl Expression {
    /// Parses an expression of at most [`MAX_LENGTH`] bytes, [`MAX_DEPTH`] levels and [`MAX_HEIGHT`] operations inside one
    /// another; the error says where it fails.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        parser::parse(text).map(|root| Self { text: text.to_owned(), root })
    }

    /// The text it was parsed from.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Evaluates completely: the result and every error on the way (CESQL 4.1, complete evaluation mode).
    pub fn evaluate<'a>(&'a self, attributes: &'a dyn Attributes) -> Evaluation<'a> {
        eval::evaluate(&self.root, attributes)
    }

    /// Whether an event passes the expression as a filter: the result is Boolean true and no error occurred
    /// (CESQL 1.2).
    pub fn matches(&self, attributes: &dyn Attributes) -> bool {
        eval::matches(&self.root, attributes)
    }

    /// Attributes and the text each of them must be equal to, cast to a string, or the expression does not match. Only what
    /// its form shows at once: equalities with a string that AND joins. An event that has all of them may still not match.
    pub fn required(&self) -> Vec<(&str, &str)> {
        let mut required = Vec::new();
        self.root.required(&mut required);
        required
    }
}
