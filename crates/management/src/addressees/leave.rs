//! A person leaves: one kanaal, some or all of an address and channel, by one act (CH-56 to CH-60).

use model::{
    Actor, Timestamp,
    addressee::{
        ActId, Addressee, AddresseeId, Command, LeftBy, Message, decide,
        leave::{Kanalen, many},
    },
};
use storage::audience::{Outgoing, OutgoingId, Stored};

use super::{
    Addressees, Due, Error,
    change::{TRIES, addressees},
    subscribe::owner,
};

/// What is left, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaving {
    /// The act, random; its undo needs it.
    pub act: ActId,
    /// The way.
    pub by: LeftBy,
    /// Until when it can be undone.
    pub undo_until: Timestamp,
    /// The id of the acknowledgement in the outbox; random.
    pub outgoing: OutgoingId,
    /// Of the same address and channel, the kanalen that are left as well; `None` for the addressee alone.
    pub others: Option<Kanalen>,
}

/// Why somebody may end or restore an addressee.
#[derive(Debug, Clone, Copy)]
pub enum Authority<'a> {
    /// The caller has checked the token of the link.
    Token,
    /// The actor is its owner (CH-59), which is checked here.
    Owner(&'a Actor),
}

impl Addressees {
    /// Ends an addressee, and others of its address and channel that are confirmed. Again is success without effect (CH-56).
    /// Returns the acknowledgement that is due, which is in the outbox for the first addressee of it.
    ///
    /// # Errors
    /// `Unknown` also for an addressee of another owner, and for one that is not confirmed (CH-58, CH-59); `Busy`, `Storage`.
    pub async fn leave(
        &self,
        authority: Authority<'_>,
        id: AddresseeId,
        leaving: &Leaving,
    ) -> Result<Option<Due>, Error> {
        let act = (leaving.act, leaving.by, leaving.undo_until);
        for _ in 0..TRIES {
            let seen = self.read(id).await?;
            check(authority, &seen.addressee)?;
            let now = self.clock.now();
            let command = Command::Leave { act: act.0, by: act.1, undo_until: act.2 };
            let own = decide(&seen.addressee, command, now)?.change;
            let mut changes: Vec<Addressee> = own.map(|own| *own).into_iter().collect();
            let mut all: Vec<Stored> = vec![seen];
            if let Some(kanalen) = &leaving.others {
                let address = (all[0].addressee.digest, all[0].addressee.channel);
                let mut others = self.audience.of_address(address.0).await?;
                others.retain(|other| other.addressee.id != id);
                changes.extend(many(&addressees(&others), address, kanalen, act, now));
                all.extend(others);
            }
            if changes.is_empty() {
                return Ok(None);
            }
            let (id, message) = (leaving.outgoing, Message::Acknowledgement);
            let due = Outgoing { id, message, secret: None, created: now };
            if self.store(&all, changes.clone(), Some(due)).await? {
                return Ok(Some(Due { message: Message::Acknowledgement, addressees: changes }));
            }
        }
        Err(Error::Busy)
    }
}

/// Whether somebody may end or restore an addressee.
pub(super) fn check(authority: Authority<'_>, addressee: &Addressee) -> Result<(), Error> {
    match authority {
        Authority::Token => Ok(()),
        Authority::Owner(actor) => match (owner(actor), &addressee.owner) {
            (Some(actor), Some(owner)) if actor == *owner => Ok(()),
            _ => Err(Error::Unknown),
        },
    }
}
