//! Adds entries that belong to no command.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use model::{
    Actor, Clock, Origin,
    audit::{Action, Entry, Object, ObjectKind, Source, Subject, Verdict},
};
use storage::AuditLog;

use super::refusals::Refusals;

/// How often counted refusals are written.
const FLUSH_INTERVAL: Duration = Duration::from_secs(10);

/// How long an answer to a refused request waits for its entry; storing it goes on.
const MAX_WAIT: Duration = Duration::from_secs(1);

/// Adds entries that belong to no command. Refusals are bounded: many of one client in a minute become one entry with their
/// number.
pub struct Recorder {
    log: Arc<dyn AuditLog>,
    clock: Arc<dyn Clock>,
    refusals: Mutex<Refusals>,
}

impl Recorder {
    /// A recorder that writes to this trail.
    pub fn new(log: Arc<dyn AuditLog>, clock: Arc<dyn Clock>) -> Self {
        Self { log, clock, refusals: Mutex::default() }
    }

    /// Records an action that is done, or is about to be done. Durable when this returns.
    ///
    /// # Errors
    /// The trail did not confirm it.
    pub async fn record(&self, actor: &Actor, action: Action, object: Object) -> Result<(), storage::Error> {
        self.append(vec![self.entry(Source::new(actor, self.log.node()), (action, object), Verdict::Accepted)]).await
    }

    /// As [`Self::record`], with the reason that the actor gave. A reason that may contain a BSN is masked.
    ///
    /// # Errors
    /// The trail did not confirm it.
    pub async fn record_with_reason(
        &self,
        actor: &Actor,
        action: Action,
        object: Object,
        reason: &str,
    ) -> Result<(), storage::Error> {
        let entry = self.entry(Source::new(actor, self.log.node()), (action, object), Verdict::Accepted);
        self.append(vec![entry.with_reason(reason)]).await
    }

    /// Records an attempt that was refused, rejected or failed. An error is logged: the attempt changed nothing.
    pub async fn record_refused(&self, actor: &Actor, action: Action, object: Object, verdict: Verdict) {
        let source = Source::new(actor, self.log.node());
        self.count(self.entry(source, (action, object), verdict)).await;
    }

    /// Records a token that was refused. `client_id` is what it claims, not verified; empty when nothing is known.
    pub async fn record_token(&self, client_id: &str, origin: Origin, route: &str, reason: &str) {
        let source = Source { subject: Subject::unverified(client_id), origin, node: self.log.node().to_owned() };
        let what = (Action::TokenRefuse, Object::new(ObjectKind::Route, route));
        self.count(self.entry(source, what, Verdict::Refused(reason.to_owned()))).await;
    }

    /// Writes counted refusals until it is dropped.
    pub async fn run(self: Arc<Self>) {
        let mut ticks = tokio::time::interval(FLUSH_INTERVAL);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let due = self.refusals().due(self.clock.now());
            write(Arc::clone(&self.log), due).await;
        }
    }

    /// Writes all counted refusals now.
    pub async fn flush(&self) {
        let all = self.refusals().drain();
        write(Arc::clone(&self.log), all).await;
    }

    fn entry(&self, source: Source, what: (Action, Object), verdict: Verdict) -> Entry {
        Entry::new(self.clock.now(), source, what, verdict)
    }

    async fn count(&self, entry: Entry) {
        let due = self.refusals().add(entry, self.clock.now());
        if due.is_empty() {
            return;
        }
        // While storage is away, refusals are answered nevertheless.
        let writing = tokio::spawn(write(Arc::clone(&self.log), due));
        drop(tokio::time::timeout(MAX_WAIT, writing).await);
    }

    async fn append(&self, entries: Vec<Entry>) -> Result<(), storage::Error> {
        self.log.append(entries).await
    }

    fn refusals(&self) -> std::sync::MutexGuard<'_, Refusals> {
        self.refusals.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes entries about refusals. An error is logged: the attempts changed nothing.
async fn write(log: Arc<dyn AuditLog>, entries: Vec<Entry>) {
    if entries.is_empty() {
        return;
    }
    let number = entries.len();
    if let Err(error) = log.append(entries).await {
        tracing::error!(%error, entries = number, "refusals were not added to the audit trail");
    }
}
