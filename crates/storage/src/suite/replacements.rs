//! Cases of events that wait for their moment and are cancelled or replaced (CH-98): what the ports Mailings and Inbox do together.
//!
//! A case takes a [`ReplacementsHarness`]; `replacements_suite!` turns the cases into tests. Cases know nothing of an adapter.

use std::sync::Arc;

use async_trait::async_trait;
use model::{
    KanaalName, Mark, Partition, Position, Timestamp,
    addressee::{Channel, EventReference},
    inbox::{MessageId, NewMessage},
    mailing::{FollowedTo, MailingId, MailingStart, Phase},
    sealed::Sealed,
};
use uuid::Uuid;

use super::sample::name;
use crate::{
    Inbox, Mailings,
    inbox::Cancelled,
    mailings::{Replaced, Replacement, StoredReplacement},
};

/// The two ports of a store.
pub type Ports = (Arc<dyn Mailings>, Arc<dyn Inbox>);

/// Gives the suite access to an adapter, with a store of its own that is initially empty.
#[async_trait]
pub trait ReplacementsHarness: Send {
    /// Opens the store; after [`ReplacementsHarness::close`], with the data stored before.
    async fn open(&mut self) -> Ports;

    /// Closes the store, as at the end of a process.
    async fn close(&mut self, ports: Ports);
}

/// Makes a test for each case; takes an expression that returns a harness.
#[macro_export]
macro_rules! replacements_suite {
    ($harness:expr) => {
        $crate::suite_tests!(
            replacements,
            $harness,
            an_event_is_replaced_once_ch_98,
            mailings_are_cancelled_together_and_once_ch_98,
            a_replacement_is_kept_until_it_is_published_ch_98,
        );
    };
}

/// When the events are due.
const DUE: i64 = 100;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_700_000_000 + seconds)
}

fn kanaal() -> KanaalName {
    name("weg")
}

fn event(number: u64) -> EventReference {
    EventReference { kanaal: kanaal(), source: "urn:a".into(), id: number.to_string() }
}

fn to(mark: u64) -> FollowedTo {
    FollowedTo { partition: Partition(0), mark: Mark(mark) }
}

fn sealed(number: u64) -> Sealed {
    Sealed { key_id: "k1".into(), ciphertext: number.to_be_bytes().to_vec() }
}

/// The mailings of an event by e-mail and text message.
async fn mailings(ports: &Ports, number: u64) -> Vec<MailingId> {
    let start = |channel| MailingStart {
        event: event(number),
        channel,
        partition: Partition(0),
        position: Position(number),
        accepted: at(0),
        expires: None,
        resend: None,
    };
    let starts = [Channel::Email, Channel::Sms].map(start).to_vec();
    let new = ports.0.start(&kanaal(), to(number + 1), starts).await.expect("stored");
    new.into_iter().map(|one| one.id).collect()
}

/// The message of an event, which is due at [`DUE`].
async fn message(ports: &Ports, number: u64) {
    let message = NewMessage {
        id: MessageId(Uuid::from_u128(number.into())),
        event: event(number),
        partition: Partition(0),
        position: Position(number),
        person: None,
        due: at(DUE),
        expires: None,
    };
    ports.1.add(&kanaal(), to(number + 1), vec![message], at(0)).await.expect("stored");
}

async fn replace(ports: &Ports, number: u64, mailings: &[MailingId], seconds: i64) -> Replaced {
    let replacement = Replacement {
        event: event(number),
        partition: Partition(0),
        position: Position(number),
        mailings: mailings.to_vec(),
        record: sealed(number),
    };
    ports.0.replace(replacement, at(seconds)).await.expect("stored")
}

async fn phases(ports: &Ports, number: u64) -> Vec<Phase> {
    let (open, _) = ports.0.of_event(&event(number)).await.expect("read");
    open.into_iter().map(|one| one.phase).collect()
}

async fn kept(ports: &Ports) -> Vec<StoredReplacement> {
    let mut all: Vec<StoredReplacement> = Vec::new();
    while let Some(one) = ports.0.next_replacement(all.last().map(|last| last.number)).await.expect("read") {
        all.push(one);
    }
    all
}

