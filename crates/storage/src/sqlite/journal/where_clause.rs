//! Builds the WHERE clause of a query from the conditions that are given.

use model::Timestamp;
use rusqlite::types::Value;
use uuid::Uuid;

use crate::journal::Page;

/// Most rows of a page.
const MAX_LIMIT: u32 = 1_000;

/// The number of rows of a page, 1 to [`MAX_LIMIT`].
pub(super) fn page_limit(page: Page) -> i64 {
    page.limit.clamp(1, MAX_LIMIT).into()
}

/// The number of rows before a page.
pub(super) fn page_offset(page: Page) -> i64 {
    i64::try_from(page.offset).unwrap_or(i64::MAX)
}

/// Conditions joined by AND, with their parameters.
#[derive(Debug, Default, Clone)]
pub(super) struct WhereClause {
    conditions: Vec<String>,
    pub(super) values: Vec<Value>,
}

impl WhereClause {
    /// Adds `column operator value` if the value is given.
    pub(super) fn add(&mut self, condition: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.values.push(value.into());
            self.conditions.push(format!("{condition} ?{}", self.values.len()));
        }
    }

    /// Adds `column IN (ids)` unless `ids` is empty.
    pub(super) fn add_any_of(&mut self, column: &str, ids: &[Uuid]) {
        if !ids.is_empty() {
            let ids: Vec<String> = ids.iter().map(|id| format!("\"{}\"", id.simple())).collect();
            self.values.push(format!("[{}]", ids.join(",")).into());
            let number = self.values.len();
            self.conditions.push(format!("{column} IN (SELECT unhex(value) FROM json_each(?{number}))"));
        }
    }

    /// Adds a condition verbatim.
    pub(super) fn add_raw(&mut self, condition: impl Into<String>) {
        self.conditions.push(condition.into());
    }

    /// Adds `from <= column` and `column < until`, as far as they are given.
    pub(super) fn add_range(&mut self, column: &str, from: Option<Timestamp>, until: Option<Timestamp>) {
        self.add(&format!("{column} >="), from.map(Timestamp::as_micros));
        self.add(&format!("{column} <"), until.map(Timestamp::as_micros));
    }

    /// Adds a comparison of rows: those whose columns together sort behind these values.
    pub(super) fn add_behind(&mut self, row: impl IntoIterator<Item = (&'static str, Value)>) {
        let (mut columns, mut places) = (Vec::new(), Vec::new());
        for (column, value) in row {
            self.values.push(value);
            columns.push(column);
            places.push(format!("?{}", self.values.len()));
        }
        self.conditions.push(format!("({}) > ({})", columns.join(", "), places.join(", ")));
    }

    /// The conditions as SQL; `TRUE` if there are none.
    pub(super) fn sql(&self) -> String {
        if self.conditions.is_empty() { "TRUE".into() } else { self.conditions.join(" AND ") }
    }
}
