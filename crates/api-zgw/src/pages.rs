//! Plain HTML pages: the operations of this API, the meaning of each kind of error, and the scopes. Dutch, without
//! scripts; the console is elsewhere.

use axum::{
    extract::{Path, State},
    response::{Html, IntoResponse, Response},
};
use http::HeaderMap;
use web::{
    document::{ADDRESS, Document},
    problem::Problem,
};

use super::{openapi, problem};
use crate::Api;

/// The media type of pages.
const HTML: &str = "text/html; charset=utf-8";

/// Kinds of errors by the last part of their `type`, and what they mean.
const ERRORS: [(&str, &str, &str); 12] = [
    (
        "ValidationError",
        "400",
        "Een of meer velden overtreden een regel; invalidParams noemt ze met de code van de regel.",
    ),
    ("ParseError", "400", "De inhoud van het verzoek is geen geldige JSON."),
    (
        "PermissionDenied",
        "403",
        "Er is geen geldig token, het token geeft de nodige scope niet, of het object is van een ander.",
    ),
    ("NotFound", "404", "Er is niets op dit adres."),
    ("MethodNotAllowed", "405", "Deze methode kan hier niet; de header Allow noemt welke wel."),
    ("NotAcceptable", "406", "De header Accept noemt alleen typen die hier niet gegeven worden."),
    ("Conflict", "409", "De gegevens zijn intussen door een ander gewijzigd."),
    ("PayloadTooLarge", "413", "De inhoud van het verzoek is groter dan is toegestaan."),
    ("UnsupportedMediaType", "415", "De inhoud van het verzoek heeft een type dat hier niet kan."),
    ("Throttled", "429", "De client stuurt sneller dan is toegestaan; Retry-After zegt hoelang te wachten."),
    ("ServiceUnavailable", "503", "De opslag is tijdelijk niet beschikbaar; er is niets opgeslagen."),
    ("APIException", "500", "Iets anders ging fout; detail zegt wat, en het log van de gateway meer."),
];

/// Scopes and what they allow.
const SCOPES: [(&str, &str); 2] = [
    (
        "notificaties.publiceren",
        "Kanalen registreren en wijzigen, notificaties en CloudEvents publiceren, en alles lezen.",
    ),
    ("notificaties.consumeren", "Abonnementen nemen, wijzigen en opzeggen, en kanalen en abonnementen lezen."),
];

/// Shows the operations of the API as a page.
pub async fn schema(State(api): State<Api>, headers: HeaderMap) -> Response {
    let rendered = api.web.documents.get("notificaties-schema-page", || Document::new(HTML, &operations()));
    rendered.answer(&headers, &api.public_url(&headers), &[])
}

fn operations() -> String {
    let document = openapi::document(ADDRESS);
    let mut rows = Vec::new();
    for (path, operations) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in operations.as_object().into_iter().flatten() {
            let text = |name: &str| escape(operation[name].as_str().unwrap_or_default());
            let statuses = operation["responses"].as_object().into_iter().flat_map(|all| all.keys());
            let statuses: Vec<&str> = statuses.map(String::as_str).collect();
            rows.push(format!(
                "<tr><td>{}</td><td><code>{}</code></td><td>{}<br>{}</td><td>{}</td></tr>",
                method.to_uppercase(),
                escape(path),
                text("summary"),
                text("description"),
                statuses.join(", ")
            ));
        }
    }
    let rows = rows.join("\n");
    page(
        "Notificaties API",
        &format!(
            "<p>{}</p>\n<p>De volledige beschrijving: <a href=\"../openapi.yaml\">YAML</a>, <a href=\"../openapi.json\">JSON</a>.</p>\n\
             <table><thead><tr><th>Methode</th><th>Pad</th><th>Wat</th><th>Status</th></tr></thead>\n<tbody>\n{rows}</tbody></table>",
            escape(document["info"]["description"].as_str().unwrap_or_default())
        ),
    )
}

/// Shows the description of a kind of error.
pub async fn error(Path(class): Path<String>) -> Result<Response, Problem> {
    let (name, status, text) = ERRORS.iter().find(|(name, ..)| *name == class).ok_or_else(problem::not_found)?;
    Ok(Html(page(&format!("Fout: {name}"), &format!("<p>Status {status}. {}</p>", escape(text)))).into_response())
}

/// Shows the scopes.
pub async fn scopes() -> Response {
    let rows: Vec<String> =
        SCOPES.iter().map(|(name, text)| format!("<dt><code>{name}</code></dt><dd>{}</dd>", escape(text))).collect();
    let rows = rows.join("\n");
    Html(page("Scopes", &format!("<dl>\n{rows}</dl>"))).into_response()
}

fn page(title: &str, body: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"nl\">\n<head><meta charset=\"utf-8\"><title>{0}</title>\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n\
         <style>body{{font-family:sans-serif;max-width:70em;margin:2em auto;padding:0 1em}}\
         table{{border-collapse:collapse}}td,th{{border:1px solid #999;padding:.4em;text-align:left;vertical-align:top}}</style></head>\n\
         <body>\n<h1>{0}</h1>\n{body}\n</body>\n</html>\n",
        escape(title)
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_cannot_become_markup() {
        assert_eq!(escape("<a href=\"x\">&"), "&lt;a href=&quot;x&quot;&gt;&amp;");
    }
}
