//! CORS: which browser applications may read responses (ADR-31). It is unrelated to the consent of webhooks.

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

/// The browser applications that may call.
#[derive(Debug, Clone, Default)]
pub struct Cors {
    /// Origins (`https://host[:port]`); empty for none.
    pub allowed_origins: Vec<String>,
    /// Request headers they may send besides `Authorization`, `Content-Type` and `If-Match`.
    pub allowed_headers: Vec<String>,
}

/// The answer to a preflight, if this is one and its origin may call.
pub fn preflight(cors: &Cors, method: &Method, headers: &HeaderMap) -> Option<Response> {
    let asked = method == Method::OPTIONS && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    if !asked || allowed_origin(cors, headers).is_none() {
        return None;
    }
    let mut response = StatusCode::NO_CONTENT.into_response();
    let own = response.headers_mut();
    own.insert(
        header::ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"),
    );
    let names: Vec<&str> = ["authorization", "content-type", "if-match"]
        .into_iter()
        .chain(cors.allowed_headers.iter().map(String::as_str))
        .collect();
    if let Ok(value) = HeaderValue::try_from(names.join(", ")) {
        own.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, value);
    }
    own.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    Some(response)
}

/// The origin that may read the answer: the request's own, when it is on the list.
pub fn allowed_origin(cors: &Cors, headers: &HeaderMap) -> Option<HeaderValue> {
    if cors.allowed_origins.is_empty() {
        return None;
    }
    let origin = headers.get(header::ORIGIN)?;
    cors.allowed_origins.iter().any(|own| own.as_bytes() == origin.as_bytes()).then(|| origin.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn only_listed_origins_adr_31() {
        let cors = Cors { allowed_origins: vec!["https://a.nl".into()], allowed_headers: vec!["x-b".into()] };
        let asks = [("origin", "https://a.nl"), ("access-control-request-method", "POST")];
        let answer = preflight(&cors, &Method::OPTIONS, &headers(&asks)).unwrap();
        assert_eq!(
            answer.headers()[header::ACCESS_CONTROL_ALLOW_HEADERS],
            "authorization, content-type, if-match, x-b"
        );
        assert!(preflight(&cors, &Method::GET, &headers(&asks)).is_none());
        assert!(preflight(&cors, &Method::OPTIONS, &headers(&asks[..1])).is_none());
        assert!(preflight(&Cors::default(), &Method::OPTIONS, &headers(&asks)).is_none());
        assert_eq!(allowed_origin(&cors, &headers(&[("origin", "https://b.nl")])), None);
    }
}
