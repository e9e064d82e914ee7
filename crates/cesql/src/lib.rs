//! CloudEvents SQL (CESQL) 1.0: expressions over the context attributes of an event.
//!
//! An expression is parsed once and evaluated often, without allocation unless a value must be built. The crate has no
//! event type: attributes come through the trait [`Attributes`]. It is not SQL: there are no tables, and the payload
//! cannot be read.
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
mod budget;
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

/// The longest expression, in bytes.
pub const MAX_LENGTH: usize = 4_096;
/// The deepest nesting of parentheses, calls and unary operators.
pub const MAX_DEPTH: usize = 64;
/// The most nested operations; `a AND b AND c` has two.
pub const MAX_HEIGHT: usize = 512;

/// The most bytes of text that the functions of an expression make in one evaluation; beyond it a function has an error.
pub const MAX_MADE: usize = 1_048_576;

/// A parsed expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expression {
    text: String,
    root: ast::Node,
}

impl Expression {
    /// Parses an expression.
    ///
    /// # Errors
    /// When the text is not valid, or exceeds [`MAX_LENGTH`], [`MAX_DEPTH`] or [`MAX_HEIGHT`]; with the position.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        parser::parse(text).map(|root| Self { text: text.to_owned(), root })
    }

    /// The text of the expression.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Evaluates the expression: the value and all errors (CESQL 4.1, complete evaluation mode).
    pub fn evaluate<'a>(&'a self, attributes: &'a dyn Attributes) -> Evaluation<'a> {
        eval::evaluate(&self.root, attributes)
    }

    /// Whether the expression as a filter accepts an event: its value is Boolean true and no error occurred (CESQL
    /// 1.2).
    pub fn matches(&self, attributes: &dyn Attributes) -> bool {
        eval::matches(&self.root, attributes)
    }

    /// The lower-case names of the attributes that the expression reads or tests with EXISTS, as often as they occur.
    pub fn attributes(&self) -> Vec<&str> {
        let mut names = Vec::new();
        self.root.collect_attributes(&mut names);
        names
    }

    /// Attributes and the texts that their string values must equal for the expression to match: the equalities with a
    /// string literal that are joined by AND at the top. They are necessary but may not be sufficient.
    pub fn required_equalities(&self) -> Vec<(&str, &str)> {
        let mut required = Vec::new();
        self.root.collect_required_equalities(&mut required);
        required
    }
}
