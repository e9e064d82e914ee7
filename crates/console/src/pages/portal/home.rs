//! The first page of the portal: in one sentence how deliveries to the person's receivers are doing, what to do, and numbers.

use std::time::Duration;

use askama::Template;
use axum::extract::State;
use management::{
    Error, Right,
    kanalen::ApprovalFilter,
    subscriptions::{State as SubscriptionState, SubscriptionStatus},
};
use model::Timestamp;
use tokio::time::{Instant, timeout_at};
use web::Problem;

use super::{own_subscriptions, title_of};
use crate::{
    Console, View,
    page::{PageResult, page},
    pages::subscriptions,
    text::states::{Words, badge},
};

/// Most subscriptions in the list.
const SHOWN: usize = 20;
/// Most subscriptions of which the deliveries are looked at; of others the page has what control knows.
const MAX_ASKED: usize = 200;
/// How long looking at deliveries may take in all.
const MAX_WAIT: Duration = Duration::from_secs(3);

#[derive(Template)]
#[template(path = "portal_home.html")]
struct Home<'a> {
    view: &'a View,
    sentence: String,
    /// The kind of the message with the sentence.
    kind: &'static str,
    remedy: &'static str,
    is_subscriber: bool,
    total: usize,
    waiting: u64,
    failed: String,
    /// Requests for approval on own kanalen; `None` for who has no say in them.
    approvals: Option<usize>,
    attention: Vec<Row>,
}

/// A subscription that needs attention.
struct Row {
    path: String,
    name: String,
    words: Words,
    badge: &'static str,
    lag: u64,
    oldest: Option<Timestamp>,
    recover: String,
}

/// The page.
pub async fn handler(State(console): State<Console>, view: View) -> PageResult {
    let own = own_subscriptions(&console, &view).await;
    let is_subscriber = view.may(Right::ManageSubscriptions);
    let (mut waiting, mut attention) = (0, Vec::new());
    let end = Instant::now() + MAX_WAIT;
    for (at, subscription) in own.iter().enumerate() {
        let asked = (at < MAX_ASKED).then(|| timeout_at(end, console.management.subscription_status(subscription)));
        let known = match asked {
            Some(asked) => asked.await.ok(),
            None => None,
        };
        let status = known.unwrap_or_else(|| SubscriptionStatus::new(subscription, None, view.now));
        waiting += status.lag;
        if matches!(status.state, SubscriptionState::Granted | SubscriptionState::Throttled) {
            continue;
        }
        attention.push(Row {
            path: subscriptions::path_of(subscription.id),
            name: title_of(subscription),
            words: view.state_words(status.state),
            badge: badge(status.state),
            lag: status.lag,
            oldest: status.oldest_undelivered,
            recover: format!("{}?abonnement={}", super::recover::PATH, subscription.id),
        });
    }
    let (failed, is_all) =
        if is_subscriber { console.management.count_newest_own_dead_letters(&view.actor).await? } else { (0, true) };
    let at_least = if is_all { String::new() } else { format!("{} ", view.text.overview.at_least) };
    let shown_failed = format!("{at_least}{}", view.number(failed));
    let approvals = view.may(Right::Approve).then(|| awaiting(&console, &view)).transpose()?;
    let (kind, sentence, remedy) = sentence(&view, own.len(), attention.len(), &shown_failed, failed);
    attention.truncate(SHOWN);
    page(&Home {
        view: &view,
        sentence,
        kind,
        remedy,
        is_subscriber,
        total: own.len(),
        waiting,
        failed: shown_failed,
        approvals,
        attention,
    })
}

/// How it is doing in one sentence, with the kind of the message, and what to do.
fn sentence(
    view: &View,
    total: usize,
    attention: usize,
    shown_failed: &str,
    failed: u64,
) -> (&'static str, String, &'static str) {
    let text = &view.text.portal.home;
    let acts_for_nobody = view.actor.grants().is_none_or(|grants| grants.client_ids.is_empty());
    if acts_for_nobody {
        ("warning", text.no_client.to_owned(), text.no_client_remedy)
    } else if !view.may(Right::ManageSubscriptions) {
        ("info", text.publisher.to_owned(), "")
    } else if total == 0 {
        ("info", text.nothing.to_owned(), text.nothing_remedy)
    } else if attention > 0 {
        ("warning", (text.need_attention)(attention, total), text.attention_remedy)
    } else if failed > 0 {
        ("warning", (text.some_failed)(shown_failed), text.failed_remedy)
    } else {
        ("ok", text.all_well.to_owned(), "")
    }
}

/// The number of requests for approval on the person's kanalen.
fn awaiting(console: &Console, view: &View) -> Result<usize, Problem> {
    let mut number = 0;
    for kanaal in console.management.list_kanalen() {
        let naam = kanaal.naam.as_str();
        match console.management.list_subscriptions_of_kanaal(&view.actor, naam, Some(ApprovalFilter::Awaiting)) {
            Ok((_, found)) => number += found.len(),
            // The kanaal belongs to somebody else, or was deleted meanwhile.
            Err(Error::Forbidden(_) | Error::NotFound(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(number)
}
