//! `PUT` and `PATCH /v1/subscriptions/{id}`: replaces a subscription, or the members that a merge patch names (RFC 7396).
//!
//! Another sink voids the consent and starts a new handshake (CE-WHV-27). A credential that is not named stays, since it
//! cannot be read back. With `If-Match` a change of an outdated state is 412.

use axum::{
    Extension,
    extract::{Path, State},
    response::Response,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use management::{Error, Resource};
use model::{Subscription, addressee::AddresseeId, media_type::MediaType};
use people::People;
use serde_json::{Map, Value};
use web::{
    auth::Caller,
    body::Payload,
    client::ClientAddress,
    problem::{Fault, Problem},
};

use super::{access, input, light, status::StatusView, view::SubscriptionView};
use crate::{Api, if_match, members};

/// Replaces a subscription.
///
/// Of a light subscription of a person only the address can be another one, in `sink`. The present one gets messages until the new one
/// is confirmed, and a notice. `If-Match` does not count.
#[utoipa::path(
    put, path = "/v1/subscriptions/{id}", tag = "subscriptions", operation_id = "replaceSubscription",
    params(("id" = String, Path, description = "The subscription")),
    request_body = SubscriptionView,
    responses(
        (status = 200, description = "Replaced", body = SubscriptionView, headers(("ETag" = String))),
        (status = 202, description = "A light subscription: its new address gets a message to confirm it", body = light::LightView),
        (status = 400, description = "A member breaks a rule"),
        (status = 404, description = "No such subscription of this client"),
        (status = 412, description = "If-Match names another state"),
        (status = 428, description = "If-Match is required here and not given"),
    ),
)]
pub async fn put(
    State(api): State<Api>,
    caller: Caller,
    Path(id): Path<String>,
    client: Option<Extension<ClientAddress>>,
    headers: HeaderMap,
    Payload(body): Payload,
) -> Result<Response, Problem> {
    let mut object = members::object(&body, false)?;
    input::rename(&mut object)?;
    if let Some((people, id)) = find_light(&api, &caller, &id)? {
        return light::change::put((&api, people), &caller, id, &source(client), &object).await;
    }
    change(&api, &caller, &id, &headers, |_| object.clone()).await
}

/// Changes members of a subscription.
///
/// Of a light subscription of a person only the address can be another one, in `sink`. The present one gets messages until the new one
/// is confirmed, and a notice. `If-Match` does not count.
#[utoipa::path(
    patch, path = "/v1/subscriptions/{id}", tag = "subscriptions", operation_id = "patchSubscription",
    params(("id" = String, Path, description = "The subscription")),
    request_body(content = Object, content_type = "application/merge-patch+json"),
    responses(
        (status = 200, description = "Changed", body = SubscriptionView, headers(("ETag" = String))),
        (status = 202, description = "A light subscription: its new address gets a message to confirm it", body = light::LightView),
        (status = 400, description = "A member breaks a rule"),
        (status = 404, description = "No such subscription of this client"),
        (status = 412, description = "If-Match names another state"),
        (status = 428, description = "If-Match is required here and not given"),
    ),
)]
pub async fn patch(
    State(api): State<Api>,
    caller: Caller,
    Path(id): Path<String>,
    client: Option<Extension<ClientAddress>>,
    headers: HeaderMap,
    Payload(body): Payload,
) -> Result<Response, Problem> {
    refuse_json_patch(&headers)?;
    let mut patch = members::object(&body, false)?;
    input::rename(&mut patch)?;
    if let Some((people, id)) = find_light(&api, &caller, &id)? {
        return light::change::patch((&api, people), &caller, id, &source(client), &patch).await;
    }
    change(&api, &caller, &id, &headers, |now| {
        let view = SubscriptionView::new(now, StatusView::unknown(now, api.management.clock.now()));
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

/// The light subscriptions, when the caller has no other subscription with this id.
fn find_light<'a>(api: &'a Api, caller: &Caller, id: &str) -> Result<Option<(&'a People, AddresseeId)>, Problem> {
    let Some(people) = api.people.as_deref() else { return Ok(None) };
    let id = access::id_of(id)?;
    match api.management.find_subscription(&caller.actor(), id) {
        Err(Error::NotFound(Resource::Subscription)) => Ok(Some((people, AddresseeId(id.0)))),
        Ok(_) | Err(_) => Ok(None),
    }
}

/// The network that counts as one source of requests.
fn source(client: Option<Extension<ClientAddress>>) -> String {
    client.map(|client| client.network.to_string()).unwrap_or_default()
}

/// Changes the subscription into what `object` makes of its present state.
async fn change(
    api: &Api,
    caller: &Caller,
    id: &str,
    headers: &HeaderMap,
    object: impl Fn(&Subscription) -> Map<String, Value>,
) -> Result<Response, Problem> {
    let (id, expected) = (access::id_of(id)?, if_match::precondition(headers));
    let propose = |present: &Subscription| {
        let wanted = input::read_for(api, &object(present))?;
        if wanted.id.is_some_and(|id| id != present.id.to_string()) {
            return Err(Problem::invalid(vec![Fault::new("id", "cannot be changed").at("/id")]));
        }
        Ok(wanted.request)
    };
    let changed = api.management.change_subscription(&caller.actor(), id, &expected, propose).await?;
    Ok(access::show(api, StatusCode::OK, &changed).await)
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
