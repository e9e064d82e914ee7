//! The use cases of people on the embedded store.

use std::{sync::Arc, time::Duration};

use model::{
    Actor, Grants, KanaalName, Timestamp,
    addressee::{
        ActId, AddresseeId, Attributes, Channel, Check, Digest, EndReason, Language, LeftBy, Message, Owner, Proof,
        State, bounce::Threshold, leave::Kanalen, subscribe::Duplicates,
    },
    clock::ManualClock,
    sealed::Sealed,
};
use storage::{
    Audience,
    audience::OutgoingId,
    sqlite::{Embedded, Options},
};
use uuid::Uuid;

use super::*;
use crate::addressees::{Authority, Bounced, Error, Leaving, PersonRequest};

struct World {
    people: Addressees,
    audience: Arc<dyn Audience>,
    clock: Arc<ManualClock>,
    _directory: tempfile::TempDir,
}

fn world() -> World {
    let directory = tempfile::tempdir().expect("a directory");
    let clock = Arc::new(ManualClock::new(Timestamp::from_seconds(1_700_000_000)));
    let mut options = Options::new(clock.clone());
    options.deadline = Duration::from_mins(1);
    let store = Embedded::open(directory.path(), options.clone()).expect("the store opens");
    let audience: Arc<dyn Audience> = store.open_audience(&options).expect("the audience opens");
    World { people: Addressees::new(Arc::clone(&audience), clock.clone()), audience, clock, _directory: directory }
}

fn id(number: u128) -> AddresseeId {
    AddresseeId(Uuid::from_u128(number))
}

fn digest(number: u8) -> Digest {
    Digest([number; 32])
}

fn person() -> Actor {
    Actor::person("https://id.example.nl", "s-1", Grants::default())
}

fn nobody() -> Actor {
    Actor::gateway()
}

impl World {
    fn request(&self, number: u128, kanaal: &str) -> PersonRequest {
        PersonRequest {
            id: id(number),
            kanaal: KanaalName::new(kanaal).expect("a name"),
            channel: Channel::Email,
            digest: digest(1),
            address: Sealed { key_id: "k".into(), ciphertext: b"an@x.nl".to_vec() },
            filter: None,
            attributes: Attributes::default(),
            language: Language::Dutch,
            frequency: model::addressee::Frequency::AtOnce,
            given: None,
            check: Check::new(digest(7), digest(8), self.clock.now()),
            duplicates: Duplicates::Notify,
            outgoing: OutgoingId(Uuid::from_u128(100 + number)),
            secret: Sealed { key_id: "k".into(), ciphertext: b"123456".to_vec() },
        }
    }

    async fn confirmed(&self, actor: &Actor, number: u128, kanaal: &str) {
        self.people.subscribe_person(actor, self.request(number, kanaal)).await.expect("subscribed");
        self.people.confirm_person(id(number), Proof::Link(digest(8)), false).await.expect("confirmed");
    }

    async fn state(&self, number: u128) -> State {
        self.audience.get(id(number)).await.expect("read").expect("an addressee").addressee.state
    }

    async fn is_confirmed(&self, number: u128) -> bool {
        matches!(self.state(number).await, State::Confirmed { .. })
    }

    fn leaving(&self, act: u128, others: Option<Kanalen>) -> Leaving {
        let undo_until = self.clock.now() + Duration::from_hours(24);
        Leaving {
            act: ActId(Uuid::from_u128(act)),
            by: LeftBy::Page,
            undo_until,
            outgoing: OutgoingId(Uuid::from_u128(200 + act)),
            others,
        }
    }
}

#[tokio::test]
async fn a_person_subscribes_confirms_and_gets_a_notice_the_next_time_ch_41_ch_52() {
    let world = world();
    let due = world.people.subscribe_person(&person(), world.request(1, "weg")).await.expect("subscribed");
    let due = due.expect("a message");
    assert_eq!((due.message, due.addressees.len()), (Message::Confirmation, 1));
    let owner = Owner::Person { issuer: "https://id.example.nl".into(), subject: "s-1".into() };
    assert_eq!(due.addressees[0].owner, Some(owner));
    assert!(!world.is_confirmed(1).await);
    world.people.confirm_person(id(1), Proof::Code(digest(7)), false).await.expect("confirmed");
    assert!(world.is_confirmed(1).await);
    let due = world.people.subscribe_person(&nobody(), world.request(2, "weg")).await.expect("subscribed");
    assert_eq!(due.map(|due| due.message), Some(Message::AlreadySubscribed));
    assert!(world.audience.get(id(2)).await.expect("read").is_none());
}

