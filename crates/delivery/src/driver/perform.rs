//! Performing what the machine says: each action becomes a task that reports back, so the machine never waits.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError},
};

use model::{Clock, KanaalName, SubscriptionId, Timestamp, run::RunId, subscription::Format};
use storage::{
    Error,
    progress::{Entry, Shard},
};
use tokio::{sync::mpsc, task::JoinSet};

use super::{Common, EngineParts, burial, read, redrive::Redrives, shard::Message, submit};
use crate::{
    answer::{Answer, Reply},
    arena::Id,
    machine::{Action, Effects, Flight, Input, Post},
    metrics::{CHECKPOINTS, FENCED, Meters},
    post,
    target::Target,
};

/// Performs the actions of one shard.
pub(super) struct Performer {
    parts: Arc<EngineParts>,
    shard: Shard,
    sender: mpsc::UnboundedSender<Message>,
    meters: Meters,
    targets: HashMap<SubscriptionId, Arc<Target>>,
    redrives: Redrives,
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
        let redrives = Redrives::start(Arc::clone(&parts.journal), parts.settings.storage_retry);
        Self {
            parts,
            shard,
            sender,
            meters: Meters::new(),
            targets: HashMap::new(),
            redrives,
            common,
            under_way: JoinSet::new(),
        }
    }

    /// Performs everything.
    pub fn perform(&mut self, effects: Effects) {
        // Each said itself how it ended.
        while self.under_way.try_join_next().is_some() {}
        if !effects.journal.is_empty() {
            self.parts.journal.record(effects.journal);
        }
        self.meters.add(effects.counts);
        let mut letters = Vec::new();
        for action in effects.actions {
            match action {
                Action::Post(post) => self.post(post),
                Action::Read(what) => {
                    let source = read::Source {
                        log: Arc::clone(&self.parts.log),
                        journal: Arc::clone(&self.parts.journal),
                        redrives: self.redrives.clone(),
                        clock: Arc::clone(&self.parts.clock),
                        common: Arc::clone(&self.common),
                    };
                    tokio::spawn(read::read(source, what, self.sender.clone()));
                }
                Action::Checkpoint(entries) => {
                    let work = checkpoint(Arc::clone(&self.parts), self.shard, entries, self.sender.clone());
                    self.under_way.spawn(work);
                }
                Action::Bury(id, letter) => letters.push((id, *letter)),
                Action::SetStatus { id, generation, status } => {
                    tokio::spawn(submit::set_status(Arc::clone(&self.parts), id, generation, status));
                }
                Action::EndRun(id) => {
                    tokio::spawn(submit::end_run(Arc::clone(&self.parts), id));
                }
                Action::Redriven(key) => self.redrives.settled(key),
            }
        }
        if !letters.is_empty() {
            tokio::spawn(burial::bury(Arc::clone(&self.parts.journal), letters, self.sender.clone()));
        }
    }

    /// A subscription is gone.
    pub fn forget(&mut self, id: SubscriptionId) {
        self.targets.remove(&id);
    }

    /// A kanaal is gone.
    pub fn kanaal_deleted(&self, naam: &KanaalName) {
        self.common.recent.lock().unwrap_or_else(PoisonError::into_inner).forget(naam);
    }

    /// A run is over.
    pub fn run_ended(&mut self, id: RunId) {
        self.redrives.ended(id);
    }

    fn post(&mut self, post: Post) {
        let target = match self.targets.get(&post.subscription.id) {
            Some(target) if Arc::ptr_eq(&target.spec, &post.subscription) => Arc::clone(target),
            _ => {
                let target = Arc::new(Target::new(Arc::clone(&post.subscription)));
                self.targets.insert(post.subscription.id, Arc::clone(&target));
                target
            }
        };
        let parts = Arc::clone(&self.parts);
        let unanswered = Unanswered {
            id: post.id,
            started: parts.clock.now(),
            clock: Arc::clone(&parts.clock),
            sender: self.sender.clone(),
            reply: None,
        };
        self.under_way.spawn(async move {
            unanswered.answer(attempt(&parts, &target, &post).await);
        });
    }
}

/// Makes one request and gives what came of it.
async fn attempt(parts: &EngineParts, target: &Target, post: &Post) -> Reply {
    let kanaal = match post.items.first() {
        Some(item) if target.spec.format == Format::Legacy => {
            parts.control.registry().read().kanaal(item.kanaal.as_str()).cloned()
        }
        _ => None,
    };
    let message = post::message(&target.spec, &post.items, post.structured, kanaal.as_deref(), &parts.gateway_url);
    let message = match message {
        Ok(message) => message,
        Err(reason) => return Reply::Untranslatable(reason),
    };
    let prepared = match target.prepared(parts.credentials.as_ref(), parts.clock.as_ref()).await {
        Ok(prepared) => prepared,
        Err(reason) => return Reply::Failed(reason),
    };
    let reply = parts.sender.send(prepared.request(message)).await;
    if reply.status() == Some(401) {
        target.refused(&prepared);
    }
    reply
}

/// Reports what came of a request when it is dropped, so that no request stays unanswered, not even when its task
/// panics.
struct Unanswered {
    id: Id<Flight>,
    started: Timestamp,
    clock: Arc<dyn Clock>,
    sender: mpsc::UnboundedSender<Message>,
    reply: Option<Reply>,
}

impl Unanswered {
    fn answer(mut self, reply: Reply) {
        self.reply = Some(reply);
    }
}

impl Drop for Unanswered {
    fn drop(&mut self) {
        let reply = self.reply.take().unwrap_or_else(|| Reply::Failed("the request broke off on our side".to_owned()));
        let duration = self.clock.now().since(self.started);
        let duration_micros = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        let answer = Answer { started: self.started, duration_micros, reply };
        // The shard may have stopped meanwhile.
        let _ = self.sender.send(Message::Input(Input::Answered(self.id, answer)));
    }
}

/// Makes a checkpoint durable, however long it takes.
async fn checkpoint(
    parts: Arc<EngineParts>,
    shard: Shard,
    entries: Vec<Entry>,
    sender: mpsc::UnboundedSender<Message>,
) {
    let message = loop {
        match parts.progress.checkpoint(shard, entries.clone()).await {
            Ok(()) => break Message::Input(Input::Checkpointed),
            Err(Error::Fenced) => {
                metrics::counter!(FENCED).increment(1);
                break Message::Failed(Error::Fenced);
            }
            Err(error) => {
                tracing::warn!(shard = shard.0, %error, "progress cannot be stored now");
                tokio::time::sleep(parts.settings.storage_retry).await;
            }
        }
    };
    metrics::counter!(CHECKPOINTS).increment(1);
    // The shard may have stopped meanwhile.
    let _ = sender.send(message);
}
