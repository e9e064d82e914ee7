//! `PATCH` and `PUT` of a light subscription: another address, which is confirmed first (CH-51). Nothing else of one changes.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use model::{
    Actor,
    addressee::{AddresseeId, Channel},
    audit::Action,
};
use people::{EmailAddress, People, Shown};
use serde_json::{Map, Value};
use web::{
    audit::Unrecorded,
    auth::Caller,
    problem::{Fault, Problem},
};

use super::{Asked, read, record, view};
use crate::{
    Api,
    members::{Faults, Members},
};

/// Requests the address of a merge patch.
///
/// # Errors
/// 400 for members other than `sink`, 404, 429 (CH-46), 503.
pub async fn patch(
    (api, people): (&Api, &People),
    caller: &Caller,
    id: AddresseeId,
    source: &str,
    patch: &Map<String, Value>,
) -> Result<Response, Problem> {
    check_channel(people, &caller.actor(), id).await?;
    let address = read_sink(patch)?;
    request((api, people), caller, id, source, &address).await
}

/// Requests the address of a whole subscription.
///
/// # Errors
/// 400 for members that differ from the present ones, beside `sink`; as [`patch`].
pub async fn put(
    (api, people): (&Api, &People),
    caller: &Caller,
    id: AddresseeId,
    source: &str,
    object: &Map<String, Value>,
) -> Result<Response, Problem> {
    let shown = check_channel(people, &caller.actor(), id).await?;
    if object.get("protocol").and_then(Value::as_str) != Some("SMTP") {
        return Err(Problem::invalid(vec![Fault::new("protocol", "must be SMTP: it cannot be changed")]));
    }
    let Asked::Mails(wish) = read(object)? else {
        return Err(Problem::invalid(vec![Fault::new("protocol", "must be SMTP: it cannot be changed")]));
    };
    let mut faults = Vec::new();
    for (member, is_same) in [
        ("config.kanalen", wish.kanaal == shown.kanaal),
        ("config.language", wish.language == shown.language),
        ("filters", wish.filter.as_ref().and_then(people::filter::expression) == shown.filter.as_deref()),
    ] {
        if !is_same {
            faults.push(Fault::new(member, "cannot be changed"));
        }
    }
    if !faults.is_empty() {
        return Err(Problem::invalid(faults));
    }
    request((api, people), caller, id, source, &wish.address).await
}

/// The subscription, if it is one by e-mail.
async fn check_channel(people: &People, actor: &Actor, id: AddresseeId) -> Result<Shown, Problem> {
    let shown = people.one(actor, id).await?;
    if shown.channel == Channel::Email {
        return Ok(shown);
    }
    let rule = "cannot be changed: subscribe the other number, and end this subscription";
    Err(Problem::invalid(vec![Fault::new("sink", rule)]))
}

async fn request(
    (api, people): (&Api, &People),
    caller: &Caller,
    id: AddresseeId,
    source: &str,
    address: &EmailAddress,
) -> Result<Response, Problem> {
    let actor = caller.actor();
    let source = format!("{} {source}", caller.client_id);
    people.change_address(&actor, id, address, &source).await?;
    record(&api.management.recorder, &actor, Action::AddresseeChange, id).await?;
    let shown = people.one(&actor, id).await?;
    let mut response = (StatusCode::ACCEPTED, Json(view(shown))).into_response();
    response.extensions_mut().insert(Unrecorded);
    Ok(response)
}

/// The address of a merge patch.
fn read_sink(patch: &Map<String, Value>) -> Result<EmailAddress, Problem> {
    let faults = Faults::default();
    let top = Members::new(patch, &faults);
    for (name, _) in patch.iter().filter(|(name, _)| *name != "sink") {
        top.fault(name, "cannot be changed");
    }
    let address = top.required("sink").and_then(|sink| match people::parse_mailto(sink) {
        Ok(address) => Some(address),
        Err(rule) => {
            top.fault("sink", rule);
            None
        }
    });
    let address = faults.check(address)?;
    address.ok_or_else(|| Problem::invalid(vec![Fault::new("sink", "is required")]))
}
