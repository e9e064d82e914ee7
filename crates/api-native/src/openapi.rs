//! The OpenAPI document of the native API, generated from its handlers and types; `schemas/native-openapi.json` is a
//! copy that is checked for drift.
//!
//! It describes `/v1` and the consent callback, not the Notificaties API under `/api/v1`. It is served in Dutch (ADR-22), made of
//! the English of the code by the table in `dutch`.

mod dutch;
mod requests;

use std::sync::LazyLock;

use axum::{extract::State, response::Response};
use http::{HeaderMap, HeaderValue, header};
use serde_json::{Map, Value, json};
use utoipa::OpenApi;
use web::{
    document::{ADDRESS, Document as Rendered},
    language::Language,
};

use crate::{
    Api, audit, consent, dead_letters, events, inbox, kanalen, operations, receipts, runs, schemas, subscriptions,
    to_people, types,
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
        (name = "audit", description = "Who did what"),
        (name = "people", description = "Messages to people"),
        (name = "inbox", description = "Messages that people read here"),
        (name = "operations", description = "The state of the gateway itself"),
    ),
    paths(
        events::publish::publish,
        events::options::options,
        events::list::handler,
        events::read::handler,
        events::deliveries::handler,
        events::receivers::handler,
        events::redeliver::handler,
        events::cancel::handler,
        events::replace::handler,
        events::redeliver_many::handler,
        kanalen::list::handler,
        kanalen::create::handler,
        kanalen::read::handler,
        kanalen::replace::handler,
        kanalen::delete::handler,
        kanalen::subscriptions::handler,
        kanalen::statistics::handler,
        kanalen::approve::handler,
        kanalen::reject::handler,
        subscriptions::list::handler,
        subscriptions::create::handler,
        subscriptions::read::handler,
        subscriptions::change::put,
        subscriptions::change::patch,
        subscriptions::delete::handler,
        subscriptions::light::confirm::handler,
        subscriptions::light::export::handler,
        subscriptions::light::erase::handler,
        subscriptions::pause::handler,
        subscriptions::resume::handler,
        subscriptions::revalidate::handler,
        subscriptions::replay::handler,
        subscriptions::preview::handler,
        subscriptions::test::handler,
        subscriptions::check::handler,
        subscriptions::deliveries::handler,
        subscriptions::dead_letters::handler,
        subscriptions::statistics::handler,
        dead_letters::list::handler,
        dead_letters::read::handler,
        dead_letters::delete::handler,
        dead_letters::redrive_one::handler,
        dead_letters::redrive::handler,
        runs::list::handler,
        runs::read::handler,
        runs::stop::handler,
        consent::get,
        consent::post,
        schemas::list::handler,
        schemas::create::handler,
        schemas::read::read,
        schemas::delete::handler,
        types::list::handler,
        types::read::handler,
        audit::list::handler,
        operations::applicaties::handler,
        operations::refresh_rights::handler,
        operations::checks::handler,
        operations::nodes::handler,
        operations::partitions::handler,
        operations::statistics::handler,
        operations::stream::handler,
        to_people::overview::handler,
        to_people::bounces::handler,
        to_people::mailings::handler,
        to_people::stop::handler,
        to_people::resend::handler,
        to_people::sending::read,
        to_people::sending::set,
        to_people::look_up::handler,
        to_people::texts::list,
        to_people::texts::preview,
        inbox::list::handler,
        inbox::erase::handler,
        inbox::count::handler,
        inbox::stream::handler,
        inbox::read::handler,
        inbox::change::handler,
        inbox::undo::handler,
        inbox::totals::handler,
        receipts::by_token,
        receipts::by_secret,
        read,
    ),
    components(schemas(web::problem::ProblemDocument, subscriptions::SinkCredential, operations::stream::EndedDeliveryView))
)]
struct Document;

/// Operations that take no token.
const PUBLIC: [(&str, &str); 7] = [
    ("/events", "options"),
    ("/openapi.json", "get"),
    ("/schemas/{name}", "get"),
    (CALLBACK, "get"),
    (CALLBACK, "post"),
    ("/receipts/{provider}", "post"),
    ("/receipts/{provider}/{secret}", "post"),
];

/// What people read with tokens of their own.
const INBOX: &str = "/inbox";

/// Where sinks consent.
const CALLBACK: &str = "/consent/{id}/{secret}";

/// The address of the API: its major version is in it (ADR-24), so the paths of the document have none.
const BASE: &str = "/v1";

static ENGLISH: LazyLock<Value> = LazyLock::new(describe);
static DUTCH: LazyLock<Value> = LazyLock::new(|| dutch::translated(&ENGLISH));

/// The document for a gateway at `server`, a URL without a slash at the end; empty for "where the document is".
pub fn document(server: &str, language: Language) -> Value {
    let at = |base: &str| json!([{"url": format!("{server}{base}")}]);
    let mut document = match language {
        Language::English => ENGLISH.clone(),
        Language::Dutch => DUTCH.clone(),
    };
    document["servers"] = at(BASE);
    // A sink calls it by the address it was given, whatever version of the API there is.
    document["paths"][CALLBACK]["servers"] = at("/");
    document
}

