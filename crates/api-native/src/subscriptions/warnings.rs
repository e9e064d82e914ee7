//! Warnings about a selection that is valid and cannot do what it seems to: the answers to creating, changing, reading and
//! previewing show them. Nothing is refused for them.

use model::selection::NativeSelection;
use serde::Serialize;
use utoipa::ToSchema;

/// A warning about a member.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SelectionWarning {
    /// The member: `filters[0]`.
    pub member: String,
    /// What it cannot do, and what does.
    pub warning: String,
}

/// The warnings about the filters of a selection, in their order.
pub fn of(selection: &NativeSelection) -> Vec<SelectionWarning> {
    let mut warnings = Vec::new();
    for (at, filter) in selection.filters.iter().enumerate() {
        let mut names = Vec::new();
        filter.impossible_names(&mut names);
        if let Some(name) = names.first() {
            warnings.push(SelectionWarning {
                member: format!("filters[{at}]"),
                warning: format!(
                    "No event can have an attribute named {name}, so the expression has no value for any event. CloudEvents \
                     SQL compares attributes only; the dialect data compares members of the payload."
                ),
            });
        }
    }
    warnings
}
