//! The operations of the Notificaties API for its description, in Dutch, with every status that occurs.

use serde_json::{Map, Value, json};

const JSON: &str = "application/json";
const EVENT: &str = "application/cloudevents+json";
const BATCH: &str = "application/cloudevents-batch+json";

/// What an operation needs to be told apart; the rest follows from it.
struct Operation {
    id: &'static str,
    tag: &'static str,
    summary: &'static str,
    description: &'static str,
    /// Scopes of which one is needed; empty without token.
    scopes: &'static [&'static str],
    body: Option<Value>,
    parameters: Vec<Value>,
    success: (u16, Value),
    /// Statuses besides those every operation has.
    errors: &'static [u16],
}

const PUBLISH: &[&str] = &["notificaties.publiceren"];
const CONSUME: &[&str] = &["notificaties.consumeren"];
const EITHER: &[&str] = &["notificaties.publiceren", "notificaties.consumeren"];

/// All of them, by path and method.
pub fn all() -> Value {
    let mut paths = json!({});
    for (path, method, operation) in general().into_iter().chain(kanalen()).chain(abonnementen()).chain(publishing()) {
        paths[path][method] = describe(path, operation);
    }
    paths
}

type Line = (&'static str, &'static str, Operation);

fn general() -> Vec<Line> {
    let public = |id, summary, content: Value| Operation {
        id,
        tag: "api",
        summary,
        description: "",
        scopes: &[],
        body: None,
        parameters: vec![],
        success: (200, json!({"description": summary, "content": content})),
        errors: &[],
    };
    let moved = |id| Operation {
        success: (302, json!({"description": "Elders", "headers": location()})),
        ..public(id, "De beschrijving staat elders", json!({}))
    };
    vec![
        (
            "/api/v1",
            "get",
            Operation {
                success: (301, json!({"description": "Naar /api/v1/", "headers": location()})),
                ..public("naarWortel", "Naar de wortel", json!({}))
            },
        ),
        ("/api/v1/", "get", public("wortel", "Waar de resources zijn", content(JSON, &reference("Wortel")))),
        (
            "/api/v1/openapi.json",
            "get",
            public("openapiJson", "Deze beschrijving", content(JSON, &json!({"type": "object"}))),
        ),
        (
            "/api/v1/openapi.yaml",
            "get",
            public("openapiYaml", "Deze beschrijving in YAML", content("application/yaml", &json!({"type": "object"}))),
        ),
        (
            "/api/v1/schema/",
            "get",
            public("schemaPagina", "Een leesbaar overzicht", content("text/html", &json!({"type": "string"}))),
        ),
        ("/api/v1/schema/openapi.json", "get", moved("schemaOpenapiJson")),
        ("/api/v1/schema/openapi.yaml", "get", moved("schemaOpenapiYaml")),
    ]
}

fn kanalen() -> Vec<Line> {
    let base = |id, summary, scopes, success| Operation {
        id,
        tag: "kanaal",
        summary,
        description: "",
        scopes,
        body: None,
        parameters: vec![],
        success,
        errors: &[],
    };
    let one = || json!({"description": "Het kanaal", "content": content(JSON, &reference("Kanaal"))});
    let list = json!({"description": "De kanalen", "content": content(JSON, &array("Kanaal"))});
    let naam = json!({
        "name": "naam", "in": "query", "schema": {"type": "string"},
        "description": "Alleen het kanaal met precies deze naam; leeg: alle.",
    });
    vec![
        (
            "/api/v1/kanaal",
            "get",
            Operation { parameters: vec![naam], ..base("kanaalLijst", "Kanalen opvragen", EITHER, (200, list)) },
        ),
        (
            "/api/v1/kanaal",
            "post",
            Operation {
                body: Some(body("KanaalInvoer")),
                ..base("kanaalAanmaken", "Een kanaal registreren", PUBLISH, (201, with_location(one())))
            },
        ),
        ("/api/v1/kanaal", "options", refused("kanaalLijstOpties", "kanaal")),
        (
            "/api/v1/kanaal/{uuid}",
            "get",
            Operation { errors: &[404], ..base("kanaalLezen", "Een kanaal opvragen", EITHER, (200, one())) },
        ),
        (
            "/api/v1/kanaal/{uuid}",
            "put",
            Operation {
                body: Some(body("KanaalInvoer")),
                errors: &[404],
                description: "Wat ontbreekt blijft zoals het is. De naam kan niet veranderen.",
                ..base("kanaalVervangen", "Een kanaal wijzigen", PUBLISH, (200, one()))
            },
        ),
        (
            "/api/v1/kanaal/{uuid}",
            "patch",
            Operation {
                body: Some(body("KanaalWijziging")),
                errors: &[404],
                description: "Wat ontbreekt blijft zoals het is. De naam kan niet veranderen.",
                ..base("kanaalWijzigen", "Een deel van een kanaal wijzigen", PUBLISH, (200, one()))
            },
        ),
        ("/api/v1/kanaal/{uuid}", "options", refused("kanaalOpties", "kanaal")),
    ]
}

