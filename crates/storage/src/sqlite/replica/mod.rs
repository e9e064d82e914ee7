//! A file whose rows are kept elsewhere as well: takes from a transaction which rows it changed, and applies rows that others
//! changed. It knows nothing of what rows mean, nor of where they are kept.
//!
//! All tables are covered, except those about this copy alone ([`tables`]). A row is known by its table and primary key, so that the
//! newest row of each key is the whole file. Copies are equal row by row, with the same numbers: what one file assigned is valid
//! in every other.

mod capture;
mod file;
mod row_form;
mod tables;
pub(crate) mod walk;

pub(crate) use self::{
    capture::{note, take, watch},
    file::{ReplicaFile, apply},
    tables::{Table, all as tables},
};

/// A changed row in its stored form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    /// Its table and primary key.
    pub(crate) key: Vec<u8>,
    /// Its columns; `None` when it was removed.
    pub(crate) value: Option<Vec<u8>>,
}
