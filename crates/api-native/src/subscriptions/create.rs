//! `POST /v1/subscriptions`: creates a subscription; the handshake with its sink starts immediately (CE-SUB-02, CE-SUB-06,
//! CE-SUB-07, NLG-WH-06).

use axum::{Extension, extract::State, response::Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use management::subscriptions::Created;
use web::{auth::Caller, body::Payload, client::ClientAddress, problem::Problem};

use super::{access, input, key, light, view::SubscriptionView};
use crate::{Api, members};

/// Makes a subscription.
///
/// With `protocol` `SMTP` or `SMS` it takes a request for a light subscription of a person.
#[utoipa::path(
    post, path = "/v1/subscriptions", tag = "subscriptions", operation_id = "createSubscription",
    params((
        "Idempotency-Key" = Option<String>, Header,
        description = "A key of your own choice: the same request with the same key makes nothing new",
    )),
    request_body = SubscriptionView,
    responses(
        (status = 200, description = "Made before with the same key", body = SubscriptionView, headers(("ETag" = String))),
        (status = 201, description = "Made; the handshake starts", body = SubscriptionView,
         headers(("Location" = String), ("ETag" = String))),
        (status = 202, description = "A light subscription: the person gets a message to confirm the address, whatever there was \
                                      of it before", body = light::LightView, headers(("Location" = String))),
        (status = 400, description = "A member breaks a rule"),
        (status = 429, description = "Too many requests to subscribe this address, or from this source"),
        (status = 409, description = "The key belongs to another request, or the client has reached its limit of subscriptions"),
    ),
)]
pub async fn handler(
    State(api): State<Api>,
    caller: Caller,
    client: Option<Extension<ClientAddress>>,
    headers: HeaderMap,
    Payload(body): Payload,
) -> Result<Response, Problem> {
    let mut object = members::object(&body, false)?;
    input::rename(&mut object)?;
    if light::is_light(&object) {
        let source = client.map(|client| client.network.to_string()).unwrap_or_default();
        return light::create(&api, &caller, &headers, &source, &object).await;
    }
    let wanted = input::read_for(&api, &object)?;
    let create_key = key::read(&headers, &object)?;
    match api.management.create_subscription(&caller.actor(), wanted.request, create_key).await? {
        Created::Before(subscription) => Ok(access::show(&api, StatusCode::OK, &subscription).await),
        Created::New(subscription) => {
            let mut response = access::show(&api, StatusCode::CREATED, &subscription).await;
            let location = format!("{}/v1/subscriptions/{}", api.public_url(&headers), subscription.id);
            if let Ok(location) = HeaderValue::from_str(&location) {
                response.headers_mut().insert(header::LOCATION, location);
            }
            Ok(response)
        }
    }
}
