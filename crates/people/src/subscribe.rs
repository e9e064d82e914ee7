//! A request to subscribe an address. Whatever there is of the address already, the work and the answer are the same (CH-52).

use management::addressees::PersonRequest;
use message::address::{Address, EmailAddress, PhoneNumber};
use model::{
    Actor, KanaalName,
    addressee::{
        AddresseeId, Attributes, Basis, Channel, Check, Digest, FilterText, Frequency, Language, subscribe::Duplicates,
    },
};
use storage::audience::OutgoingId;

use crate::{Challenge, Error, People};

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Wish {
    /// The address.
    pub address: EmailAddress,
    /// The kanaal; the caller has checked that it is there.
    pub kanaal: KanaalName,
    /// Which events, by [`People::dialects`].
    pub filter: Option<FilterText>,
    /// What filters of senders look at; the caller has checked who may set them (CH-72).
    pub attributes: Attributes,
    /// The language of messages.
    pub language: Language,
    /// How often mails come.
    pub frequency: Frequency,
    /// What takes the place of the confirmation; the caller has checked it (CH-42, CH-54).
    pub given: Option<Basis>,
}

/// What is asked for by somebody who wants text messages.
#[derive(Debug, Clone)]
pub struct NumberWish {
    /// The number.
    pub number: PhoneNumber,
    /// The kanaal; the caller has checked that it is there.
    pub kanaal: KanaalName,
    /// Which events, by [`People::dialects`].
    pub filter: Option<FilterText>,
    /// What filters of senders look at; the caller has checked who may set them (CH-72).
    pub attributes: Attributes,
    /// The language of messages.
    pub language: Language,
    /// What takes the place of the confirmation; the caller has checked it (CH-42, CH-54).
    pub given: Option<Basis>,
}

/// The same for every channel.
struct AddressWish {
    address: Address,
    kanaal: KanaalName,
    filter: Option<FilterText>,
    attributes: Attributes,
    language: Language,
    frequency: Frequency,
    given: Option<Basis>,
}

impl People {
    /// Stores an unconfirmed addressee, or new codes of the one that is there, or a notice to the one that is confirmed, and with
    /// it the message that is due. Returns a new id in each case; only a new addressee has it (CH-52). `source` is where
    /// the request came from.
    ///
    /// # Errors
    /// `TooManyRequests` for the address or the source (CH-46), `TooManyOfAddress`, `Busy`, `Storage`, `Keys`.
    pub async fn subscribe(&self, actor: &Actor, wish: Wish, source: &str) -> Result<AddresseeId, Error> {
        let Wish { address, kanaal, filter, attributes, language, frequency, given } = wish;
        let address = Address::Email(address);
        let wish = AddressWish { address, kanaal, filter, attributes, language, frequency, given };
        self.subscribe_address(actor, wish, source).await
    }

    /// The same for a number, which gets text messages. It is confirmed by the code alone (CH-31, CH-45).
    ///
    /// # Errors
    /// As [`People::subscribe`].
    pub async fn subscribe_number(&self, actor: &Actor, wish: NumberWish, source: &str) -> Result<AddresseeId, Error> {
        let NumberWish { number, kanaal, filter, attributes, language, given } = wish;
        let (address, frequency) = (Address::Phone(number), Frequency::AtOnce);
        let wish = AddressWish { address, kanaal, filter, attributes, language, frequency, given };
        self.subscribe_address(actor, wish, source).await
    }

    async fn subscribe_address(&self, actor: &Actor, wish: AddressWish, source: &str) -> Result<AddresseeId, Error> {
        let digest = self.keys.digest_of_address(&wish.address);
        let challenge = self.admit(digest, source)?;
        let (code, link) =
            (self.keys.code_digest(digest, &challenge.code), self.keys.link_digest(digest, &challenge.link));
        let filter = match wish.filter {
            Some(text) => Some(self.audience.filter_id(text).await?),
            None => None,
        };
        let id = AddresseeId(self.random.uuid());
        let request = PersonRequest {
            id,
            kanaal: wish.kanaal,
            channel: match &wish.address {
                Address::Email(_) => Channel::Email,
                Address::Phone(_) => Channel::Sms,
            },
            digest,
            address: self.keys.seal(&wish.address)?,
            filter,
            attributes: wish.attributes,
            language: wish.language,
            frequency: wish.frequency,
            given: wish.given,
            check: Check::new(code, link, self.clock.now()),
            duplicates: Duplicates::Notify,
            outgoing: OutgoingId(self.random.uuid()),
            secret: self.keys.seal_challenge(&challenge)?,
        };
        let what = (digest, request.kanaal.clone());
        match self.addressees.subscribe_person(actor, request).await {
            Ok(_) => {
                self.answered.note(id, what, self.clock.instant());
                Ok(id)
            }
            Err(error) => Err(Error::at(error, self.clock.now())),
        }
    }

    /// Counts a request for codes to an address, and makes them (CH-46).
    pub(crate) fn admit(&self, digest: Digest, source: &str) -> Result<Challenge, Error> {
        let (limits, now) = (&self.limits, self.clock.instant());
        limits.subscriptions.admit(source.to_owned(), now).map_err(|wait| Error::TooManyRequests { wait })?;
        limits.addresses.admit(digest.0, now).map_err(|wait| Error::TooManyRequests { wait })?;
        Ok(self.keys.challenge(self.random.as_ref()))
    }
}
