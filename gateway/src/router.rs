//! The route table: every path the gateway answers to, with its method, what it asks of the caller, and its handler.

use axum::{
    Router,
    handler::Handler,
    middleware::from_fn_with_state,
    routing::{MethodFilter, MethodRouter, on},
};
use http::Method;
use model::applicatie::Scope;
use tower::ServiceExt;

use crate::{
    api::{
        operations,
        v1::{dead_letters, events, kanalen, runs, schemas, subscriptions, types},
        zgw::{self, abonnement, kanaal},
    },
    app::App,
    auth::{
        Access,
        guard::{Guard, guard},
    },
    config::Role,
    consent::callback,
    inbound::{outer::outer, prefix::strip},
    openapi,
};

const PUBLIC: Access = Access::Public;
const ANY: Access = Access::AnyOf(&[Scope::Publiceren, Scope::Consumeren]);
const PUBLISH: Access = Access::AnyOf(&[Scope::Publiceren]);
const CALLBACK: Access = Access::Callback(&[Scope::Publiceren]);
const SUBSCRIBE: Access = Access::AnyOf(&[Scope::Consumeren]);
const BEHEER: Access = Access::AnyOf(&[Scope::Beheer]);

/// One line of the table.
pub struct Route {
    /// The method; `GET` answers `HEAD` as well.
    pub method: Method,
    /// The path, with `{placeholders}`.
    pub path: &'static str,
    /// What it asks of the caller.
    pub access: Access,
    /// Nodes with this role answer to it; `None` for all.
    pub role: Option<Role>,
    service: MethodRouter<App>,
}

/// Every route.
pub fn table() -> Vec<Route> {
    use Method as M;
    vec![
        ingest(M::POST, "/v1/events", PUBLISH, events::publish::publish),
        ingest(M::OPTIONS, "/v1/events", PUBLIC, events::options::options),
        route(M::GET, "/v1/schemas", ANY, schemas::list::handler),
        route(M::POST, "/v1/schemas", PUBLISH, schemas::create::handler),
        every(M::GET, "/v1/schemas/{name}", PUBLIC, schemas::read::read),
        route(M::DELETE, "/v1/schemas/{name}", PUBLISH, schemas::delete::handler),
        route(M::GET, "/v1/types", ANY, types::list::handler),
        route(M::GET, "/v1/types/{type}", ANY, types::read::handler),
        route(M::GET, "/v1/events", SUBSCRIBE, events::list::handler),
        route(M::GET, "/v1/events/{id}", SUBSCRIBE, events::read::handler),
        route(M::GET, "/v1/events/{id}/deliveries", SUBSCRIBE, events::deliveries::handler),
        route(M::POST, "/v1/events/{id}/redeliver", SUBSCRIBE, events::redeliver::handler),
        route(M::GET, "/v1/kanalen", ANY, kanalen::list::handler),
        route(M::POST, "/v1/kanalen", PUBLISH, kanalen::create::handler),
        route(M::GET, "/v1/kanalen/{naam}", ANY, kanalen::read::handler),
        route(M::PUT, "/v1/kanalen/{naam}", PUBLISH, kanalen::replace::handler),
        route(M::DELETE, "/v1/kanalen/{naam}", BEHEER, kanalen::delete::handler),
        route(M::GET, "/v1/kanalen/{naam}/subscriptions", ANY, kanalen::subscriptions::handler),
        route(M::POST, "/v1/kanalen/{naam}/subscriptions/{id}/approve", ANY, kanalen::approve::handler),
        route(M::POST, "/v1/kanalen/{naam}/subscriptions/{id}/reject", ANY, kanalen::reject::handler),
        route(M::GET, "/v1/subscriptions", SUBSCRIBE, subscriptions::list::handler),
        route(M::POST, "/v1/subscriptions", SUBSCRIBE, subscriptions::create::handler),
        route(M::GET, "/v1/subscriptions/{id}", SUBSCRIBE, subscriptions::read::handler),
        route(M::PUT, "/v1/subscriptions/{id}", SUBSCRIBE, subscriptions::change::put),
        route(M::PATCH, "/v1/subscriptions/{id}", SUBSCRIBE, subscriptions::change::patch),
        route(M::DELETE, "/v1/subscriptions/{id}", SUBSCRIBE, subscriptions::delete::handler),
        route(M::POST, "/v1/subscriptions/{id}/pause", SUBSCRIBE, subscriptions::pause::handler),
        route(M::POST, "/v1/subscriptions/{id}/resume", SUBSCRIBE, subscriptions::resume::handler),
        route(M::POST, "/v1/subscriptions/{id}/revalidate", SUBSCRIBE, subscriptions::revalidate::handler),
        route(M::POST, "/v1/subscriptions/{id}/replay", SUBSCRIBE, subscriptions::replay::handler),
        route(M::GET, "/v1/subscriptions/{id}/deliveries", SUBSCRIBE, subscriptions::deliveries::handler),
        route(M::GET, "/v1/subscriptions/{id}/dead-letters", SUBSCRIBE, subscriptions::dead_letters::handler),
        route(M::GET, "/v1/dead-letters", SUBSCRIBE, dead_letters::list::handler),
        route(M::POST, "/v1/dead-letters/redrive", SUBSCRIBE, dead_letters::redrive::handler),
        route(M::GET, "/v1/dead-letters/{id}", SUBSCRIBE, dead_letters::read::handler),
        route(M::DELETE, "/v1/dead-letters/{id}", SUBSCRIBE, dead_letters::delete::handler),
        route(M::POST, "/v1/dead-letters/{id}/redrive", SUBSCRIBE, dead_letters::redrive_one::handler),
        route(M::GET, "/v1/runs/{id}", SUBSCRIBE, runs::read::handler),
        route(M::DELETE, "/v1/runs/{id}", SUBSCRIBE, runs::stop::handler),
        every(M::GET, "/v1/openapi.json", PUBLIC, openapi::read),
        route(M::GET, "/consent/{id}/{secret}", PUBLIC, callback::get),
        route(M::POST, "/consent/{id}/{secret}", PUBLIC, callback::post),
        every(M::GET, "/api/v1", PUBLIC, zgw::root::redirect),
        every(M::GET, "/api/v1/", PUBLIC, zgw::root::root),
        route(M::GET, "/api/v1/kanaal", ANY, kanaal::list::list),
        route(M::POST, "/api/v1/kanaal", PUBLISH, kanaal::create::create),
        route(M::GET, "/api/v1/kanaal/{uuid}", ANY, kanaal::read::read),
        route(M::PUT, "/api/v1/kanaal/{uuid}", PUBLISH, kanaal::change::put),
        route(M::PATCH, "/api/v1/kanaal/{uuid}", PUBLISH, kanaal::change::patch),
        route(M::GET, "/api/v1/abonnement", ANY, abonnement::list::list),
        route(M::POST, "/api/v1/abonnement", SUBSCRIBE, abonnement::create::create),
        route(M::GET, "/api/v1/abonnement/{uuid}", ANY, abonnement::read::read),
        route(M::PUT, "/api/v1/abonnement/{uuid}", SUBSCRIBE, abonnement::change::put),
        route(M::PATCH, "/api/v1/abonnement/{uuid}", SUBSCRIBE, abonnement::change::patch),
        route(M::DELETE, "/api/v1/abonnement/{uuid}", SUBSCRIBE, abonnement::delete::delete),
        every(M::GET, "/api/v1/openapi.json", PUBLIC, zgw::openapi::json),
        every(M::GET, "/api/v1/openapi.yaml", PUBLIC, zgw::openapi::yaml),
        every(M::GET, "/api/v1/schema/", PUBLIC, zgw::pages::schema),
        every(M::GET, "/api/v1/schema/openapi.json", PUBLIC, zgw::openapi::to_json),
        every(M::GET, "/api/v1/schema/openapi.yaml", PUBLIC, zgw::openapi::to_yaml),
        every(M::GET, "/ref/fouten/{class}/", PUBLIC, zgw::pages::error),
        every(M::GET, "/ref/scopes/", PUBLIC, zgw::pages::scopes),
        route(M::OPTIONS, "/api/v1/kanaal", PUBLIC, zgw::options::refuse),
        route(M::OPTIONS, "/api/v1/kanaal/{uuid}", PUBLIC, zgw::options::refuse),
        route(M::OPTIONS, "/api/v1/abonnement", PUBLIC, zgw::options::refuse),
        route(M::OPTIONS, "/api/v1/abonnement/{uuid}", PUBLIC, zgw::options::refuse),
        ingest(M::OPTIONS, "/api/v1/cloudevents", PUBLIC, zgw::options::refuse),
        ingest(M::OPTIONS, "/api/v1/notificaties", PUBLISH, zgw::options::notificaties),
        route(M::OPTIONS, "/api/v1/callbacks", PUBLISH, zgw::options::callbacks),
        route(M::POST, "/api/v1/callbacks", CALLBACK, zgw::callbacks::receive_notificatie),
        ingest(M::POST, "/api/v1/notificaties", PUBLISH, zgw::notificaties::publish),
        ingest(M::POST, "/api/v1/cloudevents", PUBLISH, zgw::cloudevents::publish),
    ]
}

