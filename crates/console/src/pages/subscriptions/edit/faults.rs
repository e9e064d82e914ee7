//! The faults of a form: the id of a field, and the rule that it breaks with a suggestion.

use std::sync::{Mutex, MutexGuard, PoisonError};

use management::Fault;

use super::typed::Typed;
use crate::text::subscription_form::{Field, Texts};

/// The faults, at most one of each field. A handler may wait while it holds them.
#[derive(Debug, Default)]
pub struct Faults(Mutex<Vec<(String, String)>>);

impl Faults {
    /// Adds the rule of a field.
    pub fn wrong(&self, text: &Texts, field: Field) {
        self.add(field.name().to_owned(), (text.wrong)(field).to_owned());
    }

    /// Adds the rule of a field in a row, counted from 0.
    pub fn wrong_in_row(&self, text: &Texts, field: Field, row: usize) {
        self.add(id_in_row(field, row), (text.wrong)(field).to_owned());
    }

    /// Adds a fault of an element.
    pub fn add(&self, id: String, text: String) {
        let mut all = self.all();
        if all.iter().all(|(own, _)| *own != id) {
            all.push((id, text));
        }
    }

    /// The fault of an element; empty for none.
    pub fn of(&self, id: &str) -> String {
        let all = self.all();
        all.iter().find(|(own, _)| own == id).map(|(_, text)| text.clone()).unwrap_or_default()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.all().is_empty()
    }

    /// All of them.
    pub fn into_list(self) -> Vec<(String, String)> {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn all(&self) -> MutexGuard<'_, Vec<(String, String)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds what a use case refuses.
    pub fn add_refused(&self, text: &Texts, typed: &Typed, refused: &[Fault]) {
        for fault in refused {
            let known = match fault.member.as_str() {
                "owner" => Some(Field::Owner),
                "config.tls" => Some(Field::Tls),
                "sinkcredential.tls" => Some(Field::TokenTls),
                "expires" => Some(Field::Expires),
                "config.kanalen" | "selection.config.kanalen" => Some(Field::Kanalen),
                _ => None,
            };
            let kenmerk = fault.member.rsplit_once("config.kenmerken.").and_then(|(_, key)| {
                let row = typed.kenmerken.iter().position(|[own, _]| own == key)?;
                Some((Field::Kenmerk, row))
            });
            match (known, kenmerk) {
                (Some(field), _) => self.wrong(text, field),
                (None, Some((field, row))) => self.wrong_in_row(text, field, row),
                (None, None) => {
                    let technical = format!("{} {}", fault.member, fault.rule);
                    self.add(Field::Whole.name().to_owned(), (text.refused)(&technical));
                }
            }
        }
    }
}

/// The id of a field in a row, counted from 0.
pub fn id_in_row(field: Field, row: usize) -> String {
    format!("{}-{}", field.name(), row + 1)
}
