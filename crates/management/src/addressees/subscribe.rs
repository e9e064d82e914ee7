//! A person subscribes. Whatever there was of the address before, the caller answers alike (CH-52).

use model::{
    Actor, Identity, KanaalName,
    addressee::{
        AddresseeId, Attributes, Channel, Check, Digest, FilterId, Language, Owner,
        subscribe::{Consent, Duplicates, Request, subscribe},
    },
    sealed::Sealed,
};

use storage::audience::Put;

use super::{
    Addressees, Due, Error,
    change::{TRIES, addressees},
};

/// What a person may ask for: there are no attributes, and the owner is the person who logged in (CH-72).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonRequest {
    /// The id of the addressee if it is a new one; random.
    pub id: AddresseeId,
    /// The kanaal.
    pub kanaal: KanaalName,
    /// The channel: e-mail or SMS.
    pub channel: Channel,
    /// The keyed digest of the address.
    pub digest: Digest,
    /// The address, sealed.
    pub address: Sealed,
    /// The filter.
    pub filter: Option<FilterId>,
    /// The language.
    pub language: Language,
    /// New code and link.
    pub check: Check,
    /// What happens when the address is subscribed already.
    pub duplicates: Duplicates,
}

impl Addressees {
    /// Stores an unconfirmed addressee (CH-41), or new codes of the one that is there. Returns the message that is due, which must
    /// not change the answer to the requester.
    ///
    /// # Errors
    /// `TooManyRequests`, `TooManyOfAddress`, `UnknownFilter`, `Busy`, `Storage`.
    pub async fn subscribe_person(&self, actor: &Actor, request: PersonRequest) -> Result<Option<Due>, Error> {
        let request = Request {
            id: request.id,
            kanaal: request.kanaal,
            channel: request.channel,
            digest: request.digest,
            address: Some(request.address),
            attributes: Attributes::default(),
            filter: request.filter,
            language: request.language,
            owner: owner(actor),
            expires: None,
            consent: Consent::Ask(request.check),
            duplicates: request.duplicates,
        };
        for _ in 0..TRIES {
            let seen = self.audience.of_address(request.digest).await?;
            let accepted = subscribe(&addressees(&seen), request.clone(), self.clock.now())?;
            let Some(change) = accepted.change else { return Ok(None) };
            let is_new = !seen.iter().any(|stored| stored.addressee.id == change.id);
            let is_stored = if is_new && request.duplicates == Duplicates::Notify {
                self.put(vec![Put { alone: true, ..Put::new((*change).clone()) }]).await?
            } else {
                self.store(&seen, vec![(*change).clone()]).await?
            };
            if is_stored {
                return Ok(accepted.send.map(|message| Due { message, addressees: vec![*change] }));
            }
        }
        Err(Error::Busy)
    }
}

/// The person, if somebody logged in.
pub(super) fn owner(actor: &Actor) -> Option<Owner> {
    match &actor.identity {
        Identity::Person { issuer, subject, .. } => {
            Some(Owner::Person { issuer: issuer.clone(), subject: subject.clone() })
        }
        Identity::Applicatie { .. } | Identity::Configuration | Identity::Gateway => None,
    }
}
