//! Decisions about revocations. Each also forgets those whose time is over.

use std::sync::Arc;

use super::Rejection;
use crate::{
    Registry, Timestamp,
    registry::Change,
    revocation::{Revocation, Revoked},
};

/// Most revocations at a time.
pub const MAX_REVOCATIONS: usize = 100_000;

/// Most forms among them, so that forms never leave too little room for ended sessions.
pub const MAX_FORMS: usize = 50_000;

/// Ends sessions. A later moment replaces an earlier one, never the other way around.
pub(super) fn end_sessions(
    registry: &Registry,
    what: Revoked,
    at: Timestamp,
    until: Timestamp,
) -> Result<Vec<Change>, Rejection> {
    let before = registry.revocation(&what).cloned();
    let (at, until) = before.map_or((at, until), |before| (at.max(before.at), until.max(before.until)));
    keep(registry, Revocation { what, at, until })
}

/// Notes that a link, token or form was used; one that was used before is rejected.
pub(super) fn use_once(
    registry: &Registry,
    what: Revoked,
    at: Timestamp,
    until: Timestamp,
) -> Result<Vec<Change>, Rejection> {
    if registry.revocation(&what).is_some() {
        return Err(Rejection::AlreadyUsed);
    }
    if matches!(what, Revoked::Form(_)) {
        let is_form = |own: &&Arc<Revocation>| matches!(own.what, Revoked::Form(_)) && own.until >= at;
        if registry.revocations().filter(is_form).count() >= MAX_FORMS {
            return Err(Rejection::TooManyRevocations);
        }
    }
    keep(registry, Revocation { what, at, until })
}

fn keep(registry: &Registry, new: Revocation) -> Result<Vec<Change>, Rejection> {
    let now = new.at;
    let over = registry.revocations().filter(|own| own.until < now && own.what != new.what);
    let mut changes: Vec<Change> = over.map(|own| Change::RevocationForgotten(own.what.clone())).collect();
    if registry.revocations().len() - changes.len() >= MAX_REVOCATIONS {
        return Err(Rejection::TooManyRevocations);
    }
    changes.push(Change::Revocation(Arc::new(new)));
    Ok(changes)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::decide::{Command, decide};

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    fn submit(registry: &mut Registry, command: Command) -> Result<usize, Rejection> {
        let changes = decide(registry, command)?;
        for change in &changes {
            registry.apply(change);
        }
        Ok(changes.len())
    }

    #[test]
    fn a_link_is_used_once_and_forgotten_later() {
        let mut registry = Registry::default();
        let link = |number| Revoked::LoginLink(Uuid::from_u128(number));
        let used = |number, now| Command::UseOnce { what: link(number), at: at(now), until: at(now + 300) };
        assert_eq!(submit(&mut registry, used(1, 1_000)), Ok(1));
        assert_eq!(submit(&mut registry, used(1, 1_001)), Err(Rejection::AlreadyUsed));
        assert_eq!(submit(&mut registry, used(2, 1_300)), Ok(1));
        assert_eq!(submit(&mut registry, used(3, 1_301)), Ok(2));
        assert!(registry.revocation(&link(1)).is_none() && registry.revocation(&link(2)).is_some());
    }

    #[test]
    fn forms_leave_room_for_ended_sessions() {
        let mut registry = Registry::default();
        let used = |number: usize, now| Command::UseOnce {
            what: Revoked::Form(Uuid::from_u128(number as u128)),
            at: at(now),
            until: at(now + 300),
        };
        for number in 0..MAX_FORMS {
            let what = Revoked::Form(Uuid::from_u128(number as u128));
            registry.apply(&Change::Revocation(Arc::new(Revocation { what, at: at(1_000), until: at(1_300) })));
        }
        assert_eq!(submit(&mut registry, used(0, 1_001)), Err(Rejection::AlreadyUsed));
        assert_eq!(submit(&mut registry, used(MAX_FORMS, 1_001)), Err(Rejection::TooManyRevocations));
        let end = Command::EndSessions { what: Revoked::Session(Uuid::nil()), at: at(1_001), until: at(2_000) };
        assert_eq!(submit(&mut registry, end), Ok(1));
        assert_eq!(submit(&mut registry, used(MAX_FORMS, 1_301)), Ok(MAX_FORMS + 1));
    }

    #[test]
    fn the_moment_from_which_sessions_are_ended_never_goes_back() {
        let mut registry = Registry::default();
        let what = Revoked::Person { issuer: "i".into(), subject: "s".into() };
        let end = |now| Command::EndSessions { what: what.clone(), at: at(now), until: at(now + 100) };
        assert_eq!(submit(&mut registry, end(1_000)), Ok(1));
        assert_eq!(submit(&mut registry, end(900)), Ok(1));
        assert_eq!(registry.revocation(&what).map(|own| own.at), Some(at(1_000)));
        assert_eq!(submit(&mut registry, end(2_000)), Ok(1));
        assert_eq!(registry.revocation(&what).map(|own| (own.at, own.until)), Some((at(2_000), at(2_100))));
        assert_eq!(registry.revocations().len(), 1);
    }
}
