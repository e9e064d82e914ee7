//! `Accept`: which types of answers a client accepts (406 when none; ADR-32). The types of errors do not count: a
//! client that only names those gets its answer.

use http::{HeaderMap, header};

/// The subtype of problem documents.
const PROBLEM: &str = "problem+json";

/// The types of the answers of a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Produces {
    /// JSON.
    Json,
    /// A list: JSON, or CSV where that is asked for ([`prefers_csv`]).
    List,
    /// CloudEvents, one or a batch.
    CloudEvents,
    /// Types of its own, for which `Accept` is not checked: pages, descriptions, texts, or nothing.
    Any,
}

/// Whether a client accepts any type of JSON.
pub fn accepts_json(headers: &HeaderMap) -> bool {
    accepts(headers, |subtype| subtype.eq_ignore_ascii_case("json") || ends_in_json(subtype))
}

/// Whether a client names CSV, and no type of JSON that it takes rather.
pub fn prefers_csv(headers: &HeaderMap) -> bool {
    let (mut csv, mut json) = (0.0_f32, 0.0_f32);
    for line in headers.get_all(header::ACCEPT).iter().filter_map(|line| line.to_str().ok()) {
        for range in line.split(',') {
            let Some((kind, subtype)) = accepted_range(range) else { continue };
            if kind.eq_ignore_ascii_case("text") && subtype.eq_ignore_ascii_case("csv") {
                csv = csv.max(quality(range));
            } else if subtype.eq_ignore_ascii_case("json") || ends_in_json(subtype) {
                json = json.max(quality(range));
            }
        }
    }
    csv > 0.0 && csv >= json
}

/// The weight of a media range, 1 if it names none.
fn quality(range: &str) -> f32 {
    let mut parameters = range.split(';').skip(1).map(str::trim);
    let named = parameters.find_map(|parameter| parameter.strip_prefix("q=")?.parse().ok());
    named.unwrap_or(1.0)
}

/// Whether a client accepts exactly one of the types that a route of the Notificaties API produces.
pub fn accepts_exactly(headers: &HeaderMap, produces: Produces) -> bool {
    let own: &[&str] = match produces {
        Produces::Any => return true,
        Produces::Json | Produces::List => &["json", PROBLEM],
        Produces::CloudEvents => &["cloudevents+json", "cloudevents-batch+json", PROBLEM],
    };
    accepts(headers, |subtype| own.iter().any(|own| own.eq_ignore_ascii_case(subtype)))
}

/// Whether a client names problem documents as a type that it accepts.
pub fn names_problem_documents(headers: &HeaderMap) -> bool {
    let mut lines = headers.get_all(header::ACCEPT).iter().filter_map(|line| line.to_str().ok());
    lines.any(|line| {
        line.split(',')
            .any(|range| accepted_range(range).is_some_and(|(_, subtype)| subtype.eq_ignore_ascii_case(PROBLEM)))
    })
}

/// Whether there is no `Accept`, or a range in it covers `application/` with one of our subtypes.
fn accepts(headers: &HeaderMap, is_ours: impl Fn(&str) -> bool) -> bool {
    let covers = |range| match accepted_range(range) {
        Some(("*", "*")) => true,
        Some((kind, subtype)) => kind.eq_ignore_ascii_case("application") && (subtype == "*" || is_ours(subtype)),
        None => false,
    };
    let mut lines = headers.get_all(header::ACCEPT).iter().peekable();
    lines.peek().is_none() || lines.any(|line| line.to_str().is_ok_and(|text| text.split(',').any(covers)))
}

fn ends_in_json(subtype: &str) -> bool {
    let start = subtype.len().saturating_sub("+json".len());
    subtype.get(start..).is_some_and(|end| end.eq_ignore_ascii_case("+json"))
}

/// Type and subtype of a media range that is not refused by `q=0`.
fn accepted_range(range: &str) -> Option<(&str, &str)> {
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
            assert_eq!(accepts_json(&headers), good, "{accept}");
        }
        assert!(accepts_json(&HeaderMap::new()));
    }

    #[test]
    fn csv_is_asked_for_by_name() {
        for (accept, csv) in [
            ("text/csv", true),
            ("Text/CSV; q=0.5", true),
            ("text/csv, */*;q=0.1", true),
            ("text/csv, application/json", true),
            ("text/csv;q=0.5, application/json;q=0.9", false),
            ("text/csv;q=0.9, application/problem+json;q=0.5", true),
            ("text/csv;q=0", false),
            ("text/*", false),
            ("*/*", false),
            ("application/json", false),
        ] {
            let headers = HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(accept))]);
            assert_eq!(prefers_csv(&headers), csv, "{accept}");
        }
        assert!(!prefers_csv(&HeaderMap::new()));
    }

    #[test]
    fn each_path_of_the_notificaties_api_has_its_types() {
        use Produces::{Any, CloudEvents, Json};
        for (produces, accept, good, problem) in [
            (Json, "*/*", true, false),
            (Json, "application/json", true, false),
            (Json, "Application/JSON; indent=4", true, false),
            (Json, "text/html, application/*;q=0.1", true, false),
            (Json, "application/problem+json", true, true),
            (Json, "application/json, application/problem+json;q=0", true, false),
            (Json, "text/html", false, false),
            (Json, "application/xml", false, false),
            (Json, "application/json;q=0", false, false),
            (Json, "", false, false),
            (CloudEvents, "application/cloudevents+json", true, false),
            (CloudEvents, "application/json", false, false),
            (CloudEvents, "*/*", true, false),
            (Any, "text/html", true, false),
        ] {
            let headers = HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(accept))]);
            assert_eq!(accepts_exactly(&headers, produces), good, "{produces:?} {accept}");
            assert_eq!(names_problem_documents(&headers), problem, "{produces:?} {accept}");
        }
        assert!(accepts_exactly(&HeaderMap::new(), Json));
    }
}
