//! Another address or number for a light subscription, requested by the person or by its owner (CH-51). The present one gets messages
//! until the new one is confirmed, and a notice now.

use management::addressees::{AddressRequest, Authority};
use message::address::Address;
use model::{
    Actor,
    addressee::{AddresseeId, Channel, Check, StateKind},
};
use storage::audience::OutgoingId;

use crate::{Error, Link, People};

impl People {
    /// Requests another address from the page of a person's data. `source` is where the request came from.
    ///
    /// # Errors
    /// `Unknown` for a link that is void or to something else, and for a subscription that is not confirmed or by another channel;
    /// `TooManyRequests`
    /// for the new address, the source or the subscription (CH-46); `Busy`, `Storage`, `Keys`.
    pub async fn change_address_by_link(
        &self,
        link: &Link,
        address: &Address,
        source: &str,
    ) -> Result<AddresseeId, Error> {
        let found = self.data_of(link).await?;
        self.request_address(Authority::Token, found.id, address, source).await?;
        Ok(found.id)
    }

    /// Requests another address for a subscription of the actor; an administrator may do so for all. The result is the same
    /// whatever there is of the new address.
    ///
    /// # Errors
    /// As [`People::change_address_by_link`]; `Unknown` also for a subscription of another owner.
    pub async fn change_address(
        &self,
        actor: &Actor,
        id: AddresseeId,
        address: &Address,
        source: &str,
    ) -> Result<(), Error> {
        let by = if actor.is_beheer() { Authority::Token } else { Authority::Owner(actor) };
        self.request_address(by, id, address, source).await
    }

    async fn request_address(
        &self,
        authority: Authority<'_>,
        id: AddresseeId,
        address: &Address,
        source: &str,
    ) -> Result<(), Error> {
        // Nothing is counted for an id that is not confirmed.
        let found = self.addressee(id).await?.filter(|found| found.channel == channel_of(address));
        let kind = found.map(|found| found.state.kind());
        if kind != Some(StateKind::Confirmed) {
            return Err(Error::Unknown);
        }
        let digest = self.keys.digest_of_address(address);
        let challenge = self.admit(digest, source)?;
        let (code, link) =
            (self.keys.code_digest(digest, &challenge.code), self.keys.link_digest(digest, &challenge.link));
        let request = AddressRequest {
            digest,
            address: self.keys.seal(address)?,
            check: Check::new(code, link, self.clock.now()),
            confirmation: OutgoingId(self.random.uuid()),
            secret: self.keys.seal_challenge(&challenge)?,
            notice: OutgoingId(self.random.uuid()),
        };
        let changed = self.addressees.change_address(authority, id, request).await;
        changed.map_err(|error| Error::at(error, self.clock.now()))
    }
}

/// The channel by which an address gets messages.
fn channel_of(address: &Address) -> Channel {
    match address {
        Address::Email(_) => Channel::Email,
        Address::Phone(_) => Channel::Sms,
    }
}
