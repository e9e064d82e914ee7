//! Approval of subscriptions by the owner of a kanaal, and which parts of its events the owner discloses (data
//! minimisation).
//!
//! [`crate::decide`] determines when an approval is required and when it lapses. `management` checks who may decide;
//! `event-reader` applies a disclosure.

use crate::{AttributeName, KanaalName, Timestamp};

/// The approval of a subscription for one kanaal. Without an entry, a kanaal needs no approval and discloses
/// everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// The kanaal.
    pub kanaal: KanaalName,
    /// The state of the approval.
    pub state: ApprovalState,
    /// What is disclosed; `None` for everything.
    pub disclose: Option<Disclosure>,
}

/// The state of an approval. Only `Approved` permits deliveries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApprovalState {
    /// The owner has not decided yet, or the subscription has changed its request.
    Awaiting,
    /// The owner has approved.
    Approved(ApprovalDecision),
    /// The owner has rejected.
    Rejected(ApprovalDecision),
}

/// A decision of an owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovalDecision {
    /// The `client_id` that made the decision.
    pub by: String,
    /// When it was made.
    pub at: Timestamp,
    /// The reason; always present in a rejection.
    pub reason: Option<String>,
}

/// The disclosed parts of an event. The required attributes of CloudEvents are always disclosed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disclosure {
    /// The disclosed optional attributes; `None` for all.
    pub attributes: Option<Vec<AttributeName>>,
    /// Whether `data` and `datacontenttype` are disclosed.
    pub data: bool,
}

impl ApprovalState {
    /// Whether events may be sent.
    pub fn is_approved(&self) -> bool {
        matches!(self, Self::Approved(_))
    }
}

impl Disclosure {
    /// Discloses everything.
    pub const ALL: Self = Self { attributes: None, data: true };

    /// Whether an attribute is disclosed.
    pub fn shows(&self, attribute: &str) -> bool {
        match attribute {
            "id" | "source" | "type" | "specversion" => true,
            "datacontenttype" => self.data,
            other => self.attributes.as_ref().is_none_or(|shown| shown.iter().any(|name| name.as_str() == other)),
        }
    }

    /// The union of two disclosures.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        let attributes = match (&self.attributes, &other.attributes) {
            (Some(one), Some(two)) => {
                let more = two.iter().filter(|name| !one.contains(name));
                Some(one.iter().chain(more).cloned().collect())
            }
            _ => None,
        };
        Self { attributes, data: self.data || other.data }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::{Data, Event, Value};

    fn name(text: &str) -> AttributeName {
        AttributeName::new(text).unwrap()
    }

    fn event() -> Event {
        let attributes = [
            ("id", "1"),
            ("subject", "zaak-1"),
            ("source", "/s"),
            ("type", "t"),
            ("datacontenttype", "application/json"),
            ("dataref", "https://x.example/1"),
            ("zaaktype", "z"),
        ];
        let attributes = attributes.map(|(own, value)| (name(own), Value::text(value).unwrap()));
        Event::new(attributes.into(), Some(Data::Json(Bytes::from_static(b"{}")))).unwrap()
    }

    #[test]
    fn required_attributes_always_leave_and_the_others_when_listed() {
        for (disclosure, expected, data) in [
            (Disclosure::ALL, "id subject source type datacontenttype dataref zaaktype", true),
            (Disclosure { attributes: Some(vec![]), data: false }, "id source type", false),
            (Disclosure { attributes: Some(vec![]), data: true }, "id source type datacontenttype", true),
            (Disclosure { attributes: Some(vec![name("zaaktype")]), data: false }, "id source type zaaktype", false),
            (Disclosure { attributes: None, data: false }, "id subject source type dataref zaaktype", false),
        ] {
            let left = event().without_undisclosed(|attribute| disclosure.shows(attribute), disclosure.data);
            let names: Vec<_> = left.attributes().iter().map(|(own, _)| own.as_str()).collect();
            assert_eq!((names.join(" ").as_str(), left.data().is_some()), (expected, data), "{disclosure:?}");
        }
    }

    #[test]
    fn two_disclosures_show_what_either_shows() {
        let one = Disclosure { attributes: Some(vec![name("a"), name("b")]), data: false };
        let two = Disclosure { attributes: Some(vec![name("b"), name("c")]), data: true };
        let both = Disclosure { attributes: Some(vec![name("a"), name("b"), name("c")]), data: true };
        assert_eq!(one.or(&two), both);
        assert_eq!(one.or(&Disclosure::ALL), Disclosure::ALL);
    }
}
