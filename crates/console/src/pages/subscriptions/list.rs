//! The list of subscriptions, with filters by state, kanaal, owner, format and text.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use management::{
    Right,
    subscriptions::{State as SubscriptionState, SubscriptionFilter, SubscriptionStatus},
};
use model::{Subscription, Timestamp};

use super::{
    LIST,
    order::{self, Sorted},
    path_of,
    shown::{format_text, is_legacy, kanalen_text},
};
use crate::{
    Console, View,
    choice::Choice,
    curl,
    list_file::Files,
    page::{PageResult, page},
    pages::traffic::{Failures, failures},
    paging::{self, Paging},
    sink_text::sink_text,
    sorting::{Head, Order},
    statuses::statuses,
    text::states::{Words, badge},
};

#[derive(Template)]
#[template(path = "subscriptions.html")]
struct List<'a> {
    view: &'a View,
    states: Vec<Choice>,
    kanalen: Vec<Choice>,
    formats: Vec<Choice>,
    owner: String,
    search: String,
    is_filtered: bool,
    total: usize,
    rows: Vec<Row>,
    paging: Paging,
    heads: Heads,
    /// The value of the order, kept by the filter; empty for none.
    sorted_by: String,
    /// Subscriptions that come last because their deliveries were not looked at.
    unknown: usize,
    /// The list as CSV.
    files: Files,
    /// From when on the failures are complete; `None` when they are.
    counted_since: Option<Timestamp>,
    curl: String,
    may_manage: bool,
}

/// The heads of the columns that the list can be sorted by.
struct Heads {
    name: Head,
    owner: Head,
    format: Head,
    state: Head,
    waiting: Head,
    oldest: Head,
    failed: Head,
    last_success: Head,
}

struct Row {
    id: String,
    /// Whether the person may change it.
    is_own: bool,
    /// The label of the box that selects it.
    select: String,
    path: String,
    name: Option<String>,
    receiver: String,
    owner: String,
    kanalen: String,
    format: &'static str,
    words: Words,
    badge: &'static str,
    reason: Option<String>,
    lag: u64,
    oldest: Option<Timestamp>,
    last_error: Option<String>,
    last_success: LastSuccess,
    failures: Failures,
}

/// When a delivery succeeded last.
enum LastSuccess {
    /// That cannot be read now.
    Unknown,
    /// Not in the last 31 days.
    Never,
    /// Then.
    At(Timestamp),
}

/// The filter of the query.
struct Filter {
    state: String,
    kanaal: String,
    owner: String,
    format: String,
    search: String,
}

impl Filter {
    fn of_page(view: &View) -> Self {
        let asked = |name: &str| view.parameter(name).unwrap_or_default();
        Self {
            state: asked("toestand"),
            kanaal: asked("kanaal"),
            owner: asked("eigenaar"),
            format: asked("vorm"),
            search: asked("zoek"),
        }
    }
}

/// The subscriptions that the person may see and the filter of the query passes.
pub(super) async fn matching(console: &Console, view: &View) -> Vec<Arc<Subscription>> {
    let Filter { state, kanaal, owner, format, search } = Filter::of_page(view);
    let filter = SubscriptionFilter {
        owner: Some(owner.trim().to_owned()).filter(|owner| !owner.is_empty()),
        state: SubscriptionState::from_word(&state),
        kanaal: Some(kanaal).filter(|kanaal| !kanaal.is_empty()),
        ..SubscriptionFilter::default()
    };
    let mut found = console.management.list_subscriptions(&view.actor, &filter).await;
    found.retain(|own| !view.is_portal() || view.actor.may_manage(&own.owner));
    found.retain(|own| has_format(own, &format) && contains(own, search.trim()));
    found
}

