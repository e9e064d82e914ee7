//! `GET /v1/subscriptions`: the caller's subscriptions, newest first; an administrator sees all (CE-SUB-05).

use axum::{Json, extract};
use http::{HeaderMap, Uri};
use management::subscriptions::{State, SubscriptionFilter};
use web::{auth::Caller, problem::Problem};

use super::{status::StatusView, view::SubscriptionView};
use crate::{
    Api,
    list::{List, Query},
};

/// Longest text of `q`, in characters.
const MAX_SEARCH: usize = 200;

/// Lists subscriptions.
#[utoipa::path(
    get, path = "/v1/subscriptions", tag = "subscriptions", operation_id = "listSubscriptions",
    params(
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
    responses((status = 200, description = "A page", body = List<SubscriptionView>)),
)]
pub async fn handler(
    extract::State(api): extract::State<Api>,
    caller: Caller,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Json<List<SubscriptionView>>, Problem> {
    let query = Query::read(&api, &headers, &uri, &["sink", "owner", "state", "kanaal", "q", "page", "pageSize"])?;
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
    let found = api.management.list_subscriptions(&caller.actor(), &filter).await;
    let count = found.len() as u64;
    let mut rows = Vec::new();
    for subscription in found.iter().skip(paging.skip()).take(paging.take()) {
        rows.push(SubscriptionView::new(subscription, StatusView::now(&api, subscription).await));
    }
    Ok(Json(query.list(paging, rows, Some(count))))
}
