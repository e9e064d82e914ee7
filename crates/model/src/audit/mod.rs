//! Entries of the audit trail: who did what, to which object, with which result, when and from where (BIO2 8.15.01).
//!
//! An entry has no secret, payload, header value, query string of a sink or personal data: values of members are only in it
//! when the table in [`members`] marks the member as public. The hash chain and the stored form are in `storage`.

mod action;
mod command;
mod decision;
pub mod members;
mod text;

use crate::{Actor, Identity, Interface, Origin, Timestamp, applicatie::Scope};

pub use self::{
    action::{Action, ObjectKind},
    command::described,
    members::MemberChange,
    text::filter as filter_text,
    text::selection as selection_text,
};

/// The longest reason, value or id in an entry, in characters; longer ones are cut.
pub const MAX_TEXT: usize = 1_000;
/// Most further objects in an entry.
pub const MAX_TOUCHED: usize = 100;

/// What an action was done to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// The kind of object.
    pub kind: ObjectKind,
    /// Its name or id; empty when there is only one, or when it does not exist yet.
    pub id: String,
}

impl Object {
    /// The object of a kind with this id.
    pub fn new(kind: ObjectKind, id: impl Into<String>) -> Self {
        Self { kind, id: cut(id.into()) }
    }
}

/// How an action ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It was done.
    Accepted,
    /// The present state did not allow it; with the reason.
    Rejected(String),
    /// The actor may not do it, or the request is not valid; with the reason.
    Refused(String),
    /// It could not be completed; with the reason.
    Failed(String),
}

impl Verdict {
    /// Every label.
    pub const LABELS: [&'static str; 4] = ["accepted", "rejected", "refused", "failed"];

    /// The word in the trail.
    pub const fn label(&self) -> &'static str {
        match self {
            Self::Accepted => Self::LABELS[0],
            Self::Rejected(_) => Self::LABELS[1],
            Self::Refused(_) => Self::LABELS[2],
            Self::Failed(_) => Self::LABELS[3],
        }
    }

    /// Why it was not accepted.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Accepted => None,
            Self::Rejected(reason) | Self::Refused(reason) | Self::Failed(reason) => Some(reason),
        }
    }
}

/// Who acted, as the trail names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// The kind of identity: `applicatie`, `person`, `configuration`, `gateway`, `unverified` for a token that was refused, or
    /// `unknown` when a node of an earlier version passed the command on.
    pub kind: &'static str,
    /// The `client_id`, or issuer and subject of a person; else empty. Not verified for `unverified`.
    pub id: String,
    /// The scopes at that moment.
    pub scopes: Vec<Scope>,
    /// The labels of the roles and extra rights of a person at that moment.
    pub roles: Vec<&'static str>,
}

impl Subject {
    /// The kind of identity of a token that was refused.
    pub const UNVERIFIED: &'static str = "unverified";
    /// Every kind of identity.
    pub const KINDS: [&'static str; 6] =
        ["applicatie", "person", "configuration", "gateway", Self::UNVERIFIED, "unknown"];

    /// The sender of a token that was refused; it claims to be `client_id`, which is empty when nothing is known.
    pub fn unverified(client_id: impl Into<String>) -> Self {
        Self { kind: Self::UNVERIFIED, id: cut(client_id.into()), scopes: Vec::new(), roles: Vec::new() }
    }

    /// Somebody whose identity did not reach the node that decided.
    pub fn unknown() -> Self {
        Self { kind: "unknown", id: String::new(), scopes: Vec::new(), roles: Vec::new() }
    }
}

impl From<&Identity> for Subject {
    fn from(identity: &Identity) -> Self {
        let (kind, id) = match identity {
            Identity::Applicatie { .. } => ("applicatie", identity.to_string()),
            Identity::Person { .. } => ("person", identity.to_string()),
            Identity::Configuration => ("configuration", String::new()),
            Identity::Gateway => ("gateway", String::new()),
        };
        let roles = identity.grants().map(|grants| {
            let roles = grants.roles.iter().map(|role| role.label());
            roles.chain(grants.extra.iter().map(|right| right.label())).collect()
        });
        Self { kind, id: cut(id), scopes: identity.scopes().to_vec(), roles: roles.unwrap_or_default() }
    }
}

/// Who acted, from where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Who acted.
    pub subject: Subject,
    /// Where the request came from.
    pub origin: Origin,
    /// The node that took the request; empty when it is not known.
    pub node: String,
}

