//! `POST /v1/subscriptions/{id}/confirm`: the code of a message confirms the address (CH-45, CH-49).

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::StatusCode;
use model::audit::Action;
use utoipa::ToSchema;
use web::{audit::Unrecorded, auth::Caller, body::Payload, problem::Problem};

use super::{find, record};
use crate::{
    Api,
    members::{self, Faults, Members},
};

/// The longest text that is read as a code, in bytes.
const MAX_CODE: usize = 100;

/// The body.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; it is read member by member")]
pub struct ConfirmationCode {
    /// The code as the person typed it; white space does not count.
    #[schema(max_length = 100)]
    code: String,
}

/// Confirms an address by the code of the message.
///
/// The id is that of the answer to the request for the address, or of the subscription whose address changes. Five wrong codes,
/// or 10 minutes, make a code void; a new request makes a new one. An unknown id, a wrong code and a void one are answered alike.
#[utoipa::path(
    post, path = "/v1/subscriptions/{id}/confirm", tag = "subscriptions", operation_id = "confirmSubscription",
    params(("id" = String, Path, description = "The light subscription")),
    request_body = ConfirmationCode,
    responses(
        (status = 204, description = "The address is confirmed"),
        (status = 400, description = "A member breaks a rule"),
        (status = 404, description = "No such subscription, or the code is wrong or void"),
    ),
)]
pub async fn handler(
    State(api): State<Api>,
    caller: Caller,
    Path(id): Path<String>,
    Payload(body): Payload,
) -> Result<Response, Problem> {
    let code = read(&body)?;
    let (people, id) = find(&api, &id)?;
    let confirmed = people.confirm_code(id, &code).await?;
    record(&api.management.recorder, &caller.actor(), Action::AddresseeConfirm, confirmed.id).await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    response.extensions_mut().insert(Unrecorded);
    Ok(response)
}

fn read(body: &[u8]) -> Result<String, Problem> {
    let object = members::object(body, false)?;
    let faults = Faults::default();
    let top = Members::new(&object, &faults);
    top.only(&["code"]);
    let code = top.required("code").unwrap_or_default().to_owned();
    if code.len() > MAX_CODE {
        top.fault("code", format!("must be at most {MAX_CODE} bytes"));
    }
    faults.check(code)
}
