//! Stores that an event waits for the mail of an addressee, in place of a mail of its own.

use model::{
    addressee::{Addressee, AddresseeId, Message},
    mailing::MailingId,
};
use storage::audience::{Error, Outgoing, OutgoingId};
use uuid::Uuid;

use super::super::MailingParts;

/// Adds the event of a mailing to the mail of an addressee. Nothing is added for a resend: who has it with others gets it once.
pub(in super::super) async fn event(
    parts: &MailingParts,
    (mailing, is_resend): (MailingId, bool),
    addressee: &Addressee,
) -> Result<(), Error> {
    if is_resend {
        return Ok(());
    }
    let due = Outgoing {
        id: mail_id("first", addressee.id, mailing),
        message: Message::Collected,
        secret: None,
        created: parts.moments.next(addressee.frequency, parts.clock.now()),
    };
    parts.audience.collect(addressee.id, mailing, due).await
}

/// The id of the mail of an addressee that begins with the event of a mailing, or follows on it. No other one has it.
pub(super) fn mail_id(place: &str, addressee: AddresseeId, mailing: MailingId) -> OutgoingId {
    OutgoingId(Uuid::new_v5(&addressee.0, format!("{place} {}", mailing.0).as_bytes()))
}
