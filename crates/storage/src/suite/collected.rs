//! Cases of events that wait for one mail to an addressee (CH-101): what the ports Audience and Mailings do together.
//!
//! A case takes a [`CollectedHarness`]; `collected_suite!` turns the cases into tests. Cases know nothing of an adapter.

use std::sync::Arc;

use async_trait::async_trait;
use model::{
    Mark, Partition, Position, Timestamp,
    addressee::{Addressee, Channel, Digest, EventReference, Evidence, Frequency, Message, Outcome},
    mailing::{Checkpoint, Counts, Cursor, FollowedTo, MailingId, MailingStart, Phase},
};
use uuid::Uuid;

use super::{
    audience::{addressee, digest},
    sample::name,
};
use crate::{
    Audience, Mailings,
    audience::{Collected, CollectedEnd, EvidencePage, MAX_COLLECTED, Outgoing, OutgoingId, Purge, Put},
};

/// The two ports of a store.
pub type Ports = (Arc<dyn Audience>, Arc<dyn Mailings>);

/// Gives the suite access to an adapter, with a store of its own that is initially empty.
#[async_trait]
pub trait CollectedHarness: Send {
    /// Opens the store; after [`CollectedHarness::close`], with the data stored before.
    async fn open(&mut self) -> Ports;

    /// Closes the store, as at the end of a process.
    async fn close(&mut self, ports: Ports);
}

/// Makes a test for each case; takes an expression that returns a harness.
#[macro_export]
macro_rules! collected_suite {
    ($harness:expr) => {
        $crate::suite_tests!(
            collected,
            $harness,
            events_of_an_addressee_wait_for_one_mail_ch_101,
            a_mail_ends_with_its_events_and_leaves_others_ch_101,
            erasure_and_purges_remove_what_waits_ch_101_ch_135,
        );
    };
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_700_000_000 + seconds)
}

fn weekly(number: u128) -> Addressee {
    Addressee { frequency: Frequency::Weekly, ..addressee(number, "weg") }
}

fn mail(number: u128, due: i64) -> Outgoing {
    let id = OutgoingId(Uuid::from_u128(number));
    Outgoing { id, message: Message::Collected, secret: None, created: at(due) }
}

fn start(number: u64) -> MailingStart {
    MailingStart {
        event: EventReference { kanaal: name("weg"), source: "urn:a".into(), id: number.to_string() },
        channel: Channel::Email,
        partition: Partition(0),
        position: Position(number),
        accepted: at(number as i64),
        expires: (number % 2 == 1).then(|| at(1_000)),
        resend: None,
    }
}

/// Starts so many mailings, and returns their numbers.
async fn mailings(mailings: &dyn Mailings, count: u64) -> Vec<MailingId> {
    let followed = FollowedTo { partition: Partition(0), mark: Mark(count + 1) };
    let new = mailings.start(&name("weg"), followed, (1..=count).map(start).collect()).await.expect("stored");
    new.into_iter().map(|one| one.id).collect()
}

async fn put(audience: &dyn Audience, numbers: impl IntoIterator<Item = u128>) {
    let puts = numbers.into_iter().map(|number| Put::new(weekly(number)));
    audience.put(puts.collect()).await.expect("stored");
}

async fn due(audience: &dyn Audience, now: i64) -> Vec<(u128, i64)> {
    let found = audience.outbox_collected(at(now), 10).await.expect("an outbox");
    let seconds = |due: Timestamp| (due.as_micros() - at(0).as_micros()) / 1_000_000;
    found.iter().map(|one| (one.outgoing.id.0.as_u128(), seconds(one.due))).collect()
}

async fn waiting(audience: &dyn Audience, number: u128) -> Vec<Collected> {
    audience.collected(weekly(number).id, MAX_COLLECTED).await.expect("read")
}

fn evidence(mailing: u64, digest: Digest, addressee: &Addressee, outcome: Outcome) -> Evidence {
    Evidence {
        event: start(mailing).event,
        digest,
        addressee: Some(addressee.id),
        accepted: start(mailing).accepted,
        tried: None,
        outcome: Some((outcome, at(60))),
        read: None,
    }
}

async fn outcomes(audience: &dyn Audience, number: u128) -> Vec<(String, Option<Outcome>)> {
    let found = audience.evidence(digest(number), EvidencePage { offset: 0, limit: 10 }).await.expect("read");
    found.into_iter().map(|one| (one.event.id, one.outcome.map(|(outcome, _)| outcome))).collect()
}

