//! The world of one mailing: people, a provider, what is durable, and the machine between them.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::Duration,
};

use delivery::mailing::{
    Candidate, Checkpoint, Chunk, Counts, Effect, FilterResult, Input, Ladder, Mailing, Progress, ProviderState, Reply,
    Settings,
};
use model::{
    Random, Timestamp,
    addressee::{Addressee, AddresseeId, Basis, Channel, Digest, Evidence, FilterId, Outcome, State},
    clock::SeededRandom,
    consent::Rate,
};

use super::made::{ACCEPTED, addressee, at, left, open, spec};

const PEOPLE: u64 = 120;
const SLOTS: usize = 4;
const UNSTORED: usize = 6;

fn bounds() -> Settings {
    Settings {
        window: 16,
        waiting: 12,
        unstored: UNSTORED,
        interval: Duration::from_millis(200),
        ladder: Ladder { first: Duration::from_secs(10), until: Duration::from_secs(100) },
    }
}

/// What comes later. All of it is lost in a crash, except what happens in the world.
enum Later {
    Chunk(Option<Digest>, usize),
    Check(AddresseeId),
    Answer(AddresseeId, Reply),
    Durable(Checkpoint),
    Wake,
    World,
}

pub struct World {
    random: SeededRandom,
    channel: Channel,
    now: Timestamp,
    number: u64,
    queue: BTreeMap<(Timestamp, u64), Later>,
    mailing: Mailing,
    people: BTreeMap<u64, Addressee>,
    /// Those who subscribed after the event.
    late: BTreeSet<u64>,
    /// Those who were there at the beginning and left.
    left: BTreeSet<u64>,
    /// What is durable.
    progress: Progress,
    evidence: HashMap<AddresseeId, Evidence>,
    /// How many messages the provider took, by person.
    taken: BTreeMap<u64, usize>,
    /// Messages that it took and whose reply was lost.
    lost_replies: usize,
    /// Messages that no durable checkpoint has, and those of them that the checkpoint has that is being stored.
    unstored: (usize, usize),
    pub crashes: usize,
    crash_chance: u64,
    is_down: bool,
    is_stopped: bool,
    pub finished: Option<Counts>,
}

fn number(id: AddresseeId) -> u64 {
    id.0.as_u128() as u64
}

impl World {
    pub fn new(seed: u64, channel: Channel) -> Self {
        let random = SeededRandom::new(seed);
        let now = at(ACCEPTED);
        let mut world = Self {
            channel,
            now,
            number: 0,
            queue: BTreeMap::new(),
            mailing: Mailing::new(spec(channel), bounds(), Progress::default(), now.into()),
            // Every second number is free for those who come later.
            people: (1..=PEOPLE).map(|number| (2 * number, addressee(2 * number, channel))).collect(),
            late: BTreeSet::new(),
            left: BTreeSet::new(),
            progress: Progress::default(),
            evidence: HashMap::new(),
            taken: BTreeMap::new(),
            lost_replies: 0,
            unstored: (0, 0),
            crashes: 0,
            crash_chance: 1 + random.bits() % 4,
            is_down: false,
            is_stopped: false,
            finished: None,
            random,
        };
        for person in world.people.values_mut() {
            person.filter = [None, None, Some(FilterId(1)), Some(FilterId(2))][world.random.bits() as usize % 4];
        }
        world.after(1_000, Later::World);
        world.give(open(SLOTS));
        world
    }

    fn chance(&self, percent: u64) -> bool {
        self.random.bits() % 100 < percent
    }

    fn after(&mut self, millis: u64, later: Later) {
        self.number += 1;
        self.queue.insert((self.now + Duration::from_millis(millis), self.number), later);
    }

    fn soon(&mut self, later: Later) {
        let millis = 1 + self.random.bits() % 100;
        self.after(millis, later);
    }

