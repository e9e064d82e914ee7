//! Cases of the port Mailings, one per guarantee.
//!
//! A case takes a [`MailingsHarness`]; `mailings_suite!` turns the cases into tests. Cases know nothing of an adapter.

mod lists;
mod progress;
mod resends;
mod sending;

use std::sync::Arc;

use async_trait::async_trait;
use model::{
    Mark, Partition, Position, Timestamp,
    addressee::{Channel, EventReference},
    mailing::{FollowedTo, MailingId, MailingStart},
};

pub use self::{
    lists::{
        an_event_becomes_one_mailing_ch_95, mailings_are_found_by_kanaal_and_end_once, marks_survive_and_never_go_back,
    },
    progress::{checkpoints_add_up_over_any_restart, what_ended_is_not_written_any_more},
    resends::a_mailing_is_sent_again_once_it_has_ended_ch_94,
    sending::{a_pause_and_a_trial_survive_ch_132, a_trial_is_kept_for_its_mailings_ch_132},
};
use super::sample::name;
use crate::Mailings;

/// Gives the suite access to an adapter, with a store of its own that is initially empty.
#[async_trait]
pub trait MailingsHarness: Send {
    /// Opens the store; after [`MailingsHarness::close`], with the data stored before.
    async fn open(&mut self) -> Arc<dyn Mailings>;

    /// Closes the store, as at the end of a process.
    async fn close(&mut self, mailings: Arc<dyn Mailings>);
}

/// Makes a test for each case; takes an expression that returns a harness.
#[macro_export]
macro_rules! mailings_suite {
    ($harness:expr) => {
        $crate::suite_tests!(
            mailings,
            $harness,
            marks_survive_and_never_go_back,
            an_event_becomes_one_mailing_ch_95,
            mailings_are_found_by_kanaal_and_end_once,
            checkpoints_add_up_over_any_restart,
            what_ended_is_not_written_any_more,
            a_mailing_is_sent_again_once_it_has_ended_ch_94,
            a_pause_and_a_trial_survive_ch_132,
            a_trial_is_kept_for_its_mailings_ch_132,
        );
    };
}

/// Closes the store and opens it again.
async fn reopen(harness: &mut dyn MailingsHarness, mailings: Arc<dyn Mailings>) -> Arc<dyn Mailings> {
    harness.close(mailings).await;
    harness.open().await
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_700_000_000 + seconds)
}

fn to(partition: u32, mark: u64) -> FollowedTo {
    FollowedTo { partition: Partition(partition), mark: Mark(mark) }
}

fn start(kanaal: &str, number: u64) -> MailingStart {
    MailingStart {
        event: EventReference { kanaal: name(kanaal), source: "urn:a".into(), id: number.to_string() },
        channel: Channel::Email,
        partition: Partition(0),
        position: Position(number),
        accepted: at(number as i64),
        expires: (number % 2 == 1).then(|| at(1_000)),
        resend: None,
    }
}

/// Starts one mailing, and returns its number.
async fn started(mailings: &dyn Mailings, kanaal: &str, number: u64) -> MailingId {
    let new = mailings.start(&name(kanaal), to(0, number + 1), vec![start(kanaal, number)]).await.expect("stored");
    new.first().expect("it is new").id
}
