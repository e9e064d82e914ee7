//! The driver of one mailing: performs the effects of its machine, in their order, and returns what came of them as inputs. It
//! decides nothing.

use std::{collections::HashMap, sync::Arc};

use delivery::mailing::{Candidate, Chunk, Counts, Cursor, Effect, Input, Mailing, Phase, ProviderState, Reply, Spec};
use event_reader::read_one;
use model::{
    addressee::{Addressee, AddresseeId, Digest, Evidence, StateKind},
    clock::Instant,
    consent::Rate,
    mailing::MailingId,
};
use storage::{
    audience::{FailedWalk, Walk},
    mailings::OpenMailing,
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

use super::{
    MailingParts, bounce, collected,
    filters::{self, SenderFilter},
    letter::{self, Letter, LetterError},
    metrics::{self, OPEN, Raised, SUSPENDED},
    sending::EventSending,
    stops::Stoppable,
    store::{self, until_durable},
};
use crate::{Outlet, Priority, Turn};

/// What came of an effect.
enum Step {
    Input(Input),
    /// A state was read; the turn to send is taken already.
    Checked(AddresseeId, Option<Box<Addressee>>, Turn),
    /// It is to be read with a turn.
    Check(AddresseeId),
    /// There is room for its walk after a pause.
    MayWalk(OwnedSemaphorePermit),
}

struct Driver {
    parts: Arc<MailingParts>,
    id: MailingId,
    start: model::mailing::MailingStart,
    letter: Arc<Letter>,
    sender_filter: Arc<SenderFilter>,
    outlet: Outlet,
    machine: Mailing,
    steps: mpsc::UnboundedSender<Step>,
    tasks: JoinSet<()>,
    turns: HashMap<AddresseeId, Turn>,
    evidence: Vec<Evidence>,
    counted: Counts,
    wake: Option<Instant>,
    /// Held while the walk goes on.
    walking: Option<OwnedSemaphorePermit>,
    /// Where that comes from.
    room: Arc<Semaphore>,
    /// Whether all addressees were met.
    has_walked: bool,
    /// Whether the kanaal holds it back.
    sending: EventSending,
    is_held: bool,
    suspended: Option<Raised>,
    is_finished: bool,
    is_stopping: bool,
    /// Messages whose reply is not known.
    in_flight: usize,
    /// Whether a checkpoint is being stored.
    is_storing: bool,
    /// Whether a reply is in no checkpoint yet.
    is_dirty: bool,
}

/// Runs a mailing to its end. `event` is read from the log when it is not given.
pub(super) async fn mailing(
    parts: Arc<MailingParts>,
    (mailing, stoppable): (OpenMailing, Stoppable),
    event: Option<model::Event>,
    (room, walking): (Arc<Semaphore>, OwnedSemaphorePermit),
    stop: CancellationToken,
) {
    let OpenMailing { id, start, .. } = mailing;
    let Some(outlet) = parts.outlet(start.channel).cloned() else { return };
    let _open = Raised::new(OPEN, &start.event.kanaal);
    let Some(progress) = until_durable(&parts, || parts.mailings.progress(id)).await else { return };
    let (letter, is_lost) = letter(&parts, &start, event).await;
    let Some(letter) = letter else { return };
    let kanaal = &start.event.kanaal;
    if !is_lost {
        log_missing(&letter, &start, id);
    }
    let is_obligatory = parts.is_obligatory(kanaal);
    let distinct = until_durable(&parts, || parts.audience.filters(kanaal, is_obligatory)).await;
    let sending = parts.sendings.of(kanaal, start.accepted);
    let spec = Spec {
        event: start.event.clone(),
        channel: start.channel,
        accepted: start.accepted,
        expires: start.expires,
        filters: filters::evaluate(&parts.dialects, &distinct, letter.event(), letter.data()),
        trial: sending.list(),
        is_obligatory,
    };
    let (steps, mut receiver) = mpsc::unbounded_channel();
    let has_walked = progress.cursor == Cursor::End;
    let was_suspended = progress.phase == Phase::Suspended;
    let mut driver = Driver {
        counted: progress.counts.clone(),
        walking: (!has_walked).then_some(walking),
        room,
        has_walked,
        sending,
        is_held: false,
        machine: Mailing::new(spec, parts.settings.mailing.clone(), progress, parts.clock.moment()),
        sender_filter: Arc::new(SenderFilter::of(&parts.dialects, letter.event())),
        letter: Arc::new(letter),
        outlet,
        tasks: JoinSet::new(),
        turns: HashMap::new(),
        evidence: Vec::new(),
        wake: None,
        suspended: None,
        is_finished: false,
        is_stopping: false,
        in_flight: 0,
        is_storing: false,
        is_dirty: false,
        parts,
        id,
        start,
        steps,
    };
    driver.give(Input::Tick);
    driver.follow_sending();
    driver.give(Input::Provider(ProviderState::Open { rate: Rate::Unlimited, slots: driver.outlet.relay.slots() }));
    let mut is_stopped = is_lost || stoppable.token.is_cancelled();
    if is_stopped {
        driver.give(Input::Stop);
    } else if was_suspended {
        driver.give(Input::Resume);
    }
    while !driver.is_finished && !driver.may_stop() {
        let wait = driver.wake.map(|at| at.since(driver.parts.clock.instant()));
        tokio::select! {
            step = receiver.recv() => match step {
                Some(step) => driver.step(step),
                None => return,
            },
            () = tokio::time::sleep(wait.unwrap_or_default()), if wait.is_some() => {
                driver.wake = None;
                driver.give(Input::Tick);
            }
            () = driver.sending.changed() => driver.follow_sending(),
            () = stop.cancelled(), if !driver.is_stopping => driver.is_stopping = true,
            () = stoppable.token.cancelled(), if !is_stopped => {
                is_stopped = true;
                driver.give(Input::Stop);
            }
        }
        while driver.tasks.try_join_next().is_some() {}
    }
    if !driver.is_finished {
        return;
    }
    let parts = &driver.parts;
    until_durable(parts, || parts.mailings.end(driver.id, parts.clock.now())).await;
}

/// The event with its texts, and whether it is not on the log any more: then nothing can be sent.
async fn letter(
    parts: &Arc<MailingParts>,
    start: &model::mailing::MailingStart,
    event: Option<model::Event>,
) -> (Option<Letter>, bool) {
    let kanaal = &start.event.kanaal;
    let found = if event.is_some() {
        event
    } else {
        let read = || read_one(parts.log.as_ref(), kanaal, start.partition, start.position);
        until_durable(parts, read).await.map(|stored| stored.accepted.event)
    };
    let is_lost = found.is_none();
    if is_lost {
        tracing::error!(%kanaal, position = start.position.0, "the event of a mailing is not on the log any more; it ends");
    }
    let Some(event) = found.or_else(|| placeholder(start)) else { return (None, true) };
    match Letter::new(parts, start.event.clone(), event) {
        Ok(letter) => (Some(letter), is_lost),
        Err(error) => {
            tracing::error!(%kanaal, %error, "the built-in texts of a mailing cannot be used");
            (None, is_lost)
        }
    }
}

/// Logs that nobody can get an event, because it has not what a notification must have (CH-85).
fn log_missing(letter: &Letter, start: &model::mailing::MailingStart, id: MailingId) {
    let Ok(missing) = letter.missing() else { return };
    if !missing.is_empty() {
        let (kanaal, mailing, fields) = (&start.event.kanaal, id.0, letter::names(&missing));
        tracing::error!(%kanaal, mailing, fields, "an event has no value for fields that its notification must have");
    }
}

/// The next addressees: of a resend those to whom the event did not get through before it, else all.
async fn chunk(
    parts: &MailingParts,
    id: MailingId,
    start: &model::mailing::MailingStart,
    after: Option<Digest>,
    limit: u32,
) -> Result<storage::audience::Chunk, storage::audience::Error> {
    let (channel, kanaal) = (start.channel, start.event.kanaal.clone());
    let with_left = parts.is_obligatory(&kanaal);
    let Some(resend) = &start.resend else {
        // Of those in other states, the machine takes those who left.
        let state = (!with_left).then_some(StateKind::Confirmed);
        return parts.audience.walk(Walk { kanaal, channel, after, state, filters: None, limit }).await;
    };
    let (event, failures) = (start.event.clone(), resend.failures.clone());
    parts.audience.failed(FailedWalk { event, channel, failures, before: Some(id), with_left, after, limit }).await
}

/// Whether an addressee gets the event with others in one mail.
fn is_collected(parts: &MailingParts, addressee: &Addressee) -> bool {
    addressee.is_collected()
        && !parts.is_obligatory(&addressee.kanaal)
        && addressee.sendable(parts.clock.now()).is_some()
}

/// An event of which only the identity is left.
fn placeholder(start: &model::mailing::MailingStart) -> Option<model::Event> {
    let attributes = [("id", start.event.id.as_str()), ("source", start.event.source.as_str()), ("type", "unknown")];
    let attributes =
        attributes.map(|(name, value)| Some((model::AttributeName::new(name).ok()?, model::Value::text(value).ok()?)));
    model::Event::new(attributes.into_iter().collect::<Option<_>>()?, None).ok()
}

impl Driver {
    /// Whether everything that was sent is stored, and nothing more is to be sent.
    fn may_stop(&self) -> bool {
        self.is_stopping && self.in_flight == 0 && !self.is_storing && !self.is_dirty
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Input(input) => {
                match &input {
                    Input::Answered(..) => (self.in_flight, self.is_dirty) = (self.in_flight.saturating_sub(1), true),
                    Input::Stored => self.is_storing = false,
                    _ => {}
                }
                self.give(input);
            }
            Step::Checked(..) | Step::Check(_) if self.is_stopping => {}
            Step::Check(id) => self.check(id, true),
            Step::MayWalk(walking) => {
                if !self.is_held {
                    self.walking = Some(walking);
                    self.give(Input::Paused(false));
                }
            }
            Step::Checked(id, addressee, turn) => {
                self.follow_sending();
                self.turns.insert(id, turn);
                self.give(Input::Checked(id, addressee));
                // Not sent: the turn is for somebody else.
                self.turns.remove(&id);
            }
        }
    }

    fn give(&mut self, input: Input) {
        for effect in self.machine.handle(input, self.parts.clock.moment()) {
            self.perform(effect);
        }
        let is_suspended = self.machine.phase() == Phase::Suspended;
        if !is_suspended {
            self.suspended = None;
        } else if self.suspended.is_none() {
            self.suspended = Some(Raised::new(SUSPENDED, &self.start.event.kanaal));
        }
    }

    /// Tells the machine when the kanaal holds it back, and when it does not any more: then as soon as there is room for its walk.
    fn follow_sending(&mut self) {
        let is_held = self.sending.is_held();
        if is_held == self.is_held {
            return;
        }
        self.is_held = is_held;
        if is_held {
            self.give(Input::Paused(true));
            self.walking = None;
        } else if self.has_walked {
            self.give(Input::Paused(false));
        } else {
            let (room, steps) = (Arc::clone(&self.room), self.steps.clone());
            self.tasks.spawn(async move {
                // It is never closed.
                if let Ok(walking) = room.acquire_owned().await {
                    drop(steps.send(Step::MayWalk(walking)));
                }
            });
        }
    }

    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Read { after, limit } => self.read(after, limit),
            Effect::Check { id, is_collected } => self.check(id, !is_collected),
            Effect::Send { addressee, .. } => self.send(addressee),
            Effect::Record(evidence) => self.evidence = evidence,
            Effect::Store(checkpoint) => {
                metrics::count_ends(&self.start.event.kanaal, &self.counted, &checkpoint.counts);
                self.counted = checkpoint.counts.clone();
                if checkpoint.cursor == Cursor::End {
                    (self.walking, self.has_walked) = (None, true);
                }
                (self.is_storing, self.is_dirty) = (true, false);
                let evidence = std::mem::take(&mut self.evidence);
                let (parts, steps) = (Arc::clone(&self.parts), self.steps.clone());
                let own = (self.id, self.start.resend.is_some());
                self.tasks.spawn(async move {
                    store::checkpoint(parts, own, evidence, checkpoint).await;
                    drop(steps.send(Step::Input(Input::Stored)));
                });
            }
            Effect::Wake(at) => self.wake = Some(at),
            Effect::Suspended => {
                let (kanaal, mailing) = (&self.start.event.kanaal, self.id.0);
                tracing::error!(
                    %kanaal, mailing,
                    "a mailing is suspended: its messages were refused; check sender and templates, then restart the gateway"
                );
            }
            Effect::Finished(counts) => {
                let (kanaal, mailing) = (&self.start.event.kanaal, self.id.0);
                let (sent, failed, skipped) = (counts.sent(), counts.failed(), counts.skipped());
                tracing::info!(%kanaal, mailing, candidates = counts.candidates, sent, failed, skipped, "a mailing ended");
                self.is_finished = true;
            }
        }
    }

    fn read(&mut self, after: Option<Digest>, limit: usize) {
        let (parts, steps, sender) = (Arc::clone(&self.parts), self.steps.clone(), Arc::clone(&self.sender_filter));
        let (id, start) = (self.id, self.start.clone());
        self.tasks.spawn(async move {
            let input = match chunk(&parts, id, &start, after, limit as u32).await {
                Ok(chunk) => {
                    let candidate = |stored: storage::audience::Stored| Candidate {
                        sender: sender.result(&stored.addressee),
                        addressee: stored.addressee,
                    };
                    let addressees = chunk.addressees.into_iter().map(candidate).collect();
                    Input::Chunk(Chunk { addressees, next: chunk.next, damaged: chunk.damaged })
                }
                Err(error) => {
                    tracing::warn!(%error, "addressees cannot be read; this is retried");
                    Input::ChunkFailed
                }
            };
            drop(steps.send(Step::Input(input)));
        });
    }

    /// Takes the turn first, so that nothing lies between reading the state and sending (CH-64). Who gets the event with others in one
    /// mail needs none, and takes nothing of the rate.
    fn check(&mut self, id: AddresseeId, needs_turn: bool) {
        let (parts, steps) = (Arc::clone(&self.parts), self.steps.clone());
        let (relay, priority) = (Arc::clone(&self.outlet.relay), Priority::Mailing(self.start.event.kanaal.clone()));
        let own = (self.id, self.start.resend.is_some());
        self.tasks.spawn(async move {
            let turn = if needs_turn { Some(relay.turn(priority).await) } else { None };
            let checked = async {
                let found = parts.audience.get(id).await?.map(|stored| Box::new(stored.addressee));
                if let Some(addressee) = found.as_deref().filter(|addressee| is_collected(&parts, addressee)) {
                    drop(turn);
                    collected::collect::event(&parts, own, addressee).await?;
                    return Ok(Step::Input(Input::Collected(id)));
                }
                match turn {
                    Some(turn) => Ok(Step::Checked(id, found, turn)),
                    // Its choice has changed: it is checked again, with a turn.
                    None => Ok(Step::Check(id)),
                }
            };
            let step = checked.await.unwrap_or_else(|error: storage::audience::Error| {
                tracing::warn!(%error, "the state of an addressee cannot be read; this is retried");
                Step::Input(Input::CheckFailed(id))
            });
            drop(steps.send(step));
        });
    }

    fn send(&mut self, addressee: Box<Addressee>) {
        // The machine sends only in the step in which the state was read, so the turn is there.
        let Some(turn) = self.turns.remove(&addressee.id) else { return };
        self.in_flight += 1;
        let (parts, steps, letter) = (Arc::clone(&self.parts), self.steps.clone(), Arc::clone(&self.letter));
        let (composer, channel) = (self.outlet.composer.clone(), self.start.channel);
        self.tasks.spawn(async move {
            let reply = match letter.message(&parts, &composer, &addressee, parts.clock.now()) {
                Ok(message) => {
                    let sent = turn.send(&message).await;
                    if sent.reply != Reply::Accepted {
                        tracing::debug!(addressee = %addressee.id, reason = sent.reason, "a message was not accepted");
                    }
                    if sent.is_bad_address {
                        bounce::address_failed(&parts, addressee.digest, channel).await;
                    }
                    sent.reply
                }
                // It is logged once for the mailing.
                Err(LetterError::Missing(_)) => Reply::Untranslatable,
                Err(error) => {
                    tracing::error!(addressee = %addressee.id, %error, "a message cannot be made");
                    Reply::MessageRefused
                }
            };
            drop(steps.send(Step::Input(Input::Answered(addressee.id, reply))));
        });
    }
}