/// The page.
pub async fn handler(State(console): State<Console>, view: View) -> PageResult {
    let management = &console.management;
    let found = matching(&console, &view).await;
    let Filter { state, kanaal, owner, format, search } = Filter::of_page(&view);
    let total = found.len();
    let Sorted { list, order, unknown } = order::sorted(&console, &view, found).await;
    let mut part = paging::part(&view, list);
    let paging = Paging::of(&view, &mut part);
    let may_manage = view.may(Right::ManageSubscriptions);
    let ids: Vec<_> = part.iter().map(|own| own.id).collect();
    let (last_success, known) =
        tokio::join!(management.read_last_delivered(&view.actor, &ids), statuses(management, &part));
    let mut last_success = last_success.ok().map(Vec::into_iter);
    let mut rows = Vec::with_capacity(part.len());
    for (subscription, status) in part.into_iter().zip(known) {
        let status = status.unwrap_or_else(|| SubscriptionStatus::new(&subscription, None, view.now));
        rows.push(Row {
            id: subscription.id.to_string(),
            is_own: may_manage && view.actor.may_manage(&subscription.owner),
            select: (view.text.subscriptions.select_one)(
                &subscription.name.clone().unwrap_or_else(|| sink_text(&subscription.sink)),
            ),
            path: path_of(subscription.id),
            name: subscription.name.clone(),
            receiver: sink_text(&subscription.sink),
            owner: subscription.owner.clone(),
            kanalen: kanalen_text(&subscription, view.text),
            format: format_text(&subscription, view.text),
            words: view.state_words(status.state),
            badge: badge(status.state),
            reason: status.reason,
            lag: status.lag,
            oldest: status.oldest_undelivered,
            last_error: status.last_error,
            last_success: match &mut last_success {
                None => LastSuccess::Unknown,
                Some(moments) => moments.next().flatten().map_or(LastSuccess::Never, LastSuccess::At),
            },
            failures: failures(&console, &view, subscription.id)?,
        });
    }
    let text = view.text;
    let any = || (String::new(), text.subscriptions.any.to_owned());
    let states =
        SubscriptionState::WORDS.map(|(word, state)| (word.to_owned(), (text.states.of)(state).name.to_owned()));
    let names = management.list_kanalen();
    let names = names.iter().map(|kanaal| (kanaal.naam.to_string(), kanaal.naam.to_string()));
    let formats = [("notificatie", text.subscriptions.legacy), ("cloudevent", text.subscriptions.structured)];
    let formats = formats.map(|(value, text)| (value.to_owned(), text.to_owned()));
    let is_filtered = [&state, &kanaal, &owner, &format, &search].into_iter().any(|text| !text.is_empty());
    let parameters = [("state", state.as_str()), ("kanaal", kanaal.as_str()), ("owner", owner.trim())];
    let curl = curl::command(&view, "/v1/subscriptions", &parameters);
    let texts = |column, name| Head::of_texts(&view, order, column, name);
    let numbers = |column, name| Head::of_numbers(&view, order, column, name);
    let heads = Heads {
        name: texts(order::NAME, text.subscriptions.receiver),
        owner: texts(order::OWNER, text.subscriptions.owner),
        format: texts(order::FORMAT, text.subscriptions.format),
        state: texts(order::STATE, text.subscriptions.state),
        waiting: numbers(order::WAITING, text.subscriptions.lag),
        oldest: texts(order::OLDEST, text.subscriptions.oldest),
        failed: numbers(order::FAILED, text.charts.failures),
        last_success: texts(order::LAST_SUCCESS, text.subscriptions.last_success),
    };
    page(&List {
        heads,
        sorted_by: order.map(Order::value).unwrap_or_default(),
        unknown,
        counted_since: console.management.incomplete_before(),
        view: &view,
        states: Choice::list([any()].into_iter().chain(states), &state),
        kanalen: Choice::list([any()].into_iter().chain(names), &kanaal),
        formats: Choice::list([any()].into_iter().chain(formats), &format),
        is_filtered,
        owner,
        search,
        total,
        rows,
        paging,
        curl,
        files: Files::at(&view, &format!("{LIST}/csv")),
        may_manage,
    })
}

fn has_format(subscription: &Subscription, format: &str) -> bool {
    match format {
        "notificatie" => is_legacy(subscription),
        "cloudevent" => !is_legacy(subscription),
        _ => true,
    }
}

/// Whether id, name, contact, description, owner or the shown address of the receiver contains a text. The query of the
/// receiver is not shown, so it is not searched.
pub fn contains(subscription: &Subscription, text: &str) -> bool {
    let text = text.to_lowercase();
    let has = |own: &str| own.to_lowercase().contains(&text);
    let texts = [&subscription.name, &subscription.contact, &subscription.description];
    texts.into_iter().flatten().any(|own| has(own))
        || has(&subscription.id.to_string())
        || has(&subscription.owner)
        || has(&sink_text(&subscription.sink))
}
