//! Cases of the port Inbox, one per guarantee.
//!
//! A case takes an [`InboxHarness`]; `inbox_suite!` turns the cases into tests. Cases know nothing of an adapter.

mod adding;
mod ends;
mod states;

use std::sync::Arc;

use async_trait::async_trait;
use model::{
    Mark, Partition, Position, Timestamp,
    addressee::{Digest, EventReference},
    inbox::{Message, MessageId, NewMessage},
    mailing::FollowedTo,
};
use uuid::Uuid;

pub use self::{
    adding::{
        a_message_appears_when_it_is_due, a_message_for_one_is_for_that_person_alone,
        a_message_that_waits_is_cancelled_ch_98, an_event_becomes_one_message,
        marks_of_the_inbox_survive_and_never_go_back, pages_have_no_gap_and_no_double,
    },
    ends::{an_erased_person_has_nothing_left, messages_are_counted_before_they_are_purged},
    states::{
        a_change_of_state_is_for_one_person, changes_are_met_once_in_their_order, rows_are_for_who_touches_a_message,
        totals_count_what_all_people_did,
    },
};
use super::sample::name;
use crate::Inbox;

/// Gives the suite access to an adapter, with a store of its own that is initially empty.
#[async_trait]
pub trait InboxHarness: Send {
    /// Opens the store; after [`InboxHarness::close`], with the data stored before.
    async fn open(&mut self) -> Arc<dyn Inbox>;

    /// Closes the store, as at the end of a process.
    async fn close(&mut self, inbox: Arc<dyn Inbox>);

    /// How often these bytes occur in what the store keeps on disks or brokers.
    async fn occurrences(&mut self, bytes: &[u8]) -> usize;
}

/// Makes a test for each case; takes an expression that returns a harness.
#[macro_export]
macro_rules! inbox_suite {
    ($harness:expr) => {
        $crate::suite_tests!(
            inbox,
            $harness,
            marks_of_the_inbox_survive_and_never_go_back,
            an_event_becomes_one_message,
            a_message_for_one_is_for_that_person_alone,
            a_message_appears_when_it_is_due,
            a_message_that_waits_is_cancelled_ch_98,
            pages_have_no_gap_and_no_double,
            a_change_of_state_is_for_one_person,
            changes_are_met_once_in_their_order,
            rows_are_for_who_touches_a_message,
            totals_count_what_all_people_did,
            messages_are_counted_before_they_are_purged,
            an_erased_person_has_nothing_left,
        );
    };
}

/// How long a deletion can be undone in the cases.
const UNDO: std::time::Duration = std::time::Duration::from_secs(100);

const AN: Digest = Digest([0xa7; 32]);
const BO: Digest = Digest([0xb8; 32]);

/// Closes the store and opens it again.
async fn reopen(harness: &mut dyn InboxHarness, inbox: Arc<dyn Inbox>) -> Arc<dyn Inbox> {
    harness.close(inbox).await;
    harness.open().await
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_700_000_000 + seconds)
}

fn to(partition: u32, mark: u64) -> FollowedTo {
    FollowedTo { partition: Partition(partition), mark: Mark(mark) }
}

fn event(number: u64) -> EventReference {
    EventReference { kanaal: name("berichten"), source: "urn:a".into(), id: number.to_string() }
}

fn id(number: u64) -> MessageId {
    MessageId(Uuid::from_u128(number.into()))
}

/// A message for this person, or for everybody, that is due at second 0.
fn new(number: u64, person: Option<Digest>) -> NewMessage {
    NewMessage {
        id: id(number),
        event: event(number),
        partition: Partition(0),
        position: Position(number),
        person,
        due: at(0),
        expires: None,
    }
}

async fn add(inbox: &dyn Inbox, messages: Vec<NewMessage>) -> u64 {
    let mark = messages.iter().map(|one| one.position.0 + 1).max().unwrap_or_default();
    inbox.add(&name("berichten"), to(0, mark), messages, at(0)).await.expect("stored")
}

/// The numbers of the events of messages.
fn numbers(messages: &[Message]) -> Vec<u64> {
    messages.iter().map(|message| message.position.0).collect()
}

async fn page(inbox: &dyn Inbox, person: Digest) -> Vec<u64> {
    numbers(&inbox.page(person, None, 1_000).await.expect("read"))
}
