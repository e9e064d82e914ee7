//! Which scope or role grants which right: the one table that the routes of all APIs and the pages of the console refer to.
//!
//! A right opens a use case. Whether a single resource belongs to the actor is decided in the use case itself
//! (`Actor::may_manage`, `Actor::may_see`).

use model::{Actor, ExtraRight, Role, applicatie::Scope};

/// Something an actor may be allowed to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Right {
    /// Read what is shared by all clients: kanalen, abonnementen, types, schemas.
    Read,
    /// Publish events, and create and change kanalen and payload schemas.
    Publish,
    /// Create and manage subscriptions, and read their events, deliveries and dead letters.
    Subscribe,
    /// Administer what others own.
    Administer,
    /// See subscriptions with their state and deliveries: all of them, or those of the own clients and kanalen.
    SeeSubscriptions,
    /// Create, change, delete, pause, resume and revalidate subscriptions.
    ManageSubscriptions,
    /// Replay, redrive and redeliver, and stop such a run.
    Resend,
    /// Approve or reject a subscription on a kanaal, and limit what it receives.
    Approve,
    /// Create and change kanalen.
    ManageKanalen,
    /// Delete a kanaal, and purge events.
    Purge,
    /// See the attributes of events and dead letters.
    SeeEvents,
    /// See the payload of an event.
    SeeContent,
    /// Publish an event by hand.
    PublishByHand,
    /// See the configuration as checked, the nodes and their readiness.
    SeeConfiguration,
    /// Check the configuration again.
    Recheck,
    /// See the applicaties, without secrets.
    SeeApplicaties,
    /// See the lines of the audit trail about oneself.
    SeeOwnAudit,
    /// See the whole audit trail.
    SeeAudit,
    /// Export the audit trail.
    ExportAudit,
    /// Use the portal of subscribers and publishers, which shows only what is one's own.
    UsePortal,
    /// See the sessions of everybody.
    SeeSessions,
    /// End the session of somebody else.
    EndSessions,
    /// See how many people read or deleted a message in their inbox that oneself may publish; never who.
    SeeInboxTotals,
    /// See providers, mailings and texts of messages to people, without an address.
    SeePeople,
    /// Look up what there is of the address of a person.
    LookUpAddressee,
    /// Read, change and erase what is in one's own inbox, as a citizen.
    OwnInbox,
}

/// What grants a right.
struct Row {
    /// The scopes of an applicatie of which one is needed.
    scopes: &'static [Scope],
    /// The roles of a person of which one is needed, each with the extra right that it needs beside it.
    roles: &'static [(Role, Option<ExtraRight>)],
    /// Whether every citizen has it, for what is the citizen's own: a person by issuer and `sub`, without a role here.
    citizens: bool,
}

const LEZER: (Role, Option<ExtraRight>) = (Role::Lezer, None);
const BEHEERDER: (Role, Option<ExtraRight>) = (Role::Beheerder, None);
const PLATFORM: (Role, Option<ExtraRight>) = (Role::Platform, None);
const KANAALEIGENAAR: (Role, Option<ExtraRight>) = (Role::Kanaaleigenaar, None);
const AFNEMER: (Role, Option<ExtraRight>) = (Role::Afnemer, None);
const AUDITOR: (Role, Option<ExtraRight>) = (Role::Auditor, None);
const EVERYBODY: &[(Role, Option<ExtraRight>)] = &[LEZER, BEHEERDER, PLATFORM, KANAALEIGENAAR, AFNEMER, AUDITOR];

/// Who sees payloads: an afnemer those that its own subscriptions receive, others with an extra right.
const CONTENT: &[(Role, Option<ExtraRight>)] = &[
    (Role::Lezer, Some(ExtraRight::Inhoud)),
    (Role::Beheerder, Some(ExtraRight::Inhoud)),
    (Role::Kanaaleigenaar, Some(ExtraRight::Inhoud)),
    AFNEMER,
];
/// Who looks up the address of a person: to help with a fault, or to answer the person.
const LOOK_UP: &[(Role, Option<ExtraRight>)] =
    &[(Role::Beheerder, Some(ExtraRight::Geadresseerden)), (Role::Auditor, Some(ExtraRight::Geadresseerden))];