    fn give(&mut self, input: Input) {
        for effect in self.mailing.handle(input, self.now) {
            if self.crashes < 40 && self.random.bits() % 100 < self.crash_chance {
                self.crash();
                return;
            }
            self.perform(effect);
        }
        let most = bounds().most_open(1);
        assert!(self.mailing.counts().open <= most as u64, "I8: {} are open", self.mailing.counts().open);
        assert!(self.mailing.held_in_memory() <= 2 * most + UNSTORED, "I8: memory");
        assert!(self.mailing.counts().add_up(), "CH-86: {:?}", self.mailing.counts());
    }

    /// Everything under way is lost. What was being stored became durable, or did not.
    fn crash(&mut self) {
        self.crashes += 1;
        self.unstored = (0, 0);
        let queue = std::mem::take(&mut self.queue);
        for (at, later) in queue {
            match later {
                Later::Durable(checkpoint) if self.chance(50) => self.store(checkpoint),
                Later::World => drop(self.queue.insert(at, Later::World)),
                _ => {}
            }
        }
        self.mailing = Mailing::new(spec(self.channel), bounds(), self.progress.clone(), self.now.into());
        let state = self.provider();
        self.give(Input::Provider(state));
        if self.is_stopped {
            self.give(Input::Stop);
        }
    }

    fn provider(&self) -> ProviderState {
        if self.is_down {
            ProviderState::Closed { until: None }
        } else {
            ProviderState::Open { rate: Rate::Unlimited, slots: SLOTS }
        }
    }

