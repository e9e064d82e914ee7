//! How often mails about events come to an addressee (CH-101).

use model::addressee::{AddresseeId, Command, Frequency, decide};

use super::{Addressees, Authority, Error, change::TRIES, leave::check};

impl Addressees {
    /// Changes it; the same again changes nothing.
    ///
    /// # Errors
    /// `Unknown` also for an addressee that is not confirmed, or not by e-mail, and for one of another owner; `Busy`, `Storage`.
    pub async fn change_frequency(
        &self,
        authority: Authority<'_>,
        id: AddresseeId,
        frequency: Frequency,
    ) -> Result<(), Error> {
        for _ in 0..TRIES {
            let seen = self.read(id).await?;
            check(authority, &seen.addressee)?;
            let accepted = decide(&seen.addressee, Command::ChangeFrequency(frequency), self.clock.now())?;
            let Some(change) = accepted.change else { return Ok(()) };
            if self.put(vec![seen.change(*change)]).await? {
                return Ok(());
            }
        }
        Err(Error::Busy)
    }
}
