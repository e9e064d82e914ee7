//! Puts the routes of the APIs together: every path the gateway answers to.

use axum::Extension;
use http::Method;
use web::{
    Face, Produces, Route,
    auth::{
        Access::{Person, Public},
        trusted_header::AtProxyListener,
    },
    route::{RouteSummary, Unrouted},
};

use crate::{app::App, operations, security_txt};

/// The face of paths without a route; the last entry is for gateways with a portal.
static UNROUTED: [Unrouted; 7] = {
    let [description, schema, api] = api_zgw::UNROUTED;
    let native = Unrouted { prefix: "/v1/", face: Face::ProblemJson, produces: Produces::Json };
    let console = Unrouted { prefix: "/beheer/", face: Face::Page, produces: Produces::Any };
    let people = Unrouted { prefix: "/a/", face: Face::Page, produces: Produces::Any };
    let portal = Unrouted { prefix: "/portaal/", face: Face::Page, produces: Produces::Any };
    [description, schema, api, native, people, console, portal]
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
    native.chain(notificaties).chain(contact).chain(console(app)).chain(people(app)).collect()
}

/// Every route of the web console and the portal that the main listener serves, when they are configured.
#[cfg(feature = "console")]
fn console(app: &App) -> Vec<Route> {
    let (Some(console), Some(own)) = (app.console(), &app.config.console) else { return Vec::new() };
    let mut routes = console::routes();
    routes.retain(|route| own.beheer || route.path == console::ROBOTS);
    if app.config.portaal.as_ref().is_some_and(|portal| portal.listen.is_none()) {
        routes.extend(console::portal_routes());
    }
    routes.into_iter().map(|route| route.into_route(&console)).collect()
}

/// The pages of people, when they are configured.
#[cfg(feature = "console")]
fn people(app: &App) -> Vec<Route> {
    let Some(pages) = app.people_pages() else { return Vec::new() };
    console::people::routes().into_iter().map(|route| route.with_state(pages.clone())).collect()
}

/// This program has no pages.
#[cfg(not(feature = "console"))]
fn people(_: &App) -> Vec<Route> {
    Vec::new()
}

/// The router of the listener of proxies that name people in a header: the routes of people alone.
pub fn of_proxies(app: &App) -> axum::Router {
    let native = app.native_api();
    let routes = api_native::routes().into_iter().filter(|route| matches!(route.access, Person(_)));
    let routes = routes.map(|route| route.with_state(native.clone())).collect();
    router(app, routes).layer(Extension(AtProxyListener))
}

/// Every route of a portal with a listener of its own.
#[cfg(feature = "console")]
pub fn portal(app: &App) -> Vec<Route> {
    let Some(console) = app.console() else { return Vec::new() };
    let robots = console::routes().into_iter().filter(|route| route.path == console::ROBOTS);
    robots.chain(console::portal_routes()).map(|route| route.into_route(&console)).collect()
}

/// This program has no portal.
#[cfg(not(feature = "console"))]
pub fn portal(_: &App) -> Vec<Route> {
    Vec::new()
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
    let known = if app.config.portaal.is_some() { UNROUTED.len() } else { UNROUTED.len() - 1 };
    web::route::router(&app.web, routes, &UNROUTED[..known])
}
