//! Stores changes of addressees on the versions that were read.

use model::addressee::{Addressee, AddresseeId};
use storage::audience::{self, Outgoing, Put, Stored};

use super::{Addressees, Error};

/// How often a decision is made again because others changed what it was based on.
pub(super) const TRIES: usize = 8;

impl Addressees {
    /// The addressee with this id.
    pub(super) async fn read(&self, id: AddresseeId) -> Result<Stored, Error> {
        self.audience.get(id).await?.ok_or(Error::Unknown)
    }

    /// Stores changes, all or none: those of `seen` on the versions there, others as new ones. False when others changed one of
    /// them first; then the decision is to be made again. `due` is stored with the first change.
    pub(super) async fn store(
        &self,
        seen: &[Stored],
        changes: Vec<Addressee>,
        due: Option<Outgoing>,
    ) -> Result<bool, Error> {
        let put = |addressee: Addressee| match seen.iter().find(|stored| stored.addressee.id == addressee.id) {
            Some(stored) => stored.change(addressee),
            None => Put::new(addressee),
        };
        let mut puts: Vec<Put> = changes.into_iter().map(put).collect();
        if let Some(first) = puts.first_mut() {
            first.due = due;
        }
        self.put(puts).await
    }

    /// As [`Addressees::store`].
    pub(super) async fn put(&self, puts: Vec<Put>) -> Result<bool, Error> {
        match self.audience.put(puts).await {
            Ok(()) => Ok(true),
            Err(audience::Error::Conflict(_)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

/// The addressees without their versions.
pub(super) fn addressees(stored: &[Stored]) -> Vec<Addressee> {
    stored.iter().map(|stored| stored.addressee.clone()).collect()
}
