//! A mailing: one event to the addressees of one kanaal and channel, through one provider. This is a pure machine: it reads
//! no storage, sends nothing and has no clock. What performs its effects is not here.
//!
//! Use: [`Mailing::new`] with the stored [`Progress`], then [`Mailing::handle`] for every [`Input`], first [`Input::Tick`].
//! The effects that it returns are performed in their order. The last one is [`Effect::Finished`].
//!
//! # The parts
//!
//! | name | type | what it is |
//! |---|---|---|
//! | cursor | [`Cursor`] | the walk over addressees in the order of digests: all up to here were admitted or skipped |
//! | entry | `Entry` | an addressee that was admitted and has not ended; about 150 bytes, no address |
//! | counts | [`Counts`] | candidates, and how each ended; candidates = sent + failed + skipped + open (CH-86) |
//! | gate | `Gate` | whether the provider takes a message now: its state, outage, `Retry-After` and pace |
//! | ladder | [`Ladder`] | the waits between attempts for one addressee (CH-142) |
//! | checkpoint | [`Checkpoint`] | what changed since the last one; [`Progress`] is the sum of all |
//!
//! # An addressee
//!
//! 1. A chunk of the walk brings it. It is skipped, with a [`Skip`], when its filter did not match, when it is not confirmed,
//!    or when it subscribed after the event was accepted (CH-91). Otherwise it becomes an entry and waits for its turn.
//! 2. Its turn comes when the gate is open and a slot is free. A text message first waits until the intent to send it is
//!    durable.
//! 3. Its state is read ([`Effect::Check`]) and sent to in the same step ([`Effect::Send`]) if it is confirmed in that moment
//!    (I9, CH-64), the event has not expired (CH-100) and the gate is still open. So nothing lies between reading and sending.
//! 4. The reply ends it, or puts it on the ladder, or returns it to the queue without an attempt (the provider failed).
//! 5. It ends exactly once ([`End`], CH-144). Its evidence is recorded before the checkpoint without it is stored.
//!
//! # Bounds
//!
//! At most `window` addressees wait for their turn, and no chunk is read when the ladder has `waiting` of them; the entries
//! never exceed [`Settings::most_open`]. Those on the ladder take no place in the window, so they delay nobody (CH-92) until
//! there are `waiting` of them. No message is sent when `unstored` were sent since the last durable checkpoint.
//!
//! # After a crash
//!
//! [`Mailing::new`] goes on from the last durable checkpoint. Who is behind the cursor and not listed has ended; the listed are
//! tried; the rest is walked. Example, with a window of 4 and addressees 1 to 9:
//!
//! ```text
//! chunk 1-4                cursor 4, open 1 2 3 4
//! 1 and 2 sent             checkpoint A: cursor 4, sent 2, listed 3 4
//! 3 sent, 4 answered 451   (4 waits for 5 minutes)
//! chunk 5-8, 5 sent        cursor 8
//! crash                    A is what is left
//! restart                  3 and 4 are tried, then the walk goes on after 4: 3 and 5 get a second message
//! ```
//!
//! So a message is sent twice at most to those whose reply was under way at the checkpoint and to `unstored` that were sent
//! after it (I11, CH-90), and the Message-ID is the same. A text message has its intent in A: after the restart it is in doubt,
//! and is not sent again. That is also its end when only the intent was stored and nothing was sent.
//!
//! # The provider fails, or the message
//!
//! When the provider fails, nothing is sent until a wait is over; then one message is tried. That takes nobody's attempt
//! (CH-142). When it refuses the message itself, the addressee is held: another one that is accepted shows that the trouble was
//! with this addressee's message only, which ends it as a technical failure. Refused messages for [`REFUSED_IN_A_ROW`]
//! addressees without an accepted one between them suspend the mailing; none of them has failed then (CH-143).
//!
//! # A pause of the kanaal, and a trial
//!
//! While the kanaal is paused ([`Input::Paused`], CH-132), nothing starts: no chunk is read and no message goes out. Replies end
//! their addressees as ever, retries wait for the end of the pause, and a stop or the expiry of the event ends the mailing. An
//! intent that was stored is taken back, so that nobody is in doubt after a restart in the pause. A mailing of a trial ([`Spec::trial`])
//! goes to the addresses of a list; whoever else the event is for ends with [`Skip::Trial`].
//!
//! # Messages that have to be sent
//!
//! With [`Spec::is_obligatory`] those are candidates too who were confirmed and left (CH-21). That is the one exception from I9; who
//! ended in another way, or was never confirmed, is none.
//!
//! # What is not here
//!
//! Rendering, addresses in clear, filters (evaluated once per event before, CH-74), the rate over several nodes and mailings, and
//! the count of hard bounces of an address (`model::addressee::hard`). Its driver is `mailer::mailings`.

mod admit;
mod answer;
mod checkpoint;
mod effects;
mod entry;
mod gate;
mod ladder;
mod obliged;
mod over;
mod paused;
mod send;
mod settle;
mod spec;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

pub use model::mailing::{Checkpoint, Counts, Cursor, End, Phase, Progress, Skip, Unsettled};
use model::{
    addressee::AddresseeId,
    clock::{Instant, Now},
};

pub use self::{
    answer::REFUSED_IN_A_ROW,
    effects::{Candidate, Chunk, Effect, Input, ProviderState, Reply},
    ladder::Ladder,
    spec::{FilterResult, Settings, Spec},
};
use self::{checkpoint::Checkpoints, entry::Entry, gate::Gate};

/// The machine of one mailing.
#[derive(Debug)]
pub struct Mailing {
    spec: Spec,
    settings: Settings,
    now: Now,
    phase: Phase,
    /// Whether the kanaal sends nothing for the time being (CH-132).
    is_paused: bool,
    cursor: Cursor,
    reading: Reading,
    counts: Counts,
    gate: Gate,

