//! Light subscriptions that come confirmed from another system (CH-130). Nothing is sent about them.
//!
//! Reading files and addresses is elsewhere.

use std::collections::{BTreeMap, HashSet};

use model::{
    KanaalName, Timestamp,
    addressee::{
        Addressee, AddresseeId, Attributes, Basis, Channel, Digest, FilterId, Frequency, Language, State,
        subscribe::{Consent, Duplicates, Request, subscribe},
    },
    sealed::Sealed,
};
use storage::audience::{self, Put};

use super::{
    Addressees, Error,
    change::{TRIES, addressees},
};

/// A subscription that was confirmed elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportRequest {
    /// The id of the addressee if it is a new one: random, or made of its id and code elsewhere.
    pub id: AddresseeId,
    /// The kanaal.
    pub kanaal: KanaalName,
    /// The channel: e-mail or SMS.
    pub channel: Channel,
    /// The keyed digest of the address.
    pub digest: Digest,
    /// The address, sealed.
    pub address: Sealed,
    /// The attributes.
    pub attributes: Attributes,
    /// The filter.
    pub filter: Option<FilterId>,
    /// The language.
    pub language: Language,
    /// The moment of consent, as the other system recorded it.
    pub confirmed: Timestamp,
}

/// What becomes of a subscription that is imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Imported {
    /// A new confirmed addressee.
    Added,
    /// A request of the person that was not confirmed here is confirmed by it.
    Confirmed,
    /// The address gets messages of this kanaal already.
    Present,
    /// It ended here after that consent: the person left, or was erased.
    Ended,
    /// The address has too many subscriptions to the kanaal.
    TooMany,
}

impl Imported {
    /// All, in the order above.
    pub const ALL: [Self; 5] = [Self::Added, Self::Confirmed, Self::Present, Self::Ended, Self::TooMany];
}

impl Addressees {
    /// Stores subscriptions that were confirmed elsewhere, at their moment of consent, all in one write; with `dry_run` it only
    /// decides. Returns what becomes of each, in their order. The same again changes nothing.
    ///
    /// # Errors
    /// `UnknownFilter`, `Busy`, `Storage`; nothing is stored then.
    pub async fn import(&self, requests: &[ImportRequest], dry_run: bool) -> Result<Vec<Imported>, Error> {
        let mut too_many = HashSet::new();
        // Each address that has too many takes one more round.
        for _ in 0..TRIES + requests.len() {
            let (results, puts) = self.decide_import(requests, &too_many).await?;
            if dry_run || puts.is_empty() {
                return Ok(results);
            }
            match self.audience.put(puts).await {
                Ok(()) => return Ok(results),
                Err(audience::Error::TooManyOfAddress(id)) => {
                    too_many.insert(id);
                }
                Err(audience::Error::Conflict(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::Busy)
    }

    async fn decide_import(
        &self,
        requests: &[ImportRequest],
        too_many: &HashSet<AddresseeId>,
    ) -> Result<(Vec<Imported>, Vec<Put>), Error> {
        let mut results = Vec::with_capacity(requests.len());
        let mut puts: BTreeMap<AddresseeId, Put> = BTreeMap::new();
        let mut taken = HashSet::new();
        for request in requests {
            let key = (request.kanaal.clone(), request.channel, request.digest);
            let seen = self.audience.of_address(request.digest).await?;
            let (mut result, mut change) = import(&addressees(&seen), request);
            if too_many.contains(&request.id) {
                (result, change) = (Imported::TooMany, None);
            } else if change.is_some() && !taken.insert(key) {
                // The same address twice in one write.
                (result, change) = (Imported::Present, None);
            }
            results.push(result);
            if let Some(change) = change {
                let id = change.id;
                let put = match seen.iter().find(|stored| stored.addressee.id == id) {
                    Some(stored) => stored.change(change),
                    None => Put::new(change),
                };
                puts.insert(id, put);
            }
        }
        Ok((results, puts.into_values().collect()))
    }
}

/// Decides on one of them, given what there is of its address.
fn import(of_address: &[Addressee], request: &ImportRequest) -> (Imported, Option<Addressee>) {
    let is_same = |addressee: &&Addressee| {
        (&addressee.kanaal, addressee.channel, addressee.digest) == (&request.kanaal, request.channel, request.digest)
    };
    let has_left = |addressee: &Addressee| match addressee.state {
        State::Ended { at, .. } => at >= request.confirmed,
        State::Unconfirmed { .. } | State::Confirmed { .. } => false,
    };
    let is_confirmed = |addressee: &Addressee| matches!(addressee.state, State::Confirmed { .. });
    if of_address.iter().filter(is_same).any(is_confirmed) {
        return (Imported::Present, None);
    }
    if of_address.iter().filter(is_same).any(has_left) || of_address.iter().any(|own| own.id == request.id) {
        return (Imported::Ended, None);
    }
    let new = Request {
        id: request.id,
        kanaal: request.kanaal.clone(),
        channel: request.channel,
        digest: request.digest,
        address: Some(request.address.clone()),
        attributes: request.attributes.clone(),
        filter: request.filter,
        language: request.language,
        frequency: Frequency::AtOnce,
        owner: None,
        expires: None,
        consent: Consent::Given(Basis::Import),
        duplicates: Duplicates::Notify,
    };
    // The moment of the decision is that of the consent, which is the evidence of it.
    match subscribe(of_address, new, request.confirmed).ok().and_then(|accepted| accepted.change) {
        Some(change) if change.id == request.id => (Imported::Added, Some(*change)),
        Some(change) => (Imported::Confirmed, Some(*change)),
        None => (Imported::Present, None),
    }
}
