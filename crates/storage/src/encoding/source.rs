//! Stored form of who sent a command: the header of a record on the topic `commands`, beside the command. Programs of before
//! ignore it, and their commands have none.

use model::{
    Actor, ExtraRight, Interface, Origin, Role,
    applicatie::Scope,
    audit::{Source, Subject},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{audit::labels, read_known, write};
use crate::Error;

/// The name of the header.
pub(crate) const HEADER: &str = "gw_source";

const KIND: &str = "source";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    actor: String,
    id: String,
    scopes: Vec<String>,
    node: String,
    interface: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    request: Option<Uuid>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    trace: Option<String>,
}

/// The stored form of an actor whose request this node took.
pub(crate) fn to_body(actor: &Actor, node: &str) -> Result<String, Error> {
    let Source { subject, origin, node } = Source::new(actor, node);
    let form = Form {
        actor: subject.kind.to_owned(),
        scopes: labels(&subject).map(str::to_owned).collect(),
        id: subject.id,
        node,
        interface: origin.interface.label().to_owned(),
        address: origin.address.map(|address| address.to_string()),
        request: origin.request,
        trace: origin.trace.map(|trace| format!("{trace:032x}")),
    };
    write(KIND, form)
}

/// The source in a stored form; that of an unknown actor when it cannot be read: a command is not refused because of it.
pub(crate) fn from_body(body: &[u8]) -> Source {
    let form = std::str::from_utf8(body).ok().and_then(|body| read_known::<Form>(KIND, body).ok());
    let Some(form) = form else { return Source::unknown() };
    let kind = Subject::KINDS.into_iter().find(|kind| *kind == form.actor);
    let subject = Subject {
        kind: kind.unwrap_or(Subject::unknown().kind),
        id: form.id,
        scopes: form.scopes.iter().filter_map(|label| Scope::from_label(label)).collect(),
        roles: form.scopes.iter().filter_map(|label| role(label)).collect(),
    };
    let origin = Origin {
        address: form.address.and_then(|address| address.parse().ok()),
        interface: Interface::from_label(&form.interface).unwrap_or_default(),
        request: form.request,
        trace: form.trace.and_then(|trace| u128::from_str_radix(&trace, 16).ok()),
    };
    Source { subject, origin, node: form.node }
}

fn role(label: &str) -> Option<&'static str> {
    Role::from_label(label).map(Role::label).or_else(|| ExtraRight::from_label(label).map(ExtraRight::label))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actor() -> Actor {
        let origin = Origin {
            address: "2001:db8::1".parse().ok(),
            interface: Interface::Notificaties,
            request: Some(Uuid::from_u128(7)),
            trace: Some(8),
        };
        Actor::applicatie("zaken", [Scope::Beheer, Scope::Publiceren]).with_origin(origin)
    }

    /// The sample was written by the first program with this form and must not change.
    #[test]
    fn version_1_is_written_and_read() {
        let sample = include_str!("../../tests/stored/v1/source.json").trim_end();
        assert_eq!(to_body(&actor(), "node-1").unwrap(), sample);
        assert_eq!(from_body(sample.as_bytes()), Source::new(&actor(), "node-1"));
    }

    #[test]
    fn the_roles_of_a_person_are_read_back() {
        let grants = model::Grants { extra: vec![ExtraRight::Inhoud], ..model::Grants::of(Role::Auditor) };
        let person = Actor::person("https://idp", "7", grants);
        let source = from_body(to_body(&person, "n").unwrap().as_bytes());
        assert_eq!(source.subject.roles, ["auditor", "inhoud"]);
        assert_eq!(source, Source::new(&person, "n"));
    }

    #[test]
    fn what_cannot_be_read_is_an_unknown_actor() {
        for body in ["", "{}", r#"{"kind":"source","v":2}"#, "\u{0}"] {
            assert_eq!(from_body(body.as_bytes()), Source::unknown(), "{body}");
        }
    }
}
