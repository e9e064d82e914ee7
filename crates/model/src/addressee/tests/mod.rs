//! The decisions on an addressee, by requirement.

mod confirming;
mod ending;
mod evidence;
mod leaving;

use std::time::Duration;

use uuid::Uuid;

use super::{
    subscribe::{Consent, Duplicates, Request, subscribe},
    *,
};
use crate::KanaalName;

const DAY: Duration = Duration::from_hours(24);

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_700_000_000 + seconds)
}

fn digest(number: u8) -> Digest {
    Digest([number; 32])
}

fn sealed(text: &str) -> Sealed {
    Sealed { key_id: "key".into(), ciphertext: text.as_bytes().to_vec() }
}

fn check(number: u8, now: Timestamp) -> Check {
    Check::new(digest(number), digest(number + 100), now)
}

fn request(number: u128, kanaal: &str, consent: Consent) -> Request {
    Request {
        id: AddresseeId(Uuid::from_u128(number)),
        kanaal: KanaalName::new(kanaal).unwrap(),
        channel: Channel::Email,
        digest: digest(1),
        address: Some(sealed("an@x.nl")),
        attributes: Attributes::new("{\"postcode\":\"1234AB\"}".into()).unwrap(),
        filter: Some(FilterId(3)),
        language: Language::Dutch,
        frequency: Frequency::AtOnce,
        owner: None,
        expires: None,
        consent,
        duplicates: Duplicates::Notify,
    }
}

/// What a decision stores.
fn changed(decision: Decision) -> Addressee {
    *decision.expect("accepted").change.expect("a change")
}

fn unconfirmed(number: u128, kanaal: &str) -> Addressee {
    changed(subscribe(&[], request(number, kanaal, Consent::Ask(check(7, at(0)))), at(0)))
}

fn confirmed(number: u128, kanaal: &str) -> Addressee {
    let link = Command::Confirm(Proof::Link(digest(107)));
    changed(decide(&unconfirmed(number, kanaal), link, at(10)))
}

fn code(number: u8) -> Command {
    Command::Confirm(Proof::Code(digest(number)))
}

fn leave(act: u128) -> Command {
    Command::Leave { act: ActId(Uuid::from_u128(act)), by: LeftBy::Page, undo_until: at(100) + 30 * DAY }
}

fn new_address(number: u8, now: Timestamp) -> Command {
    Command::ChangeAddress(NewAddress {
        digest: digest(number),
        address: sealed("new@x.nl"),
        check: check(number + 20, now),
    })
}
