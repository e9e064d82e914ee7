//! One configured feed.

use std::time::Duration;

use http::Uri;
use model::KanaalName;

use crate::{
    item::{Field, Item},
    schedule::Schedule,
};

/// A feed, and what its items become.
#[derive(Debug, Clone)]
pub struct Feed {
    /// Its name: part of the ids of its events, and the key of its stored state.
    pub name: String,
    /// Where it is.
    pub url: Uri,
    /// The kanaal that its events go to.
    pub kanaal: KanaalName,
    /// The `type` of its events.
    pub kind: String,
    /// The `source` of its events.
    pub source: String,
    /// The `client_id` that it publishes as.
    pub publisher: String,
    /// When it is polled.
    pub schedule: Schedule,
    /// What identifies an item.
    pub key: Key,
    /// The fields whose change makes an item a changed one.
    pub compare: Vec<Field>,
    /// Whether a changed item is published.
    pub include_updated: bool,
    /// After how many polls without it an item is forgotten; at least 1.
    pub forget_after: u16,
    /// Whether the items of the first poll are published; else they only count as seen.
    pub publish_first: bool,
    /// The most items that are read, from the top.
    pub max_items: usize,
    /// The most bytes of the feed.
    pub max_bytes: usize,
    /// The most time of one request, with its redirects.
    pub timeout: Duration,
}

/// What identifies an item within its feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Key {
    /// Its guid; its link when it has none.
    #[default]
    Guid,
    /// Its link.
    Link,
    /// Its title.
    Title,
}

impl Key {
    /// The key of an item; `None` when the item does not have it.
    pub(crate) fn of(self, item: &Item) -> Option<&str> {
        let text = match self {
            Self::Guid => item.guid.as_ref().or(item.link.as_ref()),
            Self::Link => item.link.as_ref(),
            Self::Title => item.title.as_ref(),
        };
        text.map(String::as_str).filter(|text| !text.is_empty())
    }
}
