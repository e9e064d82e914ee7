//! The rules of a mailing, by requirement. Its simulation is in `tests/delivery/mailings`.

mod rules;

use std::{collections::HashMap, time::Duration};

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

use super::*;

/// When the event was accepted.
const ACCEPTED: i64 = 1_000;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(seconds)
}

fn id(number: u64) -> AddresseeId {
    AddresseeId(Uuid::from_u128(number.into()))
}

fn digest(number: u64) -> Digest {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    Digest(bytes)
}

/// A confirmed addressee; its number is its place in the walk.
fn addressee(number: u64, channel: Channel) -> Addressee {
    Addressee {
        id: id(number),
        kanaal: KanaalName::new("buurt").unwrap(),
        channel,
        digest: digest(number),
        address: Some(Sealed { key_id: "key".into(), ciphertext: vec![1] }),
        generation: 1,
        attributes: Attributes::default(),
        filter: None,
        language: Language::Dutch,
        owner: None,
        created: at(0),
        expires: None,
        code_requests: CodeRequests::default(),
        state: State::confirmed(at(0), Basis::Code),
    }
}

fn left(addressee: &Addressee) -> Addressee {
    Addressee { state: State::Ended { at: at(1), reason: EndReason::Complaint }, ..addressee.clone() }
}

fn spec(channel: Channel) -> Spec {
    Spec {
        event: EventReference { kanaal: KanaalName::new("buurt").unwrap(), source: "urn:x".into(), id: "1".into() },
        channel,
        accepted: at(ACCEPTED),
        expires: None,
        filters: HashMap::from([
            (FilterId(1), FilterResult::Matches),
            (FilterId(2), FilterResult::Differs),
            (FilterId(3), FilterResult::Failed),
        ]),
    }
}

fn open(slots: usize) -> Input {
    Input::Provider(ProviderState::Open { rate: Rate::Unlimited, slots })
}

fn settings() -> Settings {
    Settings::default()
}
