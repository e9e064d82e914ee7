//! Another address for a confirmed addressee (CH-51): code and link go to the new one, a notice to the present one, by the same
//! write.

use model::{
    addressee::{AddresseeId, Check, Command, Digest, Message, NewAddress, StateKind, decide},
    sealed::Sealed,
};
use storage::audience::{Outgoing, OutgoingId, Put, Version};

use super::{Addressees, Authority, Error, change::TRIES, leave::check};

/// A request for another address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressRequest {
    /// The keyed digest of the new address.
    pub digest: Digest,
    /// The new address, sealed.
    pub address: Sealed,
    /// New code and link.
    pub check: Check,
    /// The id of the message to the new address; random.
    pub confirmation: OutgoingId,
    /// Code and token of `check`, sealed for that message.
    pub secret: Sealed,
    /// The id of the notice to the present address; random.
    pub notice: OutgoingId,
}

impl Addressees {
    /// Stores the new address beside the present one. The present address again ends a change that was under way, and no message
    /// becomes due.
    ///
    /// # Errors
    /// `Unknown` also for an addressee of another owner and for one that is not confirmed; `TooManyRequests`, `Busy`, `Storage`.
    pub async fn change_address(
        &self,
        authority: Authority<'_>,
        id: AddresseeId,
        request: AddressRequest,
    ) -> Result<(), Error> {
        for _ in 0..TRIES {
            let seen = self.read(id).await?;
            check(authority, &seen.addressee)?;
            if seen.addressee.state.kind() != StateKind::Confirmed {
                return Err(Error::Unknown);
            }
            let now = self.clock.now();
            let AddressRequest { digest, address, check, .. } = request.clone();
            let command = Command::ChangeAddress(NewAddress { digest, address, check });
            let accepted = decide(&seen.addressee, command, now)?;
            let Some(change) = accepted.change else { return Ok(()) };
            let mut puts = vec![seen.change((*change).clone())];
            if let Some(message) = accepted.send {
                let secret = Some(request.secret.clone());
                puts[0].due = Some(Outgoing { id: request.confirmation, message, secret, created: now });
                // A put has one message. The second one finds the version that the first has made.
                let next = Put { seen: Some(Version(seen.version.0 + 1)), ..Put::new(*change) };
                let (message, secret) = (Message::ChangeRequested, seen.addressee.address.clone());
                puts.push(next.with_due(Outgoing { id: request.notice, message, secret, created: now }));
            }
            if self.put(puts).await? {
                return Ok(());
            }
        }
        Err(Error::Busy)
    }
}
