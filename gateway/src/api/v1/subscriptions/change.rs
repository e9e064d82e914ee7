//! `PUT` and `PATCH /v1/subscriptions/{id}`: replaces a subscription, or the members that a merge patch names (RFC 7396).
//!
//! Another sink voids the consent and starts a new handshake (CE-WHV-27). A credential that is not named stays, since it
//! cannot be read back. With `If-Match` a change of an outdated state is 412.

use axum::{
    extract::{Path, State},
    response::Response,
};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use model::{
    Subscription,
    decide::{Command, Rejection},
    media_type::MediaType,
    selection::Selection,
    subscription::Status,
};
use serde_json::{Map, Value};

use super::{
    access, consent, create::explain, input, input::Wanted, kenmerken, start, status::StatusView, tls,
    view::SubscriptionView,
};
use crate::{
    api::v1::members,
    app::App,
    auth::Caller,
    inbound::body::Payload,
    problem::{Fault, Problem},
};

/// How often a change is tried again when somebody else changed the subscription between reading and writing.
const TRIES: usize = 5;

/// Replaces a subscription.
#[utoipa::path(
    put, path = "/v1/subscriptions/{id}", tag = "subscriptions", operation_id = "replaceSubscription",
    params(("id" = String, Path, description = "The subscription")),
    request_body = SubscriptionView,
    responses(
        (status = 200, description = "Replaced", body = SubscriptionView, headers(("ETag" = String))),
        (status = 400, description = "A member breaks a rule"),
        (status = 404, description = "No such subscription of this client"),
        (status = 412, description = "If-Match names another state"),
        (status = 428, description = "If-Match is required here and not given"),
    ),
)]
pub async fn put(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    Payload(body): Payload,
) -> Result<Response, Problem> {
    let mut object = members::object(&body, false)?;
    input::rename(&mut object)?;
    change(&app, &caller, &id, &headers, |_| object.clone()).await
}

/// Changes members of a subscription.
#[utoipa::path(
    patch, path = "/v1/subscriptions/{id}", tag = "subscriptions", operation_id = "patchSubscription",
    params(("id" = String, Path, description = "The subscription")),
    request_body(content = Object, content_type = "application/merge-patch+json"),
    responses(
        (status = 200, description = "Changed", body = SubscriptionView, headers(("ETag" = String))),
        (status = 400, description = "A member breaks a rule"),
        (status = 404, description = "No such subscription of this client"),
        (status = 412, description = "If-Match names another state"),
        (status = 428, description = "If-Match is required here and not given"),
    ),
)]
pub async fn patch(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    Payload(body): Payload,
) -> Result<Response, Problem> {
    refuse_json_patch(&headers)?;
    let mut patch = members::object(&body, false)?;
    input::rename(&mut patch)?;
    change(&app, &caller, &id, &headers, |now| {
        let view = SubscriptionView::new(now, StatusView::unknown(now, app.clock.now()));
        let mut object = match serde_json::to_value(view) {
            Ok(Value::Object(object)) => object,
            _ => Map::new(),
        };
        merge(&mut object, &patch);
        drop_dependents(&mut object, &patch);
        // Only a null that the patch itself brings takes the credential away.
        if patch.get("sinkcredential").is_some_and(Value::is_null) {
            object.insert("sinkcredential".to_owned(), Value::Null);
        }
        object
    })
    .await
}

async fn change(
    app: &App,
    caller: &Caller,
    id: &str,
    headers: &HeaderMap,
    object: impl Fn(&Subscription) -> Map<String, Value>,
) -> Result<Response, Problem> {
    for _ in 0..TRIES {
        let now = access::find(app, caller, id)?;
        access::check_if_match(app, headers, &now)?;
        let to = changed(app, caller, &now, &object(&now)).await?;
        let command = Command::ChangeSubscription { to: Box::new(to), seen: now.changed };
        match app.control.submit(command).await? {
            Ok(_) => return access::show_now(app, now.id).await,
            Err(Rejection::Conflict(_)) => {}
            Err(other) => return Err(explain(other)),
        }
    }
    Err(Problem::conflict("busy", "The subscription is being changed by others; try again."))
}

