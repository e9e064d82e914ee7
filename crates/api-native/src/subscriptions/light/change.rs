//! `PATCH` and `PUT` of a light subscription: another address or number, which is confirmed first (CH-51). How often mails come, and
//! attributes, are changed by `PATCH` alone ([`super::frequency`], `attributes`); nothing else of one changes.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use model::{
    addressee::{AddresseeId, Channel},
    audit::Action,
};
use people::{Address, People, ShownFilter};
use serde_json::{Map, Value};
use web::{
    audit::Unrecorded,
    auth::Caller,
    problem::{Fault, Problem},
};

use super::{Asked, attributes, channel, frequency, given::Given, read, record, view, words};
use crate::{
    Api,
    members::{Faults, Members},
};

/// Requests the address of a merge patch, or changes attributes, or how often mails come.
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
    let shown = people.one(&caller.actor(), id).await?;
    if patch.get("config").and_then(|config| config.get("attributes")).is_some() {
        return attributes::change((api, people), caller, id, patch).await;
    }
    if shown.channel == Channel::Email && patch.contains_key("config") {
        return frequency::change((api, people), caller, id, patch).await;
    }
    let address = read_sink(patch, shown.channel)?;
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
    let shown = people.one(&caller.actor(), id).await?;
    if channel(object) != Some(shown.channel) {
        let rule = format!("must be {}: it cannot be changed", words(shown.channel).0);
        return Err(Problem::invalid(vec![Fault::new("protocol", rule)]));
    }
    let (asked, given) = read(people, object)?;
    let mut faults = Vec::new();
    for (member, is_same) in [
        ("config.kanalen", *asked.kanaal() == shown.kanaal),
        ("config.language", asked.language() == shown.language),
        ("config.frequency", asked.frequency() == shown.frequency),
        ("filters", asked.filter().and_then(ShownFilter::new) == shown.filter),
        ("config.attributes", *asked.attributes() == shown.attributes),
        ("config.agreement", !matches!(given, Given::Agreement(_))),
        ("config.verified", !matches!(given, Given::Source { .. })),
    ] {
        if !is_same {
            faults.push(Fault::new(member, "cannot be changed"));
        }
    }
    if !faults.is_empty() {
        return Err(Problem::invalid(faults));
    }
    let address = match asked {
        Asked::Mails(wish) => Address::Email(wish.address),
        Asked::Texts(wish) => Address::Phone(wish.number),
    };
    request((api, people), caller, id, source, &address).await
}

async fn request(
    (api, people): (&Api, &People),
    caller: &Caller,
    id: AddresseeId,
    source: &str,
    address: &Address,
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
fn read_sink(patch: &Map<String, Value>, channel: Channel) -> Result<Address, Problem> {
    let faults = Faults::default();
    let top = Members::new(patch, &faults);
    for (name, _) in patch.iter().filter(|(name, _)| *name != "sink") {
        top.fault(name, "cannot be changed");
    }
    let parse = |sink: &str| match channel {
        Channel::Sms => people::parse_sms(sink).map(Address::Phone),
        Channel::Email | Channel::Inbox => people::parse_mailto(sink).map(Address::Email),
    };
    let address = top.required("sink").and_then(|sink| match parse(sink) {
        Ok(address) => Some(address),
        Err(rule) => {
            top.fault("sink", rule);
            None
        }
    });
    let address = faults.check(address)?;
    address.ok_or_else(|| Problem::invalid(vec![Fault::new("sink", "is required")]))
}
