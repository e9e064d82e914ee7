//! `GET /a/{token}/gegevens`: what is stored of a person, as a file (CH-65, CH-137).

use axum::{
    Extension,
    extract::{Path, State},
    response::IntoResponse,
};
use http::header;
use model::{Origin, audit::Action};
use web::{PersonExport, Problem, client::ClientAddress};

use super::{
    Pages,
    act::{id_of, record},
    show::source,
};
use crate::page::PageResult;

/// Writes the file.
pub async fn handler(
    State(pages): State<Pages>,
    Path(token): Path<String>,
    client: Option<Extension<ClientAddress>>,
    origin: Option<Extension<Origin>>,
) -> PageResult {
    let people = &pages.site.people;
    let link = people.links().parse(&token);
    people.admit_page(link.as_ref(), &source(client))?;
    let link = link.ok_or(people::Error::Unknown)?;
    let export = PersonExport::from(people.export_by_link(&link).await?);
    let body = serde_json::to_vec_pretty(&export).map_err(|error| {
        tracing::error!(%error, "an export was not written");
        Problem::internal()
    })?;
    record(&pages, id_of(&link), Action::AddresseeExport, origin.map(|origin| origin.0)).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"gegevens.json\""),
    ];
    Ok((headers, body).into_response())
}
