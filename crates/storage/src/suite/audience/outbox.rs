//! The outbox: messages that are due to one person.

use model::{
    Timestamp,
    addressee::{Addressee, Channel, Message},
    sealed::Sealed,
};
use uuid::Uuid;

use super::{
    AudienceHarness, reopen,
    sample::{addressee, at, digest, ended, get, id, new, put_new, unconfirmed, waits_for},
};
use crate::{
    Audience,
    audience::{Error, OutboxCounts, Outgoing, OutgoingId, Purge, Settlement},
};

fn secret_text(number: u128) -> String {
    format!("sealed-secret-{number:08}-code-and-token")
}

fn outgoing(number: u128, message: Message, created: i64) -> Outgoing {
    let secret = Sealed { key_id: "4f1a22b0".into(), ciphertext: secret_text(number).into() };
    Outgoing { id: OutgoingId(Uuid::from_u128(number)), message, secret: Some(secret), created: at(created) }
}

fn confirmation(number: u128, created: i64) -> Outgoing {
    outgoing(number, Message::Confirmation, created)
}

async fn put_due(audience: &dyn Audience, addressee: Addressee, due: Outgoing) {
    audience.put(vec![new(addressee).with_due(due)]).await.expect("stored");
}

/// The ids of what is due, as numbers.
async fn due(audience: &dyn Audience, now: Timestamp) -> Vec<u128> {
    let found = audience.outbox(now, 100).await.expect("an outbox");
    found.iter().map(|stored| stored.outgoing.id.0.as_u128()).collect()
}

async fn counts(audience: &dyn Audience) -> (u64, u64) {
    let OutboxCounts { waiting, given_up, .. } = audience.outbox_counts().await.expect("counts");
    (waiting, given_up)
}

/// A due message is durable with the change that made it due, and absent without.
pub async fn a_due_message_is_stored_with_its_addressee(harness: &mut dyn AudienceHarness) {
    let audience = harness.open().await;
    put_due(&*audience, unconfirmed(1, "weg", 5), confirmation(10, 5)).await;
    let without = Outgoing { secret: None, ..outgoing(11, Message::Acknowledgement, 6) };
    put_due(&*audience, ended(2, "weg", 6), without.clone()).await;
    let conflict = new(unconfirmed(1, "weg", 5)).with_due(confirmation(12, 5));
    assert!(matches!(audience.put(vec![conflict]).await, Err(Error::Conflict(_))));
    let audience = reopen(harness, audience).await;
    let found = audience.outbox(at(100), 100).await.expect("an outbox");
    let found: Vec<_> = found.into_iter().map(|due| (due.addressee, due.outgoing, due.attempts, due.due)).collect();
    assert_eq!(found, [(id(1), confirmation(10, 5), 0, at(5)), (id(2), without, 0, at(6))]);
    assert_eq!(
        audience.outbox_counts().await.expect("counts"),
        OutboxCounts { waiting: 2, oldest: Some(at(5)), given_up: 0 }
    );
    harness.close(audience).await;
}

/// What is due by one channel does not depend on what waits for another.
pub async fn due_messages_are_found_by_channel(harness: &mut dyn AudienceHarness) {
    let audience = harness.open().await;
    for number in 1..=6 {
        let channel = if number % 3 == 0 { Channel::Sms } else { Channel::Email };
        let addressee = Addressee { channel, ..unconfirmed(number, "weg", 5) };
        put_due(&*audience, addressee, confirmation(number, number as i64)).await;
    }
    for (channel, limit, expected) in [
        (Channel::Email, 100, &[1, 2, 4, 5][..]),
        (Channel::Email, 3, &[1, 2, 4]),
        (Channel::Sms, 100, &[3, 6]),
        (Channel::Sms, 1, &[3]),
        (Channel::Inbox, 100, &[]),
    ] {
        let found = audience.outbox_of(channel, at(100), limit).await.expect("an outbox");
        let found: Vec<u128> = found.iter().map(|stored| stored.outgoing.id.0.as_u128()).collect();
        assert_eq!(found, expected, "{channel:?} {limit}");
    }
    assert_eq!(due(&*audience, at(100)).await, [1, 2, 3, 4, 5, 6]);
    harness.close(audience).await;
}

