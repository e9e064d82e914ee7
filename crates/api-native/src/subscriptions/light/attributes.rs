//! `config.attributes` of a light subscription: what filters of senders look at (CH-72), in a request and in a `PATCH`.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use model::{
    addressee::{AddresseeId, Attributes, MAX_ATTRIBUTES},
    audit::Action,
};
use people::People;
use serde_json::{Map, Value};
use web::{audit::Unrecorded, auth::Caller, problem::Problem};

use super::{record, view};
use crate::{
    Api,
    members::{Faults, Members},
};

/// The attributes of a request, each a text, number or truth value.
pub(super) fn read(people: &People, config: &Members<'_>) -> Attributes {
    let Some(given) = config.object("attributes") else { return Attributes::default() };
    let set = values(people, &given, false);
    if set.is_empty() {
        return Attributes::default();
    }
    Attributes::new(Value::Object(set).to_string()).unwrap_or_else(|| {
        config.fault("attributes", format!("must have at most {MAX_ATTRIBUTES} bytes as JSON"));
        Attributes::default()
    })
}

/// Changes the attributes that a merge patch names; null removes one. Others stay.
///
/// # Errors
/// 400 for an attribute that is not configured, and for other members; 404, 503.
pub(super) async fn change(
    (api, people): (&Api, &People),
    caller: &Caller,
    id: AddresseeId,
    patch: &Map<String, Value>,
) -> Result<Response, Problem> {
    let changes = read_patch(people, patch)?;
    let actor = caller.actor();
    people.change_attributes(&actor, id, &changes).await?;
    record(&api.management.recorder, &actor, Action::AddresseeChange, id).await?;
    let mut response = Json(view(people.one(&actor, id).await?)).into_response();
    response.extensions_mut().insert(Unrecorded);
    Ok(response)
}

fn read_patch(people: &People, patch: &Map<String, Value>) -> Result<Map<String, Value>, Problem> {
    let faults = Faults::default();
    let top = Members::new(patch, &faults);
    for (name, _) in patch.iter().filter(|(name, _)| *name != "config") {
        top.fault(name, "cannot be changed together with config.attributes");
    }
    let mut changes = Map::new();
    if let Some(config) = top.object("config") {
        for (name, _) in config.iter().filter(|(name, _)| *name != "attributes") {
            config.fault(name, "cannot be changed together with config.attributes");
        }
        match config.object("attributes") {
            Some(given) => changes = values(people, &given, true),
            // A null would remove them all without a name; the fault of another value is noted.
            None if config.value("attributes").is_none() => config.fault("attributes", "must be an object"),
            None => {}
        }
    }
    faults.check(changes)
}

/// The values of the attributes that clients may set.
fn values(people: &People, given: &Members<'_>, may_remove: bool) -> Map<String, Value> {
    let mut set = Map::new();
    for (name, value) in given.iter() {
        if !people.may_set(name) {
            given.fault(name, "must be an attribute that is configured for people (people.attributes)");
        } else if value.is_object() || value.is_array() || (value.is_null() && !may_remove) {
            given.fault(name, "must be a text, a number, true or false");
        } else {
            set.insert(name.clone(), value.clone());
        }
    }
    set
}
