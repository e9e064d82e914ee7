//! The bound on the text that one evaluation makes, which would otherwise be the product of expression and event.

use crate::{Error, MAX_MADE, error::Errors};

/// The bytes of text that one evaluation may still make.
#[derive(Debug)]
pub(crate) struct Budget(usize);

impl Budget {
    /// The budget of a new evaluation, [`MAX_MADE`].
    pub(crate) const fn new() -> Self {
        Self(MAX_MADE)
    }

    /// Takes the bytes that `function` is about to make; adds an error and returns `false` if that is too many.
    pub(crate) fn take(&mut self, bytes: usize, function: &'static str, errors: &mut Errors) -> bool {
        let Some(rest) = self.0.checked_sub(bytes) else {
            let message = "the texts that the expression makes are too long";
            errors.add(|| Error::FunctionEvaluation { function, message });
            return false;
        };
        self.0 = rest;
        true
    }
}