/// Those that wait longest come first and no more than asked; who is tried again is due later; what is settled is gone.
pub async fn due_messages_are_settled_one_by_one(harness: &mut dyn AudienceHarness) {
    let audience = harness.open().await;
    for number in 1..=4 {
        put_due(&*audience, unconfirmed(number, "weg", 5), confirmation(number, 10 - number as i64)).await;
    }
    assert_eq!(due(&*audience, at(7)).await, [4, 3]);
    assert_eq!(due(&*audience, at(9)).await, [4, 3, 2, 1]);
    let two = audience.outbox(at(9), 2).await.expect("an outbox");
    assert_eq!(two.len(), 2);
    let settle = async |number: u128, settlement| {
        audience.settle(OutgoingId(Uuid::from_u128(number)), settlement).await.expect("settled");
    };
    settle(4, Settlement::Done).await;
    settle(4, Settlement::Done).await;
    settle(3, Settlement::Retry { at: at(300), attempts: 1 }).await;
    settle(2, Settlement::GivenUp { at: at(9) }).await;
    // Neither comes back.
    for number in [2, 4, 99] {
        settle(number, Settlement::Retry { at: at(9), attempts: 1 }).await;
    }
    let audience = reopen(harness, audience).await;
    assert_eq!(due(&*audience, at(299)).await, [1]);
    let retried = audience.outbox(at(300), 100).await.expect("an outbox").pop().expect("a message");
    assert_eq!((retried.outgoing, retried.attempts, retried.due), (confirmation(3, 7), 1, at(300)));
    assert_eq!(
        audience.outbox_counts().await.expect("counts"),
        OutboxCounts { waiting: 2, oldest: Some(at(7)), given_up: 1 }
    );
    harness.close(audience).await;
}

/// A newer code makes the one before void, so its message replaces the other, which cannot be settled any more. Other kinds stay.
pub async fn a_due_message_replaces_one_of_its_kind(harness: &mut dyn AudienceHarness) {
    let audience = harness.open().await;
    put_due(&*audience, unconfirmed(1, "weg", 5), confirmation(10, 5)).await;
    let stored = get(&*audience, 1).await;
    audience.put(vec![stored.change(unconfirmed(1, "weg", 6)).with_due(confirmation(11, 6))]).await.expect("stored");
    let stored = get(&*audience, 1).await;
    let notice = outgoing(12, Message::AlreadySubscribed, 7);
    audience.put(vec![stored.change(addressee(1, "weg")).with_due(notice)]).await.expect("stored");
    audience.settle(OutgoingId(Uuid::from_u128(10)), Settlement::Done).await.expect("settled");
    assert_eq!(due(&*audience, at(100)).await, [11, 12]);
    audience.settle(OutgoingId(Uuid::from_u128(12)), Settlement::GivenUp { at: at(8) }).await.expect("settled");
    assert_eq!(counts(&*audience).await, (1, 1));
    let stored = get(&*audience, 1).await;
    let again = outgoing(13, Message::AlreadySubscribed, 9);
    audience.put(vec![stored.change(addressee(1, "weg")).with_due(again)]).await.expect("stored");
    assert_eq!(due(&*audience, at(100)).await, [11, 13]);
    assert_eq!(counts(&*audience).await, (2, 0));
    harness.close(audience).await;
}

/// Nothing of a message is left when its addressee is erased or purged, or when it was sent or given up before that (CH-135,
/// CH-136); what is due to others is left.
pub async fn erasure_covers_the_outbox(harness: &mut dyn AudienceHarness) {
    let audience = harness.open().await;
    put_due(&*audience, unconfirmed(1, "weg", 5), confirmation(11, 5)).await;
    put_due(&*audience, waits_for(2, "weg", 1), outgoing(12, Message::ConfirmationOfChange, 5)).await;
    put_due(&*audience, unconfirmed(3, "weg", 5), confirmation(13, 5)).await;
    put_due(&*audience, ended(4, "weg", 5), outgoing(14, Message::Acknowledgement, 5)).await;
    let of_one = |number: u128| Addressee { digest: digest(1), ..unconfirmed(number, "afval", 5) };
    put_due(&*audience, of_one(5), confirmation(15, 5)).await;
    put_due(&*audience, of_one(6), confirmation(16, 5)).await;
    // Of other sizes, so that no other row takes their place.
    put_new(&*audience, (100..120).map(|number| addressee(number, "weg"))).await;
    for (number, settlement) in [(15, Settlement::Done), (16, Settlement::GivenUp { at: at(6) })] {
        audience.settle(OutgoingId(Uuid::from_u128(number)), settlement).await.expect("settled");
    }
    assert_eq!(audience.erase(digest(1), at(90)).await.expect("erased"), 3);
    assert_eq!(audience.purge(Purge::Ended { before: at(50) }, 100).await.expect("purged"), 1);
    assert_eq!(due(&*audience, at(100)).await, [13]);
    assert_eq!(counts(&*audience).await, (1, 0));
    for (number, is_left) in [(11, false), (12, false), (13, true), (14, false), (15, false), (16, false)] {
        let text = secret_text(number);
        assert_eq!(harness.occurrences(&text).await > 0, is_left, "{text}");
    }
    harness.close(audience).await;
}
