//! Whom an event of the inbox is for: its payload names one person, or says that it is for everybody; nothing else is read as either
//! (CH-3). The person is in the payload, since context attributes have no personal data.

use std::{borrow::Cow, collections::HashMap};

use crate::{Event, KanaalName, addressee::ADDRESSEE_FILTER, approval::Disclosure, data_filter::DataPath};

/// The longest `sub` of a person, in bytes (OpenID Connect Core 2: 255 characters of ASCII).
pub const MAX_SUBJECT: usize = 255;

/// A kanaal whose events are messages of the inbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboxKanaal {
    /// The member of the payload with the `sub` of the one person that an event is for.
    pub addressee: DataPath,
    /// The member of the payload that is `true` in events for everybody.
    pub broadcast: DataPath,
    /// What people see of an event.
    pub disclosure: Disclosure,
}

/// The kanalen with the channel `inbox`.
pub type InboxKanalen = HashMap<KanaalName, InboxKanaal>;

/// Whom an event is for; `Debug` does not show the person.
#[derive(Clone, PartialEq, Eq)]
pub enum AddressedTo {
    /// Everybody.
    Everybody,
    /// The person with this `sub`.
    Person(String),
}

/// Why an event is for nobody. It has nothing of the payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressFault {
    /// The JSON Pointer of the member in the payload.
    pub pointer: String,
    /// What is wrong with it.
    pub rule: AddressRule,
}

/// What is wrong with a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressRule {
    /// Neither a person nor everybody.
    #[error("must name the person, or the event must be marked as a broadcast")]
    Missing,
    /// The name of the person is empty, too long, or not a text.
    #[error("must be a text of 1 to 255 characters")]
    Person,
    /// The mark is neither `true` nor `false`.
    #[error("must be true or false")]
    Broadcast,
    /// The event has a filter over attributes of addressees, and the inbox knows none.
    #[error("must not be in an event with addresseefilter: the inbox has no attributes of people")]
    Filtered,
    /// A person, and everybody.
    #[error("must not be true in an event for one person")]
    Both,
}

impl AddressRule {
    /// The text in Dutch.
    pub const fn text_nl(self) -> &'static str {
        match self {
            Self::Missing => "moet de persoon noemen, of het event moet als bericht aan iedereen zijn gemarkeerd",
            Self::Person => "moet een tekst van 1 tot 255 tekens zijn",
            Self::Broadcast => "moet true of false zijn",
            Self::Filtered => {
                "mag niet in een event met addresseefilter staan: de inbox heeft geen kenmerken van personen"
            }
            Self::Both => "mag niet true zijn in een event voor één persoon",
        }
    }
}

impl std::fmt::Debug for AddressedTo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Everybody => "Everybody",
            Self::Person(_) => "Person(…)",
        })
    }
}

impl InboxKanaal {
    /// Whom an event is for.
    ///
    /// # Errors
    /// The member that is missing or has another form: such an event is for nobody.
    pub fn addressed_to(&self, event: &Event) -> Result<AddressedTo, AddressFault> {
        let fault = |path: &DataPath, rule| AddressFault { pointer: path.as_str().to_owned(), rule };
        let is_broadcast = match self.broadcast.json(event) {
            None | Some("null" | "false") => false,
            Some("true") => true,
            Some(_) => return Err(fault(&self.broadcast, AddressRule::Broadcast)),
        };
        if event.attribute(ADDRESSEE_FILTER).is_some() {
            // Everybody would be more than the sender meant (CH-71).
            return Err(fault(&self.broadcast, AddressRule::Filtered));
        }
        match (self.addressee.json(event), is_broadcast) {
            (None | Some("null"), true) => Ok(AddressedTo::Everybody),
            (None | Some("null"), false) => Err(fault(&self.addressee, AddressRule::Missing)),
            (Some(_), true) => Err(fault(&self.broadcast, AddressRule::Both)),
            (Some(_), false) => {
                let subject = self.addressee.text(event).filter(|own| is_subject(own));
                let subject = subject.ok_or_else(|| fault(&self.addressee, AddressRule::Person))?;
                Ok(AddressedTo::Person(Cow::into_owned(subject)))
            }
        }
    }
}

