//! The table of routes: what an API exports, and the router made of it.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::Arc,
    task::{self, Poll},
};

use axum::{
    Router,
    extract::Request,
    handler::Handler,
    response::{IntoResponse, Response},
    routing::{self, MethodFilter, MethodRouter, on},
};
use http::{Method, StatusCode};
use tower::{Service, ServiceExt, layer::layer_fn};

use crate::{
    Context, Face, Produces,
    audit::Recording,
    auth::{
        addresses::RouteAddresses,
        guard::{Access, Guard},
    },
    edge::EdgeState,
    overload,
    prefix::strip,
};

/// The nodes that serve a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Nodes with the role ingest.
    Ingest,
    /// Nodes that serve everything else of the APIs.
    Beheer,
}

/// How current the state must be that a route shows: the only place where reading what other nodes wrote is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// The state that this node knows is sufficient.
    Any,
    /// This node catches up with the others first; when that fails, it answers with the state it has and logs a warning.
    BestEffort,
    /// This node catches up with the others first; when that fails, the answer is 503.
    Required,
}

/// One line of the table. `S` is the state that its handler needs.
pub struct Route<S = ()> {
    /// The method; `GET` answers `HEAD` as well.
    pub method: Method,
    /// The path, with `{placeholders}`.
    pub path: &'static str,
    /// The right that it requires of the caller.
    pub access: Access,
    /// The form of its refusals.
    pub face: Face,
    /// The types of its answers, for `Accept`.
    pub produces: Produces,
    /// How current its state must be.
    pub freshness: Freshness,
    /// The nodes that serve it; `None` for all.
    pub role: Option<Role>,
    /// What the audit trail records of it.
    pub recording: Option<Recording>,
    /// The handler of the method and path.
    pub service: MethodRouter<S>,
}

impl<S: Clone + Send + Sync + 'static> Route<S> {
    /// A route of every node, in problem documents and JSON, of any freshness.
    pub fn new<H, T>(method: Method, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        let filter = MethodFilter::try_from(method.clone()).unwrap_or(MethodFilter::TRACE);
        Self {
            method,
            path,
            access,
            face: Face::ProblemJson,
            produces: Produces::Json,
            freshness: Freshness::Any,
            role: None,
            recording: None,
            service: on(filter, handler),
        }
    }

    /// Sets the face.
    #[must_use]
    pub fn face(self, face: Face) -> Self {
        Self { face, ..self }
    }

    /// Sets the types of the answers.
    #[must_use]
    pub fn produces(self, produces: Produces) -> Self {
        Self { produces, ..self }
    }

    /// Sets how current the state that it shows must be.
    #[must_use]
    pub fn freshness(self, freshness: Freshness) -> Self {
        Self { freshness, ..self }
    }

    /// Limits the route to nodes with this role.
    #[must_use]
    pub fn role(self, role: Role) -> Self {
        Self { role: Some(role), ..self }
    }

    /// The same with what the audit trail records of it.
    #[must_use]
    pub fn recording(self, recording: Recording) -> Self {
        Self { recording: Some(recording), ..self }
    }

    /// Method, path and access of the route.
    pub fn summary(&self) -> RouteSummary {
        RouteSummary {
            method: self.method.clone(),
            path: self.path,
            access: self.access,
            role: self.role,
            recording: self.recording,
        }
    }

    /// Adds the state of its handler, for [`router`].
    pub fn with_state(self, state: S) -> Route {
        Route {
            method: self.method,
            path: self.path,
            access: self.access,
            face: self.face,
            produces: self.produces,
            freshness: self.freshness,
            role: self.role,
            recording: self.recording,
            service: self.service.with_state(state),
        }
    }
}

/// Method, path and access of a route, without its handler.
#[derive(Debug, Clone)]
pub struct RouteSummary {
    /// The method.
    pub method: Method,
    /// The path, with `{placeholders}`.
    pub path: &'static str,
    /// The right that it requires of the caller.
    pub access: Access,
    /// The nodes that serve it; `None` for all.
    pub role: Option<Role>,
    /// What the audit trail records of it.
    pub recording: Option<Recording>,
}

/// The face of paths without a route that begin with a prefix.
#[derive(Debug, Clone, Copy)]
pub struct Unrouted {
    /// The beginning of the path; one that ends in a slash also covers the path without it.
    pub prefix: &'static str,
    /// The form of the refusal.
    pub face: Face,
    /// The types that `Accept` is checked for.
    pub produces: Produces,
}

