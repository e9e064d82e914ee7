//! A change of how often mails come (CH-101). What was collected before is sent at the moment that was set for it.

use super::{Accepted, Addressee, Channel, Decision, Frequency, Rejection, State};

/// Changes it; only mails are collected, and only those of a confirmed addressee.
pub(super) fn change(addressee: &Addressee, frequency: Frequency) -> Decision {
    match addressee.state {
        State::Confirmed { .. } if addressee.frequency == frequency => Ok(Accepted::nothing()),
        State::Confirmed { .. } if addressee.channel == Channel::Email => {
            Ok(Accepted::change(Addressee { frequency, ..addressee.clone() }))
        }
        State::Confirmed { .. } | State::Unconfirmed { .. } | State::Ended { .. } => Err(Rejection::WrongState),
    }
}
