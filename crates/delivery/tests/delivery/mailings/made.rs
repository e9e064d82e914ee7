//! What the worlds of mailings are made of.

use std::collections::HashMap;

use delivery::mailing::{FilterResult, Input, ProviderState, Spec};
use model::{
    KanaalName, Timestamp,
    addressee::{
        Addressee, AddresseeId, Attributes, Basis, Channel, CodeRequests, Digest, EndReason, EventReference, FilterId,
        Language, State,
    },
    consent::Rate,
    sealed::Sealed,
};
use uuid::Uuid;

/// When the event was accepted.
pub const ACCEPTED: i64 = 1_000;

pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(seconds)
}

pub fn id(number: u64) -> AddresseeId {
    AddresseeId(Uuid::from_u128(number.into()))
}

pub fn digest(number: u64) -> Digest {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    Digest(bytes)
}

/// A confirmed addressee; its number is its place in the walk.
pub fn addressee(number: u64, channel: Channel) -> Addressee {
    Addressee {
        id: id(number),
        kanaal: KanaalName::new("buurt").expect("a name"),
        channel,
        digest: digest(number),
        address: Some(Sealed { key_id: "key".into(), ciphertext: vec![1] }),
        generation: 1,
        attributes: Attributes::default(),
        filter: None,
        language: Language::Dutch,
        frequency: model::addressee::Frequency::AtOnce,
        owner: None,
        created: at(0),
        expires: None,
        code_requests: CodeRequests::default(),
        state: State::confirmed(at(0), Basis::Code),
    }
}

pub fn left(addressee: &Addressee) -> Addressee {
    Addressee { state: State::Ended { at: at(1), reason: EndReason::Complaint }, ..addressee.clone() }
}

pub fn spec(channel: Channel) -> Spec {
    Spec {
        event: EventReference {
            kanaal: KanaalName::new("buurt").expect("a name"),
            source: "urn:x".into(),
            id: "1".into(),
        },
        channel,
        accepted: at(ACCEPTED),
        expires: None,
        filters: HashMap::from([
            (FilterId(1), FilterResult::Matches),
            (FilterId(2), FilterResult::Differs),
            (FilterId(3), FilterResult::Failed),
        ]),
        trial: None,
        is_obligatory: false,
    }
}

pub fn open(slots: usize) -> Input {
    Input::Provider(ProviderState::Open { rate: Rate::Unlimited, slots })
}