    entries: BTreeMap<AddresseeId, Entry>,
    /// Those whose turn comes, in order; ids without an entry in that stage are passed over.
    ready: VecDeque<AddresseeId>,
    /// Those whose intent is durable: they come before the others, whose intents have to wait for theirs.
    intended: VecDeque<AddresseeId>,
    /// Those that wait for a retry, by time.
    waiting: BTreeSet<(Instant, AddresseeId)>,
    /// Those whose message was refused since one was last accepted; fewer than [`REFUSED_IN_A_ROW`].
    held: Vec<AddresseeId>,
    /// The number of entries whose state is being read.
    checking: usize,
    /// The number of entries that are being sent to.
    sending: usize,
    /// The number of entries with the intent to send.
    with_intent: usize,

    checkpoints: Checkpoints,
    /// The wake that was set last.
    wake: Option<Instant>,
    is_finished: bool,
    effects: Vec<Effect>,
}

/// Whether a chunk is being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reading {
    Idle,
    UnderWay,
    /// The last read failed; the next one is at this time.
    Failed(Instant),
}

impl Mailing {
    /// A mailing that goes on from what is stored: `Progress::default()` for a new one.
    pub fn new(spec: Spec, settings: Settings, progress: Progress, now: Now) -> Self {
        let mut counts = progress.counts;
        counts.open = 0;
        let mut mailing = Self {
            spec,
            settings,
            now,
            phase: progress.phase,
            is_paused: false,
            cursor: progress.cursor,
            reading: Reading::Idle,
            counts,
            gate: Gate::default(),
            entries: BTreeMap::new(),
            ready: VecDeque::new(),
            intended: VecDeque::new(),
            waiting: BTreeSet::new(),
            held: Vec::new(),
            checking: 0,
            sending: 0,
            with_intent: 0,
            checkpoints: Checkpoints::default(),
            wake: None,
            is_finished: false,
            effects: Vec::new(),
        };
        for unsettled in progress.unsettled.into_values() {
            mailing.restore(unsettled);
        }
        mailing
    }

    /// Applies one input and returns what is to be done, in this order. Inputs about an addressee that has ended change nothing.
    pub fn handle(&mut self, input: Input, now: impl Into<Now>) -> Vec<Effect> {
        if self.is_finished {
            return Vec::new();
        }
        let now = now.into();
        self.now = Now { instant: self.now.instant.max(now.instant), wall: now.wall };
        match input {
            Input::Tick => {}
            Input::Chunk(chunk) => self.chunk_read(chunk),
            Input::ChunkFailed => self.chunk_failed(),
            Input::Checked(id, addressee) => self.state_read(id, addressee),
            Input::CheckFailed(id) => self.check_failed(id),
            Input::Collected(id) => self.collected(id),
            Input::Answered(id, reply) => self.answered(id, reply),
            Input::Stored => self.checkpoint_stored(),
            Input::Provider(state) => self.gate.set(state),
            Input::Stop => self.enter(Phase::Stopped),
            Input::Resume => self.resume(),
            Input::Paused(is_paused) => self.set_paused(is_paused),
        }
        self.queue_due_retries();
        self.end_when_over();
        self.end_held_when_alone();
        self.withdraw_intents_in_pause();
        self.start_sends();
        self.read_next_chunk();
        self.store_when_due();
        self.finish_when_done();
        self.set_wake();
        debug_assert!(self.counts.add_up() && self.counts.open == self.entries.len() as u64, "{:?}", self.counts);
        std::mem::take(&mut self.effects)
    }

    /// The counts at this moment; the stored ones are older.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// The phase at this moment.
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// The most that the machine holds at this moment, in addressees: those that are open, and those that ended and whose evidence
    /// is not handed over.
    pub fn held_in_memory(&self) -> usize {
        self.entries.len() + self.checkpoints.unrecorded()
    }

    fn enter(&mut self, phase: Phase) {
        if self.phase != phase && self.phase != Phase::Stopped {
            self.phase = phase;
            self.checkpoints.store_soon();
        }
    }

    fn resume(&mut self) {
        if self.phase == Phase::Suspended {
            self.enter(Phase::Active);
        }
    }

    /// Whether nothing is left but to store that.
    fn has_all_ended(&self) -> bool {
        (self.cursor == Cursor::End || self.phase == Phase::Stopped) && self.entries.is_empty()
    }

    fn finish_when_done(&mut self) {
        if self.has_all_ended() && self.checkpoints.is_all_stored() {
            self.is_finished = true;
            self.effects.push(Effect::Finished(self.counts.clone()));
        }
    }

    /// Sets the timer to the next moment at which something happens without another input.
    fn set_wake(&mut self) {
        let retry = self.waiting.first().map(|(due, _)| *due);
        let has_ready = !(self.ready.is_empty() && self.intended.is_empty()) && self.may_start();
        let gate = if has_ready { self.gate.opens_at(self.now.instant) } else { None };
        let read = match self.reading {
            Reading::Failed(until) => Some(until).filter(|until| *until > self.now.instant),
            Reading::Idle | Reading::UnderWay => None,
        };
        let has_any = !self.entries.is_empty() || self.is_paused;
        let expiry = self.spec.expires.filter(|at| has_any && *at > self.now.wall);
        let expiry = expiry.map(|at| self.now.instant + at.since(self.now.wall));
        let next = [retry, gate, read, expiry, self.checkpoints.due_at(&self.settings)].into_iter().flatten().min();
        let next = next.filter(|_| !self.is_finished);
        if next != self.wake {
            self.wake = next;
            self.effects.extend(next.map(Effect::Wake));
        }
    }
}
