//! A person confirms an address with the code or by the button behind the link.

use model::addressee::{AddresseeId, Command, Proof, Rejection, decide, replaced};
use storage::audience::Stored;

use super::{
    Addressees, Error,
    change::{TRIES, addressees},
};

impl Addressees {
    /// Confirms the address of an addressee, or its new one. With `replace`, the others of exactly the same address, kanaal and
    /// channel end with the same write (CH-52). Again with the same link is success (CH-48). Each wrong code counts, also of
    /// requests at the same time (CH-45).
    ///
    /// # Errors
    /// `Unknown` for an unknown id, a wrong code and a void one alike (CH-49); `Busy`, `Storage`.
    pub async fn confirm_person(&self, id: AddresseeId, proof: Proof, replace: bool) -> Result<(), Error> {
        for _ in 0..TRIES {
            let seen = self.read(id).await?;
            let now = self.clock.now();
            let (change, result) = match decide(&seen.addressee, Command::Confirm(proof), now) {
                Ok(accepted) => (accepted.change, Ok(())),
                Err(Rejection::NotProven { change }) => (change, Err(Error::Unknown)),
                Err(rejection) => return Err(rejection.into()),
            };
            let Some(change) = change else { return result };
            let (mut seen, mut changes) = (vec![seen], vec![*change]);
            if replace && result.is_ok() {
                let others: Vec<Stored> = self.audience.of_address(changes[0].digest).await?;
                changes.extend(replaced(&addressees(&others), &changes[0], now));
                seen.extend(others.into_iter().filter(|other| other.addressee.id != id));
            }
            if self.store(&seen, changes, None).await? {
                return result;
            }
        }
        Err(Error::Busy)
    }
}
