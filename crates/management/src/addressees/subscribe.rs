//! A person subscribes. Whatever there was of the address before, the caller answers alike (CH-52).

use model::{
    Actor, Identity, KanaalName,
    addressee::{
        AddresseeId, Attributes, Basis, Channel, Check, Digest, FilterId, Frequency, Language, Message, Owner,
        subscribe::{Consent, Duplicates, Request, subscribe},
    },
    sealed::Sealed,
};

use storage::audience::{Outgoing, OutgoingId, Put};

use super::{
    Addressees, Due, Error,
    change::{TRIES, addressees},
};

/// What is asked for a person: the owner is the person who logged in, or the client that asks in the name of a person.
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
    /// What filters of senders look at; the caller has checked who may set them (CH-72).
    pub attributes: Attributes,
    /// The language.
    pub language: Language,
    /// How often mails come.
    pub frequency: Frequency,
    /// What takes the place of the confirmation: an agreement that a client names, or a source that verified the address. The caller has
    /// checked it (CH-42, CH-54).
    pub given: Option<Basis>,
    /// New code and link.
    pub check: Check,
    /// What happens when the address is subscribed already.
    pub duplicates: Duplicates,
    /// The id of the message that becomes due, in the outbox; random.
    pub outgoing: OutgoingId,
    /// Code and token of `check`, sealed for that message.
    pub secret: Sealed,
}

impl Addressees {
    /// Stores an unconfirmed addressee (CH-41), or new codes of the one that is there, with the message that is due in the outbox.
    /// Returns that message, which must not change the answer to the requester.
    ///
    /// # Errors
    /// `TooManyRequests`, `TooManyOfAddress`, `UnknownFilter`, `Busy`, `Storage`.
    pub async fn subscribe_person(&self, actor: &Actor, request: PersonRequest) -> Result<Option<Due>, Error> {
        let (outgoing, secret) = (request.outgoing, request.secret);
        let request = Request {
            id: request.id,
            kanaal: request.kanaal,
            channel: request.channel,
            digest: request.digest,
            address: Some(request.address),
            attributes: request.attributes,
            filter: request.filter,
            language: request.language,
            frequency: request.frequency,
            owner: owner(actor),
            expires: None,
            consent: match request.given {
                Some(basis) => Consent::Given(basis),
                None => Consent::Ask(request.check),
            },
            duplicates: request.duplicates,
        };
        for _ in 0..TRIES {
            let seen = self.audience.of_address(request.digest).await?;
            let now = self.clock.now();
            let accepted = subscribe(&addressees(&seen), request.clone(), now)?;
            let Some(change) = accepted.change else { return Ok(None) };
            // Whose subscription is confirmed by an agreement or a source gets a notice, with the link to leave.
            let is_given = matches!(request.consent, Consent::Given(_));
            let send = accepted.send.or(is_given.then_some(Message::AlreadySubscribed));
            let due = send.map(|message| {
                // The notice to somebody who is subscribed has no code (CH-52).
                let secret = (message != Message::AlreadySubscribed).then(|| secret.clone());
                Outgoing { id: outgoing, message, secret, created: now }
            });
            let is_new = !seen.iter().any(|stored| stored.addressee.id == change.id);
            let is_stored = if is_new && request.duplicates == Duplicates::Notify {
                self.put(vec![Put { alone: true, due, ..Put::new((*change).clone()) }]).await?
            } else {
                self.store(&seen, vec![(*change).clone()], due).await?
            };
            if is_stored {
                return Ok(send.map(|message| Due { message, addressees: vec![*change] }));
            }
        }
        Err(Error::Busy)
    }
}

/// The person who logged in, or the client.
pub(super) fn owner(actor: &Actor) -> Option<Owner> {
    match &actor.identity {
        Identity::Person { issuer, subject, .. } => {
            Some(Owner::Person { issuer: issuer.clone(), subject: subject.clone() })
        }
        Identity::Applicatie { client_id, .. } => Some(Owner::Applicatie(client_id.to_string())),
        Identity::Configuration | Identity::Gateway => None,
    }
}
