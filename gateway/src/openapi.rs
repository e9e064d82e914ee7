//! The OpenAPI document of the native API, generated from its handlers and types; `schemas/native-openapi.json` is a
//! copy that is checked for drift.
//!
//! It describes `/v1` and the consent callback, not the Notificaties API under `/api/v1`.

mod requests;

use std::sync::LazyLock;

use axum::response::{IntoResponse, Response};
use http::header;
use serde_json::{Map, Value, json};
use utoipa::OpenApi;

use crate::{
    api::v1::{dead_letters, events, kanalen, runs, schemas, subscriptions, types},
    consent,
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "NL GOV event gateway",
        version = "1.0.0",
        description = "Publish CloudEvents, subscribe to them, and see what became of every delivery.",
        license(name = "EUPL-1.2", identifier = "EUPL-1.2"),
        contact(name = "NL GOV event gateway"),
    ),
    servers((url = "/", description = "This gateway")),
    tags(
        (name = "events", description = "Publishing and reading back"),
        (name = "kanalen", description = "Channels"),
        (name = "subscriptions", description = "Who wants what, where and how"),
        (name = "deliveries", description = "What became of an event"),
        (name = "dead-letters", description = "What could not be delivered"),
        (name = "runs", description = "Replays and redrives"),
        (name = "consent", description = "Called by sinks"),
        (name = "schemas", description = "Schemas of payloads"),
        (name = "types", description = "The catalogue of types of events"),
    ),
    paths(
        events::publish::publish,
        events::options::options,
        events::list::handler,
        events::read::handler,
        events::deliveries::handler,
        events::redeliver::handler,
        kanalen::list::handler,
        kanalen::create::handler,
        kanalen::read::handler,
        kanalen::replace::handler,
        kanalen::delete::handler,
        kanalen::subscriptions::handler,
        kanalen::approve::handler,
        kanalen::reject::handler,
        subscriptions::list::handler,
        subscriptions::create::handler,
        subscriptions::read::handler,
        subscriptions::change::put,
        subscriptions::change::patch,
        subscriptions::delete::handler,
        subscriptions::pause::handler,
        subscriptions::resume::handler,
        subscriptions::revalidate::handler,
        subscriptions::replay::handler,
        subscriptions::deliveries::handler,
        subscriptions::dead_letters::handler,
        dead_letters::list::handler,
        dead_letters::read::handler,
        dead_letters::delete::handler,
        dead_letters::redrive_one::handler,
        dead_letters::redrive::handler,
        runs::read::handler,
        runs::stop::handler,
        consent::callback::get,
        consent::callback::post,
        schemas::list::handler,
        schemas::create::handler,
        schemas::read::read,
        schemas::delete::handler,
        types::list::handler,
        types::read::handler,
        read,
    ),
    components(schemas(crate::problem::ProblemDocument, subscriptions::SinkCredential))
)]
struct Document;

/// Operations that take no token.
const PUBLIC: [(&str, &str); 5] = [
    ("/v1/events", "options"),
    ("/v1/openapi.json", "get"),
    ("/v1/schemas/{name}", "get"),
    ("/consent/{id}/{secret}", "get"),
    ("/consent/{id}/{secret}", "post"),
];

static TEXT: LazyLock<String> = LazyLock::new(|| serde_json::to_string_pretty(&document()).unwrap_or_default());

/// The document.
pub fn document() -> Value {
    let mut document = serde_json::to_value(Document::openapi()).unwrap_or_default();
    document["components"]["securitySchemes"] = json!({"token": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "A ZGW JWT (HS256, claims client_id and iat) signed with a secret of the applicatie",
    }});
    requests::split(&mut document);
    if let Some(paths) = document["paths"].as_object_mut() {
        for (path, operations) in paths {
            for (method, operation) in operations.as_object_mut().into_iter().flatten() {
                complete(operation, PUBLIC.contains(&(path.as_str(), method.as_str())));
            }
        }
    }
    document
}

/// What any operation that takes a token may answer besides its own.
const ANYWHERE: [(&str, &str); 6] = [
    ("400", "A parameter, a header or the body breaks a rule"),
    ("401", "No valid token"),
    ("403", "The token lacks the scope"),
    ("406", "Accept takes no JSON"),
    ("429", "Too many requests; see Retry-After"),
    ("503", "Storage is not available; see Retry-After"),
];

/// And what one with a body may answer.
const WITH_BODY: [(&str, &str); 2] = [("413", "The body is too large"), ("415", "The body does not say it is JSON")];

/// Adds what every operation has: its token, the version header of its answers, the errors that can come from anywhere,
/// and their shape.
fn complete(operation: &mut Value, public: bool) {
    if !public {
        operation["security"] = json!([{"token": []}]);
    }
    let with_body = if operation.get("requestBody").is_some() { &WITH_BODY[..] } else { &[] };
    let Some(responses) = operation["responses"].as_object_mut() else { return };
    if !public {
        for (status, description) in ANYWHERE.iter().chain(with_body) {
            responses.entry(*status).or_insert_with(|| json!({"description": description}));
        }
    }
    let version = json!({"description": "Version of this API", "schema": {"type": "string"}});
    let problem = json!({"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}});
    for (status, response) in responses {
        let Some(response) = response.as_object_mut() else { continue };
        let headers = response.entry("headers").or_insert_with(|| Value::Object(Map::new()));
        headers["API-Version"] = version.clone();
        if status.starts_with(['4', '5']) {
            response.insert("content".to_owned(), problem.clone());
        }
    }
}

/// The document as it is printed and served.
pub fn text() -> &'static str {
    &TEXT
}

/// Read this document.
#[utoipa::path(
    get,
    path = "/v1/openapi.json",
    tag = "schemas",
    operation_id = "readOpenapi",
    responses((status = 200, description = "The OpenAPI document", body = Object))
)]
pub async fn read() -> Response {
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")];
    (headers, text()).into_response()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn references(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(members) => {
                if let Some(Value::String(target)) = members.get("$ref") {
                    found.insert(target.clone());
                }
                members.values().for_each(|member| references(member, found));
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }

    #[test]
    fn every_reference_has_its_schema() {
        let document = document();
        let mut found = BTreeSet::new();
        references(&document, &mut found);
        assert!(found.len() > 10);
        for reference in found {
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{reference}");
        }
    }

    #[test]
    fn every_operation_has_an_id_of_its_own_and_its_security() {
        let document = document();
        let mut ids = BTreeSet::new();
        for (path, operations) in document["paths"].as_object().unwrap() {
            for (method, operation) in operations.as_object().unwrap() {
                assert!(ids.insert(operation["operationId"].to_string()), "{method} {path}");
                let public = PUBLIC.contains(&(path.as_str(), method.as_str()));
                assert_eq!(operation.get("security").is_none(), public, "{method} {path}");
            }
        }
    }

    #[test]
    fn requests_ask_only_for_what_is_needed() {
        let document = document();
        let input = &document["components"]["schemas"]["SubscriptionInput"];
        assert_eq!(input["required"], json!(["sink", "protocol"]));
        assert!(input["properties"].get("status").is_none());
        assert!(input["properties"].get("sinkcredential").is_some());
        let answer = &document["components"]["schemas"]["Subscription"];
        assert!(answer["properties"].get("sinkcredential").is_none(), "secrets are never shown (CE-SUB-14)");
    }
}
