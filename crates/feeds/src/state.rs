//! The stored state of a feed beside its configuration: what of it still holds for the present URL.

use http::Uri;
use storage::feeds::{FeedState, ItemDigest};

use crate::compare::digest;

/// The digest of a URL: the state of another URL keeps what was seen, and nothing that its server said.
pub(crate) fn url_digest(url: &Uri) -> ItemDigest {
    digest([url.to_string().as_str()])
}

/// The stored state as it holds for this URL; a new one when nothing is stored.
pub(crate) fn for_url(stored: Option<FeedState>, url: &Uri) -> FeedState {
    let digest = url_digest(url);
    match stored {
        None => FeedState { url: digest, ..FeedState::default() },
        Some(state) if state.url == digest => state,
        Some(state) => FeedState { url: digest, seen: state.seen, ..FeedState::default() },
    }
}
