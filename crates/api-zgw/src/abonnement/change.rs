//! `PUT` and `PATCH /api/v1/abonnement/{uuid}`: by its own applicatie.
//!
//! PUT replaces the selection, PATCH changes only what it mentions (Open Notificaties' PATCH wipes `kanalen`; this one
//! does not) and probes with the stored `auth` when it brings none. The callback is probed again when the body has
//! it, `auth` or `authType`; passing reactivates an abonnement that was suspended or gone.

use axum::{
    extract::{Path, State},
    response::Response,
};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use management::subscriptions::SubscriptionRequest;
use model::{
    Sink, Subscription,
    selection::{AbonnementSelection, Selection},
    subscription::Format,
};
use web::{auth::Caller, problem::Problem};

use super::{credential, explain, id_of, input::Input, view};
use crate::{Api, body::Payload, fields::json_answer};

/// Replace an abonnement.
pub async fn put(
    State(api): State<Api>,
    caller: Caller,
    Path(uuid): Path<String>,
    headers: HeaderMap,
    Payload(body): Payload,
) -> Result<Response, Problem> {
    change(&api, &caller, &uuid, &headers, &body, true).await
}

/// Change an abonnement.
pub async fn patch(
    State(api): State<Api>,
    caller: Caller,
    Path(uuid): Path<String>,
    headers: HeaderMap,
    Payload(body): Payload,
) -> Result<Response, Problem> {
    change(&api, &caller, &uuid, &headers, &body, false).await
}

async fn change(
    api: &Api,
    caller: &Caller,
    uuid: &str,
    headers: &HeaderMap,
    body: &Bytes,
    whole: bool,
) -> Result<Response, Problem> {
    let present = api.management.own_abonnement(&caller.actor(), id_of(uuid)?).map_err(explain)?;
    let input = Input::read(api, headers, body, whole)?;
    let names_receiver = input.callback_url.is_some() || input.auth.is_some() || input.secured.mentions();
    let request = requested(input, &present, whole)?;
    let changed = api.management.change_abonnement(&caller.actor(), &present, request, names_receiver).await;
    let changed = changed.map_err(explain)?;
    Ok(json_answer(StatusCode::OK, &view(&changed, &api.public_url(headers))))
}

/// The request that a body makes of `present`; `whole` when members of the selection that are absent are dropped.
fn requested(mut input: Input, present: &Subscription, whole: bool) -> Result<SubscriptionRequest, Problem> {
    let mut request = SubscriptionRequest::of(present);
    let send_cloudevents = input.send_cloudevents.unwrap_or(!whole && present.format != Format::Legacy);
    request.format = input.format(present.format, send_cloudevents)?;
    if let Some(validation) = input.validation.take() {
        request.validation = validation;
    }
    if let Some(url) = input.callback_url.take() {
        request.sink = Sink::Webhook(url);
    }
    let secured = std::mem::take(&mut input.secured);
    request.tls = secured.tls_instead_of(present.tls.as_deref());
    request.credential = credential::requested(secured, input.auth.take(), Some(&present.credential));
    let before = match &present.selection {
        Selection::Abonnement(selection) if !whole => selection.clone(),
        _ => AbonnementSelection::default(),
    };
    request.selection = Some(Selection::Abonnement(input.selection(before, send_cloudevents)));
    Ok(request)
}