/// Who publishes by hand.
const BY_HAND: &[(Role, Option<ExtraRight>)] =
    &[(Role::Beheerder, Some(ExtraRight::Publiceren)), (Role::Kanaaleigenaar, Some(ExtraRight::Publiceren))];

impl Right {
    /// Every right.
    pub const ALL: [Self; 26] = [
        Self::Read,
        Self::Publish,
        Self::Subscribe,
        Self::Administer,
        Self::SeeSubscriptions,
        Self::ManageSubscriptions,
        Self::Resend,
        Self::Approve,
        Self::ManageKanalen,
        Self::Purge,
        Self::SeeEvents,
        Self::SeeContent,
        Self::PublishByHand,
        Self::SeeConfiguration,
        Self::Recheck,
        Self::SeeApplicaties,
        Self::SeeOwnAudit,
        Self::SeeAudit,
        Self::ExportAudit,
        Self::UsePortal,
        Self::SeeSessions,
        Self::EndSessions,
        Self::SeeInboxTotals,
        Self::SeePeople,
        Self::LookUpAddressee,
        Self::OwnInbox,
    ];

    /// The table. [`Scope::Beheer`] grants every right of administration and is only listed where no other does. What is of a citizen
    /// is for that citizen alone.
    const fn row(self) -> Row {
        let (scopes, roles): (&[Scope], &[(Role, Option<ExtraRight>)]) = match self {
            Self::Read => (&[Scope::Publiceren, Scope::Consumeren], EVERYBODY),
            Self::Publish | Self::Approve | Self::ManageKanalen | Self::SeeInboxTotals => {
                (&[Scope::Publiceren], &[BEHEERDER, KANAALEIGENAAR])
            }
            Self::Subscribe | Self::ManageSubscriptions | Self::Resend => (&[Scope::Consumeren], &[BEHEERDER, AFNEMER]),
            Self::Administer | Self::Purge => (&[Scope::Beheer], &[BEHEERDER]),
            Self::SeeSubscriptions => (&[Scope::Consumeren], EVERYBODY),
            Self::SeeEvents => (&[Scope::Consumeren], &[LEZER, BEHEERDER, KANAALEIGENAAR, AFNEMER]),
            Self::SeeContent => (&[Scope::Consumeren], CONTENT),
            Self::PublishByHand => (&[Scope::Publiceren], BY_HAND),
            Self::SeeConfiguration | Self::SeePeople => (&[Scope::Beheer], &[LEZER, BEHEERDER, PLATFORM, AUDITOR]),
            Self::Recheck => (&[Scope::Beheer], &[PLATFORM]),
            Self::SeeApplicaties => (&[Scope::Beheer], &[LEZER, BEHEERDER, PLATFORM, AFNEMER, AUDITOR]),
            Self::SeeOwnAudit => (&[Scope::Beheer], EVERYBODY),
            Self::SeeAudit => (&[Scope::Beheer], &[BEHEERDER, AUDITOR]),
            Self::ExportAudit => (&[Scope::Beheer], &[AUDITOR]),
            Self::UsePortal => (&[Scope::Publiceren, Scope::Consumeren], &[KANAALEIGENAAR, AFNEMER]),
            Self::SeeSessions => (&[Scope::Beheer], &[BEHEERDER, PLATFORM, AUDITOR]),
            Self::EndSessions => (&[Scope::Beheer], &[BEHEERDER, PLATFORM]),
            Self::LookUpAddressee => (&[Scope::Beheer], LOOK_UP),
            Self::OwnInbox => (&[], &[]),
        };
        Row { scopes, roles, citizens: matches!(self, Self::OwnInbox) }
    }