impl Source {
    /// An actor, whose request this node took.
    pub fn new(actor: &Actor, node: impl Into<String>) -> Self {
        Self { subject: Subject::from(&actor.identity), origin: actor.origin, node: node.into() }
    }

    /// Somebody whose identity did not reach the node that decided.
    pub fn unknown() -> Self {
        Self { subject: Subject::unknown(), origin: Origin::of(Interface::Internal), node: String::new() }
    }
}

/// An entry, before it has a place in a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// Who acted, from where.
    pub source: Source,
    /// What was done, or attempted.
    pub action: Action,
    /// To what.
    pub object: Object,
    /// How it ended.
    pub verdict: Verdict,
    /// The members of the object that changed.
    pub changes: Vec<MemberChange>,
    /// Further objects that changed with it.
    pub touched: Vec<Object>,
    /// How many times, for attempts that are counted together; else 1.
    pub count: u64,
}

impl Entry {
    /// An entry about an action that changed no object of the registry.
    pub fn new(at: Timestamp, source: Source, (action, object): (Action, Object), verdict: Verdict) -> Self {
        let verdict = match verdict {
            Verdict::Accepted => Verdict::Accepted,
            Verdict::Rejected(reason) => Verdict::Rejected(cut(reason)),
            Verdict::Refused(reason) => Verdict::Refused(cut(reason)),
            Verdict::Failed(reason) => Verdict::Failed(cut(reason)),
        };
        Self { at, source, action, object, verdict, changes: Vec::new(), touched: Vec::new(), count: 1 }
    }

    /// The same with the reason that the actor gave, as the member `reason`; masked when it may contain a BSN.
    #[must_use]
    pub fn with_reason(mut self, reason: &str) -> Self {
        let after = Some(members::masked(reason.to_owned()));
        self.changes.push(MemberChange { member: "reason", hidden: false, before: None, after });
        self
    }
}

/// A text of at most [`MAX_TEXT`] characters.
fn cut(text: String) -> String {
    match text.char_indices().nth(MAX_TEXT) {
        None => text,
        Some((at, _)) => format!("{}…", &text[..at]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_between_characters() {
        let long = "é".repeat(MAX_TEXT + 5);
        let object = Object::new(ObjectKind::Kanaal, long.clone());
        assert_eq!(object.id.chars().count(), MAX_TEXT + 1);
        let what = (Action::KanaalCreate, object);
        let entry = Entry::new(Timestamp::default(), Source::unknown(), what, Verdict::Refused(long));
        assert_eq!(entry.verdict.reason().unwrap().chars().count(), MAX_TEXT + 1);
        assert_eq!(cut("short".to_owned()), "short");
    }

    #[test]
    fn a_source_names_identity_scopes_and_origin() {
        let origin = Origin { address: "192.0.2.1".parse().ok(), ..Origin::of(Interface::Native) };
        let source = Source::new(&Actor::applicatie("zaken", [Scope::Beheer]).with_origin(origin), "node-1");
        assert_eq!((source.subject.kind, source.subject.id.as_str()), ("applicatie", "zaken"));
        assert_eq!(
            (source.subject.scopes, source.origin, source.node.as_str()),
            (vec![Scope::Beheer], origin, "node-1")
        );
        assert_eq!(
            Source::new(&Actor::person("https://idp", "7", crate::Grants::default()), "").subject.id,
            "https://idp#7"
        );
        assert_eq!(Source::new(&Actor::gateway(), "").subject.kind, "gateway");
        for kind in [Subject::unknown().kind, Subject::unverified("x").kind] {
            assert!(Subject::KINDS.contains(&kind));
        }
    }
}
