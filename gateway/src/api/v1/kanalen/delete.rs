//! `DELETE /v1/kanalen/{naam}`: deletes a kanaal that no subscription names. Its events stay until retention takes them,
//! unless a purge is asked for.

use axum::extract::{Path, State};
use http::{HeaderMap, StatusCode, Uri};
use model::decide::Command;

use super::read;
use crate::{api::v1::list::Query, app::App, problem::Problem};

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
    State(app): State<App>,
    headers: HeaderMap,
    uri: Uri,
    Path(naam): Path<String>,
) -> Result<StatusCode, Problem> {
    let query = Query::read(&app, &headers, &uri, &["purge"])?;
    let purge = query.typed("purge", "must be true or false", |text| text.parse::<bool>().ok())?.unwrap_or(false);
    let naam = read::find(&app, &naam)?.naam.clone();
    app.control.submit(Command::DeleteKanaal(naam.clone())).await??;
    if purge {
        app.log.purge(&naam).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}
