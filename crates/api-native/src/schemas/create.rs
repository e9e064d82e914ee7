//! `POST /v1/schemas`: registers a schema for a `dataschema` and for types.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use utoipa::ToSchema;
use web::{auth::Caller, body::Payload, problem::Problem};

use super::{SchemaView, input, url};
use crate::Api;

/// A schema to register.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = PayloadSchemaInput)]
#[expect(dead_code, reason = "it describes the body, which is read member by member")]
pub struct SchemaInput {
    /// Its name, the last part of its address: 1 to 100 of `a-z`, `0-9`, `-`, `_` and `.`.
    name: String,
    /// The `dataschema` of the events it is for, an absolute URI; its own address when none is given.
    uri: Option<String>,
    /// The types of the events it is for, when they name no registered `dataschema`; at most 20.
    #[serde(default)]
    types: Vec<String>,
    /// The kanaal of those events, when the routing rules do not say it.
    kanaal: Option<String>,
    /// What the events say, for people.
    #[serde(default)]
    description: String,
    /// A payload that fits; at most 16 KiB.
    #[schema(value_type = Object)]
    example: Option<serde_json::Value>,
    /// The JSON Schema, at most 64 KiB: of draft 4, 6, 7, 2019-09 or 2020-12 by its `$schema`, else of 2020-12.
    #[schema(value_type = Object)]
    schema: serde_json::Value,
}

/// Registers a schema.
#[utoipa::path(
    post, path = "/v1/schemas", tag = "schemas", operation_id = "registerSchema",
    request_body = SchemaInput,
    responses(
        (status = 201, description = "Registered", body = SchemaView, headers(("Location" = String))),
        (status = 400, description = "A member breaks a rule; `pointer` has the place, also inside the schema"),
        (status = 403, description = "A type or the kanaal belongs to a kanaal of another owner"),
        (status = 409, description = "The name, the URI or a type is taken, or there are too many"),
    ),
)]
pub async fn handler(
    State(api): State<Api>,
    caller: Caller,
    headers: HeaderMap,
    Payload(body): Payload,
) -> Result<Response, Problem> {
    let is_kanaal = |naam: &model::KanaalName| api.management.find_kanaal(naam.as_str()).is_ok();
    let request = input::read(&body, url(&api, &headers, ""), is_kanaal)?;
    let schema = api.management.register_schema(&caller.actor(), request).await?;
    let view = SchemaView::new(&api, &headers, &schema);
    Ok((StatusCode::CREATED, [(header::LOCATION, view.url.clone())], Json(view)).into_response())
}
