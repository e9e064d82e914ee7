//! The bound on the work of one evaluation.

use serde_json::Value;

use super::Failure;

/// The most work of one evaluation: a part that is evaluated, a value that is looked at by a function, compared or copied, or 16
/// bytes of text is 1.
pub const MAX_WORK: usize = 200_000;

/// The bytes of text that count as 1.
const TEXT: usize = 16;

/// What is left of it.
#[derive(Debug)]
pub(super) struct Work(usize);

impl Default for Work {
    fn default() -> Self {
        Self(MAX_WORK)
    }
}

impl Work {
    pub fn take(&mut self, amount: usize) -> Result<(), Failure> {
        self.0 = self.0.checked_sub(amount).ok_or(Failure::TooMuchWork)?;
        Ok(())
    }

    /// For text that is made.
    pub fn take_text(&mut self, bytes: usize) -> Result<(), Failure> {
        self.take(1 + bytes / TEXT)
    }
}

/// How much a value is.
pub(super) fn size(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 1,
        Value::String(text) => 1 + text.len() / TEXT,
        Value::Array(all) => 1 + all.iter().map(size).sum::<usize>(),
        Value::Object(all) => 1 + all.iter().map(|(name, value)| 1 + name.len() / TEXT + size(value)).sum::<usize>(),
    }
}
