//! `POST /v1/subscriptions`: makes a subscription; the handshake with its sink starts at once (CE-SUB-02, CE-SUB-06,
//! CE-SUB-07, NLG-WH-06).

use axum::{extract::State, response::Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use model::{
    Subscription, SubscriptionId,
    decide::{Command, Rejection},
    selection::Selection,
    subscription::Status,
};

use super::{access, consent, credential::CredentialInput, input, start, tls, view::SubscriptionView};
use crate::{
    api::v1::members,
    app::App,
    auth::Caller,
    inbound::body::Payload,
    problem::{Fault, Problem},
};

/// Makes a subscription.
#[utoipa::path(
    post, path = "/v1/subscriptions", tag = "subscriptions", operation_id = "createSubscription",
    request_body = SubscriptionView,
    responses(
        (status = 201, description = "Made; the handshake starts", body = SubscriptionView,
         headers(("Location" = String), ("ETag" = String))),
        (status = 400, description = "A member breaks a rule"),
    ),
)]
pub async fn handler(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Payload(body): Payload,
) -> Result<Response, Problem> {
    let mut object = members::object(&body, false)?;
    input::rename(&mut object)?;
    let wanted = input::read(&object, app.egress.policy(), app.config.delivery.retry.policy().unwrap_or_default())?;
    consent::check_validation(&caller, &wanted.validation)?;
    tls::check(&app, &caller, "config.tls", wanted.tls.as_deref())?;
    let credential = wanted.credential.clone().unwrap_or(CredentialInput::None);
    tls::check(&app, &caller, "sinkcredential.tls", credential.tls())?;
    let now = app.clock.now();
    let consent = consent::initial(&app, &wanted, now);
    let selection = Selection::Native(wanted.selection.unwrap_or_default());
    let start = start::at(&app, &selection, wanted.start.unwrap_or(start::Start::Now)).await?;
    let subscription = Subscription {
        id: SubscriptionId(app.random.uuid()),
        owner: caller.client_id.to_string(),
        selection,
        sink: wanted.sink,
        credential: credential.seal(&app.secrets)?,
        tls: wanted.tls,
        headers: wanted.headers,
        format: wanted.format,
        order: wanted.order,
        retry: wanted.retry,
        max_in_flight: wanted.max_in_flight,
        requested_rate: wanted.requested_rate,
        validation: wanted.validation,
        consent,
        generation: 1,
        callback_secret: consent::callback_secret(&app)?,
        status: Status::Active,
        start,
        expires: None,
        created: now,
        changed: now,
    };
    let command = Command::CreateSubscription(Box::new(subscription.clone()));
    app.control.submit(command).await?.map_err(explain)?;
    let mut response = access::show(&app, StatusCode::CREATED, &subscription).await;
    let location = format!("{}/v1/subscriptions/{}", app.public_url(&headers), subscription.id);
    if let Ok(location) = HeaderValue::from_str(&location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

/// A rejection in the words of the subscription's members.
pub fn explain(rejection: Rejection) -> Problem {
    match rejection {
        Rejection::UnknownKanaal(_) => {
            Problem::invalid(vec![Fault::new("config.kanalen", rejection.to_string()).at("/config/kanalen")])
        }
        other => other.into(),
    }
}
