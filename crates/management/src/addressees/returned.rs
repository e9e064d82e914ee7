//! What comes back for an addressee: a hard bounce counts against the address (CH-113), a complaint ends one light subscription
//! (CH-116). Neither sends an acknowledgement (CH-61). Reading what came back is elsewhere.

use model::addressee::{Addressee, AddresseeId, Command, State, bounce, decide};

use super::{
    Addressees, Error,
    change::{TRIES, addressees},
};

/// What a hard bounce did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bounced {
    /// Nobody of the address is confirmed.
    Nothing,
    /// It is counted.
    Counted,
    /// It was one too many: this number of light subscriptions ended.
    Ended(usize),
}

impl Addressees {
    /// Counts a hard bounce against the address of an addressee. At the threshold all that are confirmed of this address and channel
    /// end as undeliverable (CH-113).
    ///
    /// # Errors
    /// `Unknown`, `Busy`, `Storage`.
    pub async fn hard_bounce(&self, id: AddresseeId, threshold: bounce::Threshold) -> Result<Bounced, Error> {
        for _ in 0..TRIES {
            let seen = self.read(id).await?.addressee;
            let all = self.audience.of_address(seen.digest).await?;
            let address = (seen.digest, seen.channel);
            let changes = bounce::hard(&addressees(&all), address, threshold, self.clock.now());
            if changes.is_empty() {
                return Ok(Bounced::Nothing);
            }
            let was_confirmed = |changed: &&Addressee| {
                let before = all.iter().find(|stored| stored.addressee.id == changed.id);
                before.is_some_and(|stored| matches!(stored.addressee.state, State::Confirmed { .. }))
            };
            let confirmed: Vec<_> = changes.iter().filter(was_confirmed).collect();
            let bounced = match confirmed.first().map(|first| &first.state) {
                None => Bounced::Nothing,
                Some(State::Ended { .. }) => Bounced::Ended(confirmed.len()),
                Some(_) => Bounced::Counted,
            };
            if self.store(&all, changes, None).await? {
                return Ok(bounced);
            }
        }
        Err(Error::Busy)
    }

    /// Ends an addressee who complained to the mail provider (CH-116). Returns whether it was confirmed before.
    ///
    /// # Errors
    /// `Unknown`, `Busy`, `Storage`.
    pub async fn complained(&self, id: AddresseeId) -> Result<bool, Error> {
        for _ in 0..TRIES {
            let seen = self.read(id).await?;
            let Some(change) = decide(&seen.addressee, Command::Complaint, self.clock.now())?.change else {
                return Ok(false);
            };
            if self.put(vec![seen.change(*change)]).await? {
                return Ok(true);
            }
        }
        Err(Error::Busy)
    }
}
