//! The two versions of a subscription that somebody else changed meanwhile: the members that differ.

use model::Subscription;

use super::{
    faults::Faults,
    fields::{FieldView, Item, Maker},
    typed::Typed,
};
use crate::{Console, View, pages::conflict::Difference};

/// The members in which the stored version and what was typed differ. Secrets are in neither.
pub fn differences(console: &Console, view: &View, present: &Subscription, typed: &Typed) -> Vec<Difference> {
    let faults = Faults::default();
    let members = |typed: &Typed| {
        let maker = Maker { console, view, present: Some(present), typed, faults: &faults, dropped: &[], more: "" };
        let items = maker.sections().into_iter().flat_map(|section| section.items);
        items.filter_map(member).collect::<Vec<_>>()
    };
    let (stored, typed) = (members(&Typed::of(present, view)), members(typed));
    let value_in = |all: &[(String, String)], label: &str| {
        all.iter().find(|(own, _)| own == label).map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let mut labels: Vec<&String> = stored.iter().chain(&typed).map(|(label, _)| label).collect();
    let mut seen = std::collections::HashSet::new();
    labels.retain(|label| seen.insert(label.as_str()));
    let pairs = labels
        .into_iter()
        .map(|label| Difference { member: label.clone(), values: [value_in(&stored, label), value_in(&typed, label)] });
    pairs.filter(|own| own.values[0] != own.values[1]).collect()
}

/// The label and the value of an item; rows together are one member.
fn member(item: Item) -> Option<(String, String)> {
    match item {
        Item::Field(field) => Some((field.label.clone(), field.words())),
        Item::Rows(rows) => {
            let row =
                |row: &Vec<FieldView>| row.iter().map(FieldView::words).collect::<Vec<_>>().join(" ").trim().to_owned();
            let filled = rows.fields.iter().filter(|row| row.iter().any(|cell| !cell.value.is_empty()));
            Some((rows.title.to_owned(), filled.map(row).collect::<Vec<_>>().join("; ")))
        }
        Item::Button(..) | Item::Note(_) | Item::FilterGuide(_) => None,
    }
}