/// Whether a text can be a `sub`.
fn is_subject(text: &str) -> bool {
    (1..=MAX_SUBJECT).contains(&text.len()) && !text.chars().any(|own| own.is_control() || own.is_whitespace())
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::{AttributeName, Data, Value};

    fn kanaal() -> InboxKanaal {
        InboxKanaal {
            addressee: DataPath::new("/aan/sub").unwrap(),
            broadcast: DataPath::new("/iedereen").unwrap(),
            disclosure: Disclosure::ALL,
        }
    }

    fn event(data: Option<Data>) -> Event {
        let attributes = [("id", "1"), ("source", "/s"), ("type", "t")]
            .map(|(name, value)| (AttributeName::new(name).unwrap(), Value::text(value).unwrap()));
        Event::new(attributes.into(), data).unwrap()
    }

    #[test]
    fn ch_3_a_missing_or_empty_addressee_never_widens() {
        let long = format!(r#"{{"aan":{{"sub":"{}"}}}}"#, "x".repeat(256));
        for (json, expected) in [
            (r#"{"aan":{"sub":"an"}}"#, Ok(AddressedTo::Person("an".into()))),
            (r#"{"aan":{"sub":"an"},"iedereen":false}"#, Ok(AddressedTo::Person("an".into()))),
            (r#"{"aan":{"sub":"a\u006e"},"iedereen":null}"#, Ok(AddressedTo::Person("an".into()))),
            (r#"{"iedereen":true}"#, Ok(AddressedTo::Everybody)),
            (r#"{"iedereen":true,"aan":{"sub":null}}"#, Ok(AddressedTo::Everybody)),
            ("{}", Err(AddressRule::Missing)),
            ("[]", Err(AddressRule::Missing)),
            ("null", Err(AddressRule::Missing)),
            (r#"{"iedereen":false}"#, Err(AddressRule::Missing)),
            (r#"{"aan":"an"}"#, Err(AddressRule::Missing)),
            (r#"{"aan":{"sub":null}}"#, Err(AddressRule::Missing)),
            (r#"{"aan":{"sub":""}}"#, Err(AddressRule::Person)),
            (r#"{"aan":{"sub":" "}}"#, Err(AddressRule::Person)),
            (r#"{"aan":{"sub":7}}"#, Err(AddressRule::Person)),
            (r#"{"aan":{"sub":["an"]}}"#, Err(AddressRule::Person)),
            (r#"{"aan":{"sub":{}}}"#, Err(AddressRule::Person)),
            (r#"{"aan":{"sub":true}}"#, Err(AddressRule::Person)),
            (&long, Err(AddressRule::Person)),
            (r#"{"aan":{"sub":"an"},"iedereen":true}"#, Err(AddressRule::Both)),
            (r#"{"aan":{"sub":""},"iedereen":true}"#, Err(AddressRule::Both)),
            (r#"{"iedereen":"true"}"#, Err(AddressRule::Broadcast)),
            (r#"{"iedereen":1}"#, Err(AddressRule::Broadcast)),
            (r#"{"iedereen":[true]}"#, Err(AddressRule::Broadcast)),
        ] {
            let event = event(Some(Data::Json(Bytes::copy_from_slice(json.as_bytes()))));
            assert_eq!(kanaal().addressed_to(&event).map_err(|fault| fault.rule), expected, "{json}");
        }
        let none = kanaal().addressed_to(&event(None)).unwrap_err();
        assert_eq!((none.pointer.as_str(), none.rule), ("/aan/sub", AddressRule::Missing));
    }

    #[test]
    fn ch_2_the_person_is_not_in_debug_output() {
        assert_eq!(format!("{:?}", AddressedTo::Person("an".into())), "Person(…)");
    }
}
