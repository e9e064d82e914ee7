//! Sample addressees.

use std::time::Duration;

use model::{
    KanaalName, Timestamp,
    addressee::{
        ActId, AddressChange, Addressee, AddresseeId, Attributes, Basis, Channel, Check, CodeRequests, Confirmation,
        Digest, EndReason, Frequency, HardBounces, Language, LeftBy, Owner, State, UsedLink,
    },
    sealed::Sealed,
};
use uuid::Uuid;

use crate::{
    Audience,
    audience::{Error, Put, Stored, Walk},
    suite::sample::name,
};

pub(super) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_700_000_000 + seconds)
}

/// A digest that looks random; the same for the same number.
pub fn digest(number: u128) -> Digest {
    let mut bytes = [0; 32];
    let mixed = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    bytes[..16].copy_from_slice(&mixed.to_le_bytes());
    bytes[16..].copy_from_slice(&number.to_be_bytes());
    Digest(bytes)
}

/// A sealed address that can be searched for, as long as one of 22 characters is: nonce and tag take 28 bytes more.
pub fn address(number: u128) -> Sealed {
    let ciphertext = format!("sealed-address-{number:08}-of-somebody-at-example-nl").into();
    Sealed { key_id: "4f1a22b0".into(), ciphertext }
}

pub(super) fn id(number: u128) -> AddresseeId {
    AddresseeId(Uuid::from_u128(number.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)))
}

/// A confirmed addressee by e-mail, with an address of its own.
pub fn addressee(number: u128, kanaal: &str) -> Addressee {
    let attributes = format!("{{\"postcode\":\"{:04}AB\"}}", number % 10_000);
    Addressee {
        id: id(number),
        kanaal: name(kanaal),
        channel: Channel::Email,
        digest: digest(number),
        address: Some(address(number)),
        generation: 1,
        attributes: Attributes::new(attributes).expect("attributes"),
        filter: None,
        language: Language::Dutch,
        frequency: Frequency::AtOnce,
        owner: None,
        created: at(0),
        expires: None,
        code_requests: CodeRequests::default(),
        state: State::confirmed(at(60), Basis::Link(UsedLink([number as u8; 16]))),
    }
}

pub(super) fn check(number: u128) -> Check {
    Check { tries_left: 3, ..Check::new(digest(number + 1), digest(number + 2), at(5)) }
}

pub(super) fn unconfirmed(number: u128, kanaal: &str, since: i64) -> Addressee {
    let state = State::Unconfirmed { since: at(since), check: check(number) };
    Addressee { state, code_requests: CodeRequests::new(vec![at(1), at(2)]), ..addressee(number, kanaal) }
}

pub(super) fn ended(number: u128, kanaal: &str, moment: i64) -> Addressee {
    Addressee { state: State::Ended { at: at(moment), reason: EndReason::Complaint }, ..addressee(number, kanaal) }
}

pub(super) fn waits_for(number: u128, kanaal: &str, new: u128) -> Addressee {
    let change = Some(Box::new(AddressChange { digest: digest(new), address: address(new), check: check(new) }));
    let confirmation = Confirmation { at: at(60), by: Basis::Code };
    let bounces = HardBounces::new(vec![at(70), at(71)]);
    Addressee { state: State::Confirmed { confirmation, change, bounces }, ..addressee(number, kanaal) }
}

/// An addressee in every state, with every kind of owner, channel and basis.
pub fn of_every_kind() -> Vec<Addressee> {
    let was = Confirmation { at: at(50), by: Basis::Source { name: "klantinteracties".into(), verified: None } };
    let act = ActId(Uuid::from_u128(77));
    let left = LeftBy::ALL.map(|by| EndReason::Unsubscribed { act, by, was: was.clone(), undo_until: at(9_000) });
    let reasons = left.into_iter().chain([
        EndReason::Undeliverable,
        EndReason::Complaint,
        EndReason::Expired,
        EndReason::Replaced { by: id(3) },
        EndReason::Erased,
    ]);
    let bases = [
        Basis::Code,
        Basis::Link(UsedLink([7; 16])),
        Basis::Client { agreement: "Z-2026-0012".into() },
        Basis::Source { name: "profielservice".into(), verified: Some(at(-3_600)) },
        Basis::Import,
        Basis::Inbox,
    ];
    let states = bases
        .into_iter()
        .map(|basis| State::confirmed(at(60), basis))
        .chain(reasons.map(|reason| State::Ended { at: at(-60), reason }))
        .chain([unconfirmed(1, "weg", 5).state, waits_for(1, "weg", 900).state]);
    let owners = [
        None,
        Some(Owner::Applicatie("open-inwoner".into())),
        Some(Owner::Person { issuer: "https://id.example.nl".into(), subject: "s-1".into() }),
    ];
    let numbered = states.zip(100_u128..);
    let all = numbered.map(|(state, number)| Addressee {
        channel: Channel::ALL[number as usize % 3],
        address: (number % 3 != 2).then(|| address(number)),
        language: if number % 2 == 0 { Language::Dutch } else { Language::English },
        frequency: Frequency::ALL[number as usize % 3],
        owner: owners[number as usize % 3].clone(),
        expires: (number % 2 == 0).then(|| at(5_000) + Duration::from_micros(number as u64)),
        generation: number as u32,
        attributes: if number % 4 == 0 { Attributes::default() } else { addressee(number, "weg").attributes },
        code_requests: CodeRequests::new((0..number as i64 % 4).map(at).collect()),
        state,
        ..addressee(number, if number % 5 == 0 { "afval" } else { "weg" })
    });
    all.collect()
}

pub(super) fn new(addressee: Addressee) -> Put {
    Put::new(addressee)
}

pub(super) async fn put_new(audience: &dyn Audience, addressees: impl IntoIterator<Item = Addressee>) {
    audience.put(addressees.into_iter().map(new).collect()).await.expect("stored");
}

pub(super) async fn get(audience: &dyn Audience, number: u128) -> Stored {
    audience.get(id(number)).await.expect("read").expect("an addressee")
}

/// Stores what a function makes of an addressee.
pub(super) async fn change(
    audience: &dyn Audience,
    number: u128,
    change: impl FnOnce(&mut Addressee),
) -> Result<(), Error> {
    let stored = get(audience, number).await;
    let mut addressee = stored.addressee.clone();
    change(&mut addressee);
    audience.put(vec![stored.change(addressee)]).await
}

pub(super) fn whole(kanaal: &KanaalName, limit: u32) -> Walk {
    Walk { kanaal: kanaal.clone(), channel: Channel::Email, after: None, state: None, filters: None, limit }
}

/// All addressees of a walk, and the sizes of its chunks.
pub(super) async fn walk(audience: &dyn Audience, mut walk: Walk) -> (Vec<Stored>, Vec<usize>) {
    let (mut found, mut sizes) = (Vec::new(), Vec::new());
    loop {
        let chunk = audience.walk(walk.clone()).await.expect("a chunk");
        assert_eq!(chunk.damaged, 0);
        sizes.push(chunk.addressees.len());
        found.extend(chunk.addressees);
        walk.after = chunk.next;
        if walk.after.is_none() {
            return (found, sizes);
        }
    }
}