/// The first event makes the mail due, and others join it; both are durable. Nothing of it is among other due messages. The choice of
/// the addressee survives.
pub async fn events_of_an_addressee_wait_for_one_mail_ch_101(harness: &mut dyn CollectedHarness) {
    let (audience, store) = harness.open().await;
    put(&*audience, [1, 2]).await;
    let numbers = mailings(&*store, 3).await;
    for (place, mailing) in numbers.iter().enumerate() {
        audience.collect(weekly(1).id, *mailing, mail(10 + place as u128, 50)).await.expect("stored");
    }
    audience.collect(weekly(1).id, numbers[0], mail(20, 40)).await.expect("again");
    audience.collect(weekly(2).id, numbers[2], mail(30, 45)).await.expect("stored");
    audience.collect(weekly(3).id, numbers[0], mail(40, 1)).await.expect("nobody");
    let stopped = Checkpoint {
        cursor: Cursor::End,
        phase: Phase::Stopped,
        counts: Counts::default(),
        changed: Vec::new(),
        ended: Vec::new(),
    };
    store.apply(numbers[1], stopped).await.expect("stored");
    for mailing in &numbers {
        store.end(*mailing, at(5)).await.expect("stored");
    }
    harness.close((audience, store)).await;

    let (audience, store) = harness.open().await;
    let found = audience.get(weekly(1).id).await.expect("read").expect("an addressee");
    assert_eq!(found.addressee, weekly(1));
    assert_eq!(due(&*audience, 44).await, []);
    assert_eq!(due(&*audience, 50).await, [(30, 45), (10, 50)]);
    assert_eq!(audience.outbox(at(100), 10).await.expect("an outbox"), []);
    assert_eq!(audience.outbox_of(Channel::Email, at(100), 10).await.expect("an outbox"), []);
    assert_eq!(audience.outbox_counts().await.expect("counts").waiting, 0);
    let one =
        |place: usize, is_stopped| Collected { mailing: numbers[place], start: start(place as u64 + 1), is_stopped };
    assert_eq!(waiting(&*audience, 1).await, [one(0, false), one(1, true), one(2, false)]);
    assert_eq!(audience.collected(weekly(1).id, 2).await.expect("read").len(), 2);
    assert_eq!(waiting(&*audience, 2).await, [one(2, false)]);
    harness.close((audience, store)).await;
}

/// The events of a mail go with it, with their evidence. One that was collected meanwhile waits for the next mail.
pub async fn a_mail_ends_with_its_events_and_leaves_others_ch_101(harness: &mut dyn CollectedHarness) {
    let (audience, store) = harness.open().await;
    put(&*audience, [1]).await;
    let numbers = mailings(&*store, 3).await;
    for mailing in &numbers {
        audience.collect(weekly(1).id, *mailing, mail(10, 50)).await.expect("stored");
    }
    let end = |mail_id: u128, places: &[usize], outcome| CollectedEnd {
        id: OutgoingId(Uuid::from_u128(mail_id)),
        mailings: places.iter().map(|place| numbers[*place]).collect(),
        evidence: places.iter().map(|place| evidence(*place as u64 + 1, digest(1), &weekly(1), outcome)).collect(),
        next: mail(11, 90),
    };
    audience.settle_collected(end(10, &[0, 1], Outcome::Sent)).await.expect("stored");
    assert_eq!(due(&*audience, 89).await, []);
    assert_eq!(due(&*audience, 90).await, [(11, 90)]);
    assert_eq!(waiting(&*audience, 1).await.len(), 1);
    let sent = |id: &str| (id.to_owned(), Some(Outcome::Sent));
    assert_eq!(outcomes(&*audience, 1).await, [sent("1"), sent("2")]);
    // The same end again is of a mail that is gone.
    audience.settle_collected(end(10, &[2], Outcome::Expired)).await.expect("nothing");
    assert_eq!((waiting(&*audience, 1).await.len(), outcomes(&*audience, 1).await.len()), (1, 2));
    audience.settle_collected(end(11, &[2], Outcome::Expired)).await.expect("stored");
    assert_eq!(due(&*audience, 1_000).await, []);
    assert_eq!(waiting(&*audience, 1).await, []);
    assert_eq!(outcomes(&*audience, 1).await, [sent("1"), sent("2"), ("3".to_owned(), Some(Outcome::Expired))]);
    harness.close((audience, store)).await;
}

/// Nothing waits for somebody who was erased or purged; each event has its end.
pub async fn erasure_and_purges_remove_what_waits_ch_101_ch_135(harness: &mut dyn CollectedHarness) {
    let (audience, store) = harness.open().await;
    put(&*audience, [1, 2]).await;
    let numbers = mailings(&*store, 2).await;
    for number in [1, 2] {
        for mailing in &numbers {
            audience.collect(weekly(number).id, *mailing, mail(10 + number, 50)).await.expect("stored");
        }
    }
    audience.erase(digest(1), at(60)).await.expect("erased");
    assert_eq!(waiting(&*audience, 1).await, []);
    assert_eq!(due(&*audience, 50).await, [(12, 50)]);
    let ended = |id: &str| (id.to_owned(), Some(Outcome::Ended));
    assert_eq!(outcomes(&*audience, 1).await, [ended("1"), ended("2")]);
    assert_eq!(outcomes(&*audience, 2).await, []);
    audience.erase(digest(2), at(60)).await.expect("erased");
    audience.purge(Purge::Ended { before: at(100) }, 10).await.expect("purged");
    assert_eq!(due(&*audience, 1_000).await, []);
    harness.close((audience, store)).await;
}
