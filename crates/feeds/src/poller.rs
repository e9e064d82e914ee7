//! Polls feeds and publishes their items: performs what [`compare()`](crate::compare()) decides. It holds no rule about items.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use egress::Egress;
use model::{Clock, profile::EffectiveRules};
use publishing::{Error as Refused, Headers, Publishing, Refusal, Submission};
use serde_json::Value;
use storage::{Error, Feeds, feeds::FeedState};
use tokio::{sync::Semaphore, task::JoinSet};

use crate::{
    compare::compare,
    event::{body, event},
    fetch::{Fetched, fetch},
    metrics,
    read::{self, Items},
    report::Reports,
    settings::Feed,
    state,
};

/// The most feeds that are read at a time, so that memory is bounded by as many feeds.
const MAX_CONCURRENT: usize = 4;
/// After how many published items they are stored as seen, at most.
const STORE_AFTER: usize = 100;

/// The parts of a [`Poller`].
pub struct Parts {
    /// The way out.
    pub egress: Arc<Egress>,
    /// Accepts the events.
    pub publishing: Publishing,
    /// The rules of events, unless their kanaal has others.
    pub rules: EffectiveRules,
    /// What was seen.
    pub feeds: Arc<dyn Feeds>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Gets the result of each poll.
    pub reports: Arc<Reports>,
}

/// Polls feeds; cheap to clone.
#[derive(Clone)]
pub struct Poller {
    parts: Arc<Parts>,
    turns: Arc<Semaphore>,
}

/// A publisher's request has headers; that of a feed has none.
#[derive(Debug)]
struct NoHeaders;

impl Headers for NoHeaders {
    fn lines(&self) -> impl Iterator<Item = (&str, &[u8])> {
        std::iter::empty()
    }
}

/// What became of an item.
enum Published {
    Yes,
    /// The event was refused, for this reason. It is tried again with each poll.
    Refused(String),
}

impl Poller {
    /// A poller that has asked for nothing yet.
    pub fn new(parts: Parts) -> Self {
        Self { parts: Arc::new(parts), turns: Arc::new(Semaphore::new(MAX_CONCURRENT)) }
    }

    /// Polls feeds by their schedules, until it is dropped.
    pub async fn run(self, feeds: Vec<Feed>) {
        let mut tasks = JoinSet::new();
        for feed in feeds {
            tasks.spawn(self.clone().follow(feed));
        }
        while tasks.join_next().await.is_some() {}
    }

    async fn follow(self, feed: Feed) {
        tokio::time::sleep(feed.schedule.first(self.parts.clock.now())).await;
        while let Some(wait) = Box::pin(self.poll(&feed)).await {
            tokio::time::sleep(wait).await;
        }
    }

    /// Polls a feed once; returns how long to wait until the next poll, and `None` when the feed has gone.
    async fn poll(&self, feed: &Feed) -> Option<Duration> {
        let Ok(_turn) = self.turns.acquire().await else { return None };
        match self.parts.feeds.state(&feed.name).await {
            Ok(stored) => self.poll_from(feed, state::for_url(stored, &feed.url)).await,
            Err(error) => {
                self.note_storage(feed, &error);
                Some(feed.schedule.next(self.parts.clock.now()))
            }
        }
    }

    async fn poll_from(&self, feed: &Feed, before: FeedState) -> Option<Duration> {
        let Parts { egress, clock, .. } = &*self.parts;
        let now = clock.now();
        if before.gone.is_some() {
            self.note(feed, Some(GONE.to_owned()));
            return None;
        }
        let silence = before.not_before.map(|until| until.since(now)).filter(|wait| !wait.is_zero());
        if let Some(wait) = silence {
            self.note(feed, Some("it asked not to be polled for some time".to_owned()));
            return Some(wait);
        }
        let wall = SystemTime::UNIX_EPOCH + Duration::from_micros(now.as_micros().unsigned_abs());
        match fetch(egress, feed, &before, wall).await {
            Err(error) => {
                metrics::count_poll(&feed.name, "failed");
                let wait = error.retry_after;
                if let Some(wait) = wait {
                    let next = FeedState { not_before: Some(clock.now() + wait), ..before.clone() };
                    self.store(feed, &before, next).await;
                }
                self.note(feed, Some(error.reason));
                Some(feed.schedule.next(clock.now()).max(wait.unwrap_or_default()))
            }
            Ok(Fetched::Gone) => {
                metrics::count_poll(&feed.name, "gone");
                let next = FeedState { gone: Some(now), ..before.clone() };
                self.store(feed, &before, next).await;
                self.note(feed, Some(GONE.to_owned()));
                None
            }
            Ok(Fetched::NotModified) => {
                metrics::count_poll(&feed.name, "unchanged");
                let next = FeedState { not_before: None, ..before.clone() };
                if self.store(feed, &before, next).await {
                    self.note(feed, None);
                }
                Some(feed.schedule.next(self.parts.clock.now()))
            }
            Ok(Fetched::Feed { body, content_type, etag, last_modified }) => {
                let max_items = feed.max_items;
                let reading =
                    tokio::task::spawn_blocking(move || read::items(&body, content_type.as_deref(), max_items));
                match reading.await {
                    Ok(Ok(items)) => {
                        metrics::count_poll(&feed.name, "read");
                        let next = FeedState { etag, last_modified, not_before: None, ..before.clone() };
                        self.publish_due(feed, before, next, &items).await;
                    }
                    Ok(Err(error)) => {
                        metrics::count_poll(&feed.name, "failed");
                        self.note(feed, Some(error.to_string()));
                    }
                    Err(_) => {
                        metrics::count_poll(&feed.name, "failed");
                        self.note(feed, Some("reading it was interrupted".to_owned()));
                    }
                }
                Some(feed.schedule.next(self.parts.clock.now()))
            }
        }
    }