fn abonnementen() -> Vec<Line> {
    let base = |id, summary, scopes, success| Operation {
        id,
        tag: "abonnement",
        summary,
        description: "",
        scopes,
        body: None,
        parameters: vec![],
        success,
        errors: &[],
    };
    let one = || json!({"description": "Het abonnement", "content": content(JSON, &reference("Abonnement"))});
    let list = json!({"description": "De abonnementen", "content": content(JSON, &array("Abonnement"))});
    vec![
        (
            "/api/v1/abonnement",
            "get",
            Operation {
                description: "Van alle afnemers, of alleen de eigen abonnementen als de beheerder dat instelt.",
                ..base("abonnementLijst", "Abonnementen opvragen", EITHER, (200, list))
            },
        ),
        (
            "/api/v1/abonnement",
            "post",
            Operation {
                body: Some(body("AbonnementInvoer")),
                ..base("abonnementAanmaken", "Een abonnement nemen", CONSUME, (201, with_location(one())))
            },
        ),
        ("/api/v1/abonnement", "options", refused("abonnementLijstOpties", "abonnement")),
        (
            "/api/v1/abonnement/{uuid}",
            "get",
            Operation { errors: &[404], ..base("abonnementLezen", "Een abonnement opvragen", EITHER, (200, one())) },
        ),
        (
            "/api/v1/abonnement/{uuid}",
            "put",
            Operation {
                body: Some(body("AbonnementInvoer")),
                errors: &[404, 409],
                description: "Alleen door de applicatie die het nam.",
                ..base("abonnementVervangen", "Een abonnement vervangen", CONSUME, (200, one()))
            },
        ),
        (
            "/api/v1/abonnement/{uuid}",
            "patch",
            Operation {
                body: Some(body("AbonnementWijziging")),
                errors: &[404, 409],
                description: "Alleen door de applicatie die het nam. Wat ontbreekt blijft zoals het is.",
                ..base("abonnementWijzigen", "Een deel van een abonnement wijzigen", CONSUME, (200, one()))
            },
        ),
        (
            "/api/v1/abonnement/{uuid}",
            "delete",
            Operation {
                errors: &[404],
                description: "Alleen door de applicatie die het nam.",
                ..base(
                    "abonnementVerwijderen",
                    "Een abonnement opzeggen",
                    CONSUME,
                    (204, json!({"description": "Opgezegd"})),
                )
            },
        ),
        ("/api/v1/abonnement/{uuid}", "options", refused("abonnementOpties", "abonnement")),
    ]
}

fn publishing() -> Vec<Line> {
    let base = |id, summary, success| Operation {
        id,
        tag: "publiceren",
        summary,
        description: "",
        scopes: PUBLISH,
        body: None,
        parameters: vec![],
        success,
        errors: &[429],
    };
    let events =
        |single: &Value| json!({EVENT: {"schema": single}, BATCH: {"schema": {"type": "array", "items": single}}});
    let event = reference("CloudEvent");
    let taken = json!({"description": "De CloudEvents zoals ze begrepen zijn", "content": events(&event)});
    let notificatie = json!({"description": "De notificatie zoals ze begrepen is", "content": content(JSON, &reference("Notificatie"))});
    let kanaal = json!({
        "name": "kanaal", "in": "query", "schema": {"type": "string"},
        "description": "Uitbreiding: op welk kanaal; anders volgt dat uit de extensie kanaal of uit type.",
    });
    vec![
        (
            "/api/v1/notificaties",
            "post",
            Operation {
                body: Some(body("NotificatieInvoer")),
                description: "Het antwoord komt als de notificatie duurzaam is vastgelegd. Afnemers krijgen de notificatie zoals \
                              ze is aangeboden: sleutels, tijden en onbekende velden veranderen niet.",
                ..base("notificatiePubliceren", "Een notificatie publiceren", (201, notificatie))
            },
        ),
        (
            "/api/v1/notificaties",
            "options",
            Operation {
                errors: &[],
                ..base(
                    "notificatiesOpties",
                    "Wat hier gepubliceerd kan worden",
                    (200, json!({"description": "Metadata", "content": content(JSON, &reference("Metadata"))})),
                )
            },
        ),
        (
            "/api/v1/callbacks",
            "post",
            Operation {
                body: Some(body("NotificatieInvoer")),
                description: "Het adres waarop de gateway zelf notificaties ontvangt. Een notificatie op het kanaal van de \
                              Autorisaties API laat de rechten van applicaties opnieuw opvragen; andere hebben geen gevolg.",
                errors: &[],
                ..base("callback", "Een notificatie voor de gateway zelf", (204, json!({"description": "Ontvangen"})))
            },
        ),
        (
            "/api/v1/callbacks",
            "options",
            Operation {
                errors: &[],
                ..base(
                    "callbacksOpties",
                    "Wat hier ontvangen wordt",
                    (200, json!({"description": "Metadata", "content": content(JSON, &reference("Metadata"))})),
                )
            },
        ),
        (
            "/api/v1/cloudevents",
            "post",
            Operation {
                body: Some(json!({"required": true, "content": events(&event)})),
                parameters: vec![kanaal],
                description: "Structured en batched; binary mode kan ook, met de attributen in headers ce-*. Het antwoord komt als \
                              alles duurzaam is vastgelegd; van een batch wordt alles of niets aangenomen.",
                ..base("cloudeventPubliceren", "CloudEvents publiceren", (201, taken))
            },
        ),
        ("/api/v1/cloudevents", "options", refused("cloudeventsOpties", "publiceren")),
    ]
}

