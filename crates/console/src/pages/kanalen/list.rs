//! The list of kanalen, by name, with a search by name and owner.

use askama::Template;
use axum::extract::State;
use management::subscriptions::SubscriptionFilter;

use super::{path_of, retention_text};
use crate::{
    Console, View,
    page::{PageResult, page},
    paging::{self, Paging, ROWS},
};

#[derive(Template)]
#[template(path = "kanalen.html")]
struct List<'a> {
    view: &'a View,
    search: String,
    rows: Vec<Row>,
    paging: Paging,
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
    let skip = usize::try_from(paging::page(&view).offset).unwrap_or(usize::MAX);
    let mut part: Vec<_> = found.into_iter().skip(skip).take(ROWS as usize + 1).collect();
    let paging = Paging::of(&view, &mut part);
    let subscriptions = management.list_subscriptions(&view.actor, &SubscriptionFilter::default()).await;
    let rows = part.iter().map(|own| Row {
        path: path_of(own.naam.as_str()),
        naam: own.naam.to_string(),
        owner: own.owner.clone(),
        has_own_events: management.is_own_kanaal(own),
        retention: retention_text(&console, &view, own),
        has_approval: own.approval,
        subscriptions: subscriptions.iter().filter(|one| one.selection.covers(&own.naam)).count(),
    });
    let rows = rows.collect();
    page(&List { view: &view, search, rows, paging })
}
