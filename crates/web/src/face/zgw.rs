//! Refusals in the shape of the Notificaties API: `{type, code, title, status, detail, instance, invalidParams?}`, Dutch,
//! served as `application/json` unless the client names `application/problem+json`.

use http::{Method, StatusCode};
use serde_json::{Map, Value, json};

use crate::{
    Limits,
    problem::{Fault, Problem, ProblemType},
};

/// The detail for a path without a resource.
pub fn nothing_at(path: &str) -> &'static str {
    let version = path.strip_prefix("/api/v").and_then(|rest| rest.split('/').next()).unwrap_or_default();
    if version != "1" && !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit()) {
        "Ongeldige versie in URL-pad."
    } else {
        "Niet gevonden."
    }
}

/// The settings of refusals for one client.
#[derive(Debug, Clone)]
pub struct Shape {
    /// The address of the gateway, for the `type` of errors.
    pub public_url: String,
    /// Whether they are served as `application/problem+json`.
    pub problem_json: bool,
}

/// Status, content type and body of a problem on these paths.
pub fn document(
    problem: &Problem,
    method: &Method,
    path: &str,
    shape: &Shape,
    limits: &Limits,
    instance: &str,
) -> (StatusCode, &'static str, Value) {
    let status = if problem.status == StatusCode::UNAUTHORIZED { StatusCode::FORBIDDEN } else { problem.status };
    let (class, code, title) = words(status, code_of(problem));
    let detail = match status {
        StatusCode::METHOD_NOT_ALLOWED => format!("Methode \"{method}\" niet toegestaan."),
        StatusCode::INTERNAL_SERVER_ERROR => "Internal Server Error".to_owned(),
        _ => dutch(problem, limits).unwrap_or_else(|| problem.detail.clone()),
    };
    let public_url = &shape.public_url;
    let mut document = Map::new();
    document.insert("type".into(), format!("{public_url}/ref/fouten/{class}/").into());
    document.insert("code".into(), code_of(problem).unwrap_or(code).into());
    document.insert("title".into(), title.into());
    document.insert("status".into(), status.as_u16().into());
    document.insert("detail".into(), detail.into());
    document.insert("instance".into(), instance.into());
    document.extend(problem.extra.clone());
    if status == StatusCode::BAD_REQUEST && !document.contains_key("invalidParams") {
        let params: Vec<Value> = problem.errors.iter().map(|fault| param(problem, fault)).collect();
        if !params.is_empty() {
            document.insert("invalidParams".into(), params.into());
        }
    }
    let cloudevents = path.ends_with("/cloudevents");
    if cloudevents && let Some(params) = document.remove("invalidParams") {
        document.insert("invalid_params".into(), params);
    }
    let kind = match (shape.problem_json, cloudevents) {
        (true, _) => "application/problem+json",
        (false, true) => "application/cloudevents+json",
        (false, false) => "application/json",
    };
    (status, kind, Value::Object(document))
}

/// The code of a problem where it is not the one of its status.
fn code_of(problem: &Problem) -> Option<&'static str> {
    let unreadable = problem.errors.iter().any(|fault| fault.rule == "not-json");
    problem.zgw_code.or(unreadable.then_some("parse_error"))
}

/// A broken rule that another part of the gateway found, with its code in this API. A single broken rule is also the
/// detail.
fn param(problem: &Problem, fault: &Fault) -> Value {
    let code = match fault.rule.as_str() {
        "required" => "required",
        "empty" => "blank",
        "duplicate" => "duplicate",
        "unknown-kanaal" | "no-kanaal" => "kanaal_naam",
        "too-many-events" | "too-many-attributes" => "max_length",
        _ => "invalid",
    };
    let name = if fault.member == "body" { "nonFieldErrors" } else { &fault.member };
    let reason = if problem.errors.len() == 1 { &problem.detail } else { &fault.rule };
    json!({"name": name, "code": code, "reason": reason})
}

/// The detail of problems that are made elsewhere, for every API, in Dutch.
fn dutch(problem: &Problem, limits: &Limits) -> Option<String> {
    Some(match problem.kind {
        ProblemType::TooLarge => format!("De inhoud mag hoogstens {} bytes groot zijn.", limits.body_bytes),
        ProblemType::RequestTimeout => "De inhoud kwam niet op tijd binnen.".to_owned(),
        ProblemType::BrokenBody => "De inhoud brak af.".to_owned(),
        ProblemType::HeadersTooLarge => {
            format!("Een verzoek mag {} headers hebben, van samen {} bytes.", limits.headers, limits.header_bytes)
        }
        ProblemType::TwoTokens => "Stuur één token, niet meer.".to_owned(),
        ProblemType::BatchTooLarge => format!("Een batch mag {} events bevatten.", limits.batch_events),
        ProblemType::TooManyRequests => {
            "Deze client publiceert sneller dan hij mag; probeer het later opnieuw.".to_owned()
        }
        ProblemType::TooManyFailures => {
            "Er zijn te veel onjuiste tokens gestuurd; controleer client_id en secret en probeer het later opnieuw."
                .to_owned()
        }
        ProblemType::TransferCoding => "Deze Transfer-Encoding wordt niet ondersteund.".to_owned(),
        ProblemType::Overloaded => "Het is nu te druk; er is niets opgeslagen. Probeer het later opnieuw.".to_owned(),
        ProblemType::Unavailable => {
            "De opslag is nu niet beschikbaar; er is niets opgeslagen. Probeer het later opnieuw.".to_owned()
        }
        ProblemType::Quota => {
            "Deze client heeft zoveel abonnementen als hij mag hebben; verwijder er een, of vraag de beheerder om meer."
                .to_owned()
        }
        ProblemType::KanaalDeclared => {
            "De configuratie van de gateway legt dit kanaal anders vast; wijzig het daar.".to_owned()
        }
        ProblemType::PreconditionFailed | ProblemType::OutOfDate => {
            "De gegevens zijn intussen door een ander gewijzigd; lees ze opnieuw.".to_owned()
        }
        _ => return None,
    })
}

