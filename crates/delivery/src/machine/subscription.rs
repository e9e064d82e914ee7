//! The state of one subscription in the machine, and when a request for it may be made.

use std::{
    collections::{HashMap, HashSet},
    num::NonZeroU32,
    sync::Arc,
};

use model::{
    KanaalName, Position, Subscription, Timestamp,
    clock::Instant,
    outcome::Outcome,
    subscription::{Format, Order},
};

use super::{
    Machine, PartitionReader, RunState, SinkState,
    catch_up::{OwnCursor, OwnCursors},
    delivery::Form,
    order::KeyQueue,
    refetch::Refetch,
    timers::Timer,
    window::Window,
};
use crate::{arena::Id, planted::planted};

/// Identifies a record within a subscription: partition, position, run.
pub(super) type RecordRef = (Id<PartitionReader>, Position, Option<Id<RunState>>);

/// A status that the machine decided on and the registry does not have yet. Nothing is sent meanwhile (I4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Halt {
    /// The generation of the subscription that it holds for.
    pub generation: u64,
    pub cause: HaltCause,
}

/// Why a subscription was halted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HaltCause {
    /// The sink answered 410.
    Gone,
    /// The sink failed for longer than the outage limit.
    OutageLimit,
}

/// Since when the first ready delivery waits for more events for its batch, and the timer of that wait.
#[derive(Debug, Default)]
pub(super) struct Linger {
    pub since: Instant,
    /// The timestamp for which a timer is set; `None` when none was set yet.
    timer: Option<Instant>,
}

/// Whether a request can be made for a subscription. Does not consider the pace and outage of its sink.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sendable {
    Now,
    /// A batch waits for more events until then.
    At(Instant),
    /// No request until an input changes this: an answer, a new event, a payload or another status.
    No,
}

/// A subscription with its window, cursors, runs and requests under way.
#[derive(Debug)]
pub(super) struct SubscriptionState {
    /// The subscription as the registry has it.
    pub spec: Arc<Subscription>,
    pub sink: Id<SinkState>,
    /// The rate per minute that it was granted, as it is counted at its sink.
    pub counted_rate: Option<NonZeroU32>,
    /// The halt, until the registry has another status or a newer generation.
    pub halt: Option<Halt>,
    pub window: Window,
    pub linger: Linger,
    pub in_flight: usize,
    pub cursors: OwnCursors,
    pub refetch: Refetch,
    /// With order `key`: the queue of each key that has an unsettled delivery.
    pub key_queues: HashMap<u64, KeyQueue>,
    /// Restored deliveries at or beyond the stored mark: they are read once more and must not be accepted twice.
    pub rereads: HashSet<RecordRef>,
    pub runs: Vec<Id<RunState>>,
    /// Whether it is in the queue of its sink.
    pub queued: bool,
    /// The time and the reason of the last request that failed.
    pub last_error: Option<(Timestamp, String)>,
}

impl SubscriptionState {
    pub fn new(spec: Arc<Subscription>, sink: Id<SinkState>) -> Self {
        Self {
            spec,
            sink,
            counted_rate: None,
            halt: None,
            window: Window::default(),
            linger: Linger::default(),
            in_flight: 0,
            cursors: OwnCursors::default(),
            refetch: Refetch::default(),
            key_queues: HashMap::new(),
            rereads: HashSet::new(),
            runs: Vec::new(),
            queued: false,
            last_error: None,
        }
    }

    /// Whether anything may be sent for it (I4, I5). Does not consider the pace and outage of its sink.
    pub fn may_send(&self) -> bool {
        self.halt.is_none() && self.spec.may_send()
    }

    /// The outcome of its deliveries when it has ended: its sink is gone, or it expired. `None` while it has not.
    pub fn end_outcome(&self) -> Option<Outcome> {
        let gone = self.halt.is_some_and(|halt| halt.cause == HaltCause::Gone);
        if gone { Some(Outcome::Ended) } else { self.spec.status.end() }
    }

    /// The own cursor of the subscription in a partition; `None` when it is level there or does not cover the
    /// partition.
    pub fn cursor_in(&self, reader: Id<PartitionReader>) -> Option<OwnCursor> {
        self.cursors.by_reader.get(&reader).copied()
    }

    pub fn keeps_key_order(&self) -> bool {
        self.spec.order == Order::Key
    }

    /// Whether the owner of a kanaal withholds its events from a subscription to all kanalen. A subscription that names
    /// the kanaal sends nothing at all without approval; its events are kept until then.
    pub fn is_withheld(&self, kanaal: &KanaalName) -> bool {
        !self.spec.is_admitted(kanaal) && !self.spec.selection.names(kanaal)
    }
}

impl Machine {
    fn max_in_flight(&self, subscription: &SubscriptionState) -> usize {
        subscription.spec.max_in_flight.map_or(self.settings.in_flight, |most| most.get() as usize)
    }

    pub(super) fn sendable(&self, subscription: &SubscriptionState) -> Sendable {
        if (!subscription.may_send() && !planted!(PausedIsSentTo))
            || subscription.refetch.keys_unknown
            || (subscription.in_flight >= self.max_in_flight(subscription) && !planted!(SubscriptionTakesAnyNumber))
        {
            return Sendable::No;
        }
        let ready = &subscription.window.ready;
        let probed = if self.is_held_up(subscription) { self.unfailed_ready(subscription) } else { None };
        let first = match probed {
            Some(number) => ready.get(&number),
            None => ready.first_key_value().map(|(_, id)| id),
        };
        let first = first.and_then(|id| self.deliveries.get(*id));
        let Some(first) = first.filter(|first| !first.state.is_refetching()) else { return Sendable::No };
        if let Format::Batch { max_events, linger } = subscription.spec.format {
            let until = subscription.linger.since + linger;
            let full = ready.len() >= max_events.get() as usize;
            if first.form == Form::AsSubscribed && !full && self.now < until {
                return Sendable::At(until);
            }
        }
        Sendable::Now
    }

    /// Puts a subscription in the queue of its sink if a request can be made for it, or sets a timer for when it can.
    pub(super) fn queue_at_sink(&mut self, id: Id<SubscriptionState>) {
        let Some(subscription) = self.subscriptions.get(id) else { return };
        let sink = subscription.sink;
        match self.sendable(subscription) {
            Sendable::Now => {
                if !subscription.queued {
                    if let Some(subscription) = self.subscriptions.get_mut(id) {
                        subscription.queued = true;
                    }
                    if let Some(sink) = self.sinks.get_mut(sink) {
                        sink.queue.push_back(id);
                    }
                }
                self.mark_runnable(sink);
            }
            Sendable::At(until) => self.set_linger_timer(id, until),
            Sendable::No => {}
        }
    }

    pub(super) fn set_linger_timer(&mut self, id: Id<SubscriptionState>, until: Instant) {
        if let Some(subscription) = self.subscriptions.get_mut(id)
            && subscription.linger.timer != Some(until)
        {
            subscription.linger.timer = Some(until);
            if planted!(LingerIsForgotten) {
                return;
            }
            self.timers.set(until, Timer::Subscription(id));
        }
    }

    pub(super) fn subscription_timer_fired(&mut self, id: Id<SubscriptionState>) {
        self.queue_at_sink(id);
        self.queue_catch_up_read(id);
        self.queue_refetch_read(id);
    }
}
