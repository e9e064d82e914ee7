//! The page of the live view: its filter, the latest events, and what the script needs.

use askama::Template;
use axum::extract::State;
use management::{
    journal::{EventQuery, Page},
    subscriptions::SubscriptionFilter,
};
use model::Subscription;

use super::{PATH, STREAM, row::Row, stream::Asked};
use crate::{
    Console, View,
    choice::Choice,
    page::{PageResult, page},
    sink_text::sink_text,
};

/// The latest events that are read.
const LATEST: u32 = 50;

/// Most subscriptions to choose from.
const MOST_CHOICES: usize = 200;

#[derive(Template)]
#[template(path = "live.html")]
struct Live<'a> {
    view: &'a View,
    kanalen: Vec<Choice>,
    subscriptions: Vec<Choice>,
    kind: String,
    is_filtered: bool,
    rows: Vec<Row>,
    stream: String,
    again: String,
    script: String,
}

/// The page.
pub async fn handler(State(console): State<Console>, view: View) -> PageResult {
    let management = &console.management;
    let asked = Asked::read(&view);
    let filter = asked.filter()?;
    let subscription = filter.subscription.map(|id| management.find_subscription(&view.actor, id)).transpose()?;
    let filled = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    let query = EventQuery { kanaal: filter.kanaal.clone(), kind: filled(&asked.kind), ..EventQuery::default() };
    let mut events = management.list_events(&view.actor, query, Page { offset: 0, limit: LATEST }).await?;
    events.retain(|event| subscription.as_ref().is_none_or(|own| own.selection.covers(&event.kanaal)));
    let any = || (String::new(), view.text.subscriptions.any.to_owned());
    let names = management.list_kanalen();
    let names = names.iter().map(|kanaal| (kanaal.naam.to_string(), kanaal.naam.to_string()));
    let own = management.list_subscriptions(&view.actor, &SubscriptionFilter::default()).await;
    let name = |own: &Subscription| own.name.clone().unwrap_or_else(|| sink_text(&own.sink));
    let mut choices: Vec<_> = own.iter().take(MOST_CHOICES).map(|own| (own.id.to_string(), name(own))).collect();
    if let Some(chosen) = &subscription
        && !choices.iter().any(|(id, _)| *id == chosen.id.to_string())
    {
        choices.push((chosen.id.to_string(), name(chosen)));
    }
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("kanaal", &asked.kanaal)
        .append_pair("abonnement", &asked.subscription)
        .append_pair("type", &asked.kind)
        .finish();
    page(&Live {
        kanalen: Choice::list([any()].into_iter().chain(names), &asked.kanaal),
        subscriptions: Choice::list([any()].into_iter().chain(choices), &asked.subscription),
        is_filtered: [&asked.kanaal, &asked.subscription, &asked.kind].into_iter().any(|text| !text.is_empty()),
        kind: asked.kind.clone(),
        rows: events.iter().map(|event| Row::of_event(&view, event)).collect(),
        stream: format!("{}?{query}", view.to(STREAM)),
        again: format!("{}?{query}", view.to(PATH)),
        script: view.live_script(),
        view: &view,
    })
}
