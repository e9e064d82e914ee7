//! `POST /v1/schemas`: registers a schema for a `dataschema` and for types.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};
use model::{PayloadSchema, decide::Command};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{SchemaView, input, url};
use crate::{
    api::v1::members::{self, Faults, Members},
    app::App,
    auth::Caller,
    inbound::body::Payload,
    problem::{Fault, Problem},
};

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
        (status = 409, description = "The name, the URI or a type is taken, or there are too many"),
    ),
)]
pub async fn handler(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Payload(body): Payload,
) -> Result<Response, Problem> {
    let schema = read(&app, &caller, &headers, &body)?;
    app.control.submit(Command::RegisterSchema(Box::new(schema.clone()))).await??;
    let view = SchemaView::new(&app, &headers, &schema);
    Ok((StatusCode::CREATED, [(header::LOCATION, view.url.clone())], Json(view)).into_response())
}

/// The schema that a body asks for.
fn read(app: &App, caller: &Caller, headers: &HeaderMap, body: &[u8]) -> Result<PayloadSchema, Problem> {
    let object = members::object(body, false)?;
    let faults = Faults::default();
    let top = Members::new(&object, &faults);
    let wanted = input::members(&top);
    let texts = input::texts(&top, body, &faults);
    let unknown = wanted.kanaal.as_ref().filter(|naam| app.registry.read().kanaal(naam.as_str()).is_none());
    if unknown.is_some() {
        top.fault("kanaal", "must be the name of a kanaal that exists");
    }
    let (wanted, texts) = faults.check((wanted, texts))?;
    let (Some(name), Some((text, example))) = (wanted.name, texts) else { return Err(Problem::internal()) };
    let address = url(app, headers, name.as_str());
    let prefix = url(app, headers, "");
    let uri = wanted.uri.unwrap_or_else(|| address.clone());
    if uri.starts_with(&prefix) && uri != address {
        let rule = format!(
            "is an address of this gateway, where only the schema of that name is served; {address} is its own"
        );
        return Err(Problem::invalid(vec![Fault::new("uri", rule).at("/uri")]));
    }
    if super::read::own(name.as_str()).is_some() {
        return Err(Problem::conflict("schema-exists", format!("{name} is a schema of the gateway itself.")));
    }
    Ok(PayloadSchema {
        name,
        uri,
        types: wanted.types,
        kanaal: wanted.kanaal,
        description: wanted.description,
        example,
        text,
        owner: Some(caller.client_id.to_string()),
        created: app.clock.now(),
    })
}
