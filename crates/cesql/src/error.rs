//! What goes wrong when an expression is parsed or evaluated (CESQL 3.3).

/// Why a text is no expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("at character {}: {message}", position + 1)]
pub struct ParseError {
    /// Where, in characters from 0.
    pub position: usize,
    /// What is wrong there.
    pub message: String,
}

/// An error of evaluation; the expression still has a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Division by zero, or a result outside 32 bits.
    #[error("{0}")]
    Math(&'static str),
    /// A value cannot be read as the type that is needed.
    #[error("{value:?} is no {target}")]
    Cast {
        /// The value as text.
        value: String,
        /// The name of the type.
        target: &'static str,
    },
    /// The event lacks the attribute.
    #[error("the event has no attribute {0}")]
    MissingAttribute(String),
    /// There is no function of that name for that number of arguments.
    #[error("there is no function {name} of {arguments} arguments")]
    MissingFunction {
        /// The name as written.
        name: String,
        /// The number of arguments.
        arguments: usize,
    },
    /// A function cannot work with its arguments.
    #[error("{function}: {message}")]
    FunctionEvaluation {
        /// The function.
        function: &'static str,
        /// What is wrong.
        message: &'static str,
    },
}
