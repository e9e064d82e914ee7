//! The live stream of one person: messages as they appear, and states as this person changes them on any device.
//!
//! Everything that happens has a number; a stream reads what is behind its number, so that one that continues has no gap and no
//! double, also after a restart. Nothing is kept in memory for it.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::Ordering},
    time::Duration,
};

use model::{
    addressee::Digest,
    inbox::{Message, MessageFilter, MessageId, StateKind},
};
use tokio::{
    sync::watch,
    time::{Instant, sleep_until, timeout_at},
};

use crate::{Error, Inbox, Shown, metrics, position, position::Purpose};

/// Most streams at the same time.
pub const MAX_STREAMS: usize = 1_000;
/// Most streams of one person at the same time.
pub const MAX_STREAMS_OF_PERSON: usize = 5;

/// How long a stream brings nothing before [`ViewerMessage::Idle`].
const IDLE: Duration = Duration::from_secs(15);
/// The time after which a person must connect, and so authenticate, again; also when its token is valid for longer.
const LIFETIME: Duration = Duration::from_hours(1);
/// The least time between two reads of one stream that wait for something new.
const PACE: Duration = Duration::from_millis(200);
/// Most messages of one read.
const CHUNK: u32 = 100;

/// What a stream brings.
#[derive(Debug)]
pub enum ViewerMessage {
    /// A message that appeared, or whose state this person changed; with the position behind it.
    Message(String, Box<Shown>),
    /// A message that this person deleted.
    Deleted(String, MessageId),
    /// Nothing happened for fifteen seconds.
    Idle,
}

/// The streams that are open.
#[derive(Default)]
pub(crate) struct Streams(Mutex<Open>);

#[derive(Default)]
struct Open {
    of_person: HashMap<Digest, usize>,
    is_closed: bool,
}

impl Streams {
    fn open(&self) -> MutexGuard<'_, Open> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enter(&self, person: Digest) -> Result<(), Error> {
        let mut open = self.open();
        if open.is_closed {
            return Err(Error::Stopping);
        }
        let all: usize = open.of_person.values().sum();
        let own = open.of_person.entry(person).or_default();
        if all >= MAX_STREAMS || *own >= MAX_STREAMS_OF_PERSON {
            return Err(Error::Streams);
        }
        *own += 1;
        metrics::set_streams(all + 1);
        Ok(())
    }

    fn leave(&self, person: Digest) {
        let mut open = self.open();
        if let Some(own) = open.of_person.get_mut(&person) {
            *own -= 1;
        }
        open.of_person.retain(|_, own| *own > 0);
        metrics::set_streams(open.of_person.values().sum());
    }
}

/// One stream; it is closed when this is dropped.
pub struct Viewer {
    inbox: Arc<Inbox>,
    person: Digest,
    /// The number behind which everything is brought.
    after: u64,
    queue: VecDeque<Message>,
    changes: watch::Receiver<()>,
    until: Instant,
    next_read: Instant,
}

impl Inbox {
    /// Opens a stream that begins behind `last`, the position of a message or a list; without one, now. It ends within `valid`, the time
    /// that the token of the person is still valid, and after an hour.
    ///
    /// # Errors
    /// `Position` for one that was not made here; `Streams` when too many are open; `Stopping`; `Storage`.
    pub async fn watch(self: &Arc<Self>, person: Digest, last: Option<&str>, valid: Duration) -> Result<Viewer, Error> {
        let changes = self.changes.subscribe();
        let after = match last {
            Some(text) => position::read(&self.parts.keys, Purpose::Stream, text).ok_or(Error::Position)?,
            None => self.parts.store.newest().await?,
        };
        self.streams.enter(person)?;
        let now = Instant::now();
        Ok(Viewer {
            inbox: Arc::clone(self),
            person,
            after,
            queue: VecDeque::new(),
            changes,
            until: now + valid.min(LIFETIME),
            next_read: now,
        })
    }

    /// Another node may have stored something: streams look for it.
    pub async fn notice(&self) {
        let Ok(newest) = self.parts.store.newest().await else { return };
        if self.noticed.swap(newest, Ordering::AcqRel) != newest {
            self.changes.send_replace(());
        }
    }

    /// Ends all streams; no more are opened.
    pub fn close(&self) {
        self.streams.open().is_closed = true;
        self.changes.send_replace(());
    }
}

impl Viewer {
    /// The position at which the stream starts.
    ///
    /// # Errors
    /// `Keys`.
    pub fn start(&self) -> Result<String, Error> {
        Ok(position::write(&self.inbox.parts.keys, Purpose::Stream, self.after)?)
    }

    /// Waits for what the stream brings next; `None` when its time is over, the gateway stops, or storage fails: the person
    /// connects again and continues.
    pub async fn next(&mut self) -> Option<ViewerMessage> {
        let next = self.wait().await;
        next.inspect_err(|error| tracing::warn!(%error, "a stream of the inbox is ended")).ok().flatten()
    }

    async fn wait(&mut self) -> Result<Option<ViewerMessage>, Error> {
        let idle = Instant::now() + IDLE;
        loop {
            if Instant::now() >= self.until || self.inbox.streams.open().is_closed {
                return Ok(None);
            }
            if let Some(message) = self.queue.pop_front() {
                self.after = message.last_number();
                if let Some(brought) = self.brought(message).await? {
                    return Ok(Some(brought));
                }
                continue;
            }
            sleep_until(self.next_read).await;
            self.next_read = Instant::now() + PACE;
            self.changes.mark_unchanged();
            self.queue = self.inbox.parts.store.changes(self.person, self.after, CHUNK).await?.into();
            if self.queue.is_empty() && timeout_at(idle.min(self.until), self.changes.changed()).await.is_err() {
                return Ok((Instant::now() < self.until).then_some(ViewerMessage::Idle));
            }
        }
    }

    /// What a message is to the person; `None` when it is not to be seen (CH-7).
    async fn brought(&self, message: Message) -> Result<Option<ViewerMessage>, Error> {
        let (inbox, now) = (&self.inbox, self.inbox.parts.clock.now());
        let kind = message.state.kind();
        let filter = MessageFilter { state: Some(kind), ..MessageFilter::default() };
        if !inbox.shows(&filter, &message, now) {
            return Ok(None);
        }
        let position = position::write(&inbox.parts.keys, Purpose::Stream, self.after)?;
        if kind == StateKind::Deleted {
            return Ok(Some(ViewerMessage::Deleted(position, message.id)));
        }
        let shown = inbox.shown(self.person, message).await?;
        Ok(shown.map(|shown| ViewerMessage::Message(position, Box::new(shown))))
    }
}

impl Drop for Viewer {
    fn drop(&mut self) {
        self.inbox.streams.leave(self.person);
    }
}
