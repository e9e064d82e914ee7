//! The states that people give messages.

use model::inbox::{Change, State, Totals, UndoOver};

use super::{AN, BO, InboxHarness, UNDO, add, at, event, id, new, numbers, reopen};
use crate::Inbox;

async fn state(inbox: &dyn Inbox, person: model::addressee::Digest, number: u64) -> State {
    inbox.message(person, id(number)).await.expect("read").expect("a message").state
}

/// What one person does is not seen by another (CH-4); a deletion can be undone for a time (CH-5).
pub async fn a_change_of_state_is_for_one_person(harness: &mut dyn InboxHarness) {
    let inbox = harness.open().await;
    add(&*inbox, vec![new(1, None), new(2, None)]).await;
    let change = async |inbox: &dyn Inbox, change, seconds| {
        let changed = inbox.change(AN, id(1), change, at(seconds), UNDO).await.expect("stored").expect("a message");
        changed.map(|message| message.state)
    };
    assert_eq!(change(&*inbox, Change::Read, 1).await, Ok(State::Read { at: at(1) }));
    assert_eq!(change(&*inbox, Change::Read, 2).await, Ok(State::Read { at: at(1) }));
    let deleted = State::Deleted { at: at(3), read: Some(at(1)) };
    assert_eq!(change(&*inbox, Change::Delete, 3).await, Ok(deleted));
    assert_eq!(change(&*inbox, Change::Unread, 4).await, Ok(deleted));
    let inbox = reopen(harness, inbox).await;
    assert_eq!(state(&*inbox, AN, 1).await, deleted);
    assert_eq!((state(&*inbox, BO, 1).await, state(&*inbox, AN, 2).await), (State::New, State::New));
    assert_eq!(change(&*inbox, Change::Restore, 5).await, Ok(State::Read { at: at(1) }));
    assert_eq!(change(&*inbox, Change::Unread, 6).await, Ok(State::New));
    change(&*inbox, Change::Delete, 7).await.expect("deleted");
    assert_eq!(change(&*inbox, Change::Restore, 107).await, Err(UndoOver));
    assert_eq!(inbox.change(AN, id(1), Change::Read, at(107), UNDO).await.expect("read"), None);
    assert_eq!(inbox.change(AN, id(9), Change::Read, at(8), UNDO).await.expect("read"), None);
}

/// Who goes on behind the last number meets each message and each change of its own once, in their order (CH-12).
pub async fn changes_are_met_once_in_their_order(harness: &mut dyn InboxHarness) {
    let inbox = harness.open().await;
    add(&*inbox, (1..=4).map(|number| new(number, (number == 4).then_some(BO))).collect()).await;
    let change = async |person, number, change| {
        inbox
            .change(person, id(number), change, at(1), UNDO)
            .await
            .expect("stored")
            .expect("a message")
            .expect("changed")
    };
    change(AN, 1, Change::Read).await;
    change(BO, 2, Change::Read).await;
    change(AN, 1, Change::Delete).await;
    change(AN, 1, Change::Delete).await;
    for limit in [1, 2, 10] {
        let (mut met, mut after) = (Vec::new(), 0);
        loop {
            let changes = inbox.changes(AN, after, limit).await.expect("read");
            let Some(last) = changes.last() else { break };
            assert!(changes.is_sorted_by_key(model::inbox::Message::last_number));
            after = last.last_number();
            met.extend(numbers(&changes));
        }
        assert_eq!(met, [2, 3, 1], "{limit} at a time");
        assert!(after <= inbox.newest().await.expect("read"));
    }
    let newest = inbox.newest().await.expect("read");
    change(AN, 3, Change::Read).await;
    assert_eq!(numbers(&inbox.changes(AN, newest, 10).await.expect("read")), [3]);
    assert_eq!(numbers(&inbox.changes(BO, newest, 10).await.expect("read")), [] as [u64; 0]);
}

/// The totals are of all people, and name nobody (CH-4, CH-11).
pub async fn totals_count_what_all_people_did(harness: &mut dyn InboxHarness) {
    let inbox = harness.open().await;
    add(&*inbox, vec![new(1, None)]).await;
    for (person, change) in [(AN, Change::Read), (BO, Change::Read), (BO, Change::Delete)] {
        inbox.change(person, id(1), change, at(1), UNDO).await.expect("stored").expect("a message").expect("changed");
    }
    let inbox = reopen(harness, inbox).await;
    let expected =
        Totals { id: id(1), is_broadcast: true, since: at(0), expires: None, has_appeared: true, read: 2, deleted: 1 };
    assert_eq!(inbox.totals(&event(1)).await.expect("read"), Some(expected));
    assert_eq!(inbox.totals(&event(2)).await.expect("read"), None);
}

/// A message for everybody is one row until somebody changes it (CH-13); what stays the same is not written.
pub async fn rows_are_for_who_touches_a_message(harness: &mut dyn InboxHarness) {
    let inbox = harness.open().await;
    add(&*inbox, vec![new(1, None)]).await;
    let newest = inbox.newest().await.expect("read");
    for person in 0..100 {
        let person = model::addressee::Digest([person; 32]);
        assert_eq!(inbox.page(person, None, 10).await.expect("read").len(), 1);
        let same = inbox.change(person, id(1), Change::Unread, at(1), UNDO).await.expect("read");
        assert_eq!(same.expect("a message").expect("the same").changed, None);
    }
    assert_eq!(inbox.newest().await.expect("read"), newest);
}
