//! Follows the log of one kanaal: makes a mailing of each event, and starts its driver when there is room.

use std::sync::Arc;

use event_reader::StoredEvent;
use model::{
    KanaalName, Mark, Partition, Timestamp,
    addressee::{Channel, EventReference},
    mailing::{FollowedTo, MailingStart},
};
use storage::{
    log::{Batch, Limit},
    mailings::{MAX_PAGE, OpenMailing, mark_of},
};
use tokio::{sync::Semaphore, task::JoinSet};

use super::{MailingParts, first_mark::first_mark, run, store::until_durable};

/// A read of the log. Each event becomes a mailing, which waits in memory until there is room.
const LIMIT: Limit = Limit { records: 16, bytes: 4 << 20 };

/// The room for mailings of a kanaal.
#[derive(Clone)]
pub(super) struct Room {
    walking: Arc<Semaphore>,
    open: Arc<Semaphore>,
}

/// Goes on with the mailings of a kanaal that are open, and follows its log. It does not end.
pub(super) async fn kanaal(parts: Arc<MailingParts>, kanaal: KanaalName) {
    let room = Room {
        walking: Arc::new(Semaphore::new(parts.settings.walking)),
        open: Arc::new(Semaphore::new(parts.settings.open)),
    };
    let mut drivers = JoinSet::new();
    let mut after = None;
    loop {
        let page = until_durable(&parts, async || parts.mailings.open(&kanaal, after, MAX_PAGE).await).await;
        after = page.last().map(|last| last.id);
        if after.is_none() {
            break;
        }
        for mailing in page {
            start(&parts, &room, mailing, None, &mut drivers).await;
        }
    }
    let partitions = until_durable(&parts, async || parts.log.partitions(&kanaal).await).await;
    let mut followers = JoinSet::new();
    for partition in (0..partitions).map(Partition) {
        followers.spawn(follow(Arc::clone(&parts), kanaal.clone(), partition, room.clone()));
    }
    while followers.join_next().await.is_some() {}
    while drivers.join_next().await.is_some() {}
}

async fn follow(parts: Arc<MailingParts>, kanaal: KanaalName, partition: Partition, room: Room) {
    let mut end = parts.log.watch(&kanaal, partition);
    let mut drivers = JoinSet::new();
    let mut next = until_durable(&parts, async || from(&parts, &kanaal, partition).await).await;
    loop {
        while next < *end.borrow_and_update() {
            let batch = until_durable(&parts, async || parts.log.read(&kanaal, partition, next, LIMIT).await).await;
            if batch.oldest > next {
                tracing::warn!(%kanaal, "events were removed before they became mailings");
            }
            next = batch.next;
            let events = decode(&kanaal, partition, batch);
            let followed = FollowedTo { partition, mark: next };
            let starts: Vec<MailingStart> = events.iter().map(|(start, _)| start.clone()).collect();
            let write = async || parts.mailings.start(&kanaal, followed, starts.clone()).await;
            for mailing in until_durable(&parts, write).await {
                let event = events.iter().find(|(start, _)| *start == mailing.start);
                let event = event.map(|(_, event)| event.accepted.event.clone());
                start(&parts, &room, mailing, event, &mut drivers).await;
            }
            while drivers.try_join_next().is_some() {}
        }
        if end.changed().await.is_err() {
            // The log was closed; what is under way goes on.
            while drivers.join_next().await.is_some() {}
            return;
        }
    }
}

/// The mark that is stored, or where a partition is followed from at first, which is stored then.
async fn from(
    parts: &MailingParts,
    kanaal: &KanaalName,
    partition: Partition,
) -> Result<Mark, storage::audience::Error> {
    if let Some(mark) = mark_of(&parts.mailings.followed(kanaal).await?, partition) {
        return Ok(mark);
    }
    let mark = first_mark(parts, kanaal, partition).await?;
    parts.mailings.start(kanaal, FollowedTo { partition, mark }, Vec::new()).await?;
    Ok(mark)
}

fn decode(kanaal: &KanaalName, partition: Partition, batch: Batch) -> Vec<(MailingStart, StoredEvent)> {
    let mut events = Vec::new();
    for stored in batch.records {
        let position = stored.position.0;
        match StoredEvent::decode(kanaal.clone(), partition, stored) {
            Ok(event) => events.push((mailing(&event), event)),
            Err(error) => tracing::warn!(%kanaal, position, error = %error.reason, "a record becomes no mailing"),
        }
    }
    events
}

fn mailing(stored: &StoredEvent) -> MailingStart {
    let event = &stored.accepted.event;
    let expires = event.attribute("expirytime").and_then(|value| Timestamp::parse_rfc3339(&value.canonical()));
    MailingStart {
        event: EventReference {
            kanaal: stored.kanaal.clone(),
            source: event.source().to_owned(),
            id: event.id().to_owned(),
        },
        channel: Channel::Email,
        partition: stored.partition,
        position: stored.position,
        accepted: stored.accepted.received.unwrap_or(stored.appended),
        expires,
    }
}

/// Starts the driver of a mailing when there is room.
async fn start(
    parts: &Arc<MailingParts>,
    room: &Room,
    mailing: OpenMailing,
    event: Option<model::Event>,
    drivers: &mut JoinSet<()>,
) {
    // The semaphores are never closed.
    let Ok(open) = Arc::clone(&room.open).acquire_owned().await else { return };
    let Ok(walking) = Arc::clone(&room.walking).acquire_owned().await else { return };
    let parts = Arc::clone(parts);
    drivers.spawn(async move {
        run::mailing(parts, mailing, event, walking).await;
        drop(open);
    });
}
