//! Makes messages of the events of kanalen with the channel `inbox`, and lets those appear that are due.

use std::{fmt::Display, sync::Arc, time::Duration};

use event_reader::StoredEvent;
use model::{
    KanaalName, Mark, Partition, Timestamp,
    addressee::{Digest, EventReference},
    inbox::{AddressedTo, InboxKanaal, MessageId, NewMessage},
    mailing::FollowedTo,
};
use storage::{
    log::{Batch, Limit, Point},
    mailings::mark_of,
};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{Inbox, metrics};

/// A read of the log.
const LIMIT: Limit = Limit { records: 256, bytes: 4 << 20 };
/// The wait before storage is tried again.
const RETRY: Duration = Duration::from_secs(1);
/// The longest wait before the clock is looked at again, so that a clock that is set makes nothing late.
const LOOK: Duration = Duration::from_millis(500);

impl Inbox {
    /// Stores from where kanalen are followed that were not followed before: from now on. To be called before events are accepted,
    /// so that none after the start of the gateway is missed; those from before the channel was configured are no messages.
    ///
    /// # Errors
    /// `Storage`.
    pub async fn prepare(&self) -> Result<(), storage::Error> {
        let now = self.parts.clock.now();
        for kanaal in self.parts.settings.kanalen.keys() {
            let followed = self.parts.store.followed(kanaal).await?;
            for partition in (0..self.parts.log.partitions(kanaal).await?).map(Partition) {
                if mark_of(&followed, partition).is_none() {
                    let marks = self.parts.log.marks(&[(kanaal.clone(), partition)], Point::End).await?;
                    let mark = marks.first().copied().unwrap_or(Mark::BEGINNING);
                    self.parts.store.add(kanaal, FollowedTo { partition, mark }, Vec::new(), now).await?;
                }
            }
        }
        Ok(())
    }

    /// Makes messages of events, and removes what is kept no longer, until it is to stop.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        let mut tasks = JoinSet::new();
        for kanaal in self.parts.settings.kanalen.keys().cloned() {
            tasks.spawn(Arc::clone(&self).follow_kanaal(kanaal));
        }
        tasks.spawn(Arc::clone(&self).release_due());
        tasks.spawn(Arc::clone(&self).keep_up());
        stop.cancelled().await;
        tasks.shutdown().await;
    }

    async fn follow_kanaal(self: Arc<Self>, kanaal: KanaalName) {
        let partitions = until_done(|| self.parts.log.partitions(&kanaal)).await;
        let mut tasks = JoinSet::new();
        for partition in (0..partitions).map(Partition) {
            tasks.spawn(Arc::clone(&self).follow(kanaal.clone(), partition));
        }
        while tasks.join_next().await.is_some() {}
    }

    async fn follow(self: Arc<Self>, kanaal: KanaalName, partition: Partition) {
        let Some(own) = self.parts.settings.kanalen.get(&kanaal) else { return };
        let mut end = self.parts.log.watch(&kanaal, partition);
        let followed = until_done(|| self.parts.store.followed(&kanaal)).await;
        let mut next = mark_of(&followed, partition).unwrap_or(Mark::BEGINNING);
        loop {
            while next < *end.borrow_and_update() {
                let batch = until_done(|| self.parts.log.read(&kanaal, partition, next, LIMIT)).await;
                next = batch.next;
                let messages = self.messages(own, &kanaal, partition, batch);
                let (followed, now) = (FollowedTo { partition, mark: next }, self.parts.clock.now());
                let add = || self.parts.store.add(&kanaal, followed, messages.clone(), now);
                if until_done(add).await > 0 {
                    self.changes.send_replace(());
                }
                if messages.iter().any(|message| message.due > now) {
                    self.waiting.notify_one();
                }
            }
            if end.changed().await.is_err() {
                // The log was closed.
                return;
            }
        }
    }

    /// The messages that the records of a batch become. A record without an event, and an event that names nobody, become none:
    /// the second is refused when it is published, and may be older than that.
    fn messages(&self, own: &InboxKanaal, kanaal: &KanaalName, partition: Partition, batch: Batch) -> Vec<NewMessage> {
        let mut messages = Vec::new();
        for stored in batch.records {
            let position = stored.position.0;
            match StoredEvent::decode(kanaal.clone(), partition, stored) {
                Err(error) => {
                    tracing::warn!(%kanaal, position, error = %error.reason, "a record becomes no message of the inbox");
                }
                Ok(stored) => match own.addressed_to(&stored.accepted.event) {
                    Err(_) => metrics::count_message(kanaal, "nobody"),
                    Ok(AddressedTo::Everybody) => {
                        metrics::count_message(kanaal, "broadcast");
                        messages.push(self.message(&stored, None));
                    }
                    Ok(AddressedTo::Person(subject)) => {
                        metrics::count_message(kanaal, "person");
                        messages.push(self.message(&stored, Some(self.addressee(&subject))));
                    }
                },
            }
        }
        messages
    }

    fn message(&self, stored: &StoredEvent, person: Option<Digest>) -> NewMessage {
        let event = &stored.accepted.event;
        let moment = |name| Timestamp::parse_rfc3339(&event.attribute(name)?.canonical());
        let accepted = stored.accepted.received.unwrap_or(stored.appended);
        NewMessage {
            id: MessageId(self.parts.random.uuid()),
            event: EventReference {
                kanaal: stored.kanaal.clone(),
                source: event.source().to_owned(),
                id: event.id().to_owned(),
            },
            partition: stored.partition,
            position: stored.position,
            person,
            due: moment("deliverafter").map_or(accepted, |due| due.max(accepted)),
            expires: moment("expirytime"),
        }
    }

    /// The digest of the person that an event names; people are those of the one provider.
    fn addressee(&self, subject: &str) -> Digest {
        self.person(&self.parts.settings.issuer, subject)
    }

    /// Whether an event names this person.
    pub(crate) fn is_person(&self, person: Digest, subject: &str) -> bool {
        self.addressee(subject) == person
    }

    /// Lets messages appear when they are due (CH-8).
    async fn release_due(self: Arc<Self>) {
        loop {
            let now = self.parts.clock.now();
            let released = until_done(|| self.parts.store.release(now)).await;
            if released.count > 0 {
                self.changes.send_replace(());
            }
            match released.next {
                None => self.waiting.notified().await,
                Some(next) if next <= now => {}
                Some(next) => tokio::time::sleep(next.since(now).min(LOOK)).await,
            }
        }
    }
}

/// Repeats an operation until it succeeds, and returns its result.
async fn until_done<T, E: Display, F>(operation: impl Fn() -> F) -> T
where
    F: Future<Output = Result<T, E>>,
{
    loop {
        match operation().await {
            Ok(result) => return result,
            Err(error) => tracing::warn!(%error, "the inbox waits for storage; this is retried"),
        }
        tokio::time::sleep(RETRY).await;
    }
}
