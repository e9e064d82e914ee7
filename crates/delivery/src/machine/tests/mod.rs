//! Tests of the machine by rule, on a rig that performs its actions in memory and immediately; only answers of sinks
//! come when a test gives them.

mod answers;
mod cause;
mod clock;
mod extra_requests;
mod flow;
mod limits;
mod order;
mod pauses;
mod progress;
mod redrive;
mod selection;
mod waiting;

use std::{collections::HashMap, num::NonZeroU32, sync::Arc, time::Duration};

use compact_str::CompactString;
use model::{
    KanaalName, Mark, Partition, Position, Random, Subscription, SubscriptionId, Timestamp,
    clock::{Now, SeededRandom},
    consent::{Consent, Rate},
    outcome::{DeliveryKey, Outcome},
    run::Run,
    sealed::Sealed,
    selection::{NativeSelection, Selection},
    subscription::{Format, Order, Rendering, RetryPolicy, Status, Thousandths},
};
use storage::{
    journal::{DeadLetter, Entry},
    progress::{Key, Value},
};

use super::{Action, Checkpoint, FetchedEvents, Input, Machine, Read, SendRequest};
use crate::{
    channel::{Answer, Cause, Class, Reply},
    decoded_event::{DecodedEvent, tests::item_with},
    settings::Settings,
};

/// The machine and what is around it.
struct Rig {
    machine: Machine,
    settings: Settings,
    random: Arc<SeededRandom>,
    now: Timestamp,
    /// By how many microseconds the wall clock was set forward (negative: back).
    step: i64,
    log: Vec<Arc<DecodedEvent>>,
    oldest: Mark,
    subscriptions: Vec<Subscription>,
    runs: Vec<Run>,
    store: HashMap<Key, Value>,
    /// Requests that were not answered yet.
    sent: Vec<SendRequest>,
    journal: Vec<Entry>,
    letters: Vec<DeadLetter>,
    /// Deliveries whose dead letters were removed.
    redriven: Vec<DeliveryKey>,
    statuses: Vec<(SubscriptionId, Status)>,
    /// Whether dead letters can be stored.
    stores_dead_letters: bool,
    /// Whether checkpoints can be stored; else they are held here.
    stores_checkpoints: bool,
    held_checkpoint: Option<Checkpoint>,
}

fn kanaal() -> KanaalName {
    KanaalName::new("zaken").unwrap()
}

pub(crate) fn subscription(number: u128) -> Subscription {
    Subscription {
        consent: Consent::Granted { origin: "o".into(), rate: Rate::Unlimited, at: Timestamp::default() },
        ..Subscription::new(
            SubscriptionId(uuid::Uuid::from_u128(number)),
            "o".into(),
            Selection::Native(NativeSelection::default()),
            model::Sink::Webhook(format!("https://sink-{number}.example/")),
            Sealed { key_id: "k".into(), ciphertext: vec![] },
            Timestamp::default(),
        )
    }
}

fn per_minute(rate: u32) -> Consent {
    let rate = Rate::PerMinute(NonZeroU32::new(rate).unwrap());
    Consent::Granted { origin: "o".into(), rate, at: Timestamp::default() }
}

/// A webhook that answers with this status, classed as `channel-webhook` does.
fn status(status: u16) -> Reply {
    let class = match status {
        200..=299 => Class::Delivered,
        410 => Class::Gone,
        400 | 413 | 422 => Class::Refused,
        415 => Class::Format,
        300..=399 | 401 | 403 | 404 | 405 | 502 | 503 | 504 => Class::Failed(Cause::Sink),
        408 | 425 | 429 => Class::Failed(Cause::EventOrSink),
        402..=499 | 501 => Class::Failed(Cause::Event),
        _ => Class::Failed(Cause::EventOrSink),
    };
    Reply::answered(class, status, CompactString::default())
}

fn wait(status: u16, seconds: u64) -> Reply {
    Reply::answered(Class::Paced(Duration::from_secs(seconds)), status, CompactString::default())
}

impl Rig {
    fn new(subscriptions: Vec<Subscription>) -> Self {
        Self::with(Settings::default(), subscriptions)
    }

    fn with(settings: Settings, subscriptions: Vec<Subscription>) -> Self {
        let random = Arc::new(SeededRandom::new(1));
        let mut rig = Self {
            machine: Machine::new(settings.clone(), Arc::clone(&random) as Arc<dyn Random>),
            settings,
            random,
            now: Timestamp::from_seconds(10_000),
            step: 0,
            log: vec![],
            oldest: Mark::BEGINNING,
            subscriptions,
            runs: vec![],
            store: HashMap::new(),
            sent: vec![],
            journal: vec![],
            letters: vec![],
            redriven: vec![],
            statuses: vec![],
            stores_dead_letters: true,
            stores_checkpoints: true,
            held_checkpoint: None,
        };
        rig.restart();
        rig
    }