    /// Publishes what is due, oldest first, and stores what was published. `next` has the validators of the answer, which hold only
    /// when everything was published: else the next answer would be 304.
    async fn publish_due(&self, feed: &Feed, before: FeedState, mut next: FeedState, read: &Items) {
        let comparison = compare(feed, before.seen.as_ref(), &read.items);
        let name = &feed.name;
        metrics::count_items(name, "ignored", read.ignored);
        metrics::count_items(name, "without_key", comparison.without_key);
        let (mut stored, mut seen) = (before.clone(), comparison.seen);
        let (mut published, mut trouble, mut refused) = (0_usize, None, 0_usize);
        for due in &comparison.due {
            let event = event(feed, &read.items[due.index], &due.key, &due.seen);
            match self.publish(feed, &event).await {
                Ok(Published::Yes) => {
                    published += 1;
                    seen.insert(due.key, due.seen);
                    if published.is_multiple_of(STORE_AFTER) {
                        let partial = FeedState { seen: Some(seen.clone()), ..before.clone() };
                        if !self.store(feed, &stored, partial.clone()).await {
                            trouble = Some(STORAGE.to_owned());
                            break;
                        }
                        stored = partial;
                    }
                }
                Ok(Published::Refused(reason)) => {
                    refused += 1;
                    trouble = Some(format!("items are refused: {reason}"));
                }
                Err(error) => {
                    tracing::debug!(feed = name, %error, "items of the feed are published later");
                    trouble = Some(STORAGE.to_owned());
                    break;
                }
            }
        }
        metrics::count_items(name, "published", published);
        metrics::count_items(name, "refused", refused);
        if trouble.is_some() {
            (next.etag, next.last_modified) = (None, None);
        }
        next.seen = Some(seen);
        if self.store(feed, &stored, next).await {
            if published > 0 {
                tracing::info!(feed = name, items = published, "items of the feed are published");
            }
            self.note(feed, trouble);
        }
    }

    async fn publish(&self, feed: &Feed, event: &Value) -> Result<Published, Error> {
        let submission = Submission {
            content_type: Some("application/cloudevents+json"),
            headers: NoHeaders,
            body: &body(event),
            kanaal: Some(feed.kanaal.as_str()),
            rules: self.parts.rules,
        };
        match self.parts.publishing.publish_events(&feed.publisher, submission).await {
            Ok(_) => Ok(Published::Yes),
            Err(Refused::Storage(error)) => Err(error),
            Err(error) => Ok(Published::Refused(reason(&error))),
        }
    }

    /// Stores a state when it differs from what is stored; whether it is stored now.
    async fn store(&self, feed: &Feed, stored: &FeedState, next: FeedState) -> bool {
        if *stored == next {
            return true;
        }
        match self.parts.feeds.store(&feed.name, next).await {
            Ok(()) => true,
            Err(error) => {
                self.note_storage(feed, &error);
                false
            }
        }
    }

    fn note(&self, feed: &Feed, trouble: Option<String>) {
        self.parts.reports.note(&feed.name, trouble, self.parts.clock.now());
    }

    fn note_storage(&self, feed: &Feed, error: &Error) {
        tracing::debug!(feed = feed.name, %error, "the state of the feed is not stored");
        self.note(feed, Some(STORAGE.to_owned()));
    }
}

const GONE: &str = "it has gone (410): it is polled again when its URL changes";
const STORAGE: &str = "storage is unavailable";

/// Why an event is refused, without anything of its content.
fn reason(error: &Refused) -> String {
    let Refused::Event(refusal) = error else { return "they are no valid CloudEvents".to_owned() };
    match refusal {
        Refusal::Invalid(_) => "they are no valid CloudEvents".to_owned(),
        Refusal::Findings(findings) => {
            let mut rules: Vec<&str> = findings.iter().map(|finding| finding.rule).collect();
            rules.sort_unstable();
            rules.dedup();
            format!("their kanaal refuses them by {}", rules.join(", "))
        }
        Refusal::NotCleared(attribute) => format!("the kanaal may not carry data of their class ({attribute})"),
        Refusal::Route(_) => "there is no such kanaal".to_owned(),
        Refusal::TooLong { limit, .. } => format!("an attribute is longer than {limit} bytes"),
        Refusal::NotAllowed(why) => why.to_string(),
        Refusal::ForPeople { member, .. } => format!("{member} breaks a rule of messages to people"),
        Refusal::NotAddressed(_) => {
            "their kanaal has an inbox, and items of a feed name nobody that they are for".to_owned()
        }
    }
}

/// What a poll of a feed would publish now, as if it were the first: the events, oldest first. Stores and publishes nothing (CH-109).
///
/// # Errors
/// The feed cannot be reached or read, with the reason.
pub async fn dry_run(egress: &Egress, feed: &Feed, now: SystemTime) -> Result<Vec<Value>, String> {
    let fetched = fetch(egress, feed, &FeedState::default(), now).await.map_err(|error| error.reason)?;
    let (body, content_type) = match fetched {
        Fetched::Feed { body, content_type, .. } => (body, content_type),
        Fetched::Gone => return Err(GONE.to_owned()),
        Fetched::NotModified => return Err("it answers 304 to a request without conditions".to_owned()),
    };
    let read = read::items(&body, content_type.as_deref(), feed.max_items).map_err(|error| error.to_string())?;
    let first = Feed { publish_first: true, ..feed.clone() };
    let comparison = compare(&first, None, &read.items);
    let due = comparison.due.iter().map(|due| event(feed, &read.items[due.index], &due.key, &due.seen));
    Ok(due.collect())
}
