//! The process ends at every write of a mailing, before it is durable or behind it, and the next one goes on. The books: each
//! addressee has exactly one outcome per event, and few have a second mail.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use delivery::mailing::Ladder;
use model::{
    KanaalName, Timestamp,
    addressee::{EventReference, Outcome},
    mailing::{Checkpoint, Failure, FollowedTo, MailingId, MailingStart, Progress, Sending, SendingChange},
};
use serde_json::json;
use storage::{
    Error, Mailings,
    mailings::{EndedMailing, OpenMailing, Replaced, Replacement, ResendStart, StoredReplacement},
};
use test_relay::{Protection, Relay};
use tokio::sync::Notify;

use super::world::{SLOTS, UNSTORED, World, eventually};

const PEOPLE: usize = 12;
const EVENTS: usize = 2;

/// A store whose process ends at one of its writes.
struct Ending {
    store: Arc<dyn Mailings>,
    /// Writes that are still to come.
    left: AtomicUsize,
    /// Whether the last write is durable.
    is_durable: bool,
    ended: Arc<Notify>,
}

impl Ending {
    /// Makes a write; the last one never returns, and nor does any after it.
    async fn write<T>(&self, write: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        let left = self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        match left {
            Ok(left) if left > 1 => write.await,
            left => {
                if left.is_ok() && self.is_durable {
                    drop(write.await);
                }
                self.ended.notify_one();
                std::future::pending().await
            }
        }
    }
}

#[async_trait]
impl Mailings for Ending {
    async fn followed(&self, kanaal: &KanaalName) -> Result<Vec<FollowedTo>, Error> {
        self.store.followed(kanaal).await
    }

    async fn start(
        &self,
        kanaal: &KanaalName,
        followed: FollowedTo,
        starts: Vec<MailingStart>,
    ) -> Result<Vec<OpenMailing>, Error> {
        self.write(self.store.start(kanaal, followed, starts)).await
    }

    async fn resend(&self, id: MailingId, failures: BTreeSet<Failure>) -> Result<ResendStart, Error> {
        self.write(self.store.resend(id, failures)).await
    }

    async fn apply(&self, id: MailingId, checkpoint: Checkpoint) -> Result<(), Error> {
        self.write(self.store.apply(id, checkpoint)).await
    }

    async fn cancel(&self, ids: Vec<MailingId>) -> Result<bool, Error> {
        self.write(self.store.cancel(ids)).await
    }

    async fn replace(&self, replacement: Replacement, now: Timestamp) -> Result<Replaced, Error> {
        self.write(self.store.replace(replacement, now)).await
    }

    async fn next_replacement(&self, after: Option<u64>) -> Result<Option<StoredReplacement>, Error> {
        self.store.next_replacement(after).await
    }

    async fn replacement_published(&self, number: u64) -> Result<(), Error> {
        self.write(self.store.replacement_published(number)).await
    }

    async fn end(&self, id: MailingId, at: Timestamp) -> Result<(), Error> {
        self.write(self.store.end(id, at)).await
    }

    async fn open(&self, kanaal: &KanaalName, after: Option<MailingId>, limit: u32) -> Result<Vec<OpenMailing>, Error> {
        self.store.open(kanaal, after, limit).await
    }

    async fn kanalen(&self) -> Result<Vec<KanaalName>, Error> {
        self.store.kanalen().await
    }

    async fn of_event(&self, event: &EventReference) -> Result<(Vec<OpenMailing>, Vec<EndedMailing>), Error> {
        self.store.of_event(event).await
    }

    async fn progress(&self, id: MailingId) -> Result<Option<Progress>, Error> {
        self.store.progress(id).await
    }

    async fn ended(&self, kanaal: Option<&KanaalName>, limit: u32) -> Result<Vec<EndedMailing>, Error> {
        self.store.ended(kanaal, limit).await
    }

    async fn ended_one(&self, id: MailingId) -> Result<Option<EndedMailing>, Error> {
        self.store.ended_one(id).await
    }

    async fn sendings(&self) -> Result<Vec<(KanaalName, Sending)>, Error> {
        self.store.sendings().await
    }

    async fn sending(&self, kanaal: &KanaalName) -> Result<Sending, Error> {
        self.store.sending(kanaal).await
    }

