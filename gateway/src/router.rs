//! Puts the routes of the APIs together: every path the gateway answers to.

use http::Method;
use web::{
    Face, Produces, Route,
    auth::Access::Public,
    route::{RouteSummary, Unrouted},
};

use crate::{app::App, operations, security_txt};

/// The face of paths without a route.
const UNROUTED: [Unrouted; 5] = {
    let [description, schema, api] = api_zgw::UNROUTED;
    let native = Unrouted { prefix: "/v1/", face: Face::ProblemJson, produces: Produces::Json };
    [description, schema, api, native, Unrouted { prefix: "/beheer/", face: Face::Page, produces: Produces::Any }]
};

/// Every route of the APIs, without handlers.
pub fn table() -> Vec<RouteSummary> {
    let native = api_native::routes().iter().map(Route::summary).collect::<Vec<_>>();
    let notificaties = api_zgw::routes().iter().map(Route::summary).collect::<Vec<_>>();
    native.into_iter().chain(notificaties).collect()
}

/// Every route of the APIs.
pub fn apis(app: &App) -> Vec<Route> {
    let native = app.native_api();
    let notificaties = app.notificaties_api();
    let native = api_native::routes().into_iter().map(|route| route.with_state(native.clone()));
    let notificaties = api_zgw::routes().into_iter().map(|route| route.with_state(notificaties.clone()));
    let contact = (!app.config.security.contact.is_empty())
        .then(|| Route::new(Method::GET, security_txt::PATH, Public, security_txt::read).produces(Produces::Any));
    let contact = contact.map(|route| route.with_state(app.clone()));
    native.chain(notificaties).chain(contact).chain(console(app)).collect()
}

/// Every route of the web console, when one is configured.
#[cfg(feature = "console")]
fn console(app: &App) -> Vec<Route> {
    let Some(console) = app.console() else { return Vec::new() };
    console::routes().into_iter().map(|route| route.into_route(&console)).collect()
}

/// This program has no console.
#[cfg(not(feature = "console"))]
fn console(_: &App) -> Vec<Route> {
    Vec::new()
}

/// Health and metrics; on a listener of their own when `operations.listen` is set.
pub fn operations(app: &App) -> Vec<Route> {
    use Method as M;
    let routes = [
        Route::new(M::GET, "/livez", Public, operations::live),
        Route::new(M::GET, "/readyz", Public, operations::ready),
        Route::new(M::GET, "/metrics", Public, operations::metrics),
    ];
    routes.map(|route| route.produces(Produces::Any).with_state(app.clone())).into()
}

/// The axum router of these routes, with the layers of `web`.
pub fn router(app: &App, routes: Vec<Route>) -> axum::Router {
    web::route::router(&app.web, routes, &UNROUTED)
}
