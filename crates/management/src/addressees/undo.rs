//! A person undoes an act of leaving (CH-62).

use model::addressee::{ActId, Addressee, AddresseeId, leave::undo_many};

use super::{
    Addressees, Authority, Error,
    change::{TRIES, addressees},
    leave::check,
};

impl Addressees {
    /// Restores exactly the addressees that an act ended, given one of them; all of them have its address. Returns them.
    ///
    /// # Errors
    /// `Unknown` when the act did not end this one, was undone already, or its time is over; `Busy`, `Storage`.
    pub async fn undo(&self, authority: Authority<'_>, id: AddresseeId, act: ActId) -> Result<Vec<Addressee>, Error> {
        for _ in 0..TRIES {
            let seen = self.read(id).await?;
            check(authority, &seen.addressee)?;
            let all = self.audience.of_address(seen.addressee.digest).await?;
            let restored = undo_many(&addressees(&all), act, self.clock.now());
            if !restored.iter().any(|addressee| addressee.id == id) {
                return Err(Error::Unknown);
            }
            if self.store(&all, restored.clone(), None).await? {
                return Ok(restored);
            }
        }
        Err(Error::Busy)
    }
}
