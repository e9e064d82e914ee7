//! Conditions of a query, put together as they are given.

use model::Timestamp;
use rusqlite::types::Value;
use uuid::Uuid;

use crate::journal::Page;

/// Most rows of a page.
const MAX_LIMIT: u32 = 1_000;

/// The rows of a page that may be asked for at once.
pub(super) fn limit(page: Page) -> i64 {
    page.limit.clamp(1, MAX_LIMIT).into()
}

/// The rows before a page.
pub(super) fn skipped(page: Page) -> i64 {
    i64::try_from(page.offset).unwrap_or(i64::MAX)
}

#[derive(Debug, Default, Clone)]
pub(super) struct Filter {
    conditions: Vec<String>,
    pub(super) values: Vec<Value>,
}

impl Filter {
    /// Adds `column operator value` when the value is given.
    pub(super) fn add(&mut self, condition: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.values.push(value.into());
            self.conditions.push(format!("{condition} ?{}", self.values.len()));
        }
    }

    /// Adds `column IN (ids)` when there are any.
    pub(super) fn one_of(&mut self, column: &str, ids: &[Uuid]) {
        if !ids.is_empty() {
            let ids: Vec<String> = ids.iter().map(|id| format!("\"{}\"", id.simple())).collect();
            self.values.push(format!("[{}]", ids.join(",")).into());
            let number = self.values.len();
            self.conditions.push(format!("{column} IN (SELECT unhex(value) FROM json_each(?{number}))"));
        }
    }

    /// Adds a condition as it is.
    pub(super) fn fixed(&mut self, condition: impl Into<String>) {
        self.conditions.push(condition.into());
    }

    /// Adds `from <= column < until` as far as given.
    pub(super) fn between(&mut self, column: &str, from: Option<Timestamp>, until: Option<Timestamp>) {
        self.add(&format!("{column} >="), from.map(Timestamp::as_micros));
        self.add(&format!("{column} <"), until.map(Timestamp::as_micros));
    }

    /// The conditions as SQL.
    pub(super) fn sql(&self) -> String {
        if self.conditions.is_empty() { "TRUE".into() } else { self.conditions.join(" AND ") }
    }
}
