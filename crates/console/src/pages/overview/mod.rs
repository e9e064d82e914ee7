//! The overview: one sentence on how deliveries are doing, numbers, bars of what passed the gateway, the subscriptions that need
//! attention, what happened lately, and the checks of this node.

mod activity;

use std::{collections::HashMap, time::Duration};

use askama::Template;
use axum::extract::State;
use management::{
    readiness::Check,
    subscriptions::{State as SubscriptionState, SubscriptionFilter, SubscriptionStatus},
};
use model::Timestamp;

use self::activity::{Activity, Part};
use crate::{
    Console, View,
    page::{PageResult, page},
    pages::{
        lag::{self, LagRow},
        subscriptions,
        traffic::{Traffic, traffic},
    },
    refresh::Refresh,
    sink_text::sink_text,
    statuses::statuses,
    suspension::Suspension,
    text::states::{Words, badge},
};

/// Most subscriptions in the list.
const SHOWN: usize = 10;

/// A subscription whose oldest event waits this long needs attention, also when its receiver works.
const BEHIND: Duration = Duration::from_mins(15);

/// Most partitions in the list of those that are behind.
const PARTITIONS: usize = 5;

#[derive(Template)]
#[template(path = "overview.html")]
struct Overview<'a> {
    view: &'a View,
    kanalen: usize,
    subscriptions: usize,
    /// The subscriptions by state, those that exist: the path of the list of them, the word and the number.
    states: Vec<(String, &'static str, usize)>,
    /// Deliveries that failed since yesterday, when no subscription needs attention.
    failed: Option<String>,
    waiting: u64,
    /// Subscriptions whose deliveries were not looked at, because there are too many or the answer took too long.
    unknown: usize,
    attention: Vec<Row>,
    attention_total: usize,
    checks: Vec<Check>,
    is_ready: bool,
    traffic: Traffic,
    activity: Activity,
    /// The partitions that are furthest behind, for who sees the nodes.
    lags: Vec<LagRow>,
    lag_caption: String,
    refresh: Refresh,
}

/// A subscription that needs attention.
struct Row {
    path: String,
    /// Its name, or else its receiver.
    name: String,
    receiver: String,
    owner: String,
    words: Words,
    badge: &'static str,
    lag: u64,
    oldest: Option<Timestamp>,
    /// How near its suspension is, during an outage.
    suspension: Option<Suspension>,
}

/// The page.
pub async fn handler(State(console): State<Console>, view: View) -> PageResult {
    let management = &console.management;
    let subscriptions = management.list_subscriptions(&view.actor, &SubscriptionFilter::default()).await;
    let (known, checks, activity) = tokio::join!(
        statuses(management, &subscriptions),
        management.check_readiness(),
        activity::read(&console, &view)
    );
    let (mut of_states, mut waiting, mut unknown, mut attention) = (HashMap::new(), 0, 0, Vec::new());
    for (subscription, known) in subscriptions.iter().zip(known) {
        unknown += usize::from(known.is_none());
        let status = known.unwrap_or_else(|| SubscriptionStatus::new(subscription, None, view.now));
        waiting += status.lag;
        *of_states.entry(status.state.word()).or_insert(0) += 1;
        let mut shown = ((view.text.states.of)(status.state), badge(status.state));
        if matches!(status.state, SubscriptionState::Granted | SubscriptionState::Throttled) {
            if status.oldest_undelivered.is_none_or(|oldest| view.now.since(oldest) < BEHIND) {
                continue;
            }
            shown = ((view.text.overview.behind)(), "warning");
        }
        attention.push(Row {
            path: subscriptions::path_of(subscription.id),
            name: subscription.name.clone().unwrap_or_else(|| sink_text(&subscription.sink)),
            receiver: subscription.sink.key().to_owned(),
            owner: subscription.owner.clone(),
            words: shown.0,
            badge: shown.1,
            lag: status.lag,
            oldest: status.oldest_undelivered,
            suspension: status
                .outage_since
                .map(|since| Suspension::new(since, view.now, management.settings.outage_limit)),
        });
    }
    attention.sort_by_key(|row| {
        row.oldest.map_or((1, row.receiver.clone(), 0), |oldest| (0, String::new(), oldest.as_micros()))
    });
    let attention_total = attention.len();
    attention.truncate(SHOWN);
    let slowest = if view.actor.sees_all() { management.slowest_partitions(PARTITIONS) } else { vec![] };
    let lags = lag::rows(&view, slowest);
    page(&Overview {
        view: &view,
        kanalen: management.list_kanalen().len(),
        subscriptions: subscriptions.len(),
        states: by_state(&view, &of_states),
        failed: failed(&view, &activity).filter(|_| attention_total == 0),
        waiting,
        unknown,
        attention,
        attention_total,
        is_ready: checks.iter().all(|(_, fault)| fault.is_none()),
        checks,
        traffic: traffic(&console, &view)?,
        activity,
        lag_caption: view.text.lag.title.to_owned(),
        lags,
        refresh: Refresh::of(&view),
    })
}

/// The states in which there are subscriptions, in the order of the list.
fn by_state(view: &View, numbers: &HashMap<&str, usize>) -> Vec<(String, &'static str, usize)> {
    let row = |(word, state): (&str, SubscriptionState)| {
        let number = *numbers.get(word)?;
        Some((format!("/beheer/abonnementen?toestand={word}"), (view.text.states.of)(state).name, number))
    };
    SubscriptionState::WORDS.into_iter().filter_map(row).collect()
}

/// That deliveries failed since yesterday, in a sentence; `None` when none did or the person may not see them.
fn failed(view: &View, activity: &Activity) -> Option<String> {
    let Part::Known(found) = &activity.dead_letters else { return None };
    if found.count == 0 {
        return None;
    }
    let number = view.number(found.count);
    let number = if found.is_all { number } else { format!("{} {number}", view.text.overview.at_least) };
    Some((view.text.overview.some_failed)(&number))
}