/// OPTIONS where it is always refused.
fn refused(id: &'static str, tag: &'static str) -> Operation {
    Operation {
        id,
        tag,
        summary: "Niet toegestaan",
        description: "Wordt altijd geweigerd; alleen een preflight van een browser krijgt antwoord.",
        scopes: &[],
        body: None,
        parameters: vec![],
        success: (403, Value::Null),
        errors: &[],
    }
}

fn describe(path: &str, operation: Operation) -> Value {
    let mut responses = Map::new();
    let mut codes = vec![400, 403, 406, 431, 503];
    codes.extend(operation.errors);
    if operation.body.is_some() {
        codes.extend([408, 413, 415]);
    }
    for code in codes {
        responses.insert(code.to_string(), failure(path, code));
    }
    let (status, success) = operation.success;
    if !success.is_null() {
        responses.insert(status.to_string(), success);
    }
    for response in responses.values_mut() {
        response["headers"]["API-version"] =
            json!({"schema": {"type": "string"}, "description": "De versie van deze API."});
    }
    let mut described = json!({
        "operationId": operation.id,
        "tags": [operation.tag],
        "summary": operation.summary,
        "responses": responses,
    });
    let mut text = vec![operation.description.to_owned()];
    if !operation.scopes.is_empty() {
        described["security"] = json!([{"token": []}]);
        text.push(format!("Scope: `{}`.", operation.scopes.join("` of `")));
    }
    text.retain(|part| !part.is_empty());
    if !text.is_empty() {
        described["description"] = text.join("\n\n").into();
    }
    let mut parameters = operation.parameters;
    if path.ends_with("{uuid}") {
        let schema = json!({"type": "string", "format": "uuid"});
        parameters.insert(0, json!({"name": "uuid", "in": "path", "required": true, "schema": schema}));
    }
    if !parameters.is_empty() {
        described["parameters"] = parameters.into();
    }
    if let Some(body) = operation.body {
        described["requestBody"] = body;
    }
    described
}

fn failure(path: &str, code: u16) -> Value {
    let description = match code {
        400 => "Een regel is overtreden",
        403 => "Geen geldig token, geen scope, of van een ander",
        404 => "Er is niets op dit adres",
        406 => "Accept noemt alleen andere typen",
        408 => "De inhoud kwam te langzaam",
        409 => "Intussen door een ander gewijzigd",
        413 => "De inhoud is te groot",
        415 => "Een ander mediatype dan hier kan",
        429 => "Te veel verzoeken; zie Retry-After",
        431 => "Te veel of te grote headers",
        _ => "De opslag is nu niet beschikbaar; zie Retry-After",
    };
    let (schema, kind) = match path {
        "/api/v1/cloudevents" => (reference("FoutBijCloudEvents"), EVENT),
        _ => (reference("Fout"), JSON),
    };
    let mut content = json!({kind: {"schema": schema}, "application/problem+json": {"schema": schema}});
    if path == "/api/v1/notificaties" && code == 400 {
        content[JSON]["schema"] = json!({"anyOf": [schema, reference("FoutPerVeld")]});
    }
    json!({"description": description, "content": content})
}

fn reference(schema: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{schema}")})
}

fn array(schema: &str) -> Value {
    json!({"type": "array", "items": reference(schema)})
}

fn content(kind: &str, schema: &Value) -> Value {
    json!({kind: {"schema": schema}})
}

fn body(schema: &str) -> Value {
    json!({"required": true, "content": content(JSON, &reference(schema))})
}

fn location() -> Value {
    json!({"Location": {"schema": {"type": "string", "format": "uri"}, "description": "Het adres."}})
}

fn with_location(mut response: Value) -> Value {
    response["headers"] = location();
    response
}