#[tokio::test]
async fn what_is_due_is_in_the_outbox_with_the_change_ch_27_ch_52() {
    let world = world();
    world.confirmed(&nobody(), 1, "weg").await;
    world.people.subscribe_person(&nobody(), world.request(2, "weg")).await.expect("subscribed");
    world.people.leave(Authority::Token, id(1), &world.leaving(1, None)).await.expect("left");
    let outbox = world.audience.outbox(world.clock.now(), 10).await.expect("read");
    let mut found: Vec<_> =
        outbox.iter().map(|due| (due.outgoing.message, due.addressee, due.outgoing.secret.is_some())).collect();
    found.sort_by_key(|(message, ..)| format!("{message:?}"));
    assert_eq!(
        found,
        [
            (Message::Acknowledgement, id(1), false),
            (Message::AlreadySubscribed, id(1), false),
            (Message::Confirmation, id(1), true)
        ]
    );
}

#[tokio::test]
async fn a_client_owns_what_it_asked_for_ch_59() {
    let world = world();
    let client = Actor::applicatie("portaal", []);
    world.confirmed(&client, 1, "weg").await;
    let other = Actor::applicatie("ander", []);
    let left = world.people.leave(Authority::Owner(&other), id(1), &world.leaving(1, None)).await;
    assert!(matches!(left, Err(Error::Unknown)));
    world.people.leave(Authority::Owner(&client), id(1), &world.leaving(1, None)).await.expect("left");
    assert!(!world.is_confirmed(1).await);
}

#[tokio::test]
async fn requests_at_the_same_time_add_one_addressee_ch_52() {
    let world = world();
    let requests = (1..=4).map(|number| {
        let (people, request) = (world.people.clone(), world.request(number, "weg"));
        tokio::spawn(async move { people.subscribe_person(&nobody(), request).await })
    });
    for request in requests.collect::<Vec<_>>() {
        let due = request.await.expect("ended").expect("subscribed");
        assert_eq!(due.map(|due| due.message), Some(Message::Confirmation));
    }
    assert_eq!(world.audience.of_address(digest(1)).await.expect("read").len(), 1);
}

#[tokio::test]
async fn wrong_codes_at_the_same_time_are_all_counted_ch_45() {
    let world = world();
    world.people.subscribe_person(&nobody(), world.request(1, "weg")).await.expect("subscribed");
    let tries = (0..5).map(|_| {
        let people = world.people.clone();
        tokio::spawn(async move { people.confirm_person(id(1), Proof::Code(digest(9)), false).await })
    });
    for wrong in tries.collect::<Vec<_>>() {
        assert!(matches!(wrong.await.expect("ended"), Err(Error::Unknown)));
    }
    let right = world.people.confirm_person(id(1), Proof::Code(digest(7)), false).await;
    assert!(matches!(right, Err(Error::Unknown)));
    assert!(!world.is_confirmed(1).await);
}

#[tokio::test]
async fn unknown_wrong_and_void_are_one_error_ch_49_ch_58() {
    let world = world();
    world.people.subscribe_person(&nobody(), world.request(1, "weg")).await.expect("subscribed");
    let mut texts = Vec::new();
    for (number, proof) in [(9, Proof::Code(digest(7))), (1, Proof::Code(digest(9))), (1, Proof::Link(digest(7)))] {
        texts.push(world.people.confirm_person(id(number), proof, false).await.expect_err("refused").to_string());
    }
    world.clock.advance(Duration::from_hours(25));
    texts.push(world.people.confirm_person(id(1), Proof::Link(digest(8)), false).await.expect_err("void").to_string());
    for number in [1, 9] {
        let left = world.people.leave(Authority::Token, id(number), &world.leaving(1, None)).await;
        texts.push(left.expect_err("not confirmed").to_string());
    }
    texts.dedup();
    assert_eq!(texts.len(), 1, "{texts:?}");
}

#[tokio::test]
async fn replacing_ends_the_others_of_the_address_with_the_same_write_ch_52() {
    let world = world();
    world.confirmed(&nobody(), 1, "weg").await;
    world.confirmed(&nobody(), 2, "afval").await;
    let again = PersonRequest { duplicates: Duplicates::Add, ..world.request(3, "weg") };
    world.people.subscribe_person(&nobody(), again).await.expect("subscribed");
    world.people.confirm_person(id(3), Proof::Code(digest(7)), true).await.expect("confirmed");
    assert!(matches!(world.state(1).await, State::Ended { reason: EndReason::Replaced { by }, .. } if by == id(3)));
    assert!(world.is_confirmed(2).await && world.is_confirmed(3).await);
}

