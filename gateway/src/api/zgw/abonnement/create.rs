//! `POST /api/v1/abonnement`: makes an abonnement after both probes of its callback passed, or at once when it
//! chose the handshake. 201 with its `url`.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};
use model::{
    Subscription, SubscriptionId,
    consent::{Consent, Rate, Validation},
    decide::Command,
    selection::{AbonnementSelection, Selection},
    subscription::{Format, Order, Status},
};

use super::{credential::secured, input, input::Input, probe::probe, url, view};
use crate::{
    api::{
        v1::subscriptions::start::{self, Start},
        zgw::{body::Payload, fields::json_answer},
    },
    app::App,
    auth::Caller,
    consent,
    problem::Problem,
};

/// Make an abonnement.
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Payload(body): Payload,
) -> Result<Response, Problem> {
    app.control.catch_up().await?;
    let mut input = Input::read(&app, &headers, &body, true)?;
    let Some(sink) = input.callback_url.take() else { return Err(Problem::internal()) };
    let secured = secured(&app, &caller, std::mem::take(&mut input.secured), input.auth.take(), None)?;
    let send_cloudevents = input.send_cloudevents.unwrap_or(false);
    let format = input.format(Format::Legacy, send_cloudevents)?;
    let validation = input.validation.take().unwrap_or(Validation::Probe);
    if validation != Validation::Handshake {
        probe(&app, &sink, &secured).await?;
    }
    let selection = Selection::Abonnement(input.selection(AbonnementSelection::default(), send_cloudevents));
    let start = start::at(app.log.as_ref(), &app.registry, &selection, Start::Now).await?;
    let now = app.clock.now();
    let subscription = Subscription {
        id: SubscriptionId(app.random.uuid()),
        owner: caller.client_id.to_string(),
        selection,
        sink,
        credential: secured.credential,
        tls: secured.tls,
        headers: Vec::new(),
        format,
        order: Order::None,
        retry: app.config.delivery.retry.policy().unwrap_or_default(),
        max_in_flight: None,
        requested_rate: None,
        consent: initial(&app, &validation),
        validation,
        generation: 1,
        callback_secret: consent::new_secret(app.random.as_ref(), &app.secrets)?,
        status: Status::Active,
        start,
        expires: None,
        approvals: vec![],
        create_key: None,
        created: now,
        changed: now,
    };
    let command = Command::CreateSubscription(Box::new(subscription.clone()));
    app.control.submit(command).await?.map_err(input::explain)?;
    let public_url = app.public_url(&headers);
    let location = [(header::LOCATION, url(subscription.id, &public_url))];
    Ok((location, json_answer(StatusCode::CREATED, &view(&subscription, &public_url))).into_response())
}

/// The consent to begin with: of a receiver that passed the probes, as fast as it goes, since it named no rate; with a
/// handshake nobody was asked yet.
pub fn initial(app: &App, validation: &Validation) -> Consent {
    match validation {
        Validation::Handshake => Consent::fresh(app.clock.now()),
        Validation::Probe | Validation::Manual { .. } => {
            Consent::Granted { origin: app.config.origin.clone(), rate: Rate::Unlimited, at: app.clock.now() }
        }
    }
}
