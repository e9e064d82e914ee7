//! The OpenAPI document of the Notificaties API as this gateway serves it, in Dutch; `schemas/notificaties-openapi.json`
//! is a copy that is checked for drift. The native API has one of its own, generated from its handlers; here the handlers
//! read field by field, so the description stands by itself and tests hold it against routes and answers.

mod paths;
mod schemas;
mod yaml;

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};

use crate::{app::App, inbound::outer::API_VERSION};

/// The document for a gateway at `server`.
pub fn document(server: &str) -> Value {
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Notificaties API",
            "version": API_VERSION,
            "description": "Publiceer notificaties en CloudEvents op kanalen, en neem er een abonnement op. Fouten zijn documenten van \
                            type `application/json`, of `application/problem+json` voor wie dat type in Accept noemt. Namen van \
                            velden mogen ook in snake_case; onbekende velden worden overgeslagen.",
            "license": {"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
            "contact": {"name": "NL GOV event gateway"},
        },
        "servers": [{"url": server, "description": "Deze gateway"}],
        "tags": [
            {"name": "api", "description": "De API zelf"},
            {"name": "kanaal", "description": "Kanalen van bronhouders"},
            {"name": "abonnement", "description": "Abonnementen van afnemers"},
            {"name": "publiceren", "description": "Notificaties en CloudEvents"},
        ],
        "paths": paths::all(),
        "components": {
            "schemas": schemas::all(),
            "securitySchemes": {"token": {
                "type": "http",
                "scheme": "bearer",
                "bearerFormat": "JWT",
                "description": "Een ZGW-JWT (HS256) met de claims client_id en iat, ondertekend met het secret van de applicatie.",
            }},
        },
    })
}

fn served(app: &App, headers: &HeaderMap, kind: &'static str, print: fn(&Value) -> String) -> Response {
    let headers_out = [(header::CONTENT_TYPE, kind), (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")];
    let mut document = document(&app.public_url(headers));
    document["info"]["contact"] = json!(app.config.contact);
    (headers_out, print(&document)).into_response()
}

/// The document as JSON.
pub async fn json(State(app): State<App>, headers: HeaderMap) -> Response {
    served(&app, &headers, "application/json", |document| format!("{document:#}"))
}

/// The document as YAML.
pub async fn yaml(State(app): State<App>, headers: HeaderMap) -> Response {
    served(&app, &headers, "application/yaml", yaml::print)
}

/// To where the JSON is.
pub async fn to_json(State(app): State<App>, headers: HeaderMap) -> Response {
    to(&app, &headers, "openapi.json")
}

/// To where the YAML is.
pub async fn to_yaml(State(app): State<App>, headers: HeaderMap) -> Response {
    to(&app, &headers, "openapi.yaml")
}

fn to(app: &App, headers: &HeaderMap, name: &str) -> Response {
    let location = format!("{}/api/v1/{name}", app.public_url(headers));
    (StatusCode::FOUND, [(header::LOCATION, location)]).into_response()
}