#[tokio::test]
async fn leaving_all_ends_confirmed_ones_and_undo_restores_those_once_ch_60_ch_62() {
    let world = world();
    for (number, kanaal) in [(1, "weg"), (2, "afval"), (3, "raad")] {
        world.confirmed(&nobody(), number, kanaal).await;
    }
    world.people.subscribe_person(&nobody(), world.request(4, "haven")).await.expect("subscribed");
    world.people.leave(Authority::Token, id(3), &world.leaving(1, None)).await.expect("left");
    let leaving = world.leaving(2, Some(Kanalen::All));
    let due = world.people.leave(Authority::Token, id(1), &leaving).await.expect("left").expect("a message");
    assert_eq!((due.message, due.addressees.len()), (Message::Acknowledgement, 2));
    // Again is success, without another acknowledgement (CH-56).
    assert_eq!(world.people.leave(Authority::Token, id(1), &leaving).await.expect("left"), None);
    let restored = world.people.undo(Authority::Token, id(2), leaving.act).await.expect("restored");
    let mut restored: Vec<_> = restored.into_iter().map(|addressee| addressee.id).collect();
    restored.sort();
    assert_eq!(restored, [id(1), id(2)]);
    assert!(world.is_confirmed(1).await && world.is_confirmed(2).await);
    assert!(!world.is_confirmed(3).await && !world.is_confirmed(4).await);
    let again = world.people.undo(Authority::Token, id(2), leaving.act).await;
    assert!(matches!(again, Err(Error::Unknown)));
}

#[tokio::test]
async fn an_owner_needs_no_token_and_others_find_nothing_ch_59() {
    let world = world();
    world.confirmed(&person(), 1, "weg").await;
    world.confirmed(&nobody(), 2, "afval").await;
    let other = Actor::person("https://id.example.nl", "s-2", Grants::default());
    for (actor, number) in [(&other, 1), (&nobody(), 1), (&person(), 2), (&nobody(), 2)] {
        let left = world.people.leave(Authority::Owner(actor), id(number), &world.leaving(1, None)).await;
        assert!(matches!(left, Err(Error::Unknown)));
        assert!(world.is_confirmed(number).await);
    }
    let leaving = world.leaving(2, None);
    world.people.leave(Authority::Owner(&person()), id(1), &leaving).await.expect("left");
    assert!(!world.is_confirmed(1).await);
    let undone = world.people.undo(Authority::Owner(&other), id(1), leaving.act).await;
    assert!(matches!(undone, Err(Error::Unknown)));
    world.people.undo(Authority::Owner(&person()), id(1), leaving.act).await.expect("restored");
}

#[tokio::test]
async fn the_sixth_request_for_an_address_in_an_hour_is_refused_ch_46() {
    let world = world();
    for number in 1..=5 {
        world.people.subscribe_person(&nobody(), world.request(number, "weg")).await.expect("subscribed");
    }
    let sixth = world.people.subscribe_person(&nobody(), world.request(6, "weg")).await;
    assert!(
        matches!(sixth, Err(Error::TooManyRequests { retry_at }) if retry_at == world.clock.now() + Duration::from_hours(1))
    );
}

#[tokio::test]
async fn hard_bounces_at_the_same_time_are_all_counted_ch_113() {
    let world = world();
    for (number, kanaal) in [(1, "weg"), (2, "afval")] {
        world.confirmed(&nobody(), number, kanaal).await;
    }
    let threshold = Threshold { bounces: 4, ..Threshold::default() };
    let bounces = (0..4).map(|_| {
        let people = world.people.clone();
        tokio::spawn(async move { people.hard_bounce(id(1), threshold).await })
    });
    let mut found = Vec::new();
    for bounce in bounces.collect::<Vec<_>>() {
        found.push(bounce.await.expect("ended").expect("counted"));
    }
    assert_eq!(found.iter().filter(|bounced| **bounced == Bounced::Ended(2)).count(), 1, "{found:?}");
    for number in [1, 2] {
        assert!(matches!(world.state(number).await, State::Ended { reason: EndReason::Undeliverable, .. }));
    }
    assert_eq!(world.people.hard_bounce(id(1), threshold).await.expect("counted"), Bounced::Nothing);
    assert!(matches!(world.people.hard_bounce(id(9), threshold).await, Err(Error::Unknown)));
}

#[tokio::test]
async fn bounces_beyond_the_span_do_not_count_ch_113() {
    let world = world();
    world.confirmed(&nobody(), 1, "weg").await;
    let threshold = Threshold { bounces: 2, within: Duration::from_hours(24) };
    let bounce = async || world.people.hard_bounce(id(1), threshold).await.expect("counted");
    assert_eq!(bounce().await, Bounced::Counted);
    world.clock.advance(Duration::from_hours(24));
    assert_eq!(bounce().await, Bounced::Counted);
    world.clock.advance(Duration::from_hours(23));
    assert_eq!(bounce().await, Bounced::Ended(1));
}

#[tokio::test]
async fn a_complaint_ends_one_and_again_is_success_ch_116() {
    let world = world();
    for (number, kanaal) in [(1, "weg"), (2, "afval")] {
        world.confirmed(&nobody(), number, kanaal).await;
    }
    assert!(world.people.complained(id(1)).await.expect("ended"));
    assert!(!world.people.complained(id(1)).await.expect("again"));
    assert!(matches!(world.state(1).await, State::Ended { reason: EndReason::Complaint, .. }));
    assert!(world.is_confirmed(2).await);
    assert!(matches!(world.people.complained(id(9)).await, Err(Error::Unknown)));
}