/// The subscription that `object` asks for in the place of `now`.
async fn changed(
    app: &App,
    caller: &Caller,
    now: &Subscription,
    object: &Map<String, Value>,
) -> Result<Subscription, Problem> {
    let wanted = input::read(object, app.egress.policy(), app.config.delivery.retry.policy().unwrap_or_default())?;
    if wanted.id.as_ref().is_some_and(|id| *id != now.id.to_string()) {
        return Err(Problem::invalid(vec![Fault::new("id", "cannot be changed").at("/id")]));
    }
    if wanted.start.is_some() {
        let fault = Fault::new("config.start", "can only be given when a subscription is made").at("/config/start");
        return Err(Problem::invalid(vec![fault]));
    }
    if wanted.expires != now.expires {
        input::check_expires(wanted.expires, app.clock.now())?;
    }
    if let Some(selection) = &wanted.selection {
        kenmerken::check(&app.registry.read(), selection)?;
    }
    let selection = match (&now.selection, wanted.selection.clone()) {
        (Selection::Abonnement(_), None) => now.selection.clone(),
        (_, selection) => Selection::Native(selection.unwrap_or_default()),
    };
    if let Some(credential) = &wanted.credential {
        tls::check(app, caller, "sinkcredential.tls", credential.tls())?;
    }
    if wanted.tls != now.tls {
        tls::check(app, caller, "config.tls", wanted.tls.as_deref())?;
    }
    if wanted.validation != now.validation {
        consent::check_validation(caller, &wanted.validation)?;
    }
    let credential = wanted.credential.as_ref().map(|credential| credential.seal(&app.secrets)).transpose()?;
    let mut to = replaced(app, now, wanted, selection).await?;
    to.credential = credential.unwrap_or(to.credential);
    Ok(to)
}

/// What `now` becomes when its owner wants this instead; credential and owner stay. Another sink, or another way to ask it,
/// voids its consent.
pub async fn replaced(
    app: &App,
    now: &Subscription,
    wanted: Wanted,
    selection: Selection,
) -> Result<Subscription, Problem> {
    let moment = app.clock.now().max(now.changed + std::time::Duration::from_micros(1));
    let mut to = now.clone();
    to.selection = selection;
    if wanted.sink != now.sink || wanted.validation != now.validation {
        to.consent = consent::initial(app, &wanted, moment);
        to.callback_secret = consent::callback_secret(app)?;
        if matches!(now.status, Status::Gone { .. } | Status::Suspended { .. }) {
            to.status = Status::Active;
        }
    }
    to.sink = wanted.sink;
    to.tls = wanted.tls;
    to.start = start::changed(app, now, &to).await?;
    to.expires = wanted.expires;
    to.headers = wanted.headers;
    to.format = wanted.format;
    to.order = wanted.order;
    to.retry = wanted.retry;
    to.max_in_flight = wanted.max_in_flight;
    to.requested_rate = wanted.requested_rate;
    to.validation = wanted.validation;
    to.changed = moment;
    Ok(to)
}

/// A JSON Patch (RFC 6902) is JSON too, but says something else.
fn refuse_json_patch(headers: &HeaderMap) -> Result<(), Problem> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !MediaType::parse(kind).is_some_and(|kind| kind.is("application", "json-patch+json")) {
        return Ok(());
    }
    let fault = Fault::new("Content-Type", "must be application/merge-patch+json or application/json");
    let accepted = HeaderValue::from_static("application/merge-patch+json");
    Err(Problem::unsupported_media_type("Send a merge patch (RFC 7396).")
        .with_errors(vec![fault])
        .with_header(HeaderName::from_static("accept-patch"), accepted))
}

/// Takes away what goes only with a word of `config` that the patch changes, unless the patch brings it.
fn drop_dependents(object: &mut Map<String, Value>, patch: &Map<String, Value>) {
    let told = |name: &str| patch.get("config").is_some_and(|config| config.get(name).is_some());
    let Some(Value::Object(config)) = object.get_mut("config") else { return };
    for (word, dependents) in [("format", &["rendering", "batch"][..]), ("validation", &["agreement"])] {
        if told(word) {
            for dependent in dependents.iter().filter(|name| !told(name)) {
                config.remove(*dependent);
            }
        }
    }
}

/// Merges a patch into an object: null takes a member away, an object is merged, anything else replaces (RFC 7396).
fn merge(target: &mut Map<String, Value>, patch: &Map<String, Value>) {
    for (name, value) in patch {
        match value {
            Value::Null => {
                target.remove(name);
            }
            Value::Object(inner) => {
                let place = target.entry(name.clone()).or_insert_with(|| Value::Object(Map::new()));
                if !place.is_object() {
                    *place = Value::Object(Map::new());
                }
                if let Value::Object(place) = place {
                    merge(place, inner);
                }
            }
            other => {
                target.insert(name.clone(), other.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn merge_patches_follow_rfc_7396() {
        for (target, patch, expected) in [
            (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "b"}), json!({"b": "c"}), json!({"a": "b", "b": "c"})),
            (json!({"a": "b", "b": "c"}), json!({"a": null}), json!({"b": "c"})),
            (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": {"b": "c"}}), json!({"a": {"b": "d", "c": null}}), json!({"a": {"b": "d"}})),
            (json!({"a": "foo"}), json!({"a": {"b": {"c": null}}}), json!({"a": {"b": {}}})),
            (json!({}), json!({"a": {"bb": {"ccc": null}}}), json!({"a": {"bb": {}}})),
        ] {
            let mut merged = target.as_object().unwrap().clone();
            merge(&mut merged, patch.as_object().unwrap());
            assert_eq!(Value::Object(merged), expected, "{target} {patch}");
        }
    }
}
