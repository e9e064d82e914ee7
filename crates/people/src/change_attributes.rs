//! What the filters of senders look at, changed by the owner, or by the person for the attributes that are declared for that (CH-72).

use management::addressees::Authority;
use model::{Actor, addressee::AddresseeId};
use serde_json::{Map, Value};

use crate::{Error, Link, OwnerAttribute, People, owner_attribute::merged};

impl People {
    /// The attributes that people may change of themselves.
    pub fn owner_attributes(&self) -> &[OwnerAttribute] {
        &self.owner_attributes
    }

    /// Changes attributes from the page of a person's data; `Null` removes one. The caller has checked their names by
    /// [`People::owner_attributes`].
    ///
    /// # Errors
    /// `Unknown` for a link that is void or to something else, and for a subscription that is not confirmed; `AttributesTooLong`, `Busy`,
    /// `Storage`.
    pub async fn change_attributes_by_link(
        &self,
        link: &Link,
        patch: &Map<String, Value>,
    ) -> Result<AddresseeId, Error> {
        let found = self.data_of(link).await?;
        self.set_attributes(Authority::Token, found.id, patch).await?;
        Ok(found.id)
    }

    /// Changes attributes of a subscription of the actor; an administrator may do so for all. The caller has checked their names
    /// ([`People::may_set`]).
    ///
    /// # Errors
    /// As [`People::change_attributes_by_link`]; `Unknown` also for a subscription of another owner.
    pub async fn change_attributes(
        &self,
        actor: &Actor,
        id: AddresseeId,
        patch: &Map<String, Value>,
    ) -> Result<(), Error> {
        let by = if actor.is_beheer() { Authority::Token } else { Authority::Owner(actor) };
        self.set_attributes(by, id, patch).await
    }

    async fn set_attributes(
        &self,
        by: Authority<'_>,
        id: AddresseeId,
        patch: &Map<String, Value>,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let merge = |present: &_| merged(present, patch).ok_or(MergeError::TooLong);
        self.addressees.change_attributes(by, id, merge).await.map_err(|error| match error {
            MergeError::TooLong => Error::AttributesTooLong,
            MergeError::Other(error) => Error::at(error, now),
        })
    }
}

/// Why attributes are not changed.
enum MergeError {
    /// They would be too long.
    TooLong,
    /// What `management` reports.
    Other(management::addressees::Error),
}

impl From<management::addressees::Error> for MergeError {
    fn from(error: management::addressees::Error) -> Self {
        Self::Other(error)
    }
}
