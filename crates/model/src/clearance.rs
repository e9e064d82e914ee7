//! The classes of data that a kanaal may contain, by the CloudEvents extension for data classification (CE-EXT-19,
//! CE-EXT-21).
//!
//! With a clearance, events of other classes are refused. A kanaal without one ignores the extension and passes its
//! attributes on; [`crate::profile`] checks their form.

use crate::Event;

/// Most entries of each list.
pub const MAX_ENTRIES: usize = 50;

/// The permitted classes of data.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Clearance {
    /// Permitted values of `dataclassification`.
    pub classifications: Vec<String>,
    /// Permitted entries of `dataregulation`.
    pub regulations: Vec<String>,
}

impl Clearance {
    /// The attribute for which an event is refused; `None` if it is permitted or has no class.
    pub fn refuses(&self, event: &Event) -> Option<&'static str> {
        let is_used =
            ["dataclassification", "dataregulation", "datacategory"].iter().any(|name| event.attribute(name).is_some());
        if !is_used {
            return None;
        }
        let text = |name: &str| event.attribute(name).map(|value| value.as_text().unwrap_or_default());
        let is_cleared = |class: &str| self.classifications.iter().any(|own| own == class);
        if !text("dataclassification").is_some_and(is_cleared) {
            return Some("dataclassification");
        }
        let is_known = |entry: &str| self.regulations.iter().any(|own| own == entry.trim());
        (!text("dataregulation")?.split(',').all(is_known)).then_some("dataregulation")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AttributeName, Value};

    #[test]
    fn only_what_a_kanaal_is_cleared_for_passes_ce_ext_19_21() {
        let list = |entries: &[&str]| entries.iter().map(|entry| (*entry).to_owned()).collect();
        let clearance =
            Clearance { classifications: list(&["public", "internal"]), regulations: list(&["GDPR", "BIO"]) };
        let text = |text| Value::text(text).unwrap();
        for (members, refused) in [
            (vec![], None),
            (vec![("dataclassification", text("internal"))], None),
            (vec![("dataclassification", text("internal")), ("dataregulation", text("GDPR"))], None),
            (vec![("dataclassification", text("public")), ("dataregulation", text(" GDPR ,BIO"))], None),
            (vec![("dataclassification", text("restricted"))], Some("dataclassification")),
            (vec![("dataclassification", text("Internal"))], Some("dataclassification")),
            (vec![("dataclassification", Value::Integer(1))], Some("dataclassification")),
            (vec![("dataregulation", text("GDPR"))], Some("dataclassification")),
            (vec![("datacategory", text("sensitive"))], Some("dataclassification")),
            (
                vec![("dataclassification", text("public")), ("dataregulation", text("GDPR,HIPAA"))],
                Some("dataregulation"),
            ),
            (
                vec![("dataclassification", text("public")), ("dataregulation", Value::Boolean(true))],
                Some("dataregulation"),
            ),
        ] {
            let required = [("id", text("1")), ("source", text("s")), ("type", text("t"))];
            let named = |(name, value): &(&str, Value)| (AttributeName::new(name).unwrap(), value.clone());
            let event = Event::new(required.iter().chain(&members).map(named).collect(), None).unwrap();
            assert_eq!(clearance.refuses(&event), refused, "{members:?}");
        }
    }
}
