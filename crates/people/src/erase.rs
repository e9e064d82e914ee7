//! Erasure of a person (CH-135): address, attributes, owner, codes and filter go; evidence stays with a digest until its retention
//! ends.

use management::addressees::Authority;
use model::{Actor, addressee::AddresseeId};

use crate::{Error, Link, People};

impl People {
    /// Erases everything of the address of a link to data. On return it is in no file of the store.
    ///
    /// # Errors
    /// `Unknown` for a link that is void or to something else; `Storage`, after which it is to be repeated.
    pub async fn erase_by_link(&self, link: &Link) -> Result<AddresseeId, Error> {
        let found = self.data_of(link).await?;
        self.audience.erase(found.digest, self.clock.now()).await?;
        Ok(found.id)
    }

    /// Erases for a client: the owner erases this subscription, since others of the address are not its own; an administrator
    /// erases everything of the address. On return it is in no file of the store.
    ///
    /// # Errors
    /// `Unknown` for one of another owner, and to an owner for one that is not confirmed; `Busy`; `Storage`, when it may be erased
    /// while its bytes stay in files until the next purge.
    pub async fn erase(&self, actor: &Actor, id: AddresseeId) -> Result<(), Error> {
        let found = self.visible(actor, id).await?;
        if actor.is_beheer() {
            self.audience.erase(found.digest, self.clock.now()).await?;
            return Ok(());
        }
        let erased = self.addressees.erase_one(Authority::Owner(actor), id).await;
        erased.map_err(|error| Error::at(error, self.clock.now()))
    }
}
