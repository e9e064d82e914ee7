//! Performs the actions of the machine: each becomes a task that reports its result, so the machine never waits.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError},
};

use model::{Clock, KanaalName, Subscription, SubscriptionId, clock::Now};
use storage::progress::Shard;
use tokio::{sync::mpsc, task::JoinSet};

use super::{Common, EngineParts, dead_letters, message::Message, read, store::Store, submit};
use crate::{
    arena::Id,
    channel::{Answer, Reply, Sender},
    machine::{Action, Effects, Input, Request, SendRequest},
    metrics::ShardCounters,
};

/// A subscription as it was when its sender was made, and the sender.
type SenderOf = (Arc<Subscription>, Arc<dyn Sender>);

/// Performs the actions of one shard.
pub(super) struct Performer {
    parts: Arc<EngineParts>,
    store: Store,
    sender: mpsc::UnboundedSender<Message>,
    meters: ShardCounters,
    senders: HashMap<SubscriptionId, SenderOf>,
    common: Arc<Common>,
    /// Requests and checkpoints under way: they end with the shard, however it ends.
    under_way: JoinSet<()>,
}

impl Performer {
    pub fn new(
        parts: Arc<EngineParts>,
        common: Arc<Common>,
        shard: Shard,
        sender: mpsc::UnboundedSender<Message>,
    ) -> Self {
        Self {
            store: Store::new(Arc::clone(&parts), shard, sender.clone()),
            parts,
            sender,
            meters: ShardCounters::new(),
            senders: HashMap::new(),
            common,
            under_way: JoinSet::new(),
        }
    }

    /// Starts every action and passes on the journal entries and counts of the machine.
    pub fn perform(&mut self, effects: Effects) {
        // Their results came as messages; this only removes them from the set.
        while self.under_way.try_join_next().is_some() {}
        if !effects.journal.is_empty() {
            self.parts.journal.record(effects.journal);
        }
        self.meters.add(effects.counts);
        let mut letters = Vec::new();
        for action in effects.actions {
            match action {
                Action::SendRequest(send) => self.send(send),
                Action::Read(what) => {
                    let source = read::Source {
                        log: Arc::clone(&self.parts.log),
                        journal: Arc::clone(&self.parts.journal),
                        clock: Arc::clone(&self.parts.clock),
                        common: Arc::clone(&self.common),
                    };
                    tokio::spawn(read::read(source, what, self.sender.clone()));
                }
                Action::Checkpoint(what) => {
                    let store = self.store.clone();
                    self.under_way.spawn(async move { store.checkpoint(what).await });
                }
                Action::StorePace(entries) => {
                    let store = self.store.clone();
                    self.under_way.spawn(async move { store.pace(entries).await });
                }
                Action::StoreDeadLetter(id, letter) => letters.push((id, *letter)),
                Action::SetStatus { id, generation, status } => {
                    tokio::spawn(submit::set_status(Arc::clone(&self.parts), id, generation, status));
                }
                Action::EndRun(id) => {
                    tokio::spawn(submit::end_run(Arc::clone(&self.parts), id));
                }
            }
        }
        if !letters.is_empty() {
            let (journal, common) = (Arc::clone(&self.parts.journal), Arc::clone(&self.common));
            let now = self.parts.clock.now();
            tokio::spawn(dead_letters::store(journal, common, letters, now, self.sender.clone()));
        }
    }

    /// Drops the sender of a deleted subscription.
    pub fn forget(&mut self, id: SubscriptionId) {
        self.senders.remove(&id);
    }

    /// Removes a deleted kanaal from the cache of recent events.
    pub fn kanaal_deleted(&self, naam: &KanaalName) {
        self.common.recent.lock().unwrap_or_else(PoisonError::into_inner).forget(naam);
    }

    fn send(&mut self, send: SendRequest) {
        let sender = match self.senders.get(&send.subscription.id) {
            Some((subscription, sender)) if Arc::ptr_eq(subscription, &send.subscription) => Arc::clone(sender),
            _ => {
                let channel = self.parts.channels.of(&send.subscription.sink);
                let sender = channel.sender(Arc::clone(&send.subscription));
                self.senders.insert(send.subscription.id, (Arc::clone(&send.subscription), Arc::clone(&sender)));
                sender
            }
        };
        let unanswered = AnswerOnDrop {
            id: send.id,
            started: self.parts.clock.moment(),
            clock: Arc::clone(&self.parts.clock),
            sender: self.sender.clone(),
            reply: None,
        };
        self.under_way.spawn(async move {
            let SendRequest { subscription, items, fallback, .. } = send;
            // No channel sees more than the subscription may have.
            let events: Vec<_> = items.into_iter().map(|event| event.disclosed_to(&subscription)).collect();
            unanswered.answer(sender.send(&events, fallback).await);
        });
    }
}

/// Sends the machine the answer to a request when it is dropped, so that no request stays unanswered even when its task
/// panics.
struct AnswerOnDrop {
    id: Id<Request>,
    started: Now,
    clock: Arc<dyn Clock>,
    sender: mpsc::UnboundedSender<Message>,
    reply: Option<Reply>,
}

impl AnswerOnDrop {
    fn answer(mut self, reply: Reply) {
        self.reply = Some(reply);
    }
}

impl Drop for AnswerOnDrop {
    fn drop(&mut self) {
        let reply = self.reply.take().unwrap_or_else(|| Reply::gateway_failed("the request broke off in the gateway"));
        let duration = self.clock.instant().since(self.started.instant);
        let duration_micros = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        let answer = Answer { started: self.started.wall, duration_micros, reply };
        // The shard may have stopped meanwhile.
        let _ = self.sender.send(Message::Input(Input::Answered(self.id, answer)));
    }
}
