//! Ends that a person did not ask for by leaving: complaint, expiry, erasure.

use std::time::Duration;

use super::{Accepted, Addressee, Attributes, CodeRequests, Decision, EndReason, Frequency, Rejection, State};
use crate::Timestamp;

/// The end after a complaint (CH-116).
pub(super) fn by_complaint(addressee: &Addressee, now: Timestamp) -> Addressee {
    Addressee { state: State::Ended { at: now, reason: EndReason::Complaint }, ..addressee.clone() }
}

/// What is left of an addressee without address, attributes, owner, filter and codes: the digest, and when it began and
/// ended (CH-135).
fn without_personal_data(addressee: &Addressee, at: Timestamp, reason: EndReason) -> Addressee {
    Addressee {
        id: addressee.id,
        kanaal: addressee.kanaal.clone(),
        channel: addressee.channel,
        digest: addressee.digest,
        address: None,
        generation: addressee.generation,
        attributes: Attributes::default(),
        filter: None,
        language: addressee.language,
        frequency: Frequency::default(),
        owner: None,
        created: addressee.created,
        expires: None,
        code_requests: CodeRequests::default(),
        state: State::Ended { at, reason },
    }
}

/// The addressee, erased. Of one that had ended before, the moment of that end stays.
pub(super) fn erased(addressee: &Addressee, now: Timestamp) -> Addressee {
    let at = match &addressee.state {
        State::Ended { at, .. } => *at,
        State::Unconfirmed { .. } | State::Confirmed { .. } => now,
    };
    without_personal_data(addressee, at, EndReason::Erased)
}

/// Ends an addressee that was not confirmed in time or whose own end has come; nothing of it can be undone, so its data go as
/// well.
pub(super) fn expire(addressee: &Addressee, unconfirmed: Duration, now: Timestamp) -> Decision {
    let is_due = match &addressee.state {
        State::Unconfirmed { since, .. } => {
            now >= *since + unconfirmed || addressee.expires.is_some_and(|moment| moment <= now)
        }
        State::Confirmed { .. } => addressee.expires.is_some_and(|moment| moment <= now),
        State::Ended { .. } => return Ok(Accepted::nothing()),
    };
    if is_due {
        Ok(Accepted::change(without_personal_data(addressee, now, EndReason::Expired)))
    } else {
        Err(Rejection::NotDue)
    }
}
