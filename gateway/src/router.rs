//! The route table: every path the gateway answers to, with its method, what it asks of the caller, and its handler.

use axum::{
    Router,
    handler::Handler,
    middleware::from_fn_with_state,
    routing::{MethodFilter, MethodRouter, on},
};
use http::Method;
use model::applicatie::Scope;

use crate::{
    app::App,
    auth::{
        Access,
        guard::{Guard, guard},
    },
    inbound::outer::outer,
};

const PUBLIC: Access = Access::Public;
const ANY: Access = Access::AnyOf(&[Scope::Publiceren, Scope::Consumeren]);
const PUBLISH: Access = Access::AnyOf(&[Scope::Publiceren]);
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
    service: MethodRouter<App>,
}

/// Every route.
pub fn table() -> Vec<Route> {
    vec![]
}

/// The routes as a service, with what surrounds them.
pub fn router(app: &App) -> Router {
    let mut router = Router::new();
    for route in table() {
        let state = Guard { app: app.clone(), access: route.access };
        router = router.route(route.path, route.service.route_layer(from_fn_with_state(state, guard)));
    }
    router.layer(from_fn_with_state(app.clone(), outer)).with_state(app.clone())
}

fn route<H, T>(method: Method, path: &'static str, access: Access, handler: H) -> Route
where
    H: Handler<T, App>,
    T: 'static,
{
    let filter = MethodFilter::try_from(method.clone()).unwrap_or(MethodFilter::TRACE);
    Route { method, path, access, service: on(filter, handler) }
}
