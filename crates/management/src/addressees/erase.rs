//! Erasure of one addressee for its owner (CH-135). Everything of an address is erased by `Audience::erase`.

use model::{
    Timestamp,
    addressee::{AddresseeId, Command, decide},
};
use storage::audience::Purge;

use super::{Addressees, Authority, Error, change::TRIES, leave::check};

impl Addressees {
    /// Erases address, attributes, owner and codes of an addressee; the digest stays, and evidence. On return they are in no file
    /// of the store. A message that is due to it is found obsolete when its turn comes.
    ///
    /// # Errors
    /// `Unknown` also for an addressee of another owner; `Busy`; `Storage`, when it may be erased while its bytes stay in
    /// files until the next purge.
    pub async fn erase_one(&self, authority: Authority<'_>, id: AddresseeId) -> Result<(), Error> {
        for _ in 0..TRIES {
            let seen = self.read(id).await?;
            check(authority, &seen.addressee)?;
            let accepted = decide(&seen.addressee, Command::Erase, self.clock.now())?;
            let Some(change) = accepted.change else { return Ok(()) };
            if self.put(vec![seen.change(*change)]).await? {
                // What a put replaced stays in files until the next purge, also one that has nothing to remove.
                self.audience.purge(Purge::Ended { before: Timestamp::from_seconds(0) }, 1_000).await?;
                return Ok(());
            }
        }
        Err(Error::Busy)
    }
}
