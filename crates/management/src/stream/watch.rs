//! Admits a viewer, with what it missed since the position that it saw last.

use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use model::{Actor, KanaalName, SubscriptionId};
use tokio::sync::mpsc;

use super::{EntryFilter, MAX_VIEWERS, MAX_VIEWERS_PER_CLIENT, QUEUE, RegisteredViewer, Viewer, viewer};
use crate::{Conflict, Error, Management, Resource};

/// What a viewer wants to see; all given members must match.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StreamFilter {
    /// Events and deliveries of this kanaal.
    pub kanaal: Option<KanaalName>,
    /// Deliveries of this subscription, and the events of its kanalen.
    pub subscription: Option<SubscriptionId>,
}

/// The position of a viewer in the stream of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewerPosition {
    /// Which start of which node.
    pub epoch: String,
    /// The number of the entry that it saw last.
    pub number: u64,
}

impl Management {
    /// Admits a viewer. It continues after `last` where that is known still; otherwise it is informed of a gap.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a subscription of another client and an unknown kanaal; [`Conflict::Quota`] and
    /// [`Conflict::Viewers`] when too many watch; [`Error::Interrupted`] while this node stops.
    pub fn watch(&self, actor: &Actor, filter: &StreamFilter, last: Option<&ViewerPosition>) -> Result<Viewer, Error> {
        let subscription = filter.subscription.map(|id| self.visible_subscription(actor, id)).transpose()?;
        if let Some(naam) = &filter.kanaal
            && self.registry.read().kanaal(naam.as_str()).is_none()
        {
            return Err(Error::NotFound(Resource::Kanaal));
        }
        let filter = EntryFilter { kanaal: filter.kanaal.clone(), subscription };
        let client = actor.to_string();
        let stream = &self.stream;
        let mut hub = stream.hub();
        if hub.closed {
            return Err(Error::Interrupted);
        }
        if hub.viewers.values().filter(|viewer| viewer.client == client).count() >= MAX_VIEWERS_PER_CLIENT {
            return Err(Conflict::Quota { what: "live streams", most: MAX_VIEWERS_PER_CLIENT }.into());
        }
        if hub.viewers.len() >= MAX_VIEWERS {
            return Err(Conflict::Viewers { most: MAX_VIEWERS }.into());
        }
        let newest = hub.number;
        let known = last.filter(|last| last.epoch == stream.epoch && last.number <= newest);
        let first = hub.history.front().map_or(newest + 1, |oldest| oldest.number);
        let continued = known.filter(|last| last.number + 1 >= first);
        let (before, backlog): (Vec<_>, VecDeque<_>) = continued.map_or_else(Default::default, |last| {
            let history = hub.history.iter().filter(|item| filter.matches(&item.what)).cloned();
            let (before, missed): (Vec<_>, Vec<_>) = history.partition(|item| item.number <= last.number);
            (before, missed.into())
        });
        let start = continued.map_or(newest, |last| last.number);
        let (queue, inbox) = mpsc::channel(QUEUE);
        let dropped = Arc::new(AtomicU64::new(0));
        let id = hub.next_viewer;
        hub.next_viewer += 1;
        hub.unwatched_since = None;
        hub.viewers.insert(id, RegisteredViewer { client, filter, queue, dropped: Arc::clone(&dropped) });
        stream.active.store(true, Ordering::Relaxed);
        drop(hub);
        Ok(Viewer::new(viewer::Parts {
            management: self.clone(),
            actor: actor.clone(),
            id,
            gap: last.is_some() && continued.is_none(),
            start,
            before,
            backlog,
            inbox,
            dropped,
        }))
    }
}
