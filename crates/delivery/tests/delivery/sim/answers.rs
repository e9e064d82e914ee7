//! Requests of the machine as they reach simulated sinks, and their answers, also those that come after the time-out. What a
//! request must be when it starts is in `requests` and `oracle`, how a sink answers in `sinks`.

use std::time::Duration;

use delivery::{
    Answer, Class, DecodedEvent, Id, Reply,
    machine::{Input, Request, SendRequest},
};
use model::{
    Subscription, Timestamp,
    outcome::DeliveryKey,
    subscription::{Format, Order},
};

use super::{
    made::wants,
    oracle::delivery,
    sinks::{Mood, below},
    trace,
    world::{Coming, World},
};

/// A request under way.
pub struct Sent {
    /// Its number in the trace, from 1.
    number: u64,
    request: SendRequest,
    started: Timestamp,
}

/// How much later than the time-out a late answer comes, at most, in milliseconds.
const LATEST: u64 = 60_000;

impl World {
    /// The machine sends a request.
    pub fn send(&mut self, send: SendRequest) {
        self.sent += 1;
        let keys = self.machine.deliveries_of(send.id);
        let number = self.sent;
        self.trace(|| {
            let (to, sink) = (self.name_of(&send.subscription.id), &send.subscription.sink);
            let of: Vec<String> = keys.iter().map(trace::delivery).collect();
            let fallback = if send.fallback { " in the fallback format" } else { "" };
            format!("request {number} to {sink} for {to}: {}{fallback}", of.join(" "))
        });
        for key in keys.iter().filter(|key| key.run.is_none()) {
            // What retention removed ends unread for a run, and may still be in the window.
            let is_there = key.position.0 as usize >= self.logs[&(key.kanaal.clone(), key.partition)].oldest;
            let is_unread = is_there && self.oracle.ended_unread(key);
            assert!(!is_unread, "once: {key:?} is sent although it ended unread");
        }
        self.oracle.starts(&send, &keys, self.now);
        let mut requests = std::mem::take(&mut self.requests);
        let registered = requests.start(number, &send, &self.moment_of(send.subscription.sink.key()));
        for item in send.items.iter().zip(&keys).filter(|(_, key)| key.run.is_none()).map(|(item, _)| item) {
            assert!(self.may_get(registered, item), "selection: {:?} is not wanted", item.position);
        }
        self.requests = requests;
        self.check_order(&send, &keys);
        for (key, item) in keys.iter().zip(&send.items).filter(|(key, _)| key.run.is_none()) {
            let before = self.in_flight.insert(key.clone(), item.key);
            assert!(before.is_none(), "once: {key:?} is sent twice at once");
        }
        let mood = self.moods.get(send.subscription.sink.key()).copied().unwrap_or(Mood::Well);
        let structured = send.fallback || matches!(send.subscription.format, Format::Structured(_));
        let about = send.items.iter().map(|item| item.position.0).fold(1, |all, position| all * (position + 1) % 5);
        let (wait, reply) = mood.answer(self.fate(), about, structured);
        if reply.class == Class::Delivered || mood == Mood::Overdue {
            self.oracle.took(keys.into_iter());
        }
        if mood == Mood::Overdue {
            let late = wait + Duration::from_millis(1 + below(self.fate(), LATEST));
            self.comes_at(self.now + late, Coming::LateAnswer(send.id));
        }
        let sent = Sent { number, request: send, started: self.now };
        self.comes_at(self.now + wait, Coming::Answer(sent, reply));
    }

    /// Whether a subscription may be sent an event: it wants it, or may have read it before it selected something else.
    fn may_get(&self, subscription: &Subscription, item: &DecodedEvent) -> bool {
        let place = (item.kanaal.clone(), item.partition);
        let was_read = |end: &model::Mark| item.position.mark() < *end;
        self.reselected.contains(&subscription.id)
            || wants(subscription, item)
            || self.left.get(&(subscription.id, place)).is_some_and(was_read)
    }

    fn check_order(&self, send: &SendRequest, keys: &[DeliveryKey]) {
        let registered = self.subscriptions.iter().find(|known| known.id == send.subscription.id);
        let Some(registered) = registered.filter(|known| known.order == Order::Key) else { return };
        for (item, key) in send.items.iter().zip(keys).filter(|(_, key)| key.run.is_none()) {
            let same =
                |(other, digest): (&DeliveryKey, &u64)| other.subscription == key.subscription && *digest == item.key;
            assert!(!self.in_flight.iter().any(same), "I7: {key:?} beside another one of its key");
            if self.reselected.contains(&registered.id) {
                continue;
            }
            let place = (item.kanaal.clone(), item.partition);
            let log = &self.logs[&place];
            let earlier = log.items[..item.position.0 as usize].iter();
            let same = earlier.filter(|other| other.key == item.key && wants(registered, other));
            self.oracle.keeps_order(send, same.map(|other| other.position), &place);
        }
    }

    /// A request is answered, or timed out.
    pub fn answered(&mut self, sent: Sent, reply: Reply) {
        let Sent { number, request: send, started } = sent;
        self.trace(|| format!("answer to request {number}: {}", trace::reply(&reply)));
        self.requests.end(number);
        for item in &send.items {
            let place = (item.kanaal.clone(), item.partition);
            self.in_flight.remove(&delivery(send.subscription.id, &place, item.position));
        }
        if let Class::Paced(wait) = reply.class {
            self.oracle.asked_for_silence(send.subscription.sink.key(), self.now + wait, self.now);
        }
        if reply.class == Class::Gone {
            // The request may have gone to a sink that the subscription has left since.
            let sink = &send.subscription.sink;
            self.oracle.is_gone(self.subscriptions.iter().filter(|known| known.sink == *sink));
        }
        let keys = self.machine.deliveries_of(send.id);
        let registered = self.subscriptions.iter().find(|known| known.id == send.subscription.id);
        let ladder_only = send.subscription.retry.ladder_only || registered.is_some_and(|one| one.retry.ladder_only);
        self.oracle.answered(send.subscription.sink.key(), &keys, reply.class, ladder_only);
        self.oracle.retries.answered(&keys, reply.class, registered, self.now);
        self.answer(send.id, started, reply);
    }

    /// A sink answers with success after its request timed out: the machine knows the request no more.
    pub fn answered_late(&mut self, id: Id<Request>) {
        self.trace(|| "an answer after the time-out: 204".to_owned());
        self.answer(id, self.now, Reply::answered(Class::Delivered, 204, "".into()));
    }

    fn answer(&mut self, id: Id<Request>, started: Timestamp, reply: Reply) {
        let duration_micros = self.now.since(started).as_micros() as u64;
        self.input(Input::Answered(id, Answer { started, duration_micros, reply }));
    }
}
