//! Approval of subscriptions by the owner of a kanaal, and what of its events the owner lets out (data minimisation).
//!
//! Who may judge is checked by the gateway; when a judgement is needed and when it lapses is [`crate::decide`]'s
//! business. Applying a disclosure to a message is delivery's.

use crate::{AttributeName, Event, KanaalName, Timestamp};

/// Where a subscription stands with the owner of one kanaal. A kanaal without an entry lets it have everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// Whose events it is about.
    pub kanaal: KanaalName,
    /// Where it stands.
    pub state: ApprovalState,
    /// What may leave; `None` for everything.
    pub disclose: Option<Disclosure>,
}

/// The state of an approval. Only `Approved` lets anything be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApprovalState {
    /// The owner has not judged yet, or the subscription asks for something else now.
    Awaiting,
    /// The owner agreed.
    Approved(Judgement),
    /// The owner did not agree.
    Rejected(Judgement),
}

/// Who judged, when and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// The `client_id` of whoever judged.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Why; always there with a rejection.
    pub reason: Option<String>,
}

/// What of an event may leave. The required attributes of CloudEvents always do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disclosure {
    /// The optional attributes that leave; `None` for all of them.
    pub attributes: Option<Vec<AttributeName>>,
    /// Whether `data` leaves, and `datacontenttype`, which says how to read it.
    pub data: bool,
}

impl ApprovalState {
    /// Whether events may be sent.
    pub fn is_approved(&self) -> bool {
        matches!(self, Self::Approved(_))
    }
}

impl Disclosure {
    /// Everything.
    pub const ALL: Self = Self { attributes: None, data: true };

    /// Whether an attribute leaves.
    pub fn shows(&self, attribute: &str) -> bool {
        match attribute {
            "id" | "source" | "type" | "specversion" => true,
            "datacontenttype" => self.data,
            other => self.attributes.as_ref().is_none_or(|shown| shown.iter().any(|name| name.as_str() == other)),
        }
    }

    /// The event without what does not leave.
    pub fn apply(&self, event: &Event) -> Event {
        event.reduced(|attribute| self.shows(attribute), self.data)
    }

    /// What two disclosures show together.
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
    use crate::{Data, Value};

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
            let left = disclosure.apply(&event());
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