impl Unrouted {
    fn covers(&self, path: &str) -> bool {
        path.starts_with(self.prefix) || Some(path) == self.prefix.strip_suffix('/')
    }
}

/// The axum router of the routes, each behind its guard and the edge. Other paths get 404 in the face of the first of
/// `unrouted` that covers them, else in [`Face::ProblemJson`].
pub fn router(context: &Context, routes: impl IntoIterator<Item = Route>, unrouted: &'static [Unrouted]) -> Router {
    let mut router = Router::new();
    for route in routes {
        let Route { method, access, face, produces, freshness, role, recording, .. } = route;
        let name = format!("{method} {}", route.path);
        let layers = Layers {
            edge: EdgeState::new(context.clone(), face, produces),
            guard: Guard {
                context: context.clone(),
                access,
                face,
                freshness,
                role,
                recording,
                addresses: RouteAddresses::of(&context.addresses, &name),
                route: name.into(),
            },
            publishes: method == Method::POST && role == Some(Role::Ingest),
            method,
        };
        let layers = Arc::new(layers);
        let guarded = layer_fn(move |handler| Guarded { layers: Arc::clone(&layers), handler });
        router = router.route(route.path, route.service.layer(guarded));
    }
    let own = context.clone();
    let router = router.fallback(async move |request: Request| no_route(&own, unrouted, request));
    let prefix = context.settings.prefix.clone();
    if prefix.is_empty() {
        return router;
    }
    // Before routing, so around the router instead of a layer on its routes.
    Router::new().fallback_service(router.map_request(move |mut request| {
        strip(&prefix, &mut request);
        request
    }))
}

/// What surrounds the handler of one route.
struct Layers {
    edge: EdgeState,
    guard: Guard,
    /// Whether the route takes events.
    publishes: bool,
    method: Method,
}

impl Layers {
    /// Whether the handler of the route answers this method; otherwise the router answers 405.
    fn serves(&self, method: &Method) -> bool {
        *method == self.method || (*method == Method::HEAD && self.method == Method::GET)
    }

    async fn answer(&self, mut request: Request, handler: routing::Route) -> Response {
        let (context, refusal) = self.edge.before(&mut request);
        let response = match refusal {
            Some(response) => response,
            None => self.guarded(&mut request, handler).await,
        };
        self.edge.after(&context, response)
    }

    async fn guarded(&self, request: &mut Request, handler: routing::Route) -> Response {
        if !self.serves(request.method()) {
            return run(handler, request).await;
        }
        let admitted = self.publishes.then(|| overload::admit(&self.edge.context, request)).transpose();
        match admitted {
            Ok(_admitted) => self.guard.run(request, handler).await,
            Err(problem) => problem.into_response(),
        }
    }
}

/// Runs a handler, which takes the request.
pub(crate) async fn run(mut handler: routing::Route, request: &mut Request) -> Response {
    let Ok(response) = handler.call(std::mem::take(request)).await;
    response
}

/// The service of one route: edge, bound on waiting requests, guard, then the handler. It is one service because the router clones
/// each service for every request, and its own because `from_fn` of axum moves the future of each request twice.
#[derive(Clone)]
struct Guarded {
    layers: Arc<Layers>,
    handler: routing::Route,
}

impl Service<Request> for Guarded {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut task::Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let Self { layers, handler } = self.clone();
        Box::pin(async move { Ok(layers.answer(request, handler).await) })
    }
}

/// The answer to a request that no route matches.
fn no_route(context: &Context, unrouted: &'static [Unrouted], mut request: Request) -> Response {
    let entry = unrouted.iter().find(|entry| entry.covers(request.uri().path()));
    let (face, produces) = entry.map_or((Face::ProblemJson, Produces::Any), |entry| (entry.face, entry.produces));
    let state = EdgeState::new(context.clone(), face, produces);
    let (context, refusal) = state.before(&mut request);
    state.after(&context, refusal.unwrap_or_else(|| StatusCode::NOT_FOUND.into_response()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_covers_what_is_below_it() {
        let api = Unrouted { prefix: "/api/", face: Face::Zgw, produces: Produces::Json };
        for (path, covered) in [("/api/v2/x", true), ("/api/", true), ("/api", true), ("/apix", false), ("/", false)] {
            assert_eq!(api.covers(path), covered, "{path}");
        }
    }
}
