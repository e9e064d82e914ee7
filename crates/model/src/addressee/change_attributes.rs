//! A change of what the filters of senders look at (CH-72). Who may set which attribute is decided elsewhere.

use super::{Accepted, Addressee, Attributes, Decision, Rejection, State};

/// Changes them; only those of a confirmed addressee.
pub(super) fn change(addressee: &Addressee, attributes: Attributes) -> Decision {
    match addressee.state {
        State::Confirmed { .. } if addressee.attributes == attributes => Ok(Accepted::nothing()),
        State::Confirmed { .. } => Ok(Accepted::change(Addressee { attributes, ..addressee.clone() })),
        State::Unconfirmed { .. } | State::Ended { .. } => Err(Rejection::WrongState),
    }
}
