//! The driver of due messages of one channel: confirmations, notices and acknowledgements that wait in the outbox of the store. It
//! reads what is to be tried now, sends each through the relay before mailings, and stores how that ended.
//!
//! # What holds
//!
//! - A message stays in the store until its end is durable: a crash loses none, and repeats at most those that were under way, with
//!   the same `Message-ID`.
//! - Whether a message is still needed, and its address, are read when its turn at the relay has come: nothing goes to who has
//!   left, was erased or confirmed meanwhile.
//! - A message is retried as [`Settings::ladder`] states, and given up at its end: counted and logged, without an address (I10).
//! - A text message costs money and is recognized by nobody as the second one: that it is being sent is stored before, and one that is
//!   in doubt, also after a crash, is not sent again (I11, CH-36).
//! - When the relay fails, no attempt counts, and one message is tried at a time until it works again.
//!
//! Not here: what becomes due (`model::addressee`), and mailings.

mod content;
mod dutch;
mod english;
mod send;
mod sms;
mod texts;

use std::{
    collections::{BTreeSet, HashSet},
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use delivery::mailing::Ladder;
use model::{Clock, KanaalName};
use people::{Keys, Links};
use storage::{Audience, audience::OutgoingId};
use tokio::{sync::Notify, task::JoinSet};

use crate::{Outlet, pause::Pause};

/// The number of attempts by `message` and `result`.
pub const DUE: &str = "gateway_people_due_messages_total";

/// The waits of the driver.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// The longest time after which the store is read again; by default 1 s.
    pub poll: Duration,
    /// The waits between attempts; by default 1 minute, doubled each time, for 24 hours, which is as long as a link to confirm is
    /// valid.
    pub ladder: Ladder,
}

impl Default for Settings {
    fn default() -> Self {
        let ladder = Ladder { first: Duration::from_mins(1), until: Duration::from_hours(24) };
        Self { poll: Duration::from_secs(1), ladder }
    }
}

/// What the driver uses.
pub struct Parts {
    /// The store.
    pub audience: Arc<dyn Audience>,
    /// The keys that open addresses and codes.
    pub keys: Arc<Keys>,
    /// Makes the links in the messages.
    pub links: Links,
    /// The channel: makes the messages, and has the way to the provider.
    pub outlet: Outlet,
    /// The name under which the messages are signed.
    pub organisation: String,
    /// The kanalen of which who leaves gets messages still, because they must be sent (CH-21).
    pub obligatory: BTreeSet<KanaalName>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The waits.
    pub settings: Settings,
}

/// The driver.
pub struct Outbox {
    parts: Parts,
    wake: Notify,
    pause: Mutex<Pause>,
}

impl Outbox {
    /// A driver; [`Outbox::run`] starts it. There must be one per store and channel.
    pub fn new(parts: Parts) -> Arc<Self> {
        Arc::new(Self { parts, wake: Notify::new(), pause: Mutex::default() })
    }

    /// Reads the store now, because a message has become due.
    pub fn wake(&self) {
        self.wake.notify_one();
    }

    /// Sends until `stop` is ready and what is under way has ended. When it is dropped, what is under way is sent again by the
    /// next one.
    pub async fn run(self: Arc<Self>, stop: impl Future<Output = ()> + Send) {
        let mut stop = std::pin::pin!(stop);
        let (mut sending, mut under_way, mut stopping) = (JoinSet::new(), HashSet::new(), false);
        while !(stopping && sending.is_empty()) {
            if !stopping {
                self.fill(&mut sending, &mut under_way).await;
            }
            tokio::select! {
                () = &mut stop, if !stopping => stopping = true,
                Some(ended) = sending.join_next() => match ended {
                    Ok(id) => drop(under_way.remove(&id)),
                    Err(error) => {
                        // Its id is not known: it is sent again after the next start.
                        tracing::error!(%error, "sending a due message failed unexpectedly");
                    }
                },
                () = self.wake.notified(), if !stopping => {}
                () = tokio::time::sleep(self.parts.settings.poll), if !stopping => {}
            }
        }
    }

    /// Starts to send what is due and not under way, as far as the relay takes it.
    async fn fill(self: &Arc<Self>, sending: &mut JoinSet<OutgoingId>, under_way: &mut HashSet<OutgoingId>) {
        let most = self.pause().most(self.parts.clock.instant(), self.parts.outlet.relay.slots());
        let Some(room) = most.checked_sub(sending.len()).filter(|room| *room > 0) else { return };
        let limit = u32::try_from(under_way.len() + room).unwrap_or(u32::MAX).min(storage::audience::MAX_OUTBOX);
        let channel = self.parts.outlet.composer.channel();
        let due = match self.parts.audience.outbox_of(channel, self.parts.clock.now(), limit).await {
            Ok(due) => due,
            Err(error) => {
                tracing::warn!(%error, "due messages cannot be read");
                return;
            }
        };
        let new = due.into_iter().filter(|due| !under_way.contains(&due.outgoing.id)).take(room);
        for due in new.collect::<Vec<_>>() {
            under_way.insert(due.outgoing.id);
            sending.spawn(Arc::clone(self).finish(due));
        }
    }

    fn pause(&self) -> std::sync::MutexGuard<'_, Pause> {
        self.pause.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Outbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Outbox")
    }
}
