//! Cases of the port Feeds, one per guarantee.
//!
//! A case takes a [`FeedsHarness`]; `feeds_suite!` turns the cases into tests. Cases know nothing of an adapter.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use model::Timestamp;

use crate::{
    Feeds,
    feeds::{FeedState, ItemDigest, Seen},
};

/// Gives the suite access to an adapter, with a store of its own that is initially empty.
#[async_trait]
pub trait FeedsHarness: Send {
    /// Opens the store; after [`FeedsHarness::close`], with the data stored before.
    async fn open(&mut self) -> Arc<dyn Feeds>;

    /// Closes the store, as at the end of a process.
    async fn close(&mut self, feeds: Arc<dyn Feeds>);
}

/// Makes a test for each case; takes an expression that returns a harness.
#[macro_export]
macro_rules! feeds_suite {
    ($harness:expr) => {
        $crate::suite_tests!(feeds, $harness, a_state_is_replaced_and_survives, feeds_are_apart);
    };
}

fn items(numbers: impl IntoIterator<Item = u8>, missed: u16) -> BTreeMap<ItemDigest, Seen> {
    let item = |number: u8| ([number; 16], Seen { compared: [number + 1; 16], missed });
    numbers.into_iter().map(item).collect()
}

/// What was stored last is there, whole, also after a restart.
pub async fn a_state_is_replaced_and_survives(harness: &mut dyn FeedsHarness) {
    let mut feeds = harness.open().await;
    assert_eq!(feeds.state("a").await.expect("read"), None);
    let full = FeedState {
        url: [7; 16],
        etag: Some("\"é\"".to_owned()),
        last_modified: Some("Tue, 01 Dec 2026 10:00:00 GMT".to_owned()),
        not_before: Some(Timestamp::from_micros(1)),
        gone: Some(Timestamp::from_micros(-2)),
        seen: Some(items(0..100, 0)),
    };
    for state in [
        FeedState::default(),
        FeedState { seen: Some(items([], 0)), ..FeedState::default() },
        full.clone(),
        FeedState { seen: Some(items(50..150, 3)), ..full.clone() },
        FeedState { etag: None, seen: Some(items([1], u16::MAX)), ..full },
        FeedState::default(),
    ] {
        feeds.store("a", state.clone()).await.expect("stored");
        assert_eq!(feeds.state("a").await.expect("read"), Some(state.clone()));
        harness.close(feeds).await;
        feeds = harness.open().await;
        assert_eq!(feeds.state("a").await.expect("read"), Some(state));
    }
}

/// The state of one feed has nothing of another.
pub async fn feeds_are_apart(harness: &mut dyn FeedsHarness) {
    let feeds = harness.open().await;
    let (one, other) = (
        FeedState { seen: Some(items([1, 2], 0)), ..FeedState::default() },
        FeedState { seen: Some(items([2, 3], 1)), ..FeedState::default() },
    );
    feeds.store("a", one.clone()).await.expect("stored");
    feeds.store("b", other.clone()).await.expect("stored");
    feeds.store("a", FeedState::default()).await.expect("stored");
    assert_eq!(feeds.state("b").await.expect("read"), Some(other));
    feeds.store("a", one.clone()).await.expect("stored");
    assert_eq!(feeds.state("a").await.expect("read"), Some(one));
}
