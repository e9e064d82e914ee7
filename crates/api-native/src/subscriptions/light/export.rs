//! `GET /v1/subscriptions/{id}/export`: what is stored of a person, for the person (CH-65, CH-137).

use axum::{
    Json,
    extract::{Path, State},
};
use web::{PersonExport, auth::Caller, problem::Problem};

use super::find;
use crate::Api;

/// Exports what is stored of a person.
///
/// The address is in it in clear text. To its owner it is about this light subscription; to an administrator about all of the
/// address.
#[utoipa::path(
    get, path = "/v1/subscriptions/{id}/export", tag = "subscriptions", operation_id = "exportSubscription",
    params(("id" = String, Path, description = "The light subscription")),
    responses(
        (status = 200, description = "What is stored", body = PersonExport),
        (status = 404, description = "No such subscription of this client"),
    ),
)]
pub async fn handler(
    State(api): State<Api>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<PersonExport>, Problem> {
    let (people, id) = find(&api, &id)?;
    Ok(Json(people.export(&caller.actor(), id).await?.into()))
}
