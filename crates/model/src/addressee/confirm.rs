//! Confirmation of an address by code or link, and new codes. It does not compare texts, only their digests.

use super::{
    Accepted, AddressChange, Addressee, Basis, Check, Decision, EndReason, Message, Proof, Rejection, State, UsedLink,
    check::Match,
};
use crate::Timestamp;

/// Confirms the address, or the new one that waits for it. Again with the same link is success without effect (CH-48).
pub(super) fn confirm(addressee: &Addressee, proof: &Proof, now: Timestamp) -> Decision {
    match &addressee.state {
        State::Unconfirmed { since, check } => match check.compare(proof, now) {
            Match::Right => Ok(Accepted::change(Addressee {
                state: State::confirmed(now, basis(proof)),
                code_requests: super::CodeRequests::default(),
                ..addressee.clone()
            })),
            Match::WrongCode => {
                let state = State::Unconfirmed { since: *since, check: one_try_less(check) };
                Err(not_proven(Some(Addressee { state, ..addressee.clone() })))
            }
            Match::Void => Err(not_proven(None)),
        },
        State::Confirmed { confirmation, change: None, .. } => again(&confirmation.by, proof),
        State::Confirmed { confirmation, change: Some(change), bounces } => match change.check.compare(proof, now) {
            Match::Right => Ok(Accepted::change(Addressee {
                digest: change.digest,
                address: Some(change.address.clone()),
                generation: addressee.generation.saturating_add(1),
                state: State::confirmed(now, basis(proof)),
                code_requests: super::CodeRequests::default(),
                ..addressee.clone()
            })),
            Match::WrongCode => {
                let change = AddressChange { check: one_try_less(&change.check), ..(**change).clone() };
                let state = State::Confirmed {
                    confirmation: confirmation.clone(),
                    change: Some(Box::new(change)),
                    bounces: bounces.clone(),
                };
                Err(not_proven(Some(Addressee { state, ..addressee.clone() })))
            }
            Match::Void => again(&confirmation.by, proof),
        },
        State::Ended { .. } => Err(not_proven(None)),
    }
}

fn again(by: &Basis, proof: &Proof) -> Decision {
    match by {
        Basis::Link(used) if used.is_of(proof) => Ok(Accepted::nothing()),
        _ => Err(not_proven(None)),
    }
}

fn basis(proof: &Proof) -> Basis {
    match proof {
        Proof::Code(_) => Basis::Code,
        Proof::Link(link) => Basis::Link(UsedLink::of(link)),
    }
}

fn one_try_less(check: &Check) -> Check {
    Check { tries_left: check.tries_left.saturating_sub(1), ..check.clone() }
}

fn not_proven(change: Option<Addressee>) -> Rejection {
    Rejection::NotProven { change: change.map(Box::new) }
}

/// Replaces code and link: the old ones are void (CH-45). At most five an hour (CH-46). Who is confirmed gets the notice
/// instead (CH-52).
pub(super) fn request_code(addressee: &Addressee, check: Check, now: Timestamp) -> Decision {
    let requests = || addressee.code_requests.with(now).map_err(|retry_at| Rejection::TooManyRequests { retry_at });
    let (state, message) = match &addressee.state {
        State::Unconfirmed { .. } => (State::Unconfirmed { since: now, check }, Message::Confirmation),
        State::Confirmed { change: None, .. } => (addressee.state.clone(), Message::AlreadySubscribed),
        State::Confirmed { confirmation, change: Some(change), bounces } => {
            let change = Some(Box::new(AddressChange { check, ..(**change).clone() }));
            let state = State::Confirmed { confirmation: confirmation.clone(), change, bounces: bounces.clone() };
            (state, Message::ConfirmationOfChange)
        }
        State::Ended { .. } => return Err(Rejection::WrongState),
    };
    Ok(Accepted::change(Addressee { state, code_requests: requests()?, ..addressee.clone() }).with(message))
}

/// The addressees that end because another one of exactly the same kanaal, channel and address was confirmed and is to
/// replace them (CH-52).
pub fn replaced(of_address: &[Addressee], by: &Addressee, now: Timestamp) -> Vec<Addressee> {
    let is_replaced = |other: &&Addressee| {
        other.id != by.id
            && (&other.kanaal, other.channel, other.digest) == (&by.kanaal, by.channel, by.digest)
            && !matches!(other.state, State::Ended { .. })
    };
    let end = |other: &Addressee| Addressee {
        state: State::Ended { at: now, reason: EndReason::Replaced { by: by.id } },
        ..other.clone()
    };
    of_address.iter().filter(is_replaced).map(end).collect()
}
