//! `POST /v1/subscriptions`: makes a subscription; the handshake with its sink starts at once (CE-SUB-02, CE-SUB-06,
//! CE-SUB-07, NLG-WH-06).

use std::sync::Arc;

use axum::{extract::State, response::Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use model::{
    Subscription, SubscriptionId,
    credential::Credential,
    decide::{Command, Rejection},
    registry::Change,
    selection::Selection,
    subscription::Status,
};

use super::{
    access, consent, credential::CredentialInput, input, input::Wanted, kenmerken, key, start, tls,
    view::SubscriptionView,
};
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
    params((
        "Idempotency-Key" = Option<String>, Header,
        description = "A key of your own choice: the same request with the same key makes nothing new",
    )),
    request_body = SubscriptionView,
    responses(
        (status = 200, description = "Made before with the same key", body = SubscriptionView, headers(("ETag" = String))),
        (status = 201, description = "Made; the handshake starts", body = SubscriptionView,
         headers(("Location" = String), ("ETag" = String))),
        (status = 400, description = "A member breaks a rule"),
        (status = 409, description = "The key stands for another request"),
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
    let mut wanted = input::read(&object, app.egress.policy(), app.config.delivery.retry.policy().unwrap_or_default())?;
    consent::check_validation(&caller, &wanted.validation)?;
    tls::check(&app, &caller, "config.tls", wanted.tls.as_deref())?;
    let credential = wanted.credential.clone().unwrap_or(CredentialInput::None);
    tls::check(&app, &caller, "sinkcredential.tls", credential.tls())?;
    let create_key = key::read(&headers, &object)?;
    if let Some(key) = &create_key {
        let made = app.registry.read().made_with(&caller.client_id, &key.key).cloned();
        if let Some(made) = made {
            return key::answer(&app, key, &made).await;
        }
    }
    input::check_expires(wanted.expires, app.clock.now())?;
    if let Some(selection) = &wanted.selection {
        kenmerken::check(&app.registry.read(), selection)?;
    }
    let selection = Selection::Native(wanted.selection.take().unwrap_or_default());
    let id = SubscriptionId(app.random.uuid());
    let mut subscription = new(&app, id, caller.client_id.to_string(), wanted, selection).await?;
    subscription.credential = credential.seal(&app.secrets)?;
    subscription.create_key = create_key;
    let command = Command::CreateSubscription(Box::new(subscription.clone()));
    let changes = match app.control.submit(command).await? {
        Ok(changes) => changes,
        Err(rejection) => {
            let made = match rejection {
                Rejection::CreateKeyTaken(id) => app.registry.read().subscription(id).cloned(),
                _ => None,
            };
            return match (&subscription.create_key, made) {
                (Some(key), Some(made)) => key::answer(&app, key, &made).await,
                _ => Err(explain(rejection)),
            };
        }
    };
    // As it was decided: it may have to wait for an owner of a kanaal.
    let made = changes.into_iter().find_map(|change| match change {
        Change::Subscription(made) => Some(made),
        _ => None,
    });
    let made = made.unwrap_or_else(|| Arc::new(subscription));
    let mut response = access::show(&app, StatusCode::CREATED, &made).await;
    let location = format!("{}/v1/subscriptions/{}", app.public_url(&headers), made.id);
    if let Ok(location) = HeaderValue::from_str(&location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

/// A subscription with this selection that nobody was asked about yet, without credential.
pub async fn new(
    app: &App,
    id: SubscriptionId,
    owner: String,
    wanted: Wanted,
    selection: Selection,
) -> Result<Subscription, Problem> {
    let now = app.clock.now();
    let consent = consent::initial(app, &wanted, now);
    let start =
        start::at(app.log.as_ref(), &app.registry, &selection, wanted.start.unwrap_or(start::Start::Now)).await?;
    Ok(Subscription {
        id,
        owner,
        selection,
        sink: wanted.sink,
        credential: Credential::None,
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
        callback_secret: consent::callback_secret(app)?,
        status: Status::Active,
        start,
        expires: wanted.expires,
        approvals: Vec::new(),
        create_key: None,
        created: now,
        changed: now,
    })
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
