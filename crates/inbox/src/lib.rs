//! The inbox: messages that people read at the gateway itself, by an access token instead of an address.
//!
//! ```text
//! EventLog --events of kanalen with the channel--> follower --storage::Inbox: which, for whom, in which order
//!                                                                |
//! list, count, read, change, stream of one person <--------------+-- payload: read from the log, disclosed
//! ```
//!
//! What is decided about a message is in `model::inbox`: lists, counts and streams use one rule. Payloads stay in the log. A person
//! is a keyed digest of issuer and `sub`.
//!
//! # Bounds
//!
//! A request examines [`MAX_SCAN`] messages at most, and reads as many events as its page has. There are [`MAX_STREAMS`] streams,
//! [`MAX_STREAMS_OF_PERSON`] of one person, each paced.
//!
//! # What is not here
//!
//! Tokens (`web`), HTTP and JSON (`api-native`), and which person did what: totals are numbers.
//!
//! # Requirements
//!
//! | id | in short |
//! |---|---|
//! | CH-1, CH-13 | a message for everybody is one row, and needs no subscription |
//! | CH-2, CH-10 | a message for one person is for that person alone, in lists, counts, by id and in streams |
//! | CH-4 to CH-6 | states are per person; a deletion can be undone for a time |
//! | CH-7, CH-8 | from `deliverafter` until `expirytime` |
//! | CH-98 | a message that waits is cancelled or replaced by its sender |
//! | CH-9 | pages, newest first |
//! | CH-11 | totals without persons |
//! | CH-12 | a stream that continues without gap or double |
//! | CH-135, CH-136 | erasure and retention |

mod act;
mod cancel;
mod error;
mod follow;
mod list;
pub mod metrics;
mod position;
mod stream;
mod upkeep;

use std::{
    fmt,
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use model::{
    Clock, Random,
    addressee::Digest,
    event::AcceptedEvent,
    inbox::{AddressedTo, InboxKanalen, Message},
};
use people::Keys;
use storage::EventLog;
use tokio::sync::{Notify, watch};

/// What came of cancelling a message.
pub use storage::inbox::Cancelled;

pub use self::{
    error::Error,
    list::{Count, MAX_SCAN, Page},
    stream::{MAX_STREAMS, MAX_STREAMS_OF_PERSON, Viewer, ViewerMessage},
};

/// The configured values.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The provider whose `sub` events name.
    pub issuer: String,
    /// The kanalen whose events are messages.
    pub kanalen: InboxKanalen,
    /// How long a deletion can be undone (CH-5).
    pub undo: Duration,
    /// How long an expired message is kept for totals (CH-136).
    pub keep: Duration,
}

/// What the inbox works with.
pub struct Parts {
    /// Which events are messages, and their states.
    pub store: Arc<dyn storage::Inbox>,
    /// The events.
    pub log: Arc<dyn EventLog>,
    /// The key of the digests of people.
    pub keys: Arc<Keys>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Makes the ids of messages.
    pub random: Arc<dyn Random>,
    /// The configured values.
    pub settings: Settings,
}

/// The inbox of all people.
pub struct Inbox {
    parts: Parts,
    /// Changes whenever a message appears or a state changes.
    changes: watch::Sender<()>,
    /// Whether a message was stored that waits until it is due.
    waiting: Notify,
    /// The newest number that was reported to streams.
    noticed: AtomicU64,
    streams: stream::Streams,
}

/// A message with its event, as the person may see it.
#[derive(Debug)]
pub struct Shown {
    /// The message.
    pub message: Message,
    /// The event, without what its kanaal does not disclose.
    pub event: AcceptedEvent,
}

impl Inbox {
    /// The inbox with these parts. [`Inbox::run`] makes messages of events.
    pub fn new(parts: Parts) -> Self {
        Self {
            parts,
            changes: watch::Sender::new(()),
            waiting: Notify::new(),
            noticed: AtomicU64::new(0),
            streams: stream::Streams::default(),
        }
    }

    /// The digest that a person is found by.
    pub fn person(&self, issuer: &str, subject: &str) -> Digest {
        self.parts.keys.digest_of_person(issuer, subject)
    }

    /// The message with its event; `None` when the event is gone, when its kanaal has no inbox any more, or when the log has
    /// another event at that place, as after a backup of only one of the files was put back.
    async fn shown(&self, person: Digest, message: Message) -> Result<Option<Shown>, Error> {
        let Some(kanaal) = self.parts.settings.kanalen.get(&message.event.kanaal) else { return Ok(None) };
        let place = (&message.event.kanaal, message.partition, message.position);
        let stored = event_reader::read_one(self.parts.log.as_ref(), place.0, place.1, place.2).await?;
        let Some(stored) = stored else { return Ok(None) };
        let event = &stored.accepted.event;
        let is_same = event.source() == message.event.source && event.id() == message.event.id;
        let is_for = match kanaal.addressed_to(event) {
            Ok(AddressedTo::Everybody) => message.is_broadcast,
            Ok(AddressedTo::Person(subject)) => !message.is_broadcast && self.is_person(person, &subject),
            Err(_) => false,
        };
        if !is_same || !is_for {
            tracing::warn!(kanaal = %message.event.kanaal, "a message of the inbox is not at its place in the log");
            return Ok(None);
        }
        let event = stored.disclose(&kanaal.disclosure).accepted;
        Ok(Some(Shown { message, event }))
    }
}

impl fmt::Debug for Inbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Inbox")
    }
}
