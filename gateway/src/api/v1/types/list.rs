//! `GET /v1/types`: all types that are registered, by name.

use axum::{Json, extract::State};
use http::{HeaderMap, Uri};

use super::TypeView;
use crate::{
    api::v1::list::{List, Query},
    app::App,
    problem::Problem,
};

/// Lists types of events.
#[utoipa::path(
    get, path = "/v1/types", tag = "types", operation_id = "listTypes",
    params(
        ("kanaal" = Option<String>, Query, description = "Only those of this kanaal"),
        ("publisher" = Option<String>, Query, description = "Only those of this client"),
        ("page" = Option<u32>, Query, description = "From 1"),
        ("pageSize" = Option<u32>, Query, description = "1 to 500"),
    ),
    responses((status = 200, description = "A page", body = List<TypeView>)),
)]
pub async fn handler(State(app): State<App>, headers: HeaderMap, uri: Uri) -> Result<Json<List<TypeView>>, Problem> {
    let query = Query::read(&app, &headers, &uri, &["kanaal", "publisher", "page", "pageSize"])?;
    let paging = query.paging()?;
    let views: Vec<TypeView> = {
        let registry = app.registry.read();
        registry.types().map(|(kind, schema)| TypeView::new(&app, &headers, &registry, kind, schema)).collect()
    };
    let wanted = |view: &TypeView| {
        query.text("kanaal").is_none_or(|naam| view.kanaal.as_deref() == Some(naam))
            && query.text("publisher").is_none_or(|client| view.publisher.as_deref() == Some(client))
    };
    let views: Vec<TypeView> = views.into_iter().filter(wanted).collect();
    let count = views.len() as u64;
    let page = views.into_iter().skip(paging.skip()).take(paging.take()).collect();
    Ok(Json(query.list(paging, page, Some(count))))
}