    /// The scopes of an applicatie of which one is needed.
    pub const fn scopes(self) -> &'static [Scope] {
        self.row().scopes
    }

    /// Whether a role grants it, without an extra right.
    pub fn is_granted_by(self, role: Role) -> bool {
        self.row().roles.contains(&(role, None))
    }

    /// Whether every citizen has it.
    pub const fn is_granted_to_citizens(self) -> bool {
        self.row().citizens
    }

    /// Whether the actor has this right.
    pub fn is_granted_to(self, actor: &Actor) -> bool {
        match actor.grants() {
            Some(grants) => self
                .row()
                .roles
                .iter()
                .any(|(role, extra)| grants.has(*role) && extra.is_none_or(|extra| grants.has_extra(extra))),
            None => self.scopes().iter().any(|scope| actor.has(*scope)),
        }
    }
}

#[cfg(test)]
mod tests {
    use model::Grants;

    use super::*;

    #[test]
    fn each_scope_grants_its_rights() {
        for (scope, granted) in [
            (Scope::Publiceren, [true, true, false, false]),
            (Scope::Consumeren, [true, false, true, false]),
            (Scope::Beheer, [true; 4]),
        ] {
            let actor = Actor::applicatie("a", [scope]);
            let rights = [Right::Read, Right::Publish, Right::Subscribe, Right::Administer];
            assert_eq!(rights.map(|right| right.is_granted_to(&actor)), granted, "{scope:?}");
        }
        let nothing = Actor::applicatie("a", []);
        assert!(!Right::ALL.into_iter().any(|right| right.is_granted_to(&nothing)));
        let all = Actor::applicatie("a", [Scope::Beheer]);
        for right in Right::ALL {
            assert_eq!(right.is_granted_to(&all), !right.is_granted_to_citizens(), "{right:?}");
        }
    }

    /// The matrix of roles, in the order lezer, beheerder, platform, kanaaleigenaar, afnemer, auditor.
    #[test]
    fn each_role_grants_its_rights() {
        for (right, row) in [
            (Right::Read, "x x x x x x"),
            (Right::SeeSubscriptions, "x x x x x x"),
            (Right::ManageSubscriptions, "- x - - x -"),
            (Right::Resend, "- x - - x -"),
            (Right::Approve, "- x - x - -"),
            (Right::ManageKanalen, "- x - x - -"),
            (Right::Purge, "- x - - - -"),
            (Right::SeeEvents, "x x - x x -"),
            (Right::SeeContent, "i i - i x -"),
            (Right::PublishByHand, "- p - p - -"),
            (Right::SeeConfiguration, "x x x - - x"),
            (Right::Recheck, "- - x - - -"),
            (Right::SeeApplicaties, "x x x - x x"),
            (Right::SeeOwnAudit, "x x x x x x"),
            (Right::SeeAudit, "- x - - - x"),
            (Right::ExportAudit, "- - - - - x"),
            (Right::UsePortal, "- - - x x -"),
            (Right::SeeSessions, "- x x - - x"),
            (Right::EndSessions, "- x x - - -"),
            (Right::SeeInboxTotals, "- x - x - -"),
            (Right::SeePeople, "x x x - - x"),
            (Right::LookUpAddressee, "- g - - - g"),
            (Right::OwnInbox, "- - - - - -"),
        ] {
            for (role, expected) in Role::ALL.into_iter().zip(row.split(' ')) {
                let granted = |extra: Vec<ExtraRight>| {
                    let grants = Grants { extra, ..Grants::of(role) };
                    right.is_granted_to(&Actor::person("issuer", "subject", grants))
                };
                let with = ExtraRight::ALL.map(|extra| granted(vec![extra]));
                let found = (granted(vec![]), with);
                let expected = match expected {
                    "x" => (true, [true; 3]),
                    "i" => (false, [true, false, false]),
                    "p" => (false, [false, true, false]),
                    "g" => (false, [false, false, true]),
                    _ => (false, [false; 3]),
                };
                assert_eq!(found, expected, "{right:?} {role:?}");
            }
        }
    }
}
