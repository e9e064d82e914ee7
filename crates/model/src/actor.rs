//! On whose behalf a command is given, and where the request came from.
//!
//! An actor travels with every command to the port `Control`. What it may do is decided before, in `management`; who a
//! caller is, is decided by the HTTP layer.

use std::{
    fmt,
    net::IpAddr,
    ops::Deref,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use compact_str::CompactString;
use uuid::Uuid;

use crate::{Grants, Role, applicatie::Scope};

/// On whose behalf a command is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    /// A client of the gateway, authenticated by its token.
    Applicatie {
        /// The `client_id` in its token.
        client_id: CompactString,
        /// Scopes it was granted.
        scopes: Vec<Scope>,
    },
    /// A person, authenticated by an identity provider.
    Person {
        /// Issuer of the identity, as the provider names itself.
        issuer: String,
        /// The provider's stable identifier of the person; never a name or an e-mail address.
        subject: String,
        /// What the person was granted.
        grants: Grants,
    },
    /// The declared state of the configuration file.
    Configuration,
    /// The gateway itself: expiry, consent, retention, outages.
    Gateway,
}

/// The interface through which a request came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Interface {
    /// The native API.
    Native,
    /// The Notificaties API.
    Notificaties,
    /// The web console of the organisation.
    Console,
    /// The web portal of subscribers and publishers.
    Portal,
    /// The pages of people who get messages, behind the links in these.
    People,
    /// The command line.
    CommandLine,
    /// None: the gateway acts by itself or by its configuration.
    #[default]
    Internal,
}

impl Interface {
    /// All, in the order above.
    pub const ALL: [Self; 7] = [
        Self::Native,
        Self::Notificaties,
        Self::Console,
        Self::Portal,
        Self::People,
        Self::CommandLine,
        Self::Internal,
    ];

    /// The word for it in the audit trail.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Notificaties => "notificaties",
            Self::Console => "console",
            Self::Portal => "portal",
            Self::People => "people",
            Self::CommandLine => "command-line",
            Self::Internal => "internal",
        }
    }

    /// The interface of a label.
    pub fn from_label(label: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|interface| interface.label() == label)
    }
}

/// Where a request came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Origin {
    /// The address of the client behind trusted proxies; `None` when there is no connection.
    pub address: Option<IpAddr>,
    /// The interface that it used.
    pub interface: Interface,
    /// The request: the `instance` of a problem document that answers it.
    pub request: Option<Uuid>,
    /// The trace that the request belongs to: the trace-id of its `traceparent` (W3C Trace Context).
    pub trace: Option<u128>,
}

impl Origin {
    /// An origin without address, request and trace.
    pub const fn of(interface: Interface) -> Self {
        Self { address: None, interface, request: None, trace: None }
    }
}

/// Whether the audit trail has an entry about what a request led to. Clones share the answer.
#[derive(Debug, Clone, Default)]
pub struct Recorded(Option<Arc<AtomicBool>>);

impl Recorded {
    /// An answer that can be observed; initially no.
    pub fn observed() -> Self {
        Self(Some(Arc::default()))
    }

    /// Storage wrote an entry. Only for adapters.
    pub fn set(&self) {
        if let Some(recorded) = &self.0 {
            recorded.store(true, Ordering::Release);
        }
    }

    /// Whether storage wrote an entry; no when it is not observed.
    pub fn get(&self) -> bool {
        self.0.as_ref().is_some_and(|recorded| recorded.load(Ordering::Acquire))
    }
}

/// It does not distinguish actors.
impl PartialEq for Recorded {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Recorded {}

/// On whose behalf a command is given, and where the request came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// On whose behalf.
    pub identity: Identity,
    /// Where the request came from.
    pub origin: Origin,
    /// Whether the audit trail has an entry about the request.
    pub recorded: Recorded,
}

impl Actor {
    /// An identity without a known origin.
    pub const fn new(identity: Identity) -> Self {
        Self { identity, origin: Origin::of(Interface::Internal), recorded: Recorded(None) }
    }

    /// An applicatie with these scopes.
    pub fn applicatie(client_id: impl Into<CompactString>, scopes: impl Into<Vec<Scope>>) -> Self {
        Self::new(Identity::Applicatie { client_id: client_id.into(), scopes: scopes.into() })
    }

    /// A person with these roles and rights.
    pub fn person(issuer: impl Into<String>, subject: impl Into<String>, grants: Grants) -> Self {
        Self::new(Identity::Person { issuer: issuer.into(), subject: subject.into(), grants })
    }

    /// The declared state of the configuration file.
    pub const fn configuration() -> Self {
        Self::new(Identity::Configuration)
    }

    /// The operator who runs a command of the command line, such as an import.
    pub const fn command_line() -> Self {
        Self { identity: Identity::Configuration, origin: Origin::of(Interface::CommandLine), recorded: Recorded(None) }
    }

    /// The gateway itself.
    pub const fn gateway() -> Self {
        Self::new(Identity::Gateway)
    }

    /// The same with the origin of the request.
    #[must_use]
    pub fn with_origin(self, origin: Origin) -> Self {
        Self { origin, ..self }
    }

    /// The same with an answer to whether the audit trail has an entry.
    #[must_use]
    pub fn with_recorded(self, recorded: Recorded) -> Self {
        Self { recorded, ..self }
    }
}

/// The rights of an actor are those of its identity.
impl Deref for Actor {
    type Target = Identity;

    fn deref(&self) -> &Identity {
        &self.identity
    }
}

impl Identity {
    /// The scopes of an applicatie as granted; empty for others.
    pub fn scopes(&self) -> &[Scope] {
        match self {
            Self::Applicatie { scopes, .. } => scopes,
            Self::Person { .. } | Self::Configuration | Self::Gateway => &[],
        }
    }

