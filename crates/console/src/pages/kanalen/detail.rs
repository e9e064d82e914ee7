//! One kanaal: its kenmerken, routes, rules and retention, and the subscriptions to it that the person may see.

use askama::Template;
use axum::extract::{Path, State};
use management::{
    Right,
    lag_trend::PartitionLag,
    subscriptions::{SubscriptionFilter, SubscriptionStatus},
};
use model::{
    Kanaal, KanaalName, Timestamp,
    profile::{Mode, Profile},
    schema::PayloadCheck,
};

use super::retention_text;
use crate::{
    Console, View,
    page::{PageResult, page},
    pages::{
        lag::{self, LagRow},
        portal::own_kanalen,
        subscriptions,
    },
    paging::{self, Paging},
    refresh::Refresh,
    sink_text::sink_text,
    statuses::statuses,
    text::states::{Words, badge},
};

/// Most partitions in the table.
const PARTITIONS: usize = 50;

#[derive(Template)]
#[template(path = "kanaal.html")]
struct Detail<'a> {
    view: &'a View,
    kanaal: &'a Kanaal,
    is_declared: bool,
    has_own_events: bool,
    /// Whether the person may change and delete it.
    may_manage: bool,
    may_delete: bool,
    /// The page with volumes and findings, for who answers for the kanaal.
    figures: Option<String>,
    /// The query for the lines of the audit trail about it.
    history_query: String,
    path: String,
    retention: String,
    profile: &'static str,
    mode: &'static str,
    privacy: &'static str,
    payloads: &'static str,
    classes: Option<String>,
    kenmerken: Vec<(String, Option<String>)>,
    events_query: String,
    rows: Vec<Row>,
    paging: Paging,
    /// Whether the person sees how far this node is behind.
    shows_lag: bool,
    lags: Vec<LagRow>,
    lag_caption: String,
    /// What the log keeps; `None` for who does not see it, and while the log does not answer.
    kept: Option<Kept>,
    refresh: Refresh,
}

/// What the log keeps of the kanaal.
struct Kept {
    /// The caption of the table.
    caption: String,
    /// When the oldest event was appended; `None` without events.
    oldest: Option<Timestamp>,
    partitions: Vec<KeptRow>,
}

/// A partition in the table of what is kept.
struct KeptRow {
    partition: u32,
    oldest: Option<Timestamp>,
    first: u64,
    end: u64,
    /// Records that this node has not read; `None` when it does not read the partition.
    lag: Option<u64>,
}

/// A subscription in the table.
struct Row {
    path: String,
    name: String,
    owner: String,
    words: Words,
    badge: &'static str,
    lag: u64,
    oldest: Option<Timestamp>,
}

/// The page.
pub async fn handler(State(console): State<Console>, Path(naam): Path<String>, view: View) -> PageResult {
    let management = &console.management;
    let kanaal = management.find_kanaal(&naam)?;
    let filter = SubscriptionFilter { kanaal: Some(naam), ..SubscriptionFilter::default() };
    let found = management.list_subscriptions(&view.actor, &filter).await;
    let mut part = paging::part(&view, found);
    let paging = Paging::of(&view, &mut part);
    let (partitions, all) = management.lag_of_kanaal(&kanaal.naam, PARTITIONS);
    let (known, kept) = tokio::join!(statuses(management, &part), kept(&console, &view, &kanaal.naam, &partitions));
    let mut rows = Vec::with_capacity(part.len());
    for (own, status) in part.into_iter().zip(known) {
        let status = status.unwrap_or_else(|| SubscriptionStatus::new(&own, None, view.now));
        rows.push(Row {
            path: subscriptions::path_of(own.id),
            name: own.name.clone().unwrap_or_else(|| sink_text(&own.sink)),
            owner: own.owner.clone(),
            words: view.state_words(status.state),
            badge: badge(status.state),
            lag: status.lag,
            oldest: status.oldest_undelivered,
        });
    }
    let text = &view.text.kanaal;
    let mode = |mode: Option<Mode>| match mode {
        None => text.inherited,
        Some(Mode::Lenient) => text.lenient,
        Some(Mode::Strict) => text.strict,
    };
    let names = kanaal.filters.iter().map(|own| (own.naam.clone(), own.attribute.as_ref().map(ToString::to_string)));
    let classes = |clearance: &model::clearance::Clearance| {
        clearance.classifications.iter().chain(&clearance.regulations).cloned().collect::<Vec<_>>().join(", ")
    };
    let lags = lag::rows(&view, partitions);
    page(&Detail {
        lag_caption: (view.text.lag.shown)(&view.number(lags.len()), &view.number(all)),
        lags,
        kept,
        shows_lag: view.actor.sees_all(),
        refresh: Refresh::of(&view),
        is_declared: management.settings.declared_kanalen.iter().any(|own| own.naam.as_ref() == Some(&kanaal.naam)),
        has_own_events: management.is_own_kanaal(&kanaal),
        may_delete: view.may(Right::Purge),
        figures: (view.may(Right::Approve) && management.find_own_kanaal(&view.actor, kanaal.naam.as_str()).is_ok())
            .then(|| own_kanalen::path_of(&view, kanaal.naam.as_str())),
        may_manage: !view.is_portal()
            && view.may(Right::ManageKanalen)
            && management.find_own_kanaal(&view.actor, kanaal.naam.as_str()).is_ok(),
        path: super::path_of(kanaal.naam.as_str()),
        retention: retention_text(&console, &view, &kanaal),
        profile: match kanaal.rules.profile {
            None => text.inherited,
            Some(Profile::NlGov) => text.nl_gov,
            Some(Profile::CloudEvents) => text.cloudevents,
        },
        mode: mode(kanaal.rules.mode),
        privacy: mode(kanaal.rules.privacy),
        payloads: match kanaal.payloads {
            PayloadCheck::Off => text.payloads_off,
            PayloadCheck::Warn => text.payloads_warn,
            PayloadCheck::Reject => text.payloads_reject,
        },
        classes: kanaal.clearance.as_ref().map(classes),
        kenmerken: names.collect(),
        history_query: form_urlencoded::Serializer::new(String::new())
            .append_pair("object", kanaal.naam.as_str())
            .finish(),
        events_query: form_urlencoded::Serializer::new(String::new())
            .append_pair("kanaal", kanaal.naam.as_str())
            .finish(),
        rows,
        paging,
        kanaal: &kanaal,
        view: &view,
    })
}

/// What the log keeps, beside what this node has not read of it.
async fn kept(console: &Console, view: &View, naam: &KanaalName, lags: &[PartitionLag]) -> Option<Kept> {
    let most = u32::try_from(PARTITIONS).unwrap_or(u32::MAX);
    let (partitions, all) = console.management.kept_partitions(&view.actor, naam, most).await.ok()?;
    let lag_of = |partition| lags.iter().find(|own| own.partition == partition).map(|own| own.lag);
    Some(Kept {
        caption: (view.text.lag.shown)(&view.number(partitions.len()), &view.number(all)),
        oldest: partitions.iter().filter_map(|own| own.oldest).min(),
        partitions: partitions
            .iter()
            .map(|own| KeptRow {
                partition: own.partition.0,
                oldest: own.oldest,
                first: own.first.0,
                end: own.end.0,
                lag: lag_of(own.partition),
            })
            .collect(),
    })
}
