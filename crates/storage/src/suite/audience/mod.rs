//! Cases of the port Audience, one per guarantee.
//!
//! A case takes an [`AudienceHarness`]; `audience_suite!` turns the cases into tests. Cases know nothing of an adapter.

mod erasure;
mod evidence;
mod failed;
mod filters;
mod outbox;
mod purges;
mod puts;
mod sample;
mod walks;

use std::sync::Arc;

use async_trait::async_trait;

pub use self::{
    erasure::{
        an_erased_address_is_in_no_file, erasure_covers_every_kanaal_and_a_change_to_the_address,
        erasure_leaves_the_digest_and_the_evidence,
    },
    evidence::{
        evidence_is_complete_for_one_address_and_has_no_other, evidence_is_merged,
        purged_evidence_is_counted_before_and_gone_after,
    },
    failed::{a_resend_has_evidence_of_its_own_ch_94, who_failed_is_walked_and_counted_ch_94},
    filters::{
        counts_follow_every_change, distinct_filters_are_those_of_confirmed_addressees, filters_keep_their_numbers,
    },
    outbox::{
        a_due_message_is_stored_with_its_addressee, a_due_message_replaces_one_of_its_kind,
        due_messages_are_found_by_channel, due_messages_are_settled_one_by_one, erasure_covers_the_outbox,
    },
    purges::{purged_addressees_are_counted_before_and_gone_after, purges_are_bounded},
    puts::{
        a_change_needs_the_version_that_was_seen, addressees_of_an_address_are_found_exactly,
        an_address_has_a_bounded_number_of_addressees, concurrent_changes_have_one_winner, every_state_survives,
        expired_addressees_are_found_in_order, kanaal_and_channel_do_not_change, many_are_stored_all_or_none,
        the_only_one_of_an_address_is_added_once,
    },
    sample::{address, addressee, digest, of_every_kind},
    walks::{
        a_walk_meets_everybody_once_in_the_order_of_digests, a_walk_meets_who_stays_while_others_change,
        a_walk_selects_by_state_and_filter, chunks_never_divide_an_address,
    },
};
use crate::Audience;

/// Gives the suite access to an adapter, with a store of its own that is initially empty.
#[async_trait]
pub trait AudienceHarness: Send {
    /// Opens the store; after [`AudienceHarness::close`], with the data stored before.
    async fn open(&mut self) -> Arc<dyn Audience>;

    /// Closes the store, as at the end of a process.
    async fn close(&mut self, audience: Arc<dyn Audience>);

    /// How often a text occurs in what the store keeps on disks or brokers.
    async fn occurrences(&mut self, text: &str) -> usize;
}

/// Makes a test for each case; takes an expression that returns a harness.
#[macro_export]
macro_rules! audience_suite {
    ($harness:expr) => {
        $crate::suite_tests!(
            audience,
            $harness,
            every_state_survives,
            a_change_needs_the_version_that_was_seen,
            many_are_stored_all_or_none,
            concurrent_changes_have_one_winner,
            kanaal_and_channel_do_not_change,
            addressees_of_an_address_are_found_exactly,
            the_only_one_of_an_address_is_added_once,
            an_address_has_a_bounded_number_of_addressees,
            expired_addressees_are_found_in_order,
            a_walk_meets_everybody_once_in_the_order_of_digests,
            a_walk_selects_by_state_and_filter,
            chunks_never_divide_an_address,
            a_walk_meets_who_stays_while_others_change,
            counts_follow_every_change,
            filters_keep_their_numbers,
            distinct_filters_are_those_of_confirmed_addressees,
            erasure_leaves_the_digest_and_the_evidence,
            erasure_covers_every_kanaal_and_a_change_to_the_address,
            an_erased_address_is_in_no_file,
            purged_addressees_are_counted_before_and_gone_after,
            purges_are_bounded,
            evidence_is_merged,
            evidence_is_complete_for_one_address_and_has_no_other,
            purged_evidence_is_counted_before_and_gone_after,
            who_failed_is_walked_and_counted_ch_94,
            a_resend_has_evidence_of_its_own_ch_94,
            a_due_message_is_stored_with_its_addressee,
            due_messages_are_found_by_channel,
            due_messages_are_settled_one_by_one,
            a_due_message_replaces_one_of_its_kind,
            erasure_covers_the_outbox,
        );
    };
}

/// Closes the store and opens it again.
async fn reopen(harness: &mut dyn AudienceHarness, audience: Arc<dyn Audience>) -> Arc<dyn Audience> {
    harness.close(audience).await;
    harness.open().await
}
