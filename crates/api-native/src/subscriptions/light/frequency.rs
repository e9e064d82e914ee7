//! `PATCH` of a light subscription with `config.frequency`: how often mails come (CH-101). It holds at once; what was collected before
//! is sent at the moment that was set for it.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use model::{
    addressee::{AddresseeId, Frequency},
    audit::Action,
};
use people::People;
use serde_json::{Map, Value};
use web::{audit::Unrecorded, auth::Caller, problem::Problem};

use super::{FREQUENCIES, record, view};
use crate::{
    Api,
    members::{Faults, Members},
};

/// Changes it for a subscription by e-mail.
///
/// # Errors
/// 400 for other members, 404, 503.
pub async fn change(
    (api, people): (&Api, &People),
    caller: &Caller,
    id: AddresseeId,
    patch: &Map<String, Value>,
) -> Result<Response, Problem> {
    let Some(frequency) = read(patch)? else {
        return Ok(Json(view(people.one(&caller.actor(), id).await?)).into_response());
    };
    let actor = caller.actor();
    people.change_frequency(&actor, id, frequency).await?;
    record(&api.management.recorder, &actor, Action::AddresseeChange, id).await?;
    let mut response = Json(view(people.one(&actor, id).await?)).into_response();
    response.extensions_mut().insert(Unrecorded);
    Ok(response)
}

/// The wish in a merge patch.
fn read(patch: &Map<String, Value>) -> Result<Option<Frequency>, Problem> {
    let faults = Faults::default();
    let top = Members::new(patch, &faults);
    for (name, _) in patch.iter().filter(|(name, _)| *name != "config") {
        top.fault(name, "cannot be changed together with config.frequency");
    }
    let mut frequency = None;
    if let Some(config) = top.object("config") {
        for (name, _) in config.iter().filter(|(name, _)| *name != "frequency") {
            config.fault(name, "cannot be changed");
        }
        frequency = config.word("frequency", &FREQUENCIES);
        if frequency.is_none() {
            config.fault("frequency", "is required");
        }
    }
    faults.check(frequency)
}