    /// Starts the machine anew from what is stored; requests under way are lost.
    fn restart(&mut self) {
        self.machine = Machine::new(self.settings.clone(), Arc::clone(&self.random) as Arc<dyn Random>);
        self.sent.clear();
        let stored = self.store.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
        let mut inputs = vec![Input::Restored(stored), Input::Kanaal(kanaal(), vec![Mark(self.log.len() as u64)])];
        inputs.extend(self.subscriptions.iter().cloned().map(|one| Input::Subscription(Arc::new(one))));
        inputs.extend(self.runs.iter().cloned().map(|run| Input::Run(Arc::new(run))));
        inputs.push(Input::Loaded);
        for input in inputs {
            self.machine.handle(input, self.moment());
        }
        self.go();
    }

    fn input(&mut self, input: Input) {
        self.machine.handle(input, self.moment());
        self.go();
    }

    /// Changes a subscription, by its place.
    fn change(&mut self, at: usize, change: impl FnOnce(&mut Subscription)) {
        change(&mut self.subscriptions[at]);
        let changed = Arc::new(self.subscriptions[at].clone());
        self.input(Input::Subscription(changed));
    }

    /// Lets the machine do what is due and performs it, until nothing more comes.
    fn go(&mut self) {
        loop {
            self.machine.advance(self.moment());
            let effects = self.machine.take_effects();
            self.journal.extend(effects.journal);
            if effects.actions.is_empty() {
                return;
            }
            for action in effects.actions {
                self.perform(action);
            }
        }
    }

    fn perform(&mut self, action: Action) {
        match action {
            Action::Read(read) => {
                let batch = self.read(&read);
                self.machine.handle(Input::Fetched(read.id, Some(batch)), self.moment());
            }
            Action::SendRequest(send) => self.sent.push(send),
            Action::Checkpoint(checkpoint) if !self.stores_checkpoints => self.held_checkpoint = Some(checkpoint),
            Action::Checkpoint(Checkpoint { redriven, entries }) => {
                self.redriven.extend(redriven);
                self.keep(entries);
                self.machine.handle(Input::Checkpointed, self.moment());
            }
            Action::StorePace(entries) => {
                self.keep(entries);
                self.machine.handle(Input::PaceStored, self.moment());
            }
            Action::StoreDeadLetter(id, letter) => {
                if self.stores_dead_letters {
                    self.letters.push(*letter);
                }
                self.machine.handle(Input::DeadLetterStored(id, self.stores_dead_letters), self.moment());
            }
            Action::SetStatus { id, status, .. } => self.statuses.push((id, status)),
            Action::EndRun(id) => {
                self.runs.retain(|run| run.id != id);
                self.machine.handle(Input::RunEnded(id), self.moment());
            }
        }
    }

    fn keep(&mut self, entries: Vec<(Key, Option<Value>)>) {
        for (key, value) in entries {
            match value {
                Some(value) => drop(self.store.insert(key, value)),
                None => drop(self.store.remove(&key)),
            }
        }
    }

    fn read(&self, read: &Read) -> FetchedEvents {
        let from = (read.from.0 as usize).max(self.oldest.0 as usize);
        let until = (from + read.records).min(self.log.len());
        let items = self.log.get(from..until).unwrap_or_default().to_vec();
        FetchedEvents { items, next: Mark(until.max(read.from.0 as usize) as u64), oldest: self.oldest }
    }

    /// Publishes events with these attributes, and a default source and type.
    fn publish_with(&mut self, events: &[&[(&str, &str)]]) {
        for attributes in events {
            let mut all = attributes.to_vec();
            for default in [("source", "/s"), ("type", "nl.t")] {
                if !all.iter().any(|(name, _)| *name == default.0) {
                    all.push(default);
                }
            }
            let mut item = item_with(self.log.len() as u64, &all, "{}");
            item.stored.appended = self.now;
            self.log.push(Arc::new(item));
        }
        let tail = Mark(self.log.len() as u64);
        self.input(Input::TailMoved(kanaal(), Partition(0), tail));
    }

    /// Publishes so many different events.
    fn publish(&mut self, count: usize) {
        for _ in 0..count {
            let id = self.log.len().to_string();
            self.publish_with(&[&[("id", &id)]]);
        }
    }