fn describe() -> Value {
    let mut document = serde_json::to_value(Document::openapi()).unwrap_or_default();
    document["components"]["securitySchemes"] = json!({
        "token": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "A ZGW JWT (HS256, claims client_id and iat) signed with a secret of the applicatie",
        },
        "person": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "An access token of a person, of the OpenID Connect provider of people; the person is its issuer and `sub`",
        },
        "certificate": {
            "type": "mutualTLS",
            "description": "A client certificate that is bound to the applicatie, at gateways that accept them",
        },
    });
    requests::split(&mut document);
    let mut paths = Map::new();
    for (path, mut operations) in document["paths"].as_object().cloned().unwrap_or_default() {
        let path = path.strip_prefix(BASE).unwrap_or(&path);
        for (method, operation) in operations.as_object_mut().into_iter().flatten() {
            complete(operation, PUBLIC.contains(&(path, method.as_str())));
            if path == INBOX || path.starts_with("/inbox/") {
                operation["security"] = json!([{"person": []}]);
            }
        }
        paths.insert(path.to_owned(), operations);
    }
    document["paths"] = Value::Object(paths);
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
        operation["security"] = json!([{"token": []}, {"certificate": []}]);
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

/// Read this document, in Dutch or, for who prefers it, in English.
#[utoipa::path(
    get,
    path = "/v1/openapi.json",
    tag = "schemas",
    operation_id = "readOpenapi",
    responses((status = 200, description = "The OpenAPI document", body = Object))
)]
pub async fn read(State(api): State<Api>, headers: HeaderMap) -> Response {
    let language = Language::preferred(&headers).unwrap_or(Language::Dutch);
    let name = match language {
        Language::English => "native-openapi-en",
        Language::Dutch => "native-openapi-nl",
    };
    let rendered = api.web.documents.get(name, || {
        let mut document = document(ADDRESS, language);
        document["info"]["contact"] = json!(api.web.settings.contact);
        Rendered::new("application/json", &format!("{document:#}"))
    });
    let more = [
        (header::CONTENT_LANGUAGE, HeaderValue::from_static(language.tag())),
        (header::VARY, HeaderValue::from_static("accept-language, host")),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
    ];
    rendered.answer(&headers, &api.public_url(&headers), &more)
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
        let document = document("", Language::English);
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
        let document = document("", Language::English);
        let mut ids = BTreeSet::new();
        for (path, operations) in document["paths"].as_object().unwrap() {
            let operations = operations.as_object().unwrap().iter().filter(|(name, _)| *name != "servers");
            for (method, operation) in operations {
                assert!(ids.insert(operation["operationId"].to_string()), "{method} {path}");
                let public = PUBLIC.contains(&(path.as_str(), method.as_str()));
                assert_eq!(operation.get("security").is_none(), public, "{method} {path}");
            }
        }
    }

    #[test]
    fn a_token_or_a_client_certificate_is_accepted_and_every_scheme_is_described() {
        let document = document("", Language::English);
        let schemes = document["components"]["securitySchemes"].as_object().unwrap();
        assert_eq!(schemes["certificate"]["type"], "mutualTLS");
        // In OpenAPI each object of the list is an alternative.
        let expected = json!([{"token": []}, {"certificate": []}]);
        assert_eq!(document["paths"]["/subscriptions"]["post"]["security"], expected);
        assert_eq!(document["paths"]["/events"]["post"]["security"], expected);
        assert!(
            expected
                .as_array()
                .unwrap()
                .iter()
                .all(|one| schemes.contains_key(one.as_object().unwrap().keys().next().unwrap()))
        );
    }

    #[test]
    fn the_version_is_in_the_address_adr_24() {
        let document = document("https://gateway.example/pad", Language::Dutch);
        assert_eq!(document["servers"][0]["url"], "https://gateway.example/pad/v1");
        assert_eq!(document["paths"][CALLBACK]["servers"][0]["url"], "https://gateway.example/pad/");
        let paths = document["paths"].as_object().unwrap();
        assert!(paths.contains_key("/events") && paths.keys().all(|path| !path.starts_with("/v1")));
    }

    #[test]
    fn requests_ask_only_for_what_is_needed() {
        let document = document("", Language::English);
        let input = &document["components"]["schemas"]["SubscriptionInput"];
        assert_eq!(input["required"], json!(["sink", "protocol"]));
        assert!(input["properties"].get("status").is_none());
        assert!(input["properties"].get("sinkcredential").is_some());
        let answer = &document["components"]["schemas"]["Subscription"];
        assert!(answer["properties"].get("sinkcredential").is_none(), "secrets are never shown (CE-SUB-14)");
    }
}
