//! The link to the page of a person's data becomes due, to the address of the addressee (CH-65).

use model::addressee::{AddresseeId, Command, decide};
use storage::audience::{Outgoing, OutgoingId};

use super::{Addressees, Error, change::TRIES};

impl Addressees {
    /// Makes the message with the link due. `outgoing` is its id in the outbox, random.
    ///
    /// # Errors
    /// `Unknown` also for an addressee that is not confirmed; `TooManyRequests` (CH-46), `Busy`, `Storage`.
    pub async fn request_data_link(&self, id: AddresseeId, outgoing: OutgoingId) -> Result<(), Error> {
        for _ in 0..TRIES {
            let seen = self.read(id).await?;
            let now = self.clock.now();
            let accepted = decide(&seen.addressee, Command::RequestDataLink, now)?;
            let (Some(change), Some(message)) = (accepted.change, accepted.send) else { return Ok(()) };
            let due = Outgoing { id: outgoing, message, secret: None, created: now };
            if self.put(vec![seen.change(*change).with_due(due)]).await? {
                return Ok(());
            }
        }
        Err(Error::Busy)
    }
}