    /// Answers the oldest request.
    fn answer(&mut self, reply: Reply) -> SendRequest {
        let send = self.sent.remove(0);
        self.answer_to(&send, reply);
        send
    }

    /// Answers every request of all subscriptions but one with success, also those that come within a second.
    fn answer_other_than(&mut self, at: usize) {
        let slow = self.subscriptions[at].id;
        for _ in 0..100 {
            while let Some(at) = self.sent.iter().position(|send| send.subscription.id != slow) {
                let send = self.sent.remove(at);
                self.answer_to(&send, status(204));
            }
            self.pass(Duration::from_millis(10));
        }
    }

    fn answer_to(&mut self, send: &SendRequest, reply: Reply) {
        let answer = Answer { started: self.now, duration_micros: 1, reply };
        self.input(Input::Answered(send.id, answer));
    }

    /// Answers every request alike until none is left.
    fn answer_all(&mut self, reply: &Reply) -> Vec<u64> {
        let mut positions = vec![];
        while !self.sent.is_empty() {
            let send = self.answer(reply.clone());
            positions.extend(send.items.iter().map(|item| item.position.0));
        }
        positions
    }

    /// When the machine is to be woken. The clock of the rig counts the time that passes; its wall clock differs from that by
    /// `step`.
    fn next_wake(&self) -> Option<Timestamp> {
        self.machine.next_wake().map(|wake| Timestamp::from_micros(wake.as_micros()))
    }

    /// Both clocks.
    fn moment(&self) -> Now {
        Now { wall: Timestamp::from_micros(self.now.as_micros() + self.step), ..Now::from(self.now) }
    }

    /// Time passes, in steps no timer is missed in.
    fn pass(&mut self, time: Duration) {
        let until = self.now + time;
        while let Some(wake) = self.next_wake().filter(|wake| *wake <= until) {
            self.now = self.now.max(wake);
            self.go();
        }
        self.now = until;
        self.go();
    }

    /// How many milliseconds pass until a request is made; it is not answered.
    fn until_post(&mut self) -> u64 {
        let start = self.now;
        while self.sent.is_empty() {
            let wake = self.next_wake().expect("something is waited for");
            self.now = self.now.max(wake);
            self.go();
        }
        self.now.since(start).as_millis() as u64
    }

    /// Positions of the requests that are not answered.
    fn posted(&self) -> Vec<u64> {
        self.sent.iter().flat_map(|send| send.items.iter().map(|item| item.position.0)).collect()
    }

    /// How deliveries of a subscription ended, by position, in order of their end.
    fn outcomes(&self, at: usize) -> Vec<(u64, Outcome)> {
        let id = self.subscriptions[at].id;
        let of = |entry: &Entry| match entry {
            Entry::Settled { delivery, outcome, .. } if delivery.subscription == id => {
                Some((delivery.position.0, *outcome))
            }
            _ => None,
        };
        self.journal.iter().filter_map(of).collect()
    }

    /// Ranges of a subscription that ended unread.
    fn ranges(&self, at: usize) -> Vec<(u64, u64, Outcome)> {
        let id = self.subscriptions[at].id;
        let of = |entry: &Entry| match entry {
            Entry::SettledRange { subscription, from, until, outcome, .. } if *subscription == id => {
                Some((from.0, until.0, *outcome))
            }
            _ => None,
        };
        self.journal.iter().filter_map(of).collect()
    }

    fn status(&self, at: usize) -> super::SubscriptionStatus {
        self.machine.status(self.subscriptions[at].id).unwrap()
    }

    /// What is stored of a subscription's mark.
    fn stored_mark(&self, at: usize) -> Option<&Value> {
        self.store.get(&Key::Subscription(self.subscriptions[at].id, kanaal(), Partition(0)))
    }

    fn stored_unsettled(&self) -> Vec<(u64, u32)> {
        let of = |(key, value): (&Key, &Value)| match (key, value) {
            (Key::Unsettled(key), Value::Unsettled { attempts, .. }) => Some((key.position.0, *attempts)),
            _ => None,
        };
        let mut all: Vec<_> = self.store.iter().filter_map(of).collect();
        all.sort_unstable();
        all
    }
}

/// All delivered, by position.
fn delivered(positions: impl IntoIterator<Item = u64>) -> Vec<(u64, Outcome)> {
    positions.into_iter().map(|position| (position, Outcome::Delivered)).collect()
}

fn position(number: u64) -> Position {
    Position(number)
}
