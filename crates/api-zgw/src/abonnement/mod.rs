//! `/api/v1/abonnement`: subscriptions as the Notificaties API knows them. Everybody with a scope may read them; only
//! the applicatie that made one may change it.
//!
//! An abonnement with `sendCloudevents` gets the eight members of Open Notificaties 1.16, one without gets
//! notifications; without it its `cloudeventFilters` are kept but select nothing. Two members are ours: `rendering`
//! (`canonical` instead of those eight members) and `validation` (`handshake` instead of the probes); they are shown only
//! when they differ from what deployed clients expect.

pub mod change;
pub mod create;
mod credential;
pub mod delete;
pub mod input;
pub mod list;
pub mod probe;
pub mod read;

use management::Error;
use model::{
    Actor, Subscription, SubscriptionId,
    consent::{Consent, Validation},
    decide::Rejection,
    selection::{AbonnementSelection, Kenmerken, Selection},
    subscription::{Format, Rendering},
};
use serde_json::{Map, Value, json};
use translator::notificatie::camel_case;
use uuid::Uuid;
use web::problem::{Problem, ProblemType};

use super::problem;

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
        "callbackUrl": subscription.sink.key(),
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

/// The same for `actor`: other clients than its own and administrators see the callback without its query, which may hold a
/// token.
fn view_for(actor: &Actor, subscription: &Subscription, public_url: &str) -> Value {
    let mut view = view(subscription, public_url);
    if !actor.may_manage(&subscription.owner)
        && let Some((shown, _)) = subscription.sink.key().split_once('?')
    {
        view["callbackUrl"] = shown.into();
    }
    view
}

/// The member with the state of consent.
fn consent(consent: &Consent) -> Value {
    let (state, reason) = match consent {
        Consent::Validating { last, .. } => ("validating", last.as_deref()),
        Consent::PendingCallback { last, .. } => ("pending-callback", last.as_deref()),
        Consent::Granted { .. } => ("granted", None),
        Consent::Refused { reason, .. } => ("refused", Some(reason.as_str())),
    };
    json!({"state": state, "reason": reason})
}

fn show(filters: &Kenmerken) -> Map<String, Value> {
    filters.0.iter().map(|pair| (camel_case(&pair.key).into_owned(), pair.value.as_str().into())).collect()
}

fn url(id: SubscriptionId, public_url: &str) -> String {
    format!("{public_url}/api/v1/abonnement/{id}")
}

/// The id in a path; one that is no UUID belongs to no abonnement.
fn id_of(uuid: &str) -> Result<SubscriptionId, Problem> {
    Uuid::try_parse(uuid).map(SubscriptionId).map_err(|_| problem::not_found())
}

/// An error under the names and codes of this API.
fn explain(error: Error) -> Problem {
    match error {
        Error::NotFound(_) | Error::Rejected(Rejection::UnknownSubscription(_)) => problem::not_found(),
        Error::Forbidden(_) => problem::permission_denied(),
        Error::Rejected(Rejection::Conflict(_)) => {
            Problem::new(ProblemType::OutOfDate, "Het abonnement is intussen gewijzigd; lees het opnieuw.")
        }
        Error::Probe(error) => probe::failed(&error),
        Error::Invalid(faults) => match faults.first().map(|fault| fault.member.as_str()) {
            Some("config.kanalen") => input::unknown_kanaal(),
            Some("config.tls") => credential::unknown_profile("tlsProfiel"),
            Some("sinkcredential.tls") => credential::unknown_profile("oauth2TlsProfiel"),
            _ => Error::Invalid(faults).into(),
        },
        other => other.into(),
    }
}
