//! Errors of parsing and evaluation (CESQL 3.3).

/// A syntax error.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("at character {}: {message}", position + 1)]
pub struct ParseError {
    /// The position of the error, in characters from 0.
    pub position: usize,
    /// What is wrong at that position, as text.
    pub message: String,
}

/// An error of evaluation; the expression still has a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Division by zero, or a result outside 32 bits.
    #[error("{0}")]
    Math(&'static str),
    /// A value cannot be cast to the required type.
    #[error("{value:?} is no {target}")]
    Cast {
        /// The value as text, at most its first 100 characters.
        value: String,
        /// The name of the required type.
        target: &'static str,
    },
    /// The event has no such attribute.
    #[error("the event has no attribute {0}")]
    MissingAttribute(String),
    /// No function has this name and number of arguments.
    #[error("there is no function {name} of {arguments} arguments")]
    MissingFunction {
        /// The name as written.
        name: String,
        /// The number of arguments.
        arguments: usize,
    },
    /// A function cannot be applied to its arguments.
    #[error("{function}: {message}")]
    FunctionEvaluation {
        /// The name of the function.
        function: &'static str,
        /// Why the arguments are not accepted.
        message: &'static str,
    },
}

/// The errors of an evaluation. They are always counted, but built and kept only if the caller reads them.
pub(crate) struct Errors {
    count: usize,
    kept: Option<Vec<Error>>,
}

impl Errors {
    /// Counts errors without building them.
    pub(crate) const fn count_only() -> Self {
        Self { count: 0, kept: None }
    }

    /// Counts and keeps errors.
    pub(crate) const fn collect_all() -> Self {
        Self { count: 0, kept: Some(Vec::new()) }
    }

    pub(crate) fn add(&mut self, error: impl FnOnce() -> Error) {
        self.count += 1;
        if let Some(kept) = &mut self.kept {
            kept.push(error());
        }
    }

    pub(crate) const fn count(&self) -> usize {
        self.count
    }

    /// The kept errors, in the order they occurred.
    pub(crate) fn into_vec(self) -> Vec<Error> {
        self.kept.unwrap_or_default()
    }
}
