//! How often mails about events come, chosen by the person or by the owner (CH-101).

use management::addressees::Authority;
use model::{
    Actor,
    addressee::{AddresseeId, Frequency},
};

use crate::{Error, Link, People};

impl People {
    /// Changes it from the page of a person's data.
    ///
    /// # Errors
    /// `Unknown` for a link that is void or to something else, and for a subscription that is not confirmed or not by e-mail; `Busy`,
    /// `Storage`.
    pub async fn change_frequency_by_link(&self, link: &Link, frequency: Frequency) -> Result<AddresseeId, Error> {
        let found = self.data_of(link).await?;
        self.choose_frequency(Authority::Token, found.id, frequency).await?;
        Ok(found.id)
    }

    /// Changes it for a subscription of the actor; an administrator may do so for all.
    ///
    /// # Errors
    /// As [`People::change_frequency_by_link`]; `Unknown` also for a subscription of another owner.
    pub async fn change_frequency(&self, actor: &Actor, id: AddresseeId, frequency: Frequency) -> Result<(), Error> {
        let by = if actor.is_beheer() { Authority::Token } else { Authority::Owner(actor) };
        self.choose_frequency(by, id, frequency).await
    }

    async fn choose_frequency(&self, by: Authority<'_>, id: AddresseeId, frequency: Frequency) -> Result<(), Error> {
        let changed = self.addressees.change_frequency(by, id, frequency).await;
        changed.map_err(|error| Error::at(error, self.clock.now()))
    }
}
