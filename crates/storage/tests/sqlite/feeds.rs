//! The contract suite of feeds on the embedded file.

use std::sync::Arc;

use async_trait::async_trait;
use storage::{Feeds, suite::feeds::FeedsHarness};
use tempfile::TempDir;

use crate::files::open;

struct InDirectory(TempDir);

#[async_trait]
impl FeedsHarness for InDirectory {
    async fn open(&mut self) -> Arc<dyn Feeds> {
        open(self.0.path()).feeds
    }

    async fn close(&mut self, feeds: Arc<dyn Feeds>) {
        drop(feeds);
    }
}

mod suite {
    storage::feeds_suite!(super::InDirectory(tempfile::tempdir().expect("a directory")));
}
