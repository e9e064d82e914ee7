//! `POST /v1/kanalen/{naam}/subscriptions/{id}/approve`: the owner of a kanaal lets a subscription have its events, all
//! of them or only some of what is in them (data minimisation). Approving again changes what leaves.

use axum::{
    extract::{Path, State},
    response::Response,
};
use http::HeaderMap;
use model::{AttributeName, approval::Disclosure};

use super::judge::{self, Disclose, MAX_REASON, Verdict};
use crate::{
    api::v1::{
        members::{self, Faults, Members},
        subscriptions::view::{DiscloseView, SubscriptionView},
    },
    app::App,
    auth::Caller,
    inbound::body::Payload,
    problem::Problem,
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
    State(app): State<App>,
    caller: Caller,
    Path((naam, id)): Path<(String, String)>,
    headers: HeaderMap,
    Payload(body): Payload,
) -> Result<Response, Problem> {
    judge::own(&app, &caller, &naam)?;
    let (disclose, reason) = read(&body)?;
    judge::judge(&app, &caller, (&naam, &id), &headers, (Verdict::Approved(disclose), reason)).await
}

fn read(body: &[u8]) -> Result<(Disclose, Option<String>), Problem> {
    let object = members::object(body, true)?;
    let faults = Faults::default();
    let top = Members::new(&object, &faults);
    top.only(&["disclose", "reason"]);
    let reason = top.bounded("reason", MAX_REASON).map(str::to_owned);
    let disclose = match top.object("disclose") {
        Some(object) => Disclose::Only(disclosure(&object)),
        None if top.names("disclose") => Disclose::Everything,
        None => Disclose::AsBefore,
    };
    faults.check((disclose, reason))
}

fn disclosure(object: &Members<'_>) -> Disclosure {
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
            Disclose::Only(Disclosure { attributes, data })
        };
        for (body, expected) in [
            ("", Disclose::AsBefore),
            (r#"{"reason": "x"}"#, Disclose::AsBefore),
            (r#"{"disclose": null}"#, Disclose::Everything),
            (r#"{"disclose": {}}"#, Disclose::Only(Disclosure::ALL)),
            (r#"{"disclose": {"data": false}}"#, Disclose::Only(Disclosure { attributes: None, data: false })),
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
