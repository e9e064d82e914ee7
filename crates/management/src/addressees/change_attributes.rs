//! What the filters of senders look at of an addressee (CH-72).

use model::addressee::{AddresseeId, Attributes, Command, decide};

use super::{Addressees, Authority, Error, change::TRIES, leave::check};

impl Addressees {
    /// Replaces the attributes by what `merge` makes of the present ones; the same again changes nothing.
    ///
    /// # Errors
    /// What `merge` reports; `Unknown` also for an addressee that is not confirmed, and for one of another owner; `Busy`, `Storage`.
    pub async fn change_attributes<E: From<Error>>(
        &self,
        authority: Authority<'_>,
        id: AddresseeId,
        merge: impl Fn(&Attributes) -> Result<Attributes, E>,
    ) -> Result<(), E> {
        for _ in 0..TRIES {
            let seen = self.read(id).await?;
            check(authority, &seen.addressee)?;
            let command = Command::ChangeAttributes(merge(&seen.addressee.attributes)?);
            let accepted = decide(&seen.addressee, command, self.clock.now()).map_err(Error::from)?;
            let Some(change) = accepted.change else { return Ok(()) };
            if self.put(vec![seen.change(*change)]).await? {
                return Ok(());
            }
        }
        Err(Error::Busy.into())
    }
}
