//! The port Feeds in a copy of people on Kafka: what was seen of feeds is stored there as well, since the same node polls them.

use std::collections::BTreeMap;

use async_trait::async_trait;

use super::SqliteAudience;
use crate::{Error, Feeds, audience::Error as AudienceError, feeds::FeedState, sqlite::feeds};

#[async_trait]
impl Feeds for SqliteAudience {
    async fn state(&self, name: &str) -> Result<Option<FeedState>, Error> {
        let name = name.to_owned();
        storage(self.read(move |connection| feeds::read(connection, &name)).await)
    }

    async fn store(&self, name: &str, state: FeedState) -> Result<(), Error> {
        let name = name.to_owned();
        let bytes = feeds::ITEM_BYTES * (1 + state.seen.as_ref().map_or(0, BTreeMap::len));
        storage(self.write(bytes, move |connection| feeds::write(connection, &name, &state)).await)
    }
}

/// The statements of this port have only errors of storage.
fn storage<T>(result: Result<T, AudienceError>) -> Result<T, Error> {
    result.map_err(|error| match error {
        AudienceError::Storage(error) => error,
        other => Error::Corrupt { kind: "feed", reason: other.to_string() },
    })
}
