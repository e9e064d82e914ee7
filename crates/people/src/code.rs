//! The code of a message, typed by the person on a page or in the form of a client (CH-45).

use std::time::Duration;

use model::{
    KanaalName,
    addressee::{Addressee, AddresseeId, Channel, Digest, Proof, State, StateKind},
};

use crate::{Error, People};

/// How long the answer to a code that is not right takes, at least. A wrong one is counted by a durable write and an unknown id
/// is not, which the time would show otherwise (CH-49).
const ANSWER_AFTER: Duration = Duration::from_millis(250);

/// What a code confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfirmedByCode {
    /// The addressee.
    pub id: AddresseeId,
    /// Its kanaal.
    pub kanaal: KanaalName,
    /// Its channel.
    pub channel: Channel,
}

impl People {
    /// Confirms an address by the code that was typed over (CH-45). `id` is one that was answered to a request for the address, also
    /// to a repeated one, whose code belongs to the addressee that was there. The code is the proof: the caller need not be
    /// the owner.
    ///
    /// # Errors
    /// `Unknown` for an unknown id, a wrong code and a void one alike (CH-49); `Busy`, `Storage`.
    pub async fn confirm_code(&self, id: AddresseeId, typed: &str) -> Result<ConfirmedByCode, Error> {
        let answer_at = tokio::time::Instant::now() + ANSWER_AFTER;
        let confirmed = self.try_code(id, typed).await;
        if matches!(confirmed, Err(Error::Unknown)) {
            tokio::time::sleep_until(answer_at).await;
        }
        confirmed
    }

    async fn try_code(&self, id: AddresseeId, typed: &str) -> Result<ConfirmedByCode, Error> {
        let found = match self.addressee(id).await? {
            Some(found) => Some(found),
            None => self.waiting(id).await?,
        };
        let code = self.keys.typed(typed);
        let digest = found.as_ref().map_or(Digest([0; 32]), digest_to_prove);
        let proof = Proof::Code(self.keys.code_digest(digest, &code));
        let found = found.ok_or(Error::Unknown)?;
        self.confirm(&found, proof).await?;
        Ok(ConfirmedByCode { id: found.id, kanaal: found.kanaal, channel: found.channel })
    }

    /// Confirms an addressee, or its new address; then others of that address and kanaal end, so that no message comes twice
    /// (CH-52).
    pub(crate) async fn confirm(&self, found: &Addressee, proof: Proof) -> Result<(), Error> {
        let is_change = matches!(found.state, State::Confirmed { change: Some(_), .. });
        let confirmed = self.addressees.confirm_person(found.id, proof, is_change).await;
        confirmed.map_err(|error| Error::at(error, self.clock.now()))
    }

    /// The addressee that got new codes by the request to which an id was answered.
    async fn waiting(&self, id: AddresseeId) -> Result<Option<Addressee>, Error> {
        let Some((digest, kanaal)) = self.answered.find(id, self.clock.instant()) else { return Ok(None) };
        let mut of_address = self.audience.of_address(digest).await?.into_iter().map(|stored| stored.addressee);
        // The digest is of one channel: those of an address and of a number differ.
        Ok(of_address.find(|other| other.kanaal == kanaal && other.state.kind() == StateKind::Unconfirmed))
    }
}

/// The digest that codes and links of an addressee are bound to: that of the new address, if one waits to be confirmed.
pub(crate) fn digest_to_prove(addressee: &Addressee) -> Digest {
    match &addressee.state {
        State::Confirmed { change: Some(change), .. } => change.digest,
        State::Unconfirmed { .. } | State::Confirmed { .. } | State::Ended { .. } => addressee.digest,
    }
}
