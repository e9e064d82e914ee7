//! The feeds that are configured (crate `feeds`): their settings, the task that polls them, and what readiness shows of them.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use feeds::{Cron, Feed, Field, Key, Parts, Poller, Schedule};
use jiff::tz::TimeZone;
use model::KanaalName;
use serde_json::{Value, json};
use storage::Feeds;

use crate::{
    app::App,
    config::{self, Config, FeedField, FeedKey, FirstPoll},
};

/// The time zone of cron expressions.
const ZONE: &str = "Europe/Amsterdam";

/// What was seen of feeds, and which of them have trouble.
#[derive(Clone)]
pub struct FeedStates {
    /// What was seen.
    pub feeds: Arc<dyn Feeds>,
    /// The troubles.
    pub reports: Arc<feeds::Reports>,
}

impl FeedStates {
    /// The states in a store; `None` without feeds.
    pub fn of(config: &Config, feeds: Option<&Arc<dyn Feeds>>) -> Option<Self> {
        let feeds = feeds.filter(|_| !config.feed.is_empty())?;
        Some(Self { feeds: Arc::clone(feeds), reports: Arc::default() })
    }
}

/// Polls the feeds until it is dropped; returns immediately without any.
pub async fn run(app: App) {
    let Some(states) = &app.feeds else { return };
    let poller = Poller::new(Parts {
        egress: Arc::clone(&app.egress),
        publishing: app.publishing.clone(),
        rules: app.publishing.settings.events,
        feeds: Arc::clone(&states.feeds),
        clock: Arc::clone(&app.clock),
        reports: Arc::clone(&states.reports),
    });
    poller.run(settings(&app.config)).await;
}

/// The feeds that have trouble, for readiness, by name; `None` when none has.
pub fn remark(app: &App) -> Option<Value> {
    let troubles = app.feeds.as_ref()?.reports.troubles();
    let each: BTreeMap<String, Value> = troubles
        .into_iter()
        .map(|(name, trouble)| (name, json!({"since": trouble.since.to_rfc3339(), "reason": trouble.reason})))
        .collect();
    (!each.is_empty()).then(|| json!(each))
}

/// The feeds as crate `feeds` wants them.
pub fn settings(config: &Config) -> Vec<Feed> {
    config.feed.iter().filter_map(|own| feed(config, own)).collect()
}

/// A feed; `None` only for one that was not validated.
fn feed(config: &Config, own: &config::Feed) -> Option<Feed> {
    Some(Feed {
        name: own.name.clone(),
        url: own.url.parse().ok()?,
        kanaal: KanaalName::new(&own.kanaal)?,
        kind: own.kind.clone(),
        source: own.source.clone().unwrap_or_else(|| config.source.clone()),
        publisher: own.publisher(),
        schedule: schedule(own)?,
        key: match own.key {
            FeedKey::Guid => Key::Guid,
            FeedKey::Link => Key::Link,
            FeedKey::Title => Key::Title,
        },
        compare: own.compare.iter().copied().map(field).collect(),
        include_updated: own.include_updated,
        forget_after: own.forget_after,
        publish_first: own.first_poll == FirstPoll::Publish,
        max_items: own.max_items,
        max_bytes: own.max_bytes,
        timeout: Duration::from_secs(own.timeout_seconds.into()),
    })
}

/// When it is polled; a cron expression counts in Dutch time.
fn schedule(own: &config::Feed) -> Option<Schedule> {
    let Some(cron) = &own.cron else { return Some(Schedule::Every(Duration::from_secs(own.interval_seconds.into()))) };
    let zone = TimeZone::get(ZONE).ok()?;
    Some(Schedule::Cron(Box::new(Cron::parse(cron).ok()?), zone))
}

fn field(own: FeedField) -> Field {
    match own {
        FeedField::Published => Field::Published,
        FeedField::Updated => Field::Updated,
        FeedField::Title => Field::Title,
        FeedField::Link => Field::Link,
        FeedField::Summary => Field::Summary,
        FeedField::Content => Field::Content,
    }
}
