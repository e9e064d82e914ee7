//! Leaving, one or many by one act, and the undo of an act. Only confirmed addressees leave (CH-58, CH-60), and only those
//! that the act ended come back (CH-62).

use super::{
    Accepted, ActId, Addressee, Channel, Confirmation, Decision, Digest, EndReason, HardBounces, LeftBy, Message,
    Rejection, State,
};
use crate::{KanaalName, Timestamp};

/// Which addressees of an address are left together (CH-60).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kanalen {
    /// Those of these kanalen.
    Named(Vec<KanaalName>),
    /// All.
    All,
}

/// Leaves one. Again is success without effect (CH-56); an unconfirmed one does not change (CH-58).
pub(super) fn one(addressee: &Addressee, act: ActId, by: LeftBy, undo_until: Timestamp, now: Timestamp) -> Decision {
    match &addressee.state {
        State::Confirmed { confirmation, .. } => {
            let left = left(addressee, confirmation, (act, by, undo_until), now);
            Ok(Accepted::change(left).with(Message::Acknowledgement))
        }
        State::Unconfirmed { .. } => Err(Rejection::WrongState),
        State::Ended { .. } => Ok(Accepted::nothing()),
    }
}

fn left(
    addressee: &Addressee,
    was: &Confirmation,
    (act, by, undo_until): (ActId, LeftBy, Timestamp),
    now: Timestamp,
) -> Addressee {
    let reason = EndReason::Unsubscribed { act, by, was: was.clone(), undo_until };
    Addressee { state: State::Ended { at: now, reason }, ..addressee.clone() }
}

/// Leaves many by one act: of the addressees of one address, those with this digest and channel on these kanalen that are
/// confirmed. Returns them changed; one acknowledgement is due if there is any (CH-61).
pub fn many(
    of_address: &[Addressee],
    (digest, channel): (Digest, Channel),
    kanalen: &Kanalen,
    (act, by, undo_until): (ActId, LeftBy, Timestamp),
    now: Timestamp,
) -> Vec<Addressee> {
    let is_meant = |addressee: &&Addressee| {
        addressee.digest == digest
            && addressee.channel == channel
            && match kanalen {
                Kanalen::All => true,
                Kanalen::Named(named) => named.contains(&addressee.kanaal),
            }
    };
    let leave = |addressee: &Addressee| match &addressee.state {
        State::Confirmed { confirmation, .. } => Some(left(addressee, confirmation, (act, by, undo_until), now)),
        State::Unconfirmed { .. } | State::Ended { .. } => None,
    };
    of_address.iter().filter(is_meant).filter_map(leave).collect()
}

/// Restores an addressee that an act ended, once and within its time (CH-62). A later act cannot be undone with it.
pub(super) fn undo(addressee: &Addressee, act: ActId, now: Timestamp) -> Decision {
    match &addressee.state {
        State::Ended { reason: EndReason::Unsubscribed { act: ended_by, was, undo_until, .. }, .. }
            if *ended_by == act && now < *undo_until =>
        {
            let state = State::Confirmed { confirmation: was.clone(), change: None, bounces: HardBounces::default() };
            Ok(Accepted::change(Addressee { state, ..addressee.clone() }))
        }
        _ => Err(Rejection::NotUndoable),
    }
}

/// Restores those of an address that an act ended.
pub fn undo_many(of_address: &[Addressee], act: ActId, now: Timestamp) -> Vec<Addressee> {
    let restored = |addressee: &Addressee| undo(addressee, act, now).ok()?.change.map(|change| *change);
    of_address.iter().filter_map(restored).collect()
}