    fn store(&mut self, checkpoint: Checkpoint) {
        self.progress.apply(checkpoint);
        assert!(self.progress.counts.add_up(), "CH-86: {:?}", self.progress.counts);
        let (open, listed) = (self.progress.counts.open, self.progress.unsettled.len());
        assert!(open == listed as u64, "I11: {open} are open and {listed} are listed");
    }

    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Read { after, limit } => self.soon(Later::Chunk(after, limit)),
            Effect::Check { id, .. } => self.soon(Later::Check(id)),
            Effect::Send { addressee, .. } => self.send(*addressee),
            Effect::Record(evidence) => {
                for one in evidence {
                    let id = one.addressee.expect("evidence of a mailing names its addressee");
                    let known = self.evidence.remove(&id);
                    self.evidence.insert(id, known.map_or_else(|| one.clone(), |known| known.merge(&one)));
                }
            }
            Effect::Store(checkpoint) => {
                self.unstored.1 = self.unstored.0;
                self.soon(Later::Durable(checkpoint));
            }
            Effect::Wake(at) => {
                let wait = u64::try_from(at.as_micros() - self.now.as_micros()).unwrap_or(0).div_ceil(1_000);
                self.after(wait, Later::Wake);
            }
            Effect::Suspended => unreachable!("at most one message is refused"),
            Effect::Finished(counts) => self.finished = Some(counts),
        }
    }

    fn send(&mut self, addressee: Addressee) {
        let number = number(addressee.id);
        let person = self.people.get(&number).expect("I9: a person who is there");
        assert!(person.sendable(self.now).is_some(), "I9: {number} is confirmed");
        assert!(!self.late.contains(&number), "CH-91: {number} subscribed later");
        assert!(!self.is_stopped, "CH-94: nothing after a stop");
        self.unstored.0 += 1;
        assert!(self.unstored.0 <= UNSTORED, "I11: {} messages are in no checkpoint", self.unstored.0);
        let reply = match self.random.bits() % 20 {
            _ if self.is_down => Reply::ProviderFailed { retry_after: None },
            0 => Reply::AddresseeLater,
            1 if number.is_multiple_of(10) => Reply::AddresseeFailed,
            2 => Reply::ProviderFailed { retry_after: Some(Duration::from_secs(3)) },
            3 => Reply::Unknown,
            4 if number == 50 => Reply::MessageRefused,
            _ => Reply::Accepted,
        };
        let is_lost = reply == Reply::Unknown && self.chance(50);
        self.lost_replies += usize::from(is_lost);
        if reply == Reply::Accepted || is_lost {
            *self.taken.entry(number).or_default() += 1;
        }
        let millis = if self.chance(5) { 20_000 } else { 1 + self.random.bits() % 300 };
        self.after(millis, Later::Answer(addressee.id, reply));
    }

    /// Somebody leaves or subscribes, or the provider goes down or comes back.
    fn change(&mut self) {
        let any = 1 + self.random.bits() % (2 * PEOPLE);
        match self.random.bits() % 6 {
            0 | 1 => {
                if let Some(person) = self.people.get_mut(&any) {
                    *person = left(person);
                    self.left.insert(any);
                }
            }
            2 | 3 if any % 2 == 1 => {
                let state = State::confirmed(self.now + Duration::from_secs(1), Basis::Code);
                self.people.insert(any, Addressee { state, ..addressee(any, self.channel) });
                self.late.insert(any);
            }
            4 => {
                self.is_down = !self.is_down && self.chance(30);
                let state = self.provider();
                self.give(Input::Provider(state));
            }
            _ => {}
        }
        if self.finished.is_none() {
            self.after(300, Later::World);
        }
    }

    pub fn step(&mut self) {
        let Some(((due, _), later)) = self.queue.pop_first() else { panic!("I11: nothing is left to happen") };
        self.now = self.now.max(due);
        match later {
            Later::Chunk(after, limit) if self.chance(95) => {
                let first = after.map_or(0, |after| u64::from_be_bytes(after.0[..8].try_into().expect("eight bytes")));
                let rest: Vec<_> = self.people.range(first + 1..).map(|(_, one)| one.clone()).collect();
                let next = (rest.len() > limit).then(|| rest[limit - 1].digest);
                let candidate = |addressee| Candidate { addressee, sender: FilterResult::Matches };
                let addressees = rest.into_iter().take(limit).map(candidate).collect();
                self.give(Input::Chunk(Chunk { addressees, next, damaged: 0 }));
            }
            Later::Chunk(..) => self.give(Input::ChunkFailed),
            Later::Check(id) if self.chance(98) => {
                let person = self.people.get(&number(id)).cloned().map(Box::new);
                self.give(Input::Checked(id, person));
            }
            Later::Check(id) => self.give(Input::CheckFailed(id)),
            Later::Answer(id, reply) => self.give(Input::Answered(id, reply)),
            Later::Durable(checkpoint) => {
                self.store(checkpoint);
                self.unstored.0 -= std::mem::take(&mut self.unstored.1);
                self.give(Input::Stored);
            }
            Later::Wake => self.give(Input::Tick),
            Later::World => self.change(),
        }
    }

    /// Ends the mailing before its end.
    pub fn stop(&mut self) {
        self.is_stopped = true;
        self.give(Input::Stop);
    }

    pub fn run(&mut self) {
        for _ in 0..200_000 {
            if self.finished.is_some() {
                return;
            }
            self.step();
        }
        panic!("I11: it does not end: {:?}", self.mailing.counts());
    }

    pub fn check_end(&self) {
        let counts = self.finished.as_ref().expect("it has finished");
        assert!(counts.add_up() && counts.open == 0, "CH-86: {counts:?}");
        assert!(self.progress.unsettled.is_empty(), "I11: some are listed at the end");
        let again: usize = self.taken.values().map(|taken| taken - 1).sum();
        match self.channel {
            Channel::Sms => assert!(again == 0, "I11: {again} text messages are sent twice"),
            _ => assert!(again <= self.crashes * (SLOTS + UNSTORED) + self.lost_replies, "I11: {again} twice"),
        }
        for number in (1..=PEOPLE).map(|number| 2 * number).filter(|number| !self.left.contains(number)) {
            let person = &self.people[&number];
            let outcome = self.evidence.get(&person.id).and_then(|one| one.outcome).map(|(outcome, _)| outcome);
            let taken = self.taken.get(&number).copied().unwrap_or(0);
            if person.filter == Some(FilterId(2)) {
                assert!((outcome, taken) == (None, 0), "CH-74: {number} does not want it");
            } else if !self.is_stopped {
                let outcome = outcome.unwrap_or_else(|| panic!("I11: {number} was skipped"));
                assert!(outcome != Outcome::Sent || taken > 0, "I11: {number}: {outcome:?}");
                assert!(taken > 0 || outcome != Outcome::Ended, "I11: {number}: {outcome:?}");
            }
        }
    }
}
