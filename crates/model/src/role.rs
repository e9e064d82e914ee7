//! What a person may do: roles, extra rights, and the clients that the person acts for.
//!
//! A role is given by an identity provider or a login link. Which role may do what is decided in `management`, in one
//! table. Not here: the scopes of applicaties ([`crate::applicatie::Scope`]).

/// A role of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Reads everything but payloads and the configuration in full.
    Lezer,
    /// Administers everything.
    Beheerder,
    /// Runs the nodes: configuration, storage, certificates.
    Platform,
    /// Answers for the kanalen of its clients.
    Kanaaleigenaar,
    /// Manages the subscriptions of its clients.
    Afnemer,
    /// Reads everything but events, and the whole audit trail.
    Auditor,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 6] =
        [Self::Lezer, Self::Beheerder, Self::Platform, Self::Kanaaleigenaar, Self::Afnemer, Self::Auditor];

    /// The name in configuration, claims and the audit trail.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Lezer => "lezer",
            Self::Beheerder => "beheerder",
            Self::Platform => "platform",
            Self::Kanaaleigenaar => "kanaaleigenaar",
            Self::Afnemer => "afnemer",
            Self::Auditor => "auditor",
        }
    }

    /// The role with this name.
    pub fn from_label(label: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.label() == label)
    }
}

/// A right that no role includes and that is given beside a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ExtraRight {
    /// `inhoud`: read payloads of events.
    Inhoud,
    /// `publiceren`: publish events by hand.
    Publiceren,
    /// `geadresseerden`: look up what there is of the address of a person.
    Geadresseerden,
}

impl ExtraRight {
    /// Every extra right.
    pub const ALL: [Self; 3] = [Self::Inhoud, Self::Publiceren, Self::Geadresseerden];

    /// The name in configuration, claims and the audit trail.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Inhoud => "inhoud",
            Self::Publiceren => "publiceren",
            Self::Geadresseerden => "geadresseerden",
        }
    }

    /// The extra right with this name.
    pub fn from_label(label: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|right| right.label() == label)
    }
}

/// Everything a person was granted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Grants {
    /// The roles, without repetition.
    pub roles: Vec<Role>,
    /// Rights beside the roles.
    pub extra: Vec<ExtraRight>,
    /// The `client_id`s that a kanaaleigenaar or afnemer acts for; without effect for other roles.
    pub client_ids: Vec<String>,
}

impl Grants {
    /// One role, nothing else.
    pub fn of(role: Role) -> Self {
        Self { roles: vec![role], ..Self::default() }
    }

    /// Whether it includes the role.
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// Whether it includes the extra right.
    pub fn has_extra(&self, right: ExtraRight) -> bool {
        self.extra.contains(&right)
    }

    /// Whether the person acts for this client.
    pub fn acts_for(&self, client_id: &str) -> bool {
        (self.has(Role::Kanaaleigenaar) || self.has(Role::Afnemer))
            && self.client_ids.iter().any(|own| own == client_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_read_back() {
        assert!(Role::ALL.into_iter().all(|role| Role::from_label(role.label()) == Some(role)));
        assert!(ExtraRight::ALL.into_iter().all(|right| ExtraRight::from_label(right.label()) == Some(right)));
        assert_eq!(Role::from_label("Beheerder"), None);
    }

    #[test]
    fn only_owners_and_subscribers_act_for_clients() {
        let client_ids = vec!["zaken".to_owned()];
        for role in Role::ALL {
            let grants = Grants { client_ids: client_ids.clone(), ..Grants::of(role) };
            let expected = matches!(role, Role::Kanaaleigenaar | Role::Afnemer);
            assert_eq!(grants.acts_for("zaken"), expected, "{role:?}");
            assert!(!grants.acts_for("andere"));
        }
    }
}
