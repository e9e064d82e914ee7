//! The outermost layer of every request and answer: bounds on headers, trust in proxies, CORS, problem documents,
//! and the headers every answer carries (ADR-26, ADR-30).

use std::net::{IpAddr, SocketAddr};

use axum::{
    body::Body,
    extract::{ConnectInfo, MatchedPath, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, uri::Uri};
use model::Timestamp;

use crate::{
    api::zgw,
    app::App,
    inbound::{accept, cors, public_url::public_url},
    problem::{Fault, Problem},
    telemetry::http as requests,
};

/// The version of both APIs, in `API-Version`.
pub const API_VERSION: &str = "1.0.0";

const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Where a request was sent, kept for the answer.
struct Asked {
    started: Timestamp,
    method: Method,
    uri: Uri,
    /// The route, for logs: paths may hold secrets.
    route: Option<MatchedPath>,
    origin: Option<HeaderValue>,
    /// How the Notificaties API tells of errors to this client, on its paths.
    zgw: Option<zgw::problem::Shape>,
}

impl Asked {
    fn route(&self) -> &str {
        self.route.as_ref().map_or("none", MatchedPath::as_str)
    }
}

/// Runs the request between the checks before and the headers after.
pub async fn outer(State(app): State<App>, mut request: Request, next: Next) -> Response {
    prepare(&app, &mut request);
    let zgw = is_zgw(request.uri().path());
    let asked = Asked {
        started: app.clock.now(),
        method: request.method().clone(),
        uri: request.uri().clone(),
        route: request.extensions().get::<MatchedPath>().cloned(),
        origin: cors::allowed(&app.config.cors, request.headers()),
        zgw: zgw.then(|| zgw::problem::Shape {
            public_url: public_url(&app.config, request.headers()),
            problem_json: zgw::negotiate::wants_problem(request.headers()),
        }),
    };
    let checked = check_headers(&app, request.headers()).and_then(|()| match request.uri().path() {
        path if zgw => zgw::negotiate::check(path, request.headers()),
        path if path.starts_with("/v1/") => accept::check(request.headers()),
        _ => Ok(()),
    });
    let response = match checked {
        Err(problem) => problem.into_response(),
        Ok(()) => match cors::preflight(&app.config.cors, request.method(), request.headers()) {
            Some(answer) => answer,
            None => next.run(request).await,
        },
    };
    finish(&app, &asked, response)
}

/// Whether the path belongs to the Notificaties API.
pub fn is_zgw(path: &str) -> bool {
    path.starts_with("/api/") || path == "/api"
}

fn prepare(app: &App, request: &mut Request) {
    if !request.headers().contains_key(header::HOST)
        && let Some(host) =
            request.uri().authority().and_then(|authority| HeaderValue::from_str(authority.as_str()).ok())
    {
        request.headers_mut().insert(header::HOST, host);
    }
    let forwarded =
        request.headers().contains_key(X_FORWARDED_HOST) || request.headers().contains_key(X_FORWARDED_PROTO);
    if forwarded && !peer(request).is_some_and(|peer| app.trusted_proxies.iter().any(|range| range.contains(peer))) {
        request.headers_mut().remove(X_FORWARDED_HOST);
        request.headers_mut().remove(X_FORWARDED_PROTO);
    }
}

fn peer(request: &Request) -> Option<IpAddr> {
    request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip().to_canonical())
}

fn check_headers(app: &App, headers: &HeaderMap) -> Result<(), Problem> {
    let limits = &app.config.limits;
    let bytes: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if headers.len() <= limits.headers && bytes <= limits.header_bytes {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
        "headers-too-large",
        "Headers too large",
        format!("A request may have {} headers of {} bytes together.", limits.headers, limits.header_bytes),
    )
    .with_errors(vec![Fault::new(
        "headers",
        format!("must be at most {}, of at most {} bytes together", limits.headers, limits.header_bytes),
    )]))
}

fn finish(app: &App, asked: &Asked, mut response: Response) -> Response {
    let problem = response.extensions_mut().remove::<Problem>().or_else(|| bare(asked, &response));
    if let Some(problem) = problem {
        response = write(app, asked, &problem, response);
    }
    let headers = response.headers_mut();
    headers.insert(HeaderName::from_static("api-version"), HeaderValue::from_static(API_VERSION));
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("frame-ancestors 'none'"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    if app.config.tls.is_some() {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    if !app.config.cors.allowed_origins.is_empty() {
        headers.insert(header::VARY, HeaderValue::from_static("origin"));
    }
    if let Some(origin) = &asked.origin
        && !headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN)
    {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        headers.insert(
            header::ACCESS_CONTROL_EXPOSE_HEADERS,
            HeaderValue::from_static("api-version, etag, location, retry-after"),
        );
    }
    requests::answered(&asked.method, asked.route(), response.status(), app.clock.now().since(asked.started));
    response
}

/// The problem of an answer that the router or an extractor made by itself, without a body or with plain text.
fn bare(asked: &Asked, response: &Response) -> Option<Problem> {
    let status = response.status();
    let ours =
        response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/"));
    if ours || !(status.is_client_error() || status.is_server_error()) {
        return None;
    }
    Some(match status {
        // A 400 of the router itself is about a path that is no text.
        StatusCode::NOT_FOUND | StatusCode::BAD_REQUEST if is_zgw(asked.uri.path()) => {
            Problem::not_found(zgw::problem::nothing_at(asked.uri.path()))
        }
        StatusCode::NOT_FOUND => Problem::not_found("There is nothing at this path."),
        StatusCode::METHOD_NOT_ALLOWED => Problem::new(
            status,
            "method-not-allowed",
            "Method not allowed",
            format!("{} is not supported here; see Allow.", asked.method),
        ),
        status if status.is_server_error() => Problem::internal(),
        status => Problem::new(status, "invalid-request", "Invalid request", "The request cannot be understood."),
    })
}

fn write(app: &App, asked: &Asked, problem: &Problem, response: Response) -> Response {
    if problem.status.is_server_error() && problem.status != StatusCode::SERVICE_UNAVAILABLE {
        tracing::error!(method = %asked.method, route = asked.route(), status = problem.status.as_u16(), "request failed");
    }
    let instance = format!("urn:uuid:{}", app.random.uuid());
    let (status, kind, document) = match &asked.zgw {
        Some(shape) => {
            let limits = &app.config.limits;
            zgw::problem::document(problem, &asked.method, asked.uri.path(), shape, limits, &instance)
        }
        None => (problem.status, "application/problem+json", problem.document(&instance)),
    };
    let (parts, _) = response.into_parts();
    let mut response = Response::new(Body::from(document.to_string()));
    *response.status_mut() = status;
    *response.headers_mut() = parts.headers;
    response.headers_mut().remove(header::CONTENT_LENGTH);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    for (name, value) in &problem.headers {
        if !(status == StatusCode::FORBIDDEN && name == header::WWW_AUTHENTICATE) {
            response.headers_mut().insert(name, value.clone());
        }
    }
    response
}
