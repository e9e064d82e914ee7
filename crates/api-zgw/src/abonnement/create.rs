//! `POST /api/v1/abonnement`: creates an abonnement after both probes of its callback passed, or immediately
//! when it chose the handshake. 201 with its `url`.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};
use management::subscriptions::SubscriptionRequest;
use model::{
    Sink,
    consent::Validation,
    selection::{AbonnementSelection, Selection},
    subscription::Format,
};
use web::{auth::Caller, problem::Problem};

use super::{credential, explain, input::Input, url, view};
use crate::{Api, body::Payload, fields::json_answer};

/// Make an abonnement.
pub async fn create(
    State(api): State<Api>,
    caller: Caller,
    headers: HeaderMap,
    Payload(body): Payload,
) -> Result<Response, Problem> {
    let request = read(&api, &headers, &body)?;
    let abonnement = api.management.create_abonnement(&caller.actor(), request).await.map_err(explain)?;
    let public_url = api.public_url(&headers);
    let location = [(header::LOCATION, url(abonnement.id, &public_url))];
    Ok((location, json_answer(StatusCode::CREATED, &view(&abonnement, &public_url))).into_response())
}

fn read(api: &Api, headers: &HeaderMap, body: &bytes::Bytes) -> Result<SubscriptionRequest, Problem> {
    let mut input = Input::read(api, headers, body, true)?;
    let Some(url) = input.callback_url.take() else { return Err(Problem::internal()) };
    let mut request = SubscriptionRequest::new(Sink::Webhook(url), api.management.settings.default_retry);
    let send_cloudevents = input.send_cloudevents.unwrap_or(false);
    request.format = input.format(Format::Legacy, send_cloudevents)?;
    request.validation = input.validation.take().unwrap_or(Validation::Probe);
    let secured = std::mem::take(&mut input.secured);
    request.tls = secured.tls_instead_of(None);
    request.credential = credential::requested(secured, input.auth.take(), None);
    request.selection = Some(Selection::Abonnement(input.selection(AbonnementSelection::default(), send_cloudevents)));
    Ok(request)
}