    /// What a person was granted; `None` for others.
    pub fn grants(&self) -> Option<&Grants> {
        match self {
            Self::Person { grants, .. } => Some(grants),
            Self::Applicatie { .. } | Self::Configuration | Self::Gateway => None,
        }
    }

    /// Whether it was granted this scope, a person by the role that corresponds to it. [`Scope::Beheer`] includes every
    /// scope; configuration and gateway have all.
    pub fn has(&self, scope: Scope) -> bool {
        match self {
            Self::Applicatie { scopes, .. } => scopes.contains(&scope) || scopes.contains(&Scope::Beheer),
            Self::Person { grants, .. } => {
                let role = match scope {
                    Scope::Publiceren => Role::Kanaaleigenaar,
                    Scope::Consumeren => Role::Afnemer,
                    Scope::Beheer => Role::Beheerder,
                };
                grants.has(role) || grants.has(Role::Beheerder)
            }
            Self::Configuration | Self::Gateway => true,
        }
    }

    /// Whether it may administer what others own.
    pub fn is_beheer(&self) -> bool {
        self.has(Scope::Beheer)
    }

    /// The `client_id` under which it owns what it creates; `None` for an identity that owns nothing of its own.
    pub fn client_id(&self) -> Option<&str> {
        match self {
            Self::Applicatie { client_id, .. } => Some(client_id),
            Self::Person { .. } | Self::Configuration | Self::Gateway => None,
        }
    }

    /// Whether it may see and change what `owner` owns: it is the owner, acts for it, or has [`Scope::Beheer`].
    pub fn may_manage(&self, owner: &str) -> bool {
        let acts_for = matches!(self, Self::Person { grants, .. } if grants.acts_for(owner));
        acts_for || self.client_id() == Some(owner) || self.is_beheer()
    }

    /// Whether it may see what `owner` owns: it may manage it, or has a role that reads what others own.
    pub fn may_see(&self, owner: &str) -> bool {
        self.sees_all() || self.may_manage(owner)
    }

    /// Whether it may see what anybody owns.
    pub fn sees_all(&self) -> bool {
        let reads =
            |grants: &Grants| [Role::Lezer, Role::Platform, Role::Auditor].into_iter().any(|role| grants.has(role));
        matches!(self, Self::Person { grants, .. } if reads(grants)) || self.is_beheer()
    }
}

/// As stored with what the actor asked for: the `client_id` of an applicatie, else a word for the kind of identity.
impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Applicatie { client_id, .. } => f.write_str(client_id),
            Self::Person { issuer, subject, .. } => write!(f, "{issuer}#{subject}"),
            Self::Configuration => f.write_str("configuration"),
            Self::Gateway => f.write_str("gateway"),
        }
    }
}

/// Its identity.
impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.identity.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(grants: Grants) -> Actor {
        Actor::person("i", "s", grants)
    }

    #[test]
    fn scopes_decide_and_beheer_includes_all() {
        let publisher = Actor::applicatie("a", [Scope::Publiceren]);
        assert!(publisher.has(Scope::Publiceren) && !publisher.has(Scope::Consumeren) && !publisher.is_beheer());
        let beheer = person(Grants::of(Role::Beheerder));
        assert!(Scope::ALL.into_iter().all(|scope| beheer.has(scope)));
        assert!(Scope::ALL.into_iter().all(|scope| Actor::configuration().has(scope) && Actor::gateway().has(scope)));
    }

    #[test]
    fn an_owner_manages_its_own_and_beheer_everything() {
        let owner = Actor::applicatie("a", [Scope::Consumeren]);
        assert!(owner.may_manage("a") && !owner.may_manage("b"));
        assert!(Actor::applicatie("c", [Scope::Beheer]).may_manage("b"));
        let nobody = person(Grants::default());
        assert!(!nobody.may_manage("s") && !nobody.may_manage("i#s") && !nobody.may_see("a"));
    }

    #[test]
    fn some_roles_see_what_others_own_without_managing_it() {
        for (role, sees, manages) in [
            (Role::Lezer, true, false),
            (Role::Beheerder, true, true),
            (Role::Platform, true, false),
            (Role::Kanaaleigenaar, false, false),
            (Role::Afnemer, false, false),
            (Role::Auditor, true, false),
        ] {
            let actor = person(Grants { client_ids: vec!["own".into()], ..Grants::of(role) });
            assert_eq!((actor.may_see("b"), actor.may_manage("b")), (sees, manages), "{role:?}");
            let acts = matches!(role, Role::Beheerder | Role::Kanaaleigenaar | Role::Afnemer);
            assert_eq!(actor.may_manage("own"), acts, "{role:?}");
        }
    }

    #[test]
    fn clones_share_whether_there_is_an_entry() {
        let recorded = Recorded::observed();
        let actor = Actor::applicatie("a", []).with_recorded(recorded.clone());
        assert!(!recorded.get());
        actor.clone().recorded.set();
        assert!(recorded.get() && actor == Actor::applicatie("a", []));
        let unobserved = Actor::gateway();
        unobserved.recorded.set();
        assert!(!unobserved.recorded.get());
    }

    #[test]
    fn the_origin_is_kept_and_gives_no_rights() {
        let origin = Origin { address: "192.0.2.1".parse().ok(), ..Origin::of(Interface::Console) };
        let actor = Actor::applicatie("a", [Scope::Publiceren]).with_origin(origin);
        assert_eq!(actor.origin, origin);
        assert_eq!(actor.to_string(), "a");
        assert!(!actor.is_beheer());
        for interface in Interface::ALL {
            assert_eq!(Interface::from_label(interface.label()), Some(interface));
        }
    }
}
