//! The decision on a command: addressee, command and moment in, the changed addressee and the message to send out.

use super::{
    Addressee, Command, State, change_address, change_attributes, change_frequency, confirm, data_link, end, leave,
};
use crate::Timestamp;

/// What an accepted command does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The addressee to store; `None` when nothing changes.
    pub change: Option<Box<Addressee>>,
    /// The message to send once that is stored.
    pub send: Option<Message>,
}

/// A message to an addressee that is not a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Message {
    /// Code and link, to the address to be confirmed.
    Confirmation,
    /// Code and link, to the new address of [`State::Confirmed`].
    ConfirmationOfChange,
    /// Somebody tried to subscribe this address again (CH-52).
    AlreadySubscribed,
    /// What ended, with the offer to undo it (CH-61).
    Acknowledgement,
    /// The link to the page of the person's data (CH-65).
    DataLink,
    /// Somebody asked for messages at another address; to the present one (CH-51).
    ChangeRequested,
    /// All events that were collected for the addressee, in one mail (CH-101). It waits for its moment as the others wait for the relay.
    Collected,
}

/// Why a command is rejected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// The code or link is wrong or void. `change` is to be stored nevertheless: it counts the try (CH-45).
    #[error("the code is wrong or void")]
    NotProven {
        /// The addressee to store.
        change: Option<Box<Addressee>>,
    },
    /// There were too many requests for codes; nothing is sent (CH-46).
    #[error("too many codes were requested")]
    TooManyRequests {
        /// When the next request is possible.
        retry_at: Timestamp,
    },
    /// The command has no meaning in this state: it is answered like an unknown addressee (CH-58).
    #[error("the addressee is not in a state for this")]
    WrongState,
    /// The act cannot be undone: it is another one, it was undone already, or its time is over (CH-62).
    #[error("the act cannot be undone")]
    NotUndoable,
    /// It is too early to expire it.
    #[error("the addressee has not expired")]
    NotDue,
}

/// A decision.
pub type Decision = Result<Accepted, Rejection>;

impl Accepted {
    pub(super) fn nothing() -> Self {
        Self { change: None, send: None }
    }

    pub(super) fn change(addressee: Addressee) -> Self {
        Self { change: Some(Box::new(addressee)), send: None }
    }

    pub(super) fn with(mut self, message: Message) -> Self {
        self.send = Some(message);
        self
    }
}

/// Decides on a command.
///
/// # Errors
/// Why it is rejected; [`Rejection::NotProven`] has a change.
pub fn decide(addressee: &Addressee, command: Command, now: Timestamp) -> Decision {
    match command {
        Command::Confirm(proof) => confirm::confirm(addressee, &proof, now),
        Command::RequestCode(check) => confirm::request_code(addressee, check, now),
        Command::Leave { act, by, undo_until } => leave::one(addressee, act, by, undo_until, now),
        Command::Undo(act) => leave::undo(addressee, act, now),
        Command::ChangeAddress(new) => change_address::change(addressee, new, now),
        Command::ChangeFrequency(frequency) => change_frequency::change(addressee, frequency),
        Command::ChangeAttributes(attributes) => change_attributes::change(addressee, attributes),
        Command::RequestDataLink => data_link::request(addressee, now),
        Command::Complaint => match addressee.state {
            State::Confirmed { .. } => Ok(Accepted::change(end::by_complaint(addressee, now))),
            State::Unconfirmed { .. } | State::Ended { .. } => Ok(Accepted::nothing()),
        },
        Command::Erase => Ok(Accepted::change(end::erased(addressee, now))),
        Command::Expire { unconfirmed } => end::expire(addressee, unconfirmed, now),
    }
}
