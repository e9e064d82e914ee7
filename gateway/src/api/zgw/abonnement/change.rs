//! `PUT` and `PATCH /api/v1/abonnement/{uuid}`: by its own applicatie.
//!
//! PUT replaces the selection, PATCH changes only what it mentions (Open Notificaties' PATCH wipes `kanalen`; this one
//! does not) and probes with the stored `auth` when it brings none. The callback is probed again when the body mentions
//! it, `auth` or what stands for it; passing revives an abonnement that was suspended or gone.

use axum::{
    extract::{Path, State},
    response::Response,
};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use model::{
    Subscription,
    consent::Validation,
    decide::Command,
    selection::{AbonnementSelection, Selection},
    subscription::{Format, Status},
};

use super::{create::initial, credential::secured, find_own, input, input::Input, probe::probe, view};
use crate::{
    api::{
        v1::subscriptions::start,
        zgw::{body::Payload, fields::json_answer},
    },
    app::App,
    auth::Caller,
    consent,
    problem::Problem,
};

/// Replace an abonnement.
pub async fn put(
    State(app): State<App>,
    caller: Caller,
    Path(uuid): Path<String>,
    headers: HeaderMap,
    Payload(body): Payload,
) -> Result<Response, Problem> {
    change(&app, &caller, &uuid, &headers, &body, true).await
}

/// Change an abonnement.
pub async fn patch(
    State(app): State<App>,
    caller: Caller,
    Path(uuid): Path<String>,
    headers: HeaderMap,
    Payload(body): Payload,
) -> Result<Response, Problem> {
    change(&app, &caller, &uuid, &headers, &body, false).await
}

async fn change(
    app: &App,
    caller: &Caller,
    uuid: &str,
    headers: &HeaderMap,
    body: &Bytes,
    whole: bool,
) -> Result<Response, Problem> {
    app.control.catch_up().await?;
    let present = find_own(app, uuid, caller).await?;
    let mut input = Input::read(app, headers, body, whole)?;
    let mut next = Subscription::clone(&present);
    let mentioned = input.callback_url.is_some() || input.auth.is_some() || input.secured.mentions();
    let send_cloudevents = input.send_cloudevents.unwrap_or(!whole && present.format != Format::Legacy);
    next.format = input.format(present.format, send_cloudevents)?;
    if let Some(validation) = input.validation.take() {
        next.validation = validation;
    }
    let other_validation = next.validation != present.validation;
    if let Some(url) = input.callback_url.take() {
        next.sink = url;
    }
    let secured = secured(app, caller, std::mem::take(&mut input.secured), input.auth.take(), Some(&present))?;
    if next.validation != Validation::Handshake && (mentioned || other_validation) {
        probe(app, &next.sink, &secured).await?;
    }
    (next.credential, next.tls) = (secured.credential, secured.tls);
    let before = match &present.selection {
        Selection::Abonnement(selection) if !whole => selection.clone(),
        _ => AbonnementSelection::default(),
    };
    next.selection = Selection::Abonnement(input.selection(before, send_cloudevents));
    next.start = start::changed(app, &present, &next).await?;
    next.changed = app.clock.now();
    let asks_anew = next.sink != present.sink || other_validation;
    if asks_anew {
        next.consent = initial(app, &next.validation);
        next.status = Status::Active;
        next.callback_secret = consent::new_secret(app.random.as_ref(), &app.secrets)?;
    }
    let command = Command::ChangeSubscription { to: Box::new(next.clone()), seen: present.changed };
    app.control.submit(command).await?.map_err(input::explain)?;
    if mentioned && !asks_anew {
        revive(app, &present).await?;
    }
    Ok(json_answer(StatusCode::OK, &view(&next, &app.public_url(headers))))
}

/// Has an abonnement that ended or lost its consent asked again, now that its owner says where it is: the consent service
/// repeats the probes, or the handshake, and records the outcome, as it does for every other way back.
async fn revive(app: &App, present: &Subscription) -> Result<(), Problem> {
    let ended = matches!(present.status, Status::Gone { .. } | Status::Suspended { .. });
    if ended || present.consent.granted().is_none() {
        let at = app.clock.now();
        app.control.submit(Command::Revalidate { id: present.id, at }).await??;
    }
    Ok(())
}
