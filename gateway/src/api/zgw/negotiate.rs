//! `Accept` on these paths: which answers a client takes, and whether it knows problem documents by name.
//!
//! The type of errors does not decide: who only takes `application/problem+json` gets its answer as well.

use http::{HeaderMap, StatusCode, header};

use crate::problem::Problem;

const PROBLEM: &str = "problem+json";

/// Refuses a request whose client takes none of the types that answers on this path have (406).
pub fn check(path: &str, headers: &HeaderMap) -> Result<(), Problem> {
    let own: &[&str] = match path {
        "/api/v1/cloudevents" => &["cloudevents+json", "cloudevents-batch+json", PROBLEM],
        _ if is_document(path) => return Ok(()),
        _ => &["json", PROBLEM],
    };
    let mut lines = headers.get_all(header::ACCEPT).iter().peekable();
    if lines.peek().is_none()
        || lines.any(|line| line.to_str().is_ok_and(|text| text.split(',').any(|range| takes(range, own))))
    {
        return Ok(());
    }
    let detail = "Kan niet voldoen aan de opgegeven Accept header.";
    Err(Problem::new(StatusCode::NOT_ACCEPTABLE, "not-acceptable", "Not acceptable", detail))
}

/// Whether errors should be served as `application/problem+json`: the client names it.
pub fn wants_problem(headers: &HeaderMap) -> bool {
    let mut lines = headers.get_all(header::ACCEPT).iter().filter_map(|line| line.to_str().ok());
    lines.any(|line| {
        line.split(',').any(|range| covered(range).is_some_and(|(_, subtype)| subtype.eq_ignore_ascii_case(PROBLEM)))
    })
}

/// Descriptions and pages have types of their own.
fn is_document(path: &str) -> bool {
    path.starts_with("/api/v1/openapi.") || path.starts_with("/api/v1/schema/")
}

fn takes(range: &str, own: &[&str]) -> bool {
    covered(range).is_some_and(|(kind, subtype)| {
        (kind == "*" && subtype == "*")
            || (kind.eq_ignore_ascii_case("application")
                && (subtype == "*" || own.iter().any(|own| own.eq_ignore_ascii_case(subtype))))
    })
}

/// Type and subtype of a media range that is not refused by `q=0`.
fn covered(range: &str) -> Option<(&str, &str)> {
    let mut parts = range.split(';').map(str::trim);
    let name = parts.next()?;
    let refused = parts.any(|parameter| {
        parameter.strip_prefix("q=").is_some_and(|q| q.parse::<f32>().is_ok_and(|quality| quality <= 0.0))
    });
    if refused { None } else { name.split_once('/') }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn each_path_has_its_types() {
        for (path, accept, good, problem) in [
            ("/api/v1/kanaal", "*/*", true, false),
            ("/api/v1/kanaal", "application/json", true, false),
            ("/api/v1/kanaal", "Application/JSON; indent=4", true, false),
            ("/api/v1/kanaal", "text/html, application/*;q=0.1", true, false),
            ("/api/v1/kanaal", "application/problem+json", true, true),
            ("/api/v1/kanaal", "application/json, application/problem+json;q=0", true, false),
            ("/api/v1/kanaal", "text/html", false, false),
            ("/api/v1/kanaal", "application/xml", false, false),
            ("/api/v1/kanaal", "application/json;q=0", false, false),
            ("/api/v1/kanaal", "", false, false),
            ("/api/v1/cloudevents", "application/cloudevents+json", true, false),
            ("/api/v1/cloudevents", "application/json", false, false),
            ("/api/v1/cloudevents", "*/*", true, false),
            ("/api/v1/openapi.yaml", "text/html", true, false),
            ("/api/v1/schema/", "text/html", true, false),
        ] {
            let headers = HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(accept))]);
            assert_eq!(check(path, &headers).is_ok(), good, "{path} {accept}");
            assert_eq!(wants_problem(&headers), problem, "{path} {accept}");
        }
        assert!(check("/api/v1/kanaal", &HeaderMap::new()).is_ok());
    }
}
