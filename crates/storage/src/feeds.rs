//! Port Feeds: what a poller of feeds has to know after a restart. It stores what crate `feeds` decided, and has no text of an item:
//! items are digests.

use std::collections::BTreeMap;

use async_trait::async_trait;
use model::Timestamp;

use crate::Error;

/// The digest of the key of an item, of its compared fields, or of a URL.
pub type ItemDigest = [u8; 16];

/// The state of a feed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FeedState {
    /// The digest of the URL that it is the state of.
    pub url: ItemDigest,
    /// `ETag` of the last answer whose items were all published.
    pub etag: Option<String>,
    /// Its `Last-Modified`.
    pub last_modified: Option<String>,
    /// The server asked for silence until then.
    pub not_before: Option<Timestamp>,
    /// When the server said that the feed has gone (410).
    pub gone: Option<Timestamp>,
    /// The items that count as seen; `None` when the feed was never read.
    pub seen: Option<BTreeMap<ItemDigest, Seen>>,
}

/// An item that counts as seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// The digest of its compared fields.
    pub compared: ItemDigest,
    /// How many polls it was missing since.
    pub missed: u16,
}

/// The port: the state of each feed, by its name. One process writes it.
#[async_trait]
pub trait Feeds: Send + Sync {
    /// The state of a feed; `None` when there is none.
    ///
    /// # Errors
    /// As all operations: `Unavailable` or `Corrupt`.
    async fn state(&self, name: &str) -> Result<Option<FeedState>, Error>;

    /// Replaces the state of a feed, in one durable write.
    async fn store(&self, name: &str, state: FeedState) -> Result<(), Error>;
}
