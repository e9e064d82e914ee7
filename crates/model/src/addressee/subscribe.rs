//! A request to subscribe, given what there is of the address already. The answer to the requester never depends on it
//! (CH-52); what is stored and sent does.

use super::{
    Accepted, Addressee, AddresseeId, Attributes, Basis, Channel, Check, CodeRequests, Command, Decision, Digest,
    FilterId, Frequency, Language, Message, Owner, Rejection, State, decide,
};
use crate::{KanaalName, Timestamp, sealed::Sealed};

/// A request to subscribe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The id of the addressee, if a new one is made.
    pub id: AddresseeId,
    /// The kanaal.
    pub kanaal: KanaalName,
    /// The channel.
    pub channel: Channel,
    /// The keyed digest of the address.
    pub digest: Digest,
    /// The address, sealed; `None` only for an inbox.
    pub address: Option<Sealed>,
    /// The attributes.
    pub attributes: Attributes,
    /// The filter.
    pub filter: Option<FilterId>,
    /// The language.
    pub language: Language,
    /// How often mails come.
    pub frequency: Frequency,
    /// The owner.
    pub owner: Option<Owner>,
    /// When it ends by itself.
    pub expires: Option<Timestamp>,
    /// How the address is confirmed.
    pub consent: Consent,
    /// What happens when the address is subscribed already.
    pub duplicates: Duplicates,
}

/// How an address is confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Consent {
    /// By code or link, whatever the request says (CH-41).
    Ask(Check),
    /// It is confirmed: by a client with the right, a source, an import or a log-in (CH-42, CH-54).
    Given(Basis),
}

/// What happens when exactly this address is subscribed to the kanaal by the same channel already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Duplicates {
    /// Its reader gets a notice instead of a code; nothing is added (the default, CH-52).
    #[default]
    Notify,
    /// Another addressee is added.
    Add,
}

/// Decides on a request. `of_address` are the addressees of the same digest.
///
/// # Errors
/// `TooManyRequests` when the address was asked too often.
pub fn subscribe(of_address: &[Addressee], request: Request, now: Timestamp) -> Decision {
    let is_same = |addressee: &&Addressee| {
        (&addressee.kanaal, addressee.channel, addressee.digest) == (&request.kanaal, request.channel, request.digest)
    };
    let is_in = |kind| move |addressee: &&Addressee| addressee.state.kind() == kind;
    let same = || of_address.iter().filter(is_same);
    let confirmed = same().find(is_in(super::StateKind::Confirmed));
    let unconfirmed = same().find(is_in(super::StateKind::Unconfirmed));
    match (&request.consent, confirmed, unconfirmed) {
        (Consent::Ask(_), Some(confirmed), _) if request.duplicates == Duplicates::Notify => notify(confirmed, now),
        (Consent::Given(_), Some(_), _) if request.duplicates == Duplicates::Notify => Ok(Accepted::nothing()),
        // The first request is repeated: the new code voids the old one.
        (Consent::Ask(check), _, Some(unconfirmed)) => decide(unconfirmed, Command::RequestCode(check.clone()), now),
        (Consent::Given(basis), _, Some(unconfirmed)) => {
            let state = State::confirmed(now, basis.clone());
            Ok(Accepted::change(Addressee { state, code_requests: CodeRequests::default(), ..unconfirmed.clone() }))
        }
        _ => Ok(add(request, now)),
    }
}

/// The notice to a reader who is subscribed already, bounded as codes are (CH-46).
fn notify(confirmed: &Addressee, now: Timestamp) -> Decision {
    let code_requests =
        confirmed.code_requests.with(now).map_err(|retry_at| Rejection::TooManyRequests { retry_at })?;
    let noted = Addressee { code_requests, ..confirmed.clone() };
    Ok(Accepted::change(noted).with(Message::AlreadySubscribed))
}

fn add(request: Request, now: Timestamp) -> Accepted {
    let (state, code_requests, message) = match request.consent {
        Consent::Ask(check) => {
            let state = State::Unconfirmed { since: now, check };
            (state, CodeRequests::new(vec![now]), Some(Message::Confirmation))
        }
        Consent::Given(basis) => (State::confirmed(now, basis), CodeRequests::default(), None),
    };
    let addressee = Addressee {
        id: request.id,
        kanaal: request.kanaal,
        channel: request.channel,
        digest: request.digest,
        address: request.address,
        generation: 1,
        attributes: request.attributes,
        filter: request.filter,
        language: request.language,
        frequency: request.frequency,
        owner: request.owner,
        created: now,
        expires: request.expires,
        code_requests,
        state,
    };
    Accepted { change: Some(Box::new(addressee)), send: message }
}
