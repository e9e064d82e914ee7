//! `GET /v1/subscriptions`: the caller's subscriptions, newest first; an administrator sees all (CE-SUB-05). Light ones are a list
//! of their own, since there may be a million.

use std::sync::Arc;

use axum::{
    Json, extract,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, Uri};
use management::subscriptions::{State, SubscriptionFilter};
use model::{KanaalName, Subscription, selection::Selection};
use web::{
    accept,
    auth::Caller,
    csv,
    problem::{Fault, Problem},
};

use super::{light, status::StatusView, view::SubscriptionView};
use crate::{
    Api,
    list::{List, Query},
};

/// Longest text of `q`, in characters.
const MAX_SEARCH: usize = 200;

/// Lists subscriptions.
///
/// Light subscriptions of people are listed with `protocol=SMTP`, by kanaal, once they are confirmed. A page of them can have fewer
/// rows than `pageSize`, or none, although there is a next one; it has more when an address has several.
#[utoipa::path(
    get, path = "/v1/subscriptions", tag = "subscriptions", operation_id = "listSubscriptions",
    params(
        ("protocol" = Option<String>, Query, description = "`HTTP`, which is the default, or `SMTP` for light subscriptions"),
        ("cursor" = Option<String>, Query, description = "Where a page of light subscriptions begins; from the link to it"),
        ("sink" = Option<String>, Query, description = "Only with this sink"),
        ("owner" = Option<String>, Query, description = "Only of this client"),
        ("state" = Option<String>, Query, description = "Only in this state"),
        ("kanaal" = Option<String>, Query, description = "Only those that events of this kanaal can match"),
        ("q" = Option<String>, Query,
         description = "Only those whose id, name, contact, description, sink or owner contains this text, 1 to 200 characters; \
                        letter case does not count"),
        ("page" = Option<u32>, Query, description = "From 1"),
        ("pageSize" = Option<u32>, Query, description = "1 to 500"),
    ),
    responses(
        (status = 200, description = "A page", content((List<SubscriptionView> = "application/json"), (String = "text/csv"))),
    ),
)]
pub async fn handler(
    extract::State(api): extract::State<Api>,
    caller: Caller,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    let names = ["protocol", "cursor", "sink", "owner", "state", "kanaal", "q", "page", "pageSize"];
    let query = Query::read(&api, &headers, &uri, &names)?;
    let is_light = query.typed("protocol", "must be HTTP or SMTP", |word| match word {
        "HTTP" => Some(false),
        "SMTP" => Some(true),
        _ => None,
    })?;
    if is_light == Some(true) {
        return light::list::list(&api, &caller, &headers, &query).await;
    }
    if query.text("cursor").is_some() {
        return Err(Problem::invalid(vec![Fault::new("cursor", "is for subscriptions with protocol SMTP")]));
    }
    let paging = query.paging()?;
    let states = State::WORDS.map(|(word, _)| word).join(", ");
    let text = |name: &str| query.text(name).map(str::to_owned);
    let filter = SubscriptionFilter {
        sink: text("sink"),
        owner: text("owner"),
        state: query.typed("state", &format!("must be one of: {states}"), State::from_word)?,
        kanaal: text("kanaal"),
        text: query.typed("q", &format!("must be a text of 1 to {MAX_SEARCH} characters"), |text| {
            (!text.is_empty() && text.chars().nth(MAX_SEARCH).is_none()).then(|| text.to_owned())
        })?,
    };
    let actor = caller.actor();
    let found = api.management.list_subscriptions(&actor, &filter).await;
    if accept::prefers_csv(&headers) {
        let found = Arc::new(found);
        return csv::answer("subscriptions", &COLUMNS, move |offset, limit| {
            let (api, actor, found) = (api.clone(), actor.clone(), Arc::clone(&found));
            async move {
                let skip = usize::try_from(offset).unwrap_or(usize::MAX);
                let part = part(&found, skip, limit as usize);
                let states = StatusView::of_all(&api, &actor, part).await;
                Ok(part.iter().zip(states).map(|(subscription, state)| cells(subscription, state)).collect())
            }
        })
        .await;
    }
    let count = found.len() as u64;
    let part = part(&found, paging.skip(), paging.take());
    let states = StatusView::of_all(&api, &actor, part).await;
    let rows =
        part.iter().zip(states).map(|(subscription, state)| SubscriptionView::new(subscription, state)).collect();
    Ok(Json(query.list(paging, rows, Some(count))).into_response())
}

/// A part of a list, empty behind its end.
fn part(found: &[Arc<Subscription>], skip: usize, take: usize) -> &[Arc<Subscription>] {
    let rest = found.get(skip..).unwrap_or_default();
    &rest[..rest.len().min(take)]
}

/// The columns of [`cells`].
const COLUMNS: [&str; 11] =
    ["id", "name", "contact", "owner", "sink", "kanalen", "state", "reason", "lag", "lastError", "lastDelivered"];

/// A row of the list as CSV. No kanalen means all of them.
fn cells(subscription: &Subscription, status: StatusView) -> csv::Row {
    let view = SubscriptionView::new(subscription, status);
    vec![
        view.id,
        subscription.name.clone().unwrap_or_default(),
        subscription.contact.clone().unwrap_or_default(),
        view.owner,
        view.sink,
        kanalen(&subscription.selection).join(" "),
        view.status.state.to_owned(),
        view.status.reason.unwrap_or_default(),
        view.status.lag.events.to_string(),
        view.status.last_error.unwrap_or_default(),
        view.status.last_delivered.unwrap_or_default(),
    ]
}

/// The names of the kanalen that a selection names.
fn kanalen(selection: &Selection) -> Vec<&str> {
    match selection {
        Selection::Native(native) => native.kanalen.iter().map(KanaalName::as_str).collect(),
        Selection::Abonnement(abonnement) => abonnement.kanalen.iter().map(|entry| entry.naam.as_str()).collect(),
    }
}
