//! What the handlers of a subscription share: its id in the path, and the answer that shows it with its `ETag`.
//!
//! Who may see which subscription is decided in `management`; another applicatie's answers 404 like one that does not exist.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use management::{Error, Resource};
use model::{Subscription, SubscriptionId};

use super::{status::StatusView, view::SubscriptionView};
use crate::{Api, if_match::etag};

/// The id in a path; one that is no UUID belongs to no subscription.
pub fn id_of(text: &str) -> Result<SubscriptionId, Error> {
    text.parse().map(SubscriptionId).map_err(|_| Error::NotFound(Resource::Subscription))
}

/// An answer that shows the subscription.
pub async fn show(api: &Api, status: StatusCode, subscription: &Subscription) -> Response {
    answer(status, subscription, StatusView::now(api, subscription).await)
}

/// The same with a status that is known.
pub fn answer(status: StatusCode, subscription: &Subscription, state: StatusView) -> Response {
    let view = SubscriptionView::new(subscription, state);
    let mut response = (status, axum::Json(view)).into_response();
    if let Ok(tag) = HeaderValue::from_str(&etag(subscription.changed)) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}
