//! The list of kanalen, by name or another column, with a search by name and owner, and how far their subscribers are behind.

use std::collections::HashMap;

use askama::Template;
use axum::extract::State;
use management::{Right, subscriptions::SubscriptionFilter};
use model::KanaalName;
use web::csv;

use super::{path_of, retention_text};
use crate::{
    Console, View,
    chart::percent,
    curl,
    list_file::{self, Files},
    page::{PageResult, page},
    paging::{self, Paging},
    refresh::Refresh,
    sorting::{Head, Order},
    statuses::statuses,
};

/// The column with the name.
const NAME: &str = "naam";
/// The column with the owner.
const OWNER: &str = "eigenaar";
/// The column with the deliveries that wait.
const WAITING: &str = "wachtend";
/// The columns that the list can be sorted by.
const COLUMNS: [&str; 3] = [NAME, OWNER, WAITING];

/// The columns of the file.
const FILE: [&str; 5] = ["naam", "owner", "approval", "subscriptions", "lag"];

#[derive(Template)]
#[template(path = "kanalen.html")]
struct List<'a> {
    view: &'a View,
    search: String,
    rows: Vec<Row>,
    heads: Heads,
    /// The value of the order, kept by the search; empty for none.
    sorted_by: String,
    /// Subscriptions whose deliveries were not looked at.
    unknown: usize,
    paging: Paging,
    refresh: Refresh,
    may_create: bool,
    files: Files,
    curl: String,
}

/// The heads of the columns that the list can be sorted by.
struct Heads {
    naam: Head,
    owner: Head,
    waiting: Head,
}

/// A kanaal in the table.
struct Row {
    path: String,
    naam: String,
    owner: Option<String>,
    has_own_events: bool,
    retention: String,
    has_approval: bool,
    subscriptions: usize,
    /// Deliveries that wait, of all subscriptions together.
    lag: u64,
    /// The same in percents of the highest of the page.
    lag_percent: u64,
}

/// The page.
pub async fn handler(State(console): State<Console>, view: View) -> PageResult {
    let management = &console.management;
    let search = view.parameter("zoek").map(|text| text.trim().to_owned()).unwrap_or_default();
    let sought = search.to_lowercase();
    let mut found = management.list_kanalen();
    found.retain(|own| {
        let owner = own.owner.as_deref().unwrap_or_default();
        own.naam.as_str().to_lowercase().contains(&sought) || owner.to_lowercase().contains(&sought)
    });
    let subscriptions = management.list_subscriptions(&view.actor, &SubscriptionFilter::default()).await;
    let known = statuses(management, &subscriptions).await;
    let unknown = known.iter().filter(|status| status.is_none()).count();
    let mut lags: HashMap<KanaalName, u64> = HashMap::new();
    for (naam, records) in known.into_iter().flatten().flat_map(|status| status.lag_of) {
        *lags.entry(naam).or_default() += records;
    }
    let lag = |naam: &KanaalName| lags.get(naam).copied().unwrap_or_default();
    let order = Order::of(&view, &COLUMNS);
    let sorted = match order {
        Some(order) if order.column == WAITING => {
            order.sort(found.into_iter().map(|own| (Some(lag(&own.naam)), own)).collect())
        }
        Some(order) if order.column == OWNER => {
            order.sort(found.into_iter().map(|own| (own.owner.clone(), own)).collect())
        }
        Some(order) => order.sort(found.into_iter().map(|own| (Some(own.naam.clone()), own)).collect()),
        None => found,
    };
    let subscribers = |naam: &KanaalName| subscriptions.iter().filter(|one| one.selection.covers(naam)).count();
    if let Some(form) = list_file::form(&view)? {
        let cells = sorted.iter().map(|own| {
            vec![
                own.naam.to_string(),
                own.owner.clone().unwrap_or_default(),
                own.approval.to_string(),
                subscribers(&own.naam).to_string(),
                lag(&own.naam).to_string(),
            ]
        });
        return csv::answer_rows(form, "kanalen", &FILE, cells).await;
    }
    let mut part = paging::part(&view, sorted);
    let paging = Paging::of(&view, &mut part);
    let highest = part.iter().map(|own| lag(&own.naam)).max().unwrap_or_default();
    let rows = part.iter().map(|own| Row {
        path: path_of(own.naam.as_str()),
        naam: own.naam.to_string(),
        owner: own.owner.clone(),
        has_own_events: management.is_own_kanaal(own),
        retention: retention_text(&console, &view, own),
        has_approval: own.approval,
        subscriptions: subscribers(&own.naam),
        lag: lag(&own.naam),
        lag_percent: percent(lag(&own.naam), highest),
    });
    let rows = rows.collect();
    let may_create = !view.is_portal() && view.may(Right::ManageKanalen);
    let heads = Heads {
        naam: Head::of_texts(&view, order, NAME, view.text.kanalen.naam),
        owner: Head::of_texts(&view, order, OWNER, view.text.subscriptions.owner),
        waiting: Head::of_numbers(&view, order, WAITING, view.text.charts.lag),
    };
    let sorted_by = order.map(Order::value).unwrap_or_default();
    page(&List {
        files: Files::of(&view),
        curl: curl::command(&view, "/v1/kanalen", &[]),
        refresh: Refresh::of(&view),
        heads,
        sorted_by,
        may_create,
        search,
        rows,
        unknown,
        paging,
        view: &view,
    })
}
