//! `DELETE /v1/kanalen/{naam}`: deletes a kanaal that no subscription names. Its events stay until retention removes
//! them, unless the query parameter `purge` asks to remove them now.

use axum::extract::{Path, State};
use http::{HeaderMap, StatusCode, Uri};
use web::{auth::Caller, problem::Problem};

use crate::{Api, list::Query};

/// Deletes a kanaal.
#[utoipa::path(
    delete, path = "/v1/kanalen/{naam}", tag = "kanalen", operation_id = "deleteKanaal",
    params(
        ("naam" = String, Path, description = "Its name"),
        ("purge" = Option<bool>, Query, description = "Whether its events are forgotten at once"),
    ),
    responses(
        (status = 204, description = "Deleted"),
        (status = 404, description = "No such kanaal"),
        (status = 409, description = "A subscription names it"),
    ),
)]
pub async fn handler(
    State(api): State<Api>,
    caller: Caller,
    headers: HeaderMap,
    uri: Uri,
    Path(naam): Path<String>,
) -> Result<StatusCode, Problem> {
    let query = Query::read(&api, &headers, &uri, &["purge"])?;
    let purge = query.typed("purge", "must be true or false", |text| text.parse::<bool>().ok())?.unwrap_or(false);
    api.management.delete_kanaal(&caller.actor(), &naam, purge).await?;
    Ok(StatusCode::NO_CONTENT)
}
