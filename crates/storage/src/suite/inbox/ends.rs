//! What is kept no longer, and erasure.

use model::{
    Mark, Partition,
    inbox::{Change, NewMessage},
};

use super::{super::sample::name, AN, BO, InboxHarness, UNDO, add, at, event, id, new, page, reopen};
use crate::inbox::InboxPurge;

/// What a purge removes is counted before, and bounded per call (CH-136).
pub async fn messages_are_counted_before_they_are_purged(harness: &mut dyn InboxHarness) {
    let inbox = harness.open().await;
    let expiring = |number, seconds| NewMessage { expires: Some(at(seconds)), ..new(number, None) };
    add(&*inbox, vec![expiring(1, 10), expiring(2, 20), expiring(3, 30), new(4, None), new(5, None)]).await;
    inbox.change(AN, id(1), Change::Read, at(1), UNDO).await.expect("stored").expect("a message").expect("read");
    let expired = InboxPurge::Expired { before: at(21) };
    assert_eq!(inbox.removable(expired.clone()).await.expect("read"), 2);
    for removed in [1, 1, 0] {
        assert_eq!(inbox.remove(expired.clone(), 1).await.expect("removed"), removed);
    }
    assert_eq!((page(&*inbox, AN).await, inbox.totals(&event(1)).await.expect("read")), (vec![5, 4, 3], None));
    let trimmed =
        |kanaal, oldest| InboxPurge::Trimmed { kanaal: name(kanaal), partition: Partition(0), oldest: Mark(oldest) };
    assert_eq!(inbox.removable(trimmed("wegen", 9)).await.expect("read"), 0);
    assert_eq!(inbox.removable(trimmed("berichten", 5)).await.expect("read"), 2);
    assert_eq!(inbox.remove(trimmed("berichten", 5), 10).await.expect("removed"), 2);
    let inbox = reopen(harness, inbox).await;
    assert_eq!(page(&*inbox, AN).await, [5]);
}

/// After erasure the digest of a person is in no file, and others keep what they have (CH-135).
pub async fn an_erased_person_has_nothing_left(harness: &mut dyn InboxHarness) {
    let inbox = harness.open().await;
    add(&*inbox, vec![new(1, Some(AN)), new(2, None), new(3, Some(BO))]).await;
    for (person, number) in [(AN, 1), (AN, 2), (BO, 2)] {
        let read = inbox.change(person, id(number), Change::Read, at(1), UNDO).await.expect("stored");
        read.expect("a message").expect("read");
    }
    assert!(harness.occurrences(&AN.0).await > 0);
    assert_eq!(inbox.erase_person(AN).await.expect("erased"), 3);
    assert_eq!(harness.occurrences(&AN.0).await, 0);
    assert_eq!((page(&*inbox, AN).await, page(&*inbox, BO).await), (vec![2], vec![3, 2]));
    let message = inbox.message(BO, id(2)).await.expect("read").expect("a message");
    assert_eq!(message.state.kind(), model::inbox::StateKind::Read);
    assert_eq!(inbox.erase_person(AN).await.expect("erased"), 0);
}