    async fn change_sending(
        &self,
        kanaal: &KanaalName,
        change: SendingChange,
        at: Timestamp,
    ) -> Result<Sending, Error> {
        self.store.change_sending(kanaal, change, at).await
    }
}

/// How often the relay took each mail, by address and Message-ID.
#[derive(Clone, Default)]
struct Taken(Arc<Mutex<BTreeMap<String, usize>>>);

impl Taken {
    /// Reads what the relay reports as long as it runs: it waits for its reader.
    async fn read(self, mut relay: Relay) {
        while let Ok(mail) = relay.line().await {
            let (to, id) = (&mail["to"], &mail["fields"]["message-id"]);
            let key = format!("{} {}", to.as_str().unwrap_or_default(), id.as_str().unwrap_or_default());
            *self.0.lock().expect("not poisoned").entry(key).or_default() += 1;
        }
    }

    fn all(&self) -> BTreeMap<String, usize> {
        self.0.lock().expect("not poisoned").clone()
    }
}

fn address(world: usize, number: usize) -> String {
    format!("w{world}p{number}@burger.example")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_at_any_write_skips_nobody_and_repeats_few_i11_ch_18_ch_90() {
    // Replies of 451 keep some of them on the ladder over a crash.
    let later: serde_json::Map<_, _> = (0..200).map(|world| (address(world, 3), json!(["451 4.7.1 later"]))).collect();
    let relay = Relay::start(Protection::None, json!({ "contents": true, "rcpt": later })).await.expect("a relay");
    let port = relay.port();
    let taken = Taken::default();
    let reading = tokio::spawn(taken.clone().read(relay));
    let ladder = Ladder { first: Duration::from_millis(50), until: Duration::from_mins(10) };
    let (mut crashes, mut worlds, mut is_over) = (0, 0, false);
    while !is_over {
        for is_durable in [false, true] {
            let number = worlds;
            worlds += 1;
            let directory = tempfile::tempdir().expect("a directory");
            let world = World::open(directory.path()).await;
            world.put((0..PEOPLE).map(|person| world.addressee(&address(number, person), "afval"))).await;
            for event in 0..EVENTS {
                world.publish("afval", &format!("e{event}"), &[]).await;
            }
            let ended = Arc::new(Notify::new());
            let store = Arc::clone(&world.audience) as Arc<dyn Mailings>;
            let left = AtomicUsize::new(1 + number / 2);
            let ending = Arc::new(Ending { store, left, is_durable, ended: Arc::clone(&ended) });
            let driver = world.start_with(port, ending, ladder);
            tokio::select! {
                () = ended.notified() => crashes += 1,
                () = world.until_ended(EVENTS) => is_over = true,
            }
            driver.abort();
            drop((driver, world));

            let world = World::open(directory.path()).await;
            let store = Arc::clone(&world.audience) as Arc<dyn Mailings>;
            let driver = world.start_with(port, store, ladder);
            world.until_ended(EVENTS).await;
            driver.abort();
            for person in 0..PEOPLE {
                let outcomes = world.outcomes(&address(number, person)).await;
                let sent = |event: usize| (format!("e{event}"), Some(Outcome::Sent));
                let mut found = outcomes.clone();
                found.sort_by(|one, other| one.0.cmp(&other.0));
                assert_eq!(found, (0..EVENTS).map(sent).collect::<Vec<_>>(), "{number} {is_durable} {person}");
            }
        }
    }
    assert!(crashes > 10, "it crashed {crashes} times");

    // A mail is reported before it is accepted, so only the reading of it may be behind.
    let expected = worlds * PEOPLE * EVENTS;
    eventually("nobody is skipped, and a second mail has the id of the first", async || taken.all().len() == expected)
        .await;
    reading.abort();
    let taken = taken.all();
    for world in 0..worlds {
        let own: Vec<_> = taken.iter().filter(|(key, _)| key.starts_with(&format!("w{world}p"))).collect();
        let again: usize = own.iter().map(|(_, times)| *times - 1).sum();
        assert_eq!(own.len(), PEOPLE * EVENTS, "{world}");
        assert!(again <= EVENTS * (SLOTS + UNSTORED), "{world}: {again} mails twice");
    }
}
