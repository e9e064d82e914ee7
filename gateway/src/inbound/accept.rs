//! `Accept`: whether a client takes what we send (406 when not; ADR-32). The types of errors do not count: a client
//! that only names those gets its answer.

use http::{HeaderMap, StatusCode, header};

use crate::problem::Problem;

/// Refuses a request whose client takes none of the types our answers have.
pub fn check(headers: &HeaderMap) -> Result<(), Problem> {
    let mut lines = headers.get_all(header::ACCEPT).iter().peekable();
    if lines.peek().is_none() || lines.any(|line| line.to_str().is_ok_and(|text| text.split(',').any(is_ours))) {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::NOT_ACCEPTABLE,
        "not-acceptable",
        "Not acceptable",
        "Answers are JSON; Accept names only other types.",
    ))
}

/// Whether a media range covers a type we send, or one of errors.
fn is_ours(range: &str) -> bool {
    let mut parts = range.split(';').map(str::trim);
    let name = parts.next().unwrap_or_default();
    let refused = parts.any(|parameter| {
        parameter.strip_prefix("q=").is_some_and(|q| q.parse::<f32>().is_ok_and(|quality| quality <= 0.0))
    });
    let Some((kind, subtype)) = name.split_once('/') else { return false };
    let covered = match (kind.to_ascii_lowercase().as_str(), subtype.to_ascii_lowercase().as_str()) {
        ("*" | "application", "*") => true,
        ("application", subtype) => subtype == "json" || subtype.ends_with("+json"),
        _ => false,
    };
    covered && !refused
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn other_types_alone_are_406_adr_32() {
        for (accept, good) in [
            ("*/*", true),
            ("application/json", true),
            ("Application/JSON; q=0.5", true),
            ("application/problem+json", true),
            ("application/cloudevents+json", true),
            ("text/html, application/*;q=0.1", true),
            ("text/html", false),
            ("application/xml", false),
            ("text/html, application/json;q=0", false),
            ("", false),
        ] {
            let headers = HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(accept))]);
            assert_eq!(check(&headers).is_ok(), good, "{accept}");
        }
        assert!(check(&HeaderMap::new()).is_ok());
    }
}
