//! The OpenAPI description of the Notificaties API, in Dutch. It is written by hand in `schemas/notificaties-openapi.yaml`
//! and served unchanged, except for the address of this gateway and the configured contact; the JSON form
//! is derived from it. Not generated from the handlers, which read field by field: tests compare it with the route table
//! and with answers.

use std::sync::LazyLock;

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::{Value, json};
use web::{
    Contact,
    document::{ADDRESS, Document},
};

use crate::Api;

/// The description as it is written.
const TEXT: &str = include_str!("../../../schemas/notificaties-openapi.yaml");
/// The line that names the address of the API.
const SERVER: &str = "\n  - url: /\n";
/// The line that names the contact.
const CONTACT: &str = "\n  contact: {name: NL GOV event gateway}\n";

/// The description as data; null if the file were not YAML, which a test rules out.
static DOCUMENT: LazyLock<Value> = LazyLock::new(|| serde_saphyr::from_str(TEXT).unwrap_or_default());

/// The description as data, for a gateway at `server` (a URL, or a path relative to the description).
pub fn document(server: &str) -> Value {
    let mut document = DOCUMENT.clone();
    document["servers"][0]["url"] = server.into();
    document
}

/// The description as YAML, for a gateway at `server`. JSON is YAML, so JSON escapes both values.
fn text(server: &str, contact: &Contact) -> String {
    let (server, contact) = (json!(server), json!(contact));
    TEXT.replacen(SERVER, &format!("\n  - url: {server}\n"), 1).replacen(
        CONTACT,
        &format!("\n  contact: {contact}\n"),
        1,
    )
}

/// The headers of a description: scripts of any origin may read it.
fn headers() -> [(header::HeaderName, HeaderValue); 2] {
    [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
        (header::VARY, HeaderValue::from_static("host")),
    ]
}

/// `GET /api/v1/openapi.json`: the description as JSON.
pub async fn json(State(api): State<Api>, request: HeaderMap) -> Response {
    let rendered = api.web.documents.get("notificaties-openapi-json", || {
        let mut document = document(ADDRESS);
        document["info"]["contact"] = json!(api.web.settings.contact);
        Document::new("application/json", &format!("{document:#}"))
    });
    rendered.answer(&request, &api.public_url(&request), &headers())
}

/// `GET /api/v1/openapi.yaml`: the description as YAML.
pub async fn yaml(State(api): State<Api>, request: HeaderMap) -> Response {
    let rendered = api.web.documents.get("notificaties-openapi-yaml", || {
        Document::new("application/yaml", &text(ADDRESS, &api.web.settings.contact))
    });
    rendered.answer(&request, &api.public_url(&request), &headers())
}

/// `GET /api/v1/schema/openapi.json`: a redirect to the JSON form.
pub async fn to_json(State(api): State<Api>, request: HeaderMap) -> Response {
    redirect(&api, &request, "openapi.json")
}

/// `GET /api/v1/schema/openapi.yaml`: a redirect to the YAML form.
pub async fn to_yaml(State(api): State<Api>, request: HeaderMap) -> Response {
    redirect(&api, &request, "openapi.yaml")
}

fn redirect(api: &Api, request: &HeaderMap, name: &str) -> Response {
    let location = format!("{}/api/v1/{name}", api.public_url(request));
    (StatusCode::FOUND, [(header::LOCATION, location)]).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use web::edge::API_VERSION;

    #[test]
    fn yaml_and_json_say_the_same_with_server_and_contact_filled_in() {
        let contact = Contact { name: "Team \"x\": #1".to_owned(), url: None, email: Some("a@b.example".to_owned()) };
        let server = "https://gateway.example/notificaties";
        let yaml: Value = serde_saphyr::from_str(&text(server, &contact)).expect("YAML");
        let mut json = document(server);
        json["info"]["contact"] = json!({"name": "Team \"x\": #1", "email": "a@b.example"});
        assert_eq!(yaml, json);
        assert_eq!(yaml["servers"], json!([{"url": server, "description": "Deze gateway"}]));
    }

    #[test]
    fn the_written_version_and_contact_are_those_of_the_program() {
        let written = document("/");
        assert_eq!(written["info"]["version"], API_VERSION);
        assert_eq!(written["info"]["contact"], json!(Contact::default()));
    }

    #[test]
    fn members_are_in_reading_order() {
        let members: Vec<&str> = TEXT
            .lines()
            .filter(|line| !line.starts_with(' '))
            .filter_map(|line| line.split_once(':').map(|(name, _)| name))
            .collect();
        assert_eq!(members, ["openapi", "info", "servers", "tags", "paths", "components"]);
    }
}
