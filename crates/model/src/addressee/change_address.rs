//! A change of address: the old one is used until the new one is confirmed (CH-51).

use super::{Accepted, AddressChange, Addressee, Decision, HardBounces, Message, NewAddress, Rejection, State};
use crate::Timestamp;

/// Requests another address. Nothing was confirmed yet of an unconfirmed addressee, so its address is replaced at once. The
/// present address again ends a change that was under way.
pub(super) fn change(addressee: &Addressee, new: NewAddress, now: Timestamp) -> Decision {
    let NewAddress { digest, address, check } = new;
    let requests = || addressee.code_requests.with(now).map_err(|retry_at| Rejection::TooManyRequests { retry_at });
    match &addressee.state {
        State::Ended { .. } => Err(Rejection::WrongState),
        State::Confirmed { change: None, .. } if addressee.digest == digest => Ok(Accepted::nothing()),
        State::Confirmed { confirmation, bounces, .. } if addressee.digest == digest => {
            let state = confirmed(confirmation, None, bounces);
            Ok(Accepted::change(Addressee { state, ..addressee.clone() }))
        }
        State::Confirmed { confirmation, bounces, .. } => {
            let state = confirmed(confirmation, Some(AddressChange { digest, address, check }), bounces);
            let changed = Addressee { state, code_requests: requests()?, ..addressee.clone() };
            Ok(Accepted::change(changed).with(Message::ConfirmationOfChange))
        }
        State::Unconfirmed { .. } => {
            let generation = addressee.generation.saturating_add(u32::from(addressee.digest != digest));
            let changed = Addressee {
                digest,
                address: Some(address),
                generation,
                state: State::Unconfirmed { since: now, check },
                code_requests: requests()?,
                ..addressee.clone()
            };
            Ok(Accepted::change(changed).with(Message::Confirmation))
        }
    }
}

fn confirmed(by: &super::Confirmation, change: Option<AddressChange>, bounces: &HardBounces) -> State {
    State::Confirmed { confirmation: by.clone(), change: change.map(Box::new), bounces: bounces.clone() }
}
