//! The outermost layer of every request and answer: bounds on headers, trust in proxies, CORS, problem documents, and the
//! headers that every answer carries (ADR-26, ADR-30).

use axum::{
    body::Body,
    extract::{MatchedPath, Request},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, uri::Uri};
use model::clock::Instant;

use crate::{
    Context, Face, Problem, ProblemType, Produces,
    auth::guard::{RequestClient, RequestId},
    client::{self, ClientAddress},
    cors,
    face::{Form, FormTargets},
    message,
    metrics::Responses,
    problem::Fault,
};

/// The version of both APIs, in `API-Version`.
pub const API_VERSION: &str = "1.0.0";

const API_VERSION_HEADER: HeaderName = HeaderName::from_static("api-version");
const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// The state of the layer for one route.
pub(crate) struct EdgeState {
    pub(crate) context: Context,
    face: Face,
    produces: Produces,
    responses: Responses,
}

impl EdgeState {
    pub(crate) fn new(context: Context, face: Face, produces: Produces) -> Self {
        Self { context, face, produces, responses: Responses::new() }
    }
}

/// Headers that [`finish`] adds at most to an answer that is no page.
const ADDED_HEADERS: usize = 8;

/// The parts of a request that its response needs.
pub(crate) struct RequestContext {
    started: Instant,
    face: Face,
    method: Method,
    uri: Uri,
    /// The route, for logs: paths may hold secrets.
    route: Option<MatchedPath>,
    /// The origin that may read the answer.
    origin: Option<HeaderValue>,
    /// The form of refusals for this client.
    form: Form,
    /// Whether the client used HTTPS, as far as it is known.
    https: bool,
}

impl RequestContext {
    fn route(&self) -> &str {
        self.route.as_ref().map_or("none", MatchedPath::as_str)
    }
}

/// Target of the log lines of refusals, so that they can be filtered out or kept alone.
const REFUSALS: &str = "gateway::refusals";

impl EdgeState {
    /// Prepares and checks a request before its handler. The response is there when no handler may run.
    pub(crate) fn before(&self, request: &mut Request) -> (RequestContext, Option<Response>) {
        let context = &self.context;
        let face = self.face.available(context);
        let head = message::check(request);
        prepare(context, request);
        let settings = &context.settings;
        let request_context = RequestContext {
            started: context.clock.instant(),
            face,
            method: request.method().clone(),
            uri: request.uri().clone(),
            route: request.extensions().get::<MatchedPath>().cloned(),
            origin: cors::allowed_origin(&settings.cors, request.headers()),
            form: face.form(context, request.headers(), request.uri()),
            https: face == Face::Page && context.public_url(request.headers()).starts_with("https://"),
        };
        let checked = head
            .and_then(|()| check_headers(context, request.headers()))
            .and_then(|()| face.check_accept(self.produces, request.headers()));
        let response = match checked {
            Err(problem) => Some(problem.into_response()),
            Ok(()) if face == Face::Page => None,
            Ok(()) => cors::preflight(&settings.cors, request.method(), request.headers()),
        };
        (request_context, response)
    }

    /// Adds to a response what every response has, and counts it.
    pub(crate) fn after(&self, request: &RequestContext, response: Response) -> Response {
        let response = finish(&self.context, request, response);
        let duration = self.context.clock.instant().since(request.started);
        self.responses.count(&request.method, request.route(), response.status(), duration);
        response
    }
}

fn prepare(context: &Context, request: &mut Request) {
    if !request.headers().contains_key(header::HOST)
        && let Some(host) =
            request.uri().authority().and_then(|authority| HeaderValue::from_str(authority.as_str()).ok())
    {
        request.headers_mut().insert(header::HOST, host);
    }
    let trusted = &context.settings.trusted_proxies;
    let peer = client::peer(request);
    if let Some(peer) = peer {
        let own = client::address(peer, request.headers(), trusted);
        request.extensions_mut().insert(ClientAddress { own, network: client::network(own) });
    }
    let forwarded =
        request.headers().contains_key(X_FORWARDED_HOST) || request.headers().contains_key(X_FORWARDED_PROTO);
    if forwarded && !peer.is_some_and(|peer| trusted.iter().any(|range| range.contains(peer))) {
        request.headers_mut().remove(X_FORWARDED_HOST);
        request.headers_mut().remove(X_FORWARDED_PROTO);
    }
}

fn check_headers(context: &Context, headers: &HeaderMap) -> Result<(), Problem> {
    let limits = &context.settings.limits;
    let bytes: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if headers.len() <= limits.headers && bytes <= limits.header_bytes {
        return Ok(());
    }
    let detail = format!("A request may have {} headers of {} bytes together.", limits.headers, limits.header_bytes);
    let rule = format!("must be at most {}, of at most {} bytes together", limits.headers, limits.header_bytes);
    Err(Problem::new(ProblemType::HeadersTooLarge, detail).with_errors(vec![Fault::new("headers", rule)]))
}

fn finish(context: &Context, request: &RequestContext, mut response: Response) -> Response {
    let (settings, face) = (&context.settings, request.face);
    let problem = response.extensions_mut().remove::<Problem>().or_else(|| {
        let status = bare_refusal_status(face, &response)?;
        Some(face.bare(status, &request.method, &request.uri))
    });
    if let Some(problem) = problem {
        response = write(context, request, &problem, response);
    }
    let targets = response.extensions_mut().remove::<FormTargets>();
    let headers = response.headers_mut();
    headers.reserve(ADDED_HEADERS);
    if face != Face::Page {
        headers.insert(API_VERSION_HEADER, HeaderValue::from_static(API_VERSION));
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    face.protect(headers, request.https, targets.as_ref());
    if settings.strict_transport {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    if !settings.cors.allowed_origins.is_empty() && face != Face::Page {
        headers.append(header::VARY, HeaderValue::from_static("origin"));
    }
    if let Some(origin) = &request.origin
        && face != Face::Page
        && !headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN)
    {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        headers.insert(
            header::ACCESS_CONTROL_EXPOSE_HEADERS,
            HeaderValue::from_static("api-version, etag, location, retry-after"),
        );
    }
    response
}

/// The status of a refusal by the router or an extractor, which has no body or plain text.
fn bare_refusal_status(face: Face, response: &Response) -> Option<StatusCode> {
    let status = response.status();
    let kind = response.headers().get(header::CONTENT_TYPE);
    let ours = kind.is_some_and(|kind| face.is_complete(kind.as_bytes()));
    (!ours && (status.is_client_error() || status.is_server_error())).then_some(status)
}

fn write(context: &Context, request: &RequestContext, problem: &Problem, response: Response) -> Response {
    let is_ours = !matches!(problem.status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::NOT_IMPLEMENTED);
    let request_id = response.extensions().get::<RequestId>().map(|request| request.0);
    let instance = format!("urn:uuid:{}", request_id.unwrap_or_else(|| context.random.uuid()));
    let client = response.extensions().get::<RequestClient>().map(|client| &client.0);
    let client = client.or(problem.client.as_ref()).map_or("", |client| client.as_str());
    let (status, reason, method, route) =
        (problem.status.as_u16(), problem.kind.name(), &request.method, request.route());
    if problem.status.is_server_error() && is_ours {
        tracing::error!(instance, client, %method, route, status, reason, "request failed");
    } else {
        tracing::info!(target: REFUSALS, instance, client, %method, route, status, reason, "request refused");
    }
    let limits = &context.settings.limits;
    let (status, kind, document) = request.form.document(problem, (&request.method, &request.uri), limits, &instance);
    let (parts, _) = response.into_parts();
    let mut response = Response::new(Body::from(document));
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
