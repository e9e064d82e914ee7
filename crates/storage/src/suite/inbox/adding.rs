//! Marks, and which messages there are for whom.

use model::inbox::NewMessage;

use super::{super::sample::name, AN, BO, InboxHarness, add, at, event, id, new, numbers, page, reopen, to};
use crate::inbox::{Cancelled, Released};

/// A mark is stored per kanaal and partition, survives a restart, and never goes back.
pub async fn marks_of_the_inbox_survive_and_never_go_back(harness: &mut dyn InboxHarness) {
    let inbox = harness.open().await;
    assert_eq!(inbox.followed(&name("berichten")).await.expect("read"), []);
    for followed in [to(0, 5), to(3, 7), to(0, 2)] {
        assert_eq!(inbox.add(&name("berichten"), followed, Vec::new(), at(0)).await.expect("stored"), 0);
    }
    let inbox = reopen(harness, inbox).await;
    assert_eq!(inbox.followed(&name("berichten")).await.expect("read"), [to(0, 5), to(3, 7)]);
    assert_eq!(inbox.followed(&name("wegen")).await.expect("read"), []);
}

/// An event that is stored again, or was published twice, becomes no second message (CH-95).
pub async fn an_event_becomes_one_message(harness: &mut dyn InboxHarness) {
    let inbox = harness.open().await;
    assert_eq!(add(&*inbox, vec![new(1, None)]).await, 1);
    let again = NewMessage { id: id(7), position: model::Position(7), person: Some(AN), ..new(1, None) };
    assert_eq!(add(&*inbox, vec![again, new(2, None)]).await, 1);
    let inbox = reopen(harness, inbox).await;
    assert_eq!(page(&*inbox, AN).await, [2, 1]);
    assert_eq!(inbox.message(AN, id(7)).await.expect("read"), None);
}

/// Nobody else's lists, changes and reads by id know of a message for one person (CH-2).
pub async fn a_message_for_one_is_for_that_person_alone(harness: &mut dyn InboxHarness) {
    let inbox = harness.open().await;
    add(&*inbox, vec![new(1, Some(AN)), new(2, None), new(3, Some(BO))]).await;
    for (person, own, others) in [(AN, vec![2, 1], 3), (BO, vec![3, 2], 1)] {
        assert_eq!(page(&*inbox, person).await, own);
        let mut changes = numbers(&inbox.changes(person, 0, 10).await.expect("read"));
        changes.reverse();
        assert_eq!(changes, own);
        assert_eq!(inbox.message(person, id(others)).await.expect("read"), None);
        let read = inbox.change(person, id(others), model::inbox::Change::Read, at(1), super::UNDO).await;
        assert_eq!(read.expect("read"), None);
    }
    let message = inbox.message(AN, id(1)).await.expect("read").expect("a message");
    assert_eq!((message.event, message.is_broadcast, message.since), (event(1), false, at(0)));
}

/// A message that is not due yet is in nothing that a person sees, also over a restart, and appears in its turn (CH-8).
pub async fn a_message_appears_when_it_is_due(harness: &mut dyn InboxHarness) {
    let inbox = harness.open().await;
    let later = |number, seconds| NewMessage { due: at(seconds), ..new(number, None) };
    assert_eq!(add(&*inbox, vec![later(1, 20), new(2, None), later(3, 10)]).await, 1);
    assert_eq!(inbox.message(AN, id(1)).await.expect("read"), None);
    let none = Released { count: 0, next: Some(at(10)) };
    assert_eq!(inbox.release(at(9)).await.expect("read"), none);
    let newest = inbox.newest().await.expect("read");
    let inbox = reopen(harness, inbox).await;
    assert_eq!(page(&*inbox, AN).await, [2]);
    assert_eq!(inbox.release(at(20)).await.expect("stored"), Released { count: 2, next: None });
    assert_eq!(page(&*inbox, AN).await, [1, 3, 2], "newest first is in the order of their appearance");
    assert_eq!(numbers(&inbox.changes(AN, newest, 10).await.expect("read")), [3, 1]);
    assert_eq!(inbox.release(at(30)).await.expect("read"), Released { count: 0, next: None });
}

/// Pages of any size meet every message once, newest first, although others come meanwhile (CH-9).
pub async fn pages_have_no_gap_and_no_double(harness: &mut dyn InboxHarness) {
    let inbox = harness.open().await;
    let messages = (0..100).map(|number| new(number, [None, Some(AN), Some(BO)][number as usize % 3]));
    add(&*inbox, messages.collect()).await;
    let expected: Vec<u64> = (0..100).rev().filter(|number| number % 3 != 2).collect();
    for size in [1, 7, 50, 100] {
        let (mut met, mut before) = (Vec::new(), None);
        loop {
            let page = inbox.page(AN, before, size).await.expect("read");
            let Some(last) = page.last() else { break };
            assert!(page.len() <= size as usize);
            before = Some(last.number);
            met.extend(numbers(&page));
            add(&*inbox, vec![new(1_000 + u64::from(size) * 1_000 + met.len() as u64, None)]).await;
        }
        met.retain(|number| *number < 100);
        assert_eq!(met, expected, "pages of {size}");
    }
}

/// A message is cancelled before its moment and not after it, over a restart; its event becomes no other message (CH-98).
pub async fn a_message_that_waits_is_cancelled_ch_98(harness: &mut dyn InboxHarness) {
    let inbox = harness.open().await;
    let later = |number, seconds| NewMessage { due: at(seconds), ..new(number, Some(AN)) };
    add(&*inbox, vec![later(1, 10), later(2, 10), new(3, Some(AN))]).await;
    assert_eq!(inbox.place(&event(2)).await.expect("read"), Some((model::Partition(0), model::Position(2))));
    assert_eq!(inbox.place(&event(9)).await.expect("read"), None);
    for (number, now, expected) in [
        (9, 1, Cancelled::Unknown),
        (3, 1, Cancelled::Appeared),
        (2, 9, Cancelled::Done),
        (2, 9, Cancelled::Done),
        (1, 10, Cancelled::Appeared),
    ] {
        assert_eq!(inbox.cancel(&event(number), at(now)).await.expect("stored"), expected, "{number} at {now}");
    }
    let inbox = reopen(harness, inbox).await;
    assert_eq!(add(&*inbox, vec![later(2, 10)]).await, 0, "the event is known");
    inbox.release(at(10)).await.expect("stored");
    let undo = super::UNDO;
    let seen: Vec<_> = inbox.page(AN, None, 10).await.expect("read");
    let visible = seen.iter().filter(|message| message.is_visible(at(10), undo));
    assert_eq!(visible.map(|message| message.position.0).collect::<Vec<_>>(), [1, 3]);
    assert_eq!(inbox.cancel(&event(2), at(11)).await.expect("read"), Cancelled::Appeared, "its moment was there");
}
