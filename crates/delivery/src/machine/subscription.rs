//! What is known of one subscription while it runs.

use std::{
    collections::{BTreeMap, HashMap, HashSet, VecDeque},
    sync::Arc,
};

use model::{
    Position, Subscription, Timestamp,
    outcome::Outcome,
    subscription::{Format, Order},
};

use super::{Delivery, Machine, Part, RunState, Sink, catch_up::Lag, timers::Timer, window::Stage};
use crate::arena::Id;

/// A delivery within its subscription: partition, position, run.
pub(super) type WantedKey = (Id<Part>, Position, Option<Id<RunState>>);

/// Why nothing is sent although the registry does not say so yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Halt {
    /// The generation that it holds for.
    pub generation: u64,
    /// Whether the sink answered 410.
    pub gone: bool,
}

/// A subscription.
#[derive(Debug)]
pub(super) struct Sub {
    pub spec: Arc<Subscription>,
    pub sink: Id<Sink>,
    /// Nothing is sent, whatever `spec` says, until a newer generation or another status is in: the sink answered 410
    /// or the outage limit is over, and the registry does not know yet.
    pub halted: Option<Halt>,
    /// Everything read and not settled, in order of arrival.
    pub unsettled: BTreeMap<u64, Id<Delivery>>,
    /// Those of them that may be sent now.
    pub ready: BTreeMap<u64, Id<Delivery>>,
    pub next_number: u64,
    /// Since when the first of `ready` waits for company in a batch.
    pub lingers_since: Timestamp,
    /// Until when a timer for that is set.
    pub linger_timer: Option<Timestamp>,
    /// Requests under way.
    pub in_flight: usize,
    /// Payload bytes held.
    pub bytes: usize,
    /// Own marks; a covered partition that is not here is level.
    pub lags: BTreeMap<Id<Part>, Lag>,
    /// Whether a read for `lags` is under way or asked for.
    pub catching: bool,
    pub caught_up_last: Option<Id<Part>>,
    /// Deliveries whose payload must be read again.
    pub wanted: BTreeMap<WantedKey, Id<Delivery>>,
    pub refetching: bool,
    /// With order `key`: who waits behind the unsettled delivery of a key.
    pub keys: HashMap<u64, VecDeque<Id<Delivery>>>,
    /// Restored deliveries whose key is not known yet; nothing new is taken before.
    pub unkeyed: usize,
    /// Restored deliveries that the reader will come across again.
    pub restored: HashSet<WantedKey>,
    pub runs: Vec<Id<RunState>>,
    /// Whether it stands in the line of its sink.
    pub queued: bool,
    /// Since when its window is nearly full.
    pub short_since: Option<Timestamp>,
    pub last_error: Option<(Timestamp, String)>,
}

impl Sub {
    pub fn new(spec: Arc<Subscription>, sink: Id<Sink>) -> Self {
        Self {
            spec,
            sink,
            halted: None,
            unsettled: BTreeMap::new(),
            ready: BTreeMap::new(),
            next_number: 0,
            lingers_since: Timestamp::default(),
            linger_timer: None,
            in_flight: 0,
            bytes: 0,
            lags: BTreeMap::new(),
            catching: false,
            caught_up_last: None,
            wanted: BTreeMap::new(),
            refetching: false,
            keys: HashMap::new(),
            unkeyed: 0,
            restored: HashSet::new(),
            runs: Vec::new(),
            queued: false,
            short_since: None,
            last_error: None,
        }
    }

    /// Whether anything may be sent for it, pace and outage apart (I4, I5).
    pub fn may_send(&self) -> bool {
        self.halted.is_none() && self.spec.may_send()
    }

    /// How its deliveries end when it takes none any more: its sink is gone, or its time is over.
    pub fn end(&self) -> Option<Outcome> {
        let gone = self.halted.is_some_and(|halt| halt.gone);
        if gone { Some(Outcome::Ended) } else { self.spec.status.end() }
    }

    pub fn ordered(&self) -> bool {
        self.spec.order == Order::Key
    }

    pub fn next_number(&mut self) -> u64 {
        self.next_number += 1;
        self.next_number
    }
}

impl Machine {
    /// Most requests of this subscription under way.
    pub(super) fn max_in_flight(&self, sub: &Sub) -> usize {
        sub.spec.max_in_flight.map_or(self.settings.in_flight, |most| most.get() as usize)
    }

    /// Whether a request for it can be made now, pace and outage apart; when a batch should wait for more, until when.
    pub(super) fn sendable(&self, sub: &Sub) -> Result<bool, Timestamp> {
        if !sub.may_send() || sub.in_flight >= self.max_in_flight(sub) {
            return Ok(false);
        }
        let Some((_, first)) = sub.ready.first_key_value() else { return Ok(false) };
        let Some(first) = self.deliveries.get(*first) else { return Ok(false) };
        if first.stage == Stage::Wanted {
            return Ok(false);
        }
        if let Format::Batch { max_events, linger } = sub.spec.format {
            let until = sub.lingers_since + linger;
            if !first.single && !first.structured && sub.ready.len() < max_events.get() as usize && self.now < until {
                return Err(until);
            }
        }
        Ok(true)
    }

    /// Puts a subscription with something to send in the line of its sink.
    pub(super) fn queue_sub(&mut self, id: Id<Sub>) {
        let Some(sub) = self.subs.get(id) else { return };
        let sink = sub.sink;
        match self.sendable(sub) {
            Ok(true) => {
                if !sub.queued {
                    if let Some(sub) = self.subs.get_mut(id) {
                        sub.queued = true;
                    }
                    if let Some(sink) = self.sinks.get_mut(sink) {
                        sink.line.push_back(id);
                    }
                }
                self.run_sink(sink);
            }
            Ok(false) => {}
            Err(until) => self.linger(id, until),
        }
    }

    /// Looks again when a batch has waited long enough.
    pub(super) fn linger(&mut self, id: Id<Sub>, until: Timestamp) {
        if let Some(sub) = self.subs.get_mut(id)
            && sub.linger_timer != Some(until)
        {
            sub.linger_timer = Some(until);
            self.timers.set(until, Timer::Sub(id));
        }
    }

    pub(super) fn subscription_timer(&mut self, id: Id<Sub>) {
        self.queue_sub(id);
        self.wake_lags(id);
        self.wake_refetch(id);
    }

    /// Lets go of the payloads of everything that waits, since nothing will be sent for some time.
    pub(super) fn shed(&mut self, id: Id<Sub>) {
        let Some(sub) = self.subs.get(id) else { return };
        let ready: Vec<Id<Delivery>> = sub.ready.values().copied().collect();
        for delivery in ready {
            self.let_go(delivery);
        }
    }
}
