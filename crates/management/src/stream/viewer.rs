//! One viewer: takes entries from its queue, leaves out what its actor may not see, and paces itself.
//!
//! For who is no administrator each event is read from the log to find what may be disclosed of it, which the pace bounds.

use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use event_reader::disclose_row;
use model::Actor;
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until, timeout_at},
};

use super::{Item, StreamEntry, ViewerPosition};
use crate::{Error, Management};

/// How long a viewer gets nothing before [`ViewerMessage::Idle`].
const IDLE: Duration = Duration::from_secs(15);

/// The time after which a viewer must connect, and so authenticate, again.
const LIFETIME: Duration = Duration::from_hours(1);

/// The period over which entries are paced, and the least time between two reports of dropped entries.
const PERIOD: Duration = Duration::from_secs(1);

/// Most entries that a viewer takes in a period.
const PACE: u32 = 200;

/// What a viewer sees next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ViewerMessage {
    /// Entries between the position that it asked for and now are no longer known.
    Gap,
    /// So many entries were dropped since the last report, because the viewer is too slow.
    Dropped(u64),
    /// Something happened.
    Entry(ViewerPosition, StreamEntry),
    /// Nothing happened for fifteen seconds.
    Idle,
}

/// What a viewer is made of.
pub(super) struct Parts {
    pub management: Management,
    pub actor: Actor,
    pub id: u64,
    pub gap: bool,
    /// The number after which the viewer sees everything.
    pub start: u64,
    /// What it saw before that, as far as it is known still.
    pub before: Vec<Arc<Item>>,
    pub backlog: VecDeque<Arc<Item>>,
    pub inbox: mpsc::Receiver<Arc<Item>>,
    pub dropped: Arc<AtomicU64>,
}

/// A viewer; it leaves when this is dropped.
pub struct Viewer {
    parts: Parts,
    until: Instant,
    period: Instant,
    taken: u32,
    report_due: Instant,
}

impl Viewer {
    pub(super) fn new(parts: Parts) -> Self {
        let now = Instant::now();
        Self { parts, until: now + LIFETIME, period: now, taken: 0, report_due: now }
    }

    /// The position at which the viewer starts. One that reconnects with it misses nothing, even if it saw no entry.
    pub fn start(&self) -> ViewerPosition {
        self.position(self.parts.start)
    }

    /// What the viewer saw before it reconnected, as far as that is known still, the oldest first. It may hold events that the
    /// actor may not see, so it is not for showing.
    pub fn take_before(&mut self) -> Vec<(ViewerPosition, StreamEntry)> {
        let before = std::mem::take(&mut self.parts.before);
        before.into_iter().map(|item| (self.position(item.number), item.what.clone())).collect()
    }

    /// Waits for what the viewer sees next; `None` when its time is over or the node stops.
    pub async fn next(&mut self) -> Option<ViewerMessage> {
        if std::mem::take(&mut self.parts.gap) {
            return Some(ViewerMessage::Gap);
        }
        let idle = Instant::now() + IDLE;
        loop {
            let now = Instant::now();
            if now >= self.until {
                return None;
            }
            let lost = self.parts.dropped.load(Ordering::Relaxed) > 0;
            if lost && now >= self.report_due {
                self.report_due = now + PERIOD;
                return Some(ViewerMessage::Dropped(self.parts.dropped.swap(0, Ordering::Relaxed)));
            }
            self.pace(now).await;
            let item = if let Some(item) = self.parts.backlog.pop_front() {
                item
            } else {
                let wake = if lost { self.report_due.min(idle) } else { idle };
                match timeout_at(wake, self.parts.inbox.recv()).await {
                    Ok(item) => item?,
                    Err(_) if Instant::now() >= idle => return Some(ViewerMessage::Idle),
                    Err(_) => continue,
                }
            };
            self.taken += 1;
            match self.disclosed(&item.what).await {
                Ok(Some(what)) => return Some(ViewerMessage::Entry(self.position(item.number), what)),
                Ok(None) => {}
                Err(error) => {
                    tracing::debug!(%error, "an event is not shown live");
                    self.parts.dropped.fetch_add(1, Ordering::Relaxed);
                }
            }
        }
    }

    fn position(&self, number: u64) -> ViewerPosition {
        ViewerPosition { epoch: self.parts.management.stream.epoch.clone(), number }
    }

    /// Waits for the next period when this one has its entries.
    async fn pace(&mut self, now: Instant) {
        if self.taken >= PACE {
            sleep_until(self.period + PERIOD).await;
        }
        if now.max(Instant::now()) >= self.period + PERIOD {
            (self.period, self.taken) = (Instant::now(), 0);
        }
    }

    /// What the actor may see of it.
    async fn disclosed(&self, what: &StreamEntry) -> Result<Option<StreamEntry>, Error> {
        let Parts { management, actor, .. } = &self.parts;
        if actor.sees_all() {
            return Ok(Some(what.clone()));
        }
        match what {
            StreamEntry::Settled { delivery, .. } => {
                Ok(management.may_see_deliveries_of(actor, delivery.subscription).then(|| what.clone()))
            }
            StreamEntry::Event(row) => {
                let own = management.visible_subscriptions(actor);
                let disclosure = management.disclosure_to(actor, &own, row).await?;
                Ok(disclosure.map(|disclosure| StreamEntry::Event(disclose_row(row.clone(), &disclosure))))
            }
        }
    }
}

impl Drop for Viewer {
    fn drop(&mut self) {
        self.parts.management.stream.leave(self.parts.id);
    }
}
