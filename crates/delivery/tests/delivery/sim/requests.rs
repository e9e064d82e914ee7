//! The requests under way, and what a request must be when it starts: permitted by the registry as it is in that moment,
//! within the bounds, and with nothing that is not disclosed.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use delivery::machine::SendRequest;
use model::{Subscription, SubscriptionId, Timestamp, approval::Disclosure, consent::Rate};

use super::quick_hash::Map;

/// A request under way.
struct UnderWay {
    subscription: SubscriptionId,
    sink: String,
    /// Whether an outage holds it up.
    is_held: bool,
}

/// All requests under way, and when earlier ones started.
#[derive(Default)]
pub struct Requests {
    /// By their number in the trace.
    under_way: BTreeMap<u64, UnderWay>,
    /// When requests to a sink started in the last minute, and the lowest rate granted since.
    starts: Map<String, (Rate, VecDeque<Timestamp>)>,
}

/// The registry and the machine at the start of a request.
pub struct Moment<'a> {
    /// When it is.
    pub now: Timestamp,
    /// All subscriptions.
    pub registry: &'a [Subscription],
    /// Most requests of a subscription that asks for no bound.
    pub in_flight: usize,
    /// Whether the shard stops.
    pub is_draining: bool,
    /// Whether the sink is in an outage.
    pub in_outage: bool,
}

impl Requests {
    /// A request starts. Returns the subscription as it is registered.
    pub fn start<'a>(&mut self, number: u64, send: &SendRequest, moment: &Moment<'a>) -> &'a Subscription {
        let id = send.subscription.id;
        let sink = send.subscription.sink.key();
        assert!(!moment.is_draining, "drain: a request to {sink} starts");
        let registered = moment.registry.iter().find(|one| one.id == id);
        let registered = registered.unwrap_or_else(|| panic!("I4: {id} was deleted"));
        assert!(registered.may_send(), "I5: {:?}, {:?}", registered.status, registered.consent);
        for item in &send.items {
            assert!(registered.is_admitted(&item.kanaal), "approval: {} is withheld", item.kanaal);
            let sent = std::sync::Arc::clone(item).disclosed_to(&send.subscription);
            let disclosed = registered.disclosure(&item.kanaal).unwrap_or(&Disclosure::ALL);
            let event = &sent.accepted.event;
            assert!(disclosed.data || event.data().is_none(), "disclosure: the payload is sent");
            let undisclosed = event.attributes().iter().find(|(name, _)| !disclosed.shows(name.as_str()));
            assert!(undisclosed.is_none(), "disclosure: {undisclosed:?} is sent");
        }
        let most = registered.max_in_flight.map_or(moment.in_flight, |most| most.get() as usize);
        let own = self.under_way.values().filter(|one| one.subscription == id).count();
        assert!(own < most, "I8: {own} requests of {id} are under way, {most} may be");
        let is_held = !send.subscription.retry.ladder_only;
        let is_probe = |one: &&UnderWay| is_held && moment.in_outage && one.sink == sink && one.is_held;
        let probes = self.under_way.values().filter(is_probe).count();
        assert!(probes == 0, "outage: {probes} probes of {sink} are under way");
        self.under_way.insert(number, UnderWay { subscription: id, sink: sink.to_owned(), is_held });
        self.count_start(sink, moment);
        registered
    }

    /// A request to a sink starts: in any minute there are no more than the lowest rate that is granted (I6).
    pub fn count_start(&mut self, sink: &str, moment: &Moment<'_>) {
        let here = moment.registry.iter().filter(|one| one.sink.key() == sink);
        let limits = here.filter_map(|one| match one.consent.granted() {
            Some((_, Rate::PerMinute(most))) => Some(most),
            _ => None,
        });
        let rate = limits.min().map_or(Rate::Unlimited, Rate::PerMinute);
        let (granted, starts) = self.starts.entry(sink.to_owned()).or_insert((rate, VecDeque::new()));
        if *granted != rate {
            *granted = rate;
            starts.clear();
        }
        starts.push_back(moment.now);
        while starts.front().is_some_and(|first| *first + Duration::from_mins(1) <= moment.now) {
            starts.pop_front();
        }
        if let Rate::PerMinute(most) = rate {
            assert!(starts.len() <= most.get() as usize, "I6: {} in a minute of {most}", starts.len());
        }
    }

    /// The answer to a request is passed to the machine.
    pub fn end(&mut self, number: u64) {
        self.under_way.remove(&number);
    }

    /// The machine of the requests is gone.
    pub fn forget(&mut self) {
        self.under_way.clear();
    }
}
