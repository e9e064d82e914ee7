//! `POST /v1/kanalen/{naam}/subscriptions/{id}/approve`: the owner of a kanaal approves that a subscription gets
//! its events, whole or in part (data minimisation). Approving again changes what is disclosed.

use axum::{
    Json,
    extract::{Path, State},
};
use http::HeaderMap;
use management::kanalen::{DisclosureRequest, MAX_REASON};
use model::{AttributeName, approval::Disclosure};
use web::{auth::Caller, body::Payload, problem::Problem};

use super::{approval_target, subscription_view};
use crate::{
    Api,
    members::{self, Faults, Members},
    subscriptions::view::{DiscloseView, SubscriptionView},
};

/// Most attributes in a disclosure.
const MAX_ATTRIBUTES: usize = 100;

/// The body; may be left out.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; it is read member by member")]
pub struct Approve {
    /// What of each event leaves. Absent: as it is; null: everything.
    disclose: Option<DiscloseView>,
    /// Why, for the subscriber.
    reason: Option<String>,
}

/// Approves a subscription.
#[utoipa::path(
    post, path = "/v1/kanalen/{naam}/subscriptions/{id}/approve", tag = "kanalen", operation_id = "approveSubscription",
    params(
        ("naam" = String, Path, description = "The kanaal"),
        ("id" = String, Path, description = "The subscription"),
    ),
    request_body = Option<Approve>,
    responses(
        (status = 200, description = "Approved", body = SubscriptionView),
        (status = 400, description = "A member breaks a rule"),
        (status = 403, description = "Not the owner of the kanaal"),
        (status = 404, description = "No such kanaal, or no such subscription to it"),
        (status = 412, description = "The subscription was changed meanwhile"),
    ),
)]
pub async fn handler(
    State(api): State<Api>,
    caller: Caller,
    Path((naam, id)): Path<(String, String)>,
    headers: HeaderMap,
    Payload(body): Payload,
) -> Result<Json<SubscriptionView>, Problem> {
    let actor = caller.actor();
    api.management.find_own_kanaal(&actor, &naam)?;
    let (disclosure, reason) = read(&body)?;
    let target = approval_target(naam, &id, &headers)?;
    let (kanaal, subscription) = api.management.approve_subscription(&actor, &target, disclosure, reason).await?;
    Ok(Json(subscription_view(&api, &kanaal, &subscription).await))
}

fn read(body: &[u8]) -> Result<(DisclosureRequest, Option<String>), Problem> {
    let object = members::object(body, true)?;
    let faults = Faults::default();
    let top = Members::new(&object, &faults);
    top.only(&["disclose", "reason"]);
    let reason = top.bounded("reason", MAX_REASON).map(str::to_owned);
    let disclosure = match top.object("disclose") {
        Some(object) => DisclosureRequest::Only(disclosed(&object)),
        None if top.names("disclose") => DisclosureRequest::Everything,
        None => DisclosureRequest::Keep,
    };
    faults.check((disclosure, reason))
}

fn disclosed(object: &Members<'_>) -> Disclosure {
    object.only(&["attributes", "data"]);
    let attributes = object.value("attributes").map(|_| {
        let texts = object.texts("attributes", MAX_ATTRIBUTES).into_iter().enumerate();
        texts.filter_map(|(at, text)| {
            let name = AttributeName::new(text);
            if let Err(error) = &name {
                object.item_fault("attributes", at, error.to_string());
            }
            name.ok()
        })
    });
    Disclosure {
        attributes: attributes.map(Iterator::collect),
        data: object.boolean("data").unwrap_or(Disclosure::ALL.data),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_said_stays_and_null_is_everything() {
        let some = |names: &[&str], data| {
            let attributes = Some(names.iter().map(|name| AttributeName::new(name).unwrap()).collect());
            DisclosureRequest::Only(Disclosure { attributes, data })
        };
        for (body, expected) in [
            ("", DisclosureRequest::Keep),
            (r#"{"reason": "x"}"#, DisclosureRequest::Keep),
            (r#"{"disclose": null}"#, DisclosureRequest::Everything),
            (r#"{"disclose": {}}"#, DisclosureRequest::Only(Disclosure::ALL)),
            (r#"{"disclose": {"data": false}}"#, DisclosureRequest::Only(Disclosure { attributes: None, data: false })),
            (r#"{"disclose": {"attributes": []}}"#, some(&[], true)),
            (r#"{"disclose": {"attributes": ["subject"], "data": false}}"#, some(&["subject"], false)),
        ] {
            assert_eq!(read(body.as_bytes()).unwrap().0, expected, "{body}");
        }
    }

    #[test]
    fn wrong_members_are_named() {
        for (body, member) in [
            (r#"{"disclosed": {}}"#, "disclosed"),
            (r#"{"disclose": true}"#, "disclose"),
            (r#"{"disclose": {"data": 1}}"#, "disclose.data"),
            (r#"{"disclose": {"attributes": ["Subject"]}}"#, "disclose.attributes[0]"),
            (r#"{"disclose": {"only": []}}"#, "disclose.only"),
            (r#"{"reason": 1}"#, "reason"),
        ] {
            assert_eq!(read(body.as_bytes()).unwrap_err().errors[0].member, member, "{body}");
        }
    }
}