/// Mailings and message are replaced together, once, before the moment and not when a part is over.
pub async fn an_event_is_replaced_once_ch_98(harness: &mut dyn ReplacementsHarness) {
    let ports = harness.open().await;
    assert_eq!(replace(&ports, 9, &[], 1).await, Replaced::Unknown, "nothing is stored of the kanaal");
    message(&ports, 1).await;
    let one = mailings(&ports, 1).await;
    assert_eq!(replace(&ports, 9, &[], 1).await, Replaced::Unknown, "not of this event");
    assert_eq!(replace(&ports, 1, &[], 1).await, Replaced::Unknown, "its mailings are not held");
    assert_eq!(replace(&ports, 1, &one[..1], 1).await, Replaced::Unknown, "not all of them are");
    assert_eq!(replace(&ports, 1, &one, DUE).await, Replaced::Over, "its message is due");
    assert_eq!(phases(&ports, 1).await, [Phase::Active, Phase::Active]);
    // Of two at the same time one does it.
    let both = tokio::join!(replace(&ports, 1, &one, 2), replace(&ports, 1, &one, 2));
    assert!([(Replaced::Done, Replaced::Over), (Replaced::Over, Replaced::Done)].contains(&both), "{both:?}");
    assert_eq!(phases(&ports, 1).await, [Phase::Stopped, Phase::Stopped]);
    assert_eq!(ports.1.cancel(&event(1), at(3)).await.expect("stored"), Cancelled::Appeared, "it is cancelled no more");
    assert!(!ports.0.cancel(one.clone()).await.expect("stored"));

    // A message alone; one that appeared; one that was cancelled; mailings of which one has ended.
    for number in 2..=5 {
        message(&ports, number).await;
    }
    let [four, five] = [mailings(&ports, 4).await, mailings(&ports, 5).await];
    assert_eq!(replace(&ports, 2, &[], 4).await, Replaced::Done);
    assert_eq!(ports.1.cancel(&event(3), at(4)).await.expect("stored"), Cancelled::Done);
    assert_eq!(replace(&ports, 3, &[], 5).await, Replaced::Over);
    ports.0.end(four[1], at(5)).await.expect("stored");
    assert_eq!(replace(&ports, 4, &four, 5).await, Replaced::Over);
    assert_eq!(phases(&ports, 4).await, [Phase::Active]);

    // Over a restart, and when everything that waits is due.
    harness.close(ports).await;
    let ports = harness.open().await;
    assert_eq!(replace(&ports, 1, &one, 6).await, Replaced::Over);
    assert_eq!(replace(&ports, 2, &[], 6).await, Replaced::Over);
    ports.1.release(at(DUE)).await.expect("stored");
    assert_eq!(replace(&ports, 5, &five, DUE).await, Replaced::Over);
    let page = ports.1.page(model::addressee::Digest([1; 32]), None, 10).await.expect("read");
    let undo = std::time::Duration::ZERO;
    let visible = page.iter().filter(|one| one.is_visible(at(DUE), undo));
    assert_eq!(visible.map(|one| one.position.0).collect::<Vec<_>>(), [5, 4]);
}

/// All mailings of a cancellation are stopped, or none; and what was cancelled is not replaced.
pub async fn mailings_are_cancelled_together_and_once_ch_98(harness: &mut dyn ReplacementsHarness) {
    let ports = harness.open().await;
    let (one, two) = (mailings(&ports, 1).await, mailings(&ports, 2).await);
    assert!(!ports.0.cancel(vec![one[0], MailingId(4711)]).await.expect("stored"), "one is not known");
    assert_eq!(phases(&ports, 1).await, [Phase::Active, Phase::Active]);
    assert!(ports.0.cancel(one.clone()).await.expect("stored"));
    assert_eq!(phases(&ports, 1).await, [Phase::Stopped, Phase::Stopped]);
    assert!(!ports.0.cancel(one.clone()).await.expect("stored"), "it is over");
    assert_eq!(replace(&ports, 1, &one, 1).await, Replaced::Over);
    ports.0.end(two[0], at(1)).await.expect("stored");
    assert!(!ports.0.cancel(two.clone()).await.expect("stored"), "one has ended");
    assert_eq!(phases(&ports, 2).await, [Phase::Active]);
    assert_eq!(kept(&ports).await, []);
}

/// The record of a replacement is there, over a restart, until it is published; an event that is followed by only one of both waits.
pub async fn a_replacement_is_kept_until_it_is_published_ch_98(harness: &mut dyn ReplacementsHarness) {
    let ports = harness.open().await;
    for number in 1..=3 {
        message(&ports, number).await;
    }
    let one = mailings(&ports, 1).await;
    assert_eq!(replace(&ports, 2, &[], 1).await, Replaced::Unknown, "it may become a mailing");
    ports.0.start(&kanaal(), to(4), Vec::new()).await.expect("stored");
    for (number, mailings) in [(2, &[][..]), (1, &one[..]), (3, &[][..])] {
        assert_eq!(replace(&ports, number, mailings, 1).await, Replaced::Done, "{number}");
    }
    harness.close(ports).await;
    let ports = harness.open().await;
    let found = kept(&ports).await;
    assert_eq!(found.iter().map(|one| one.record.clone()).collect::<Vec<_>>(), [2, 1, 3].map(sealed));
    assert!(found.iter().all(|one| one.kanaal == kanaal()));
    for _ in 0..2 {
        ports.0.replacement_published(found[1].number).await.expect("stored");
    }
    assert_eq!(kept(&ports).await, [found[0].clone(), found[2].clone()]);
}
