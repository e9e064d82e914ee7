//! `/api/v1/abonnement`: subscriptions as the Notificaties API knows them. Everybody with a scope may read them; only
//! the applicatie that made one may change it.
//!
//! An abonnement with `sendCloudevents` gets the eight members of Open Notificaties 1.16, one without gets
//! notifications; without it its `cloudeventFilters` are kept but select nothing. Two members are ours: `rendering`
//! (`canonical` instead of those eight members) and `validation` (`handshake` instead of the probes); they are shown only
//! where they say something else than deployed clients know.

pub mod change;
pub mod create;
mod credential;
pub mod delete;
pub mod input;
pub mod list;
pub mod probe;
pub mod read;

use std::sync::Arc;

use model::{
    Subscription, SubscriptionId,
    consent::{Consent, Validation},
    selection::{AbonnementSelection, Kenmerken, Selection},
    subscription::{Format, Rendering},
};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{fields::camel_case, problem};
use crate::{app::App, auth::Caller, problem::Problem};

/// An abonnement as these paths show it; never its `auth`.
fn view(subscription: &Subscription, public_url: &str) -> Value {
    let none = AbonnementSelection::default();
    let selection = match &subscription.selection {
        Selection::Abonnement(selection) => selection,
        Selection::Native(_) => &none,
    };
    let kanalen: Vec<Value> = selection
        .kanalen
        .iter()
        .map(|entry| json!({"filters": show(&entry.filters), "naam": entry.naam.as_str()}))
        .collect();
    let cloudevents: Vec<Value> = selection
        .cloudevents
        .iter()
        .map(|entry| json!({"typeSubstring": entry.type_substring, "filters": show(&entry.filters)}))
        .collect();
    let mut view = json!({
        "url": url(subscription.id, public_url),
        "callbackUrl": subscription.sink,
        "kanalen": kanalen,
        "sendCloudevents": subscription.format != Format::Legacy,
        "cloudeventFilters": cloudevents,
    });
    if subscription.format == Format::Structured(Rendering::Canonical) {
        view["rendering"] = "canonical".into();
    }
    if subscription.validation == Validation::Handshake {
        view["validation"] = "handshake".into();
        view["consent"] = consent(&subscription.consent);
    }
    view
}

/// Where the handshake stands.
fn consent(consent: &Consent) -> Value {
    let (state, reason) = match consent {
        Consent::Validating { last, .. } => ("validating", last.as_deref()),
        Consent::PendingCallback { .. } => ("pending-callback", None),
        Consent::Granted { .. } => ("granted", None),
        Consent::Refused { reason, .. } => ("refused", Some(reason.as_str())),
    };
    json!({"state": state, "reason": reason})
}

fn show(filters: &Kenmerken) -> Map<String, Value> {
    filters.0.iter().map(|pair| (camel_case(&pair.key), pair.value.as_str().into())).collect()
}

fn url(id: SubscriptionId, public_url: &str) -> String {
    format!("{public_url}/api/v1/abonnement/{id}")
}

/// The abonnement of a path; a native subscription is none. One that is not there is looked for again, since it may have
/// been made on another node a moment ago.
async fn find(app: &App, uuid: &str) -> Result<Arc<Subscription>, Problem> {
    let id = SubscriptionId(Uuid::try_parse(uuid).map_err(|_| problem::not_found())?);
    let is_one = |subscription: &&Arc<Subscription>| matches!(subscription.selection, Selection::Abonnement(_));
    let find = || app.registry.read().subscription(id).filter(is_one).cloned();
    if let Some(abonnement) = find() {
        return Ok(abonnement);
    }
    app.control.catch_up().await?;
    find().ok_or_else(problem::not_found)
}

/// The abonnement of a path, if it is the caller's own.
async fn find_own(app: &App, uuid: &str, caller: &Caller) -> Result<Arc<Subscription>, Problem> {
    let subscription = find(app, uuid).await?;
    if subscription.owner == caller.client_id { Ok(subscription) } else { Err(problem::permission_denied()) }
}

/// Whether the caller may read it: everybody, or with `notificaties.own_abonnementen_only` its own applicatie and who
/// has the scope beheer.
fn may_read(app: &App, caller: &Caller, abonnement: &Subscription) -> bool {
    !app.config.notificaties.own_abonnementen_only || abonnement.owner == caller.client_id || caller.is_beheer()
}
