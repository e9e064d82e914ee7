//! Whether a due message is still needed, to which address, and what is in it: a pure decision on the addressee as it is now.

use model::{
    KanaalName, Timestamp,
    addressee::{ActId, Addressee, Channel, Check, EndReason, Message, State},
    sealed::Sealed,
};
use storage::audience::Outgoing;

/// What is to be done with a due message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Need<'a> {
    /// Send it to this address.
    Send {
        /// The address.
        to: &'a Sealed,
        /// What is in it.
        content: Content,
    },
    /// Nobody needs it any more.
    Obsolete,
    /// It waited too long.
    Late,
}

/// What is in a message beside the name of the kanaal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Content {
    /// Code and link of the secret; `new_address` when they are for another address.
    Confirmation {
        /// Whether another address of a confirmed addressee is to be confirmed.
        new_address: bool,
        /// Whether the code is valid still; a message that waited has only the link.
        has_code: bool,
    },
    /// The address is subscribed already.
    AlreadySubscribed,
    /// These kanalen ended by one act, which can be undone until a moment.
    Acknowledgement {
        /// The act.
        act: ActId,
        /// In the order of their names.
        kanalen: Vec<KanaalName>,
        /// Until when.
        undo_until: Timestamp,
    },
    /// The link to the data of the person.
    DataLink,
    /// Another address was asked for.
    ChangeRequested,
}

/// Decides on a message to an addressee. `of_address` are all addressees of its address.
pub(super) fn need<'a>(
    outgoing: &'a Outgoing,
    addressee: &'a Addressee,
    of_address: &[Addressee],
    now: Timestamp,
) -> Need<'a> {
    let is_sms = match addressee.channel {
        Channel::Email => false,
        Channel::Sms => true,
        Channel::Inbox => return Need::Obsolete,
    };
    let to = addressee.address.as_ref();
    // A text message has the code alone.
    let until = |check: &Check| if is_sms { check.code_until } else { check.link_until };
    let confirmation = |to: Option<&'a Sealed>, check: &Check, new_address: bool| match to {
        Some(_) if now >= until(check) => Need::Late,
        // Tries with wrong codes have made it void before it was sent.
        Some(_) if is_sms && check.tries_left == 0 => Need::Late,
        Some(to) => {
            let has_code = check.tries_left > 0 && now < check.code_until;
            Need::Send { to, content: Content::Confirmation { new_address, has_code } }
        }
        None => Need::Obsolete,
    };
    let plain = |content| to.map_or(Need::Obsolete, |to| Need::Send { to, content });
    match (outgoing.message, &addressee.state) {
        (Message::Confirmation, State::Unconfirmed { check, .. }) => confirmation(to, check, false),
        (Message::ConfirmationOfChange, State::Confirmed { change: Some(change), .. }) => {
            confirmation(Some(&change.address), &change.check, true)
        }
        (Message::AlreadySubscribed, State::Confirmed { .. }) => plain(Content::AlreadySubscribed),
        (Message::DataLink, State::Confirmed { .. }) => plain(Content::DataLink),
        // It goes to the address of before, also when the new one is confirmed already.
        (Message::ChangeRequested, State::Confirmed { .. }) => match &outgoing.secret {
            Some(to) => Need::Send { to, content: Content::ChangeRequested },
            None => Need::Obsolete,
        },
        (Message::Acknowledgement, State::Ended { reason: EndReason::Unsubscribed { act, undo_until, .. }, .. }) => to
            .map_or(Need::Obsolete, |to| {
                let kanalen = ended_by(*act, addressee, of_address);
                let content = Content::Acknowledgement { act: *act, kanalen, undo_until: *undo_until };
                Need::Send { to, content }
            }),
        _ => Need::Obsolete,
    }
}

/// The kanalen that an act ended, of the same address and channel.
fn ended_by(ended: ActId, addressee: &Addressee, of_address: &[Addressee]) -> Vec<KanaalName> {
    let is_ended = |other: &&Addressee| {
        let by_act = matches!(
            other.state,
            State::Ended { reason: EndReason::Unsubscribed { act, .. }, .. } if act == ended
        );
        by_act && other.channel == addressee.channel
    };
    let mut kanalen: Vec<KanaalName> = of_address.iter().filter(is_ended).map(|other| other.kanaal.clone()).collect();
    kanalen.push(addressee.kanaal.clone());
    kanalen.sort();
    kanalen.dedup();
    kanalen
}