/// Class, code and title by status.
fn words(status: StatusCode, code: Option<&str>) -> (&'static str, &'static str, &'static str) {
    match status {
        StatusCode::BAD_REQUEST if code == Some("parse_error") => ("ParseError", "parse_error", "Ongeldige invoer."),
        StatusCode::BAD_REQUEST => ("ValidationError", "invalid", "Ongeldige invoerwaarde."),
        StatusCode::FORBIDDEN => {
            ("PermissionDenied", "permission_denied", "Je hebt geen toestemming om deze actie uit te voeren.")
        }
        StatusCode::NOT_FOUND => ("NotFound", "not_found", "Niet gevonden."),
        StatusCode::METHOD_NOT_ALLOWED => {
            ("MethodNotAllowed", "method_not_allowed", "Methode \"{method}\" niet toegestaan.")
        }
        StatusCode::NOT_ACCEPTABLE => {
            ("NotAcceptable", "not_acceptable", "Kan niet voldoen aan de opgegeven Accept header.")
        }
        StatusCode::CONFLICT => ("Conflict", "conflict", "Er is een conflict met de huidige toestand."),
        StatusCode::PAYLOAD_TOO_LARGE => ("PayloadTooLarge", "payload_too_large", "De inhoud is te groot."),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            ("UnsupportedMediaType", "unsupported_media_type", "Ongeldig media type \"{media_type}\" in aanvraag.")
        }
        StatusCode::TOO_MANY_REQUESTS => ("Throttled", "throttled", "Verzoek werd verworpen: te veel verzoeken."),
        StatusCode::SERVICE_UNAVAILABLE => {
            ("ServiceUnavailable", "service_unavailable", "De dienst is tijdelijk niet beschikbaar.")
        }
        status if status.is_server_error() => ("APIException", "error", "Er is een serverfout opgetreden."),
        _ => ("APIException", "invalid", "Ongeldige aanvraag."),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const LIMITS: Limits = Limits {
        body_bytes: 1_048_576,
        receive: Duration::from_secs(30),
        headers: 256,
        header_bytes: 131_072,
        batch_events: 1_000,
    };

    fn at(problem: &Problem, path: &str) -> (u16, &'static str, Value) {
        let shape = Shape { public_url: "https://h".into(), problem_json: false };
        let (status, kind, document) = document(problem, &Method::DELETE, path, &shape, &LIMITS, "urn:uuid:1");
        (status.as_u16(), kind, document)
    }

    #[test]
    fn missing_tokens_are_403_with_their_code() {
        let problem = Problem::unauthenticated("te oud").with_zgw_code("jwt-expired");
        let (status, kind, document) = at(&problem, "/api/v1/kanaal");
        assert_eq!((status, kind), (403, "application/json"));
        assert_eq!(document["code"], "jwt-expired");
        assert_eq!(document["type"], "https://h/ref/fouten/PermissionDenied/");
    }

    #[test]
    fn invalid_params_have_their_other_name_on_cloudevents() {
        let params = json!([{"name": "naam", "code": "required", "reason": "Dit veld is vereist."}]);
        let problem = Problem::new(ProblemType::InvalidRequest, "x").with_member("invalidParams", params);
        let (status, _, document) = at(&problem, "/api/v1/kanaal");
        assert_eq!(status, 400);
        assert_eq!(document["invalidParams"][0]["code"], "required");
        let (_, kind, document) = at(&problem, "/api/v1/cloudevents");
        assert_eq!(kind, "application/cloudevents+json");
        assert_eq!(document["invalid_params"][0]["name"], "naam");
    }

    #[test]
    fn problems_of_other_parts_are_in_dutch_with_codes_of_this_api() {
        let (status, _, document) = at(&Problem::too_large(7), "/api/v1/kanaal");
        assert_eq!((status, document.get("invalidParams")), (413, None));
        assert_eq!(document["detail"], "De inhoud mag hoogstens 1048576 bytes groot zijn.");
        for (rule, code, entry) in [("required", "invalid", "required"), ("not-json", "parse_error", "invalid")] {
            let problem = Problem::invalid(vec![Fault::new("id", rule)]);
            let (_, _, document) = at(&problem, "/api/v1/cloudevents");
            assert_eq!((&document["code"], &document["invalid_params"][0]["code"]), (&json!(code), &json!(entry)));
        }
    }

    #[test]
    fn a_client_that_names_problem_documents_gets_them() {
        let shape = Shape { public_url: "https://h".into(), problem_json: true };
        for path in ["/api/v1/kanaal", "/api/v1/cloudevents"] {
            let problem = Problem::not_found("Niet gevonden.");
            let (_, kind, _) = document(&problem, &Method::GET, path, &shape, &LIMITS, "urn:uuid:1");
            assert_eq!(kind, "application/problem+json");
        }
    }

    #[test]
    fn a_method_is_named_in_the_detail_only() {
        let problem = Problem::new(ProblemType::MethodNotAllowed, "y");
        let (_, _, document) = at(&problem, "/api/v1/kanaal/1");
        assert_eq!(document["title"], "Methode \"{method}\" niet toegestaan.");
        assert_eq!(document["detail"], "Methode \"DELETE\" niet toegestaan.");
    }
}