/// What whoever runs the gateway asks; on a listener of its own when `operations.listen` is set.
pub fn operations() -> Vec<Route> {
    use Method as M;
    vec![
        every(M::GET, "/livez", PUBLIC, operations::live),
        every(M::GET, "/readyz", PUBLIC, operations::ready),
        every(M::GET, "/metrics", PUBLIC, operations::metrics),
    ]
}

/// Routes as a service, with what surrounds them.
pub fn router(app: &App, routes: Vec<Route>) -> Router {
    let mut router = Router::new();
    for route in routes {
        let state = Guard { app: app.clone(), access: route.access, current: route.role == Some(Role::Beheer) };
        router = router.route(route.path, route.service.route_layer(from_fn_with_state(state, guard)));
    }
    let router = router.layer(from_fn_with_state(app.clone(), outer)).with_state(app.clone());
    let prefix = app.config.proxy.prefix.clone();
    if prefix.is_empty() {
        return router;
    }
    // Before routing, so around the router instead of a layer on its routes.
    Router::new().fallback_service(router.map_request(move |mut request| {
        strip(&prefix, &mut request);
        request
    }))
}

/// A route of nodes with the role beheer.
fn route<H: Handler<T, App>, T: 'static>(method: Method, path: &'static str, access: Access, handler: H) -> Route {
    let filter = MethodFilter::try_from(method.clone()).unwrap_or(MethodFilter::TRACE);
    Route { method, path, access, role: Some(Role::Beheer), service: on(filter, handler) }
}

/// A route of nodes that take events in.
fn ingest<H: Handler<T, App>, T: 'static>(method: Method, path: &'static str, access: Access, handler: H) -> Route {
    Route { role: Some(Role::Ingest), ..route(method, path, access, handler) }
}

/// A route of every node.
fn every<H: Handler<T, App>, T: 'static>(method: Method, path: &'static str, access: Access, handler: H) -> Route {
    Route { role: None, ..route(method, path, access, handler) }
}
