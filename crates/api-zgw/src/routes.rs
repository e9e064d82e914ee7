//! The routes of the Notificaties API: method, path, right, and handler.

use axum::handler::Handler;
use http::Method;
use management::Right;
use model::audit::{Action as A, ObjectKind as O};
use web::{
    Face, Freshness, Produces, Role, Route,
    audit::Recording::Change,
    auth::Access::{self, Callback, Public},
    route::Unrouted,
};

use crate::{Api, abonnement, callbacks, cloudevents, kanaal, notificaties, openapi, options, pages, root};

const READ: Access = Access::Right(Right::Read);
const PUBLISH: Access = Access::Right(Right::Publish);
const SUBSCRIBE: Access = Access::Right(Right::Subscribe);

/// The face of paths without a route.
pub const UNROUTED: [Unrouted; 3] = [
    Unrouted { prefix: "/api/v1/openapi.", face: Face::Zgw, produces: Produces::Any },
    Unrouted { prefix: "/api/v1/schema/", face: Face::Zgw, produces: Produces::Any },
    Unrouted { prefix: "/api/", face: Face::Zgw, produces: Produces::Json },
];

/// Every route of this API.
pub fn routes() -> Vec<Route<Api>> {
    use Method as M;
    use Produces::{Any, CloudEvents};
    vec![
        zgw(M::GET, "/api/v1", Public, root::redirect),
        zgw(M::GET, "/api/v1/", Public, root::root),
        current(M::GET, "/api/v1/kanaal", READ, kanaal::list::list),
        current(M::POST, "/api/v1/kanaal", PUBLISH, kanaal::create::create)
            .recording(Change(A::KanaalCreate, O::Kanaal)),
        current(M::GET, "/api/v1/kanaal/{uuid}", READ, kanaal::read::read),
        current(M::PUT, "/api/v1/kanaal/{uuid}", PUBLISH, kanaal::change::put)
            .recording(Change(A::KanaalChange, O::Kanaal)),
        current(M::PATCH, "/api/v1/kanaal/{uuid}", PUBLISH, kanaal::change::patch)
            .recording(Change(A::KanaalChange, O::Kanaal)),
        current(M::GET, "/api/v1/abonnement", READ, abonnement::list::list),
        current(M::POST, "/api/v1/abonnement", SUBSCRIBE, abonnement::create::create)
            .recording(Change(A::SubscriptionCreate, O::Subscription)),
        current(M::GET, "/api/v1/abonnement/{uuid}", READ, abonnement::read::read),
        current(M::PUT, "/api/v1/abonnement/{uuid}", SUBSCRIBE, abonnement::change::put)
            .recording(Change(A::SubscriptionChange, O::Subscription)),
        current(M::PATCH, "/api/v1/abonnement/{uuid}", SUBSCRIBE, abonnement::change::patch)
            .recording(Change(A::SubscriptionChange, O::Subscription)),
        current(M::DELETE, "/api/v1/abonnement/{uuid}", SUBSCRIBE, abonnement::delete::delete)
            .recording(Change(A::SubscriptionDelete, O::Subscription)),
        zgw(M::GET, "/api/v1/openapi.json", Public, openapi::json).produces(Any),
        zgw(M::GET, "/api/v1/openapi.yaml", Public, openapi::yaml).produces(Any),
        zgw(M::GET, "/api/v1/schema/", Public, pages::schema).produces(Any),
        zgw(M::GET, "/api/v1/schema/openapi.json", Public, openapi::to_json).produces(Any),
        zgw(M::GET, "/api/v1/schema/openapi.yaml", Public, openapi::to_yaml).produces(Any),
        Route::new(M::GET, "/ref/fouten/{class}/", Public, pages::error).produces(Any),
        Route::new(M::GET, "/ref/scopes/", Public, pages::scopes).produces(Any),
        zgw(M::OPTIONS, "/api/v1/kanaal", Public, options::refuse).role(Role::Beheer),
        zgw(M::OPTIONS, "/api/v1/kanaal/{uuid}", Public, options::refuse).role(Role::Beheer),
        zgw(M::OPTIONS, "/api/v1/abonnement", Public, options::refuse).role(Role::Beheer),
        zgw(M::OPTIONS, "/api/v1/abonnement/{uuid}", Public, options::refuse).role(Role::Beheer),
        zgw(M::OPTIONS, "/api/v1/cloudevents", Public, options::refuse).role(Role::Ingest).produces(CloudEvents),
        zgw(M::OPTIONS, "/api/v1/notificaties", PUBLISH, options::notificaties).role(Role::Ingest),
        zgw(M::OPTIONS, "/api/v1/callbacks", PUBLISH, options::callbacks).role(Role::Beheer),
        zgw(M::POST, "/api/v1/callbacks", Callback(Right::Publish), callbacks::receive_notificatie).role(Role::Beheer),
        zgw(M::POST, "/api/v1/notificaties", PUBLISH, notificaties::publish).role(Role::Ingest),
        zgw(M::POST, "/api/v1/cloudevents", PUBLISH, cloudevents::publish).role(Role::Ingest).produces(CloudEvents),
    ]
}

/// A route with the refusals of this API.
fn zgw<H, T>(method: Method, path: &'static str, access: Access, handler: H) -> Route<Api>
where
    H: Handler<T, Api>,
    T: 'static,
{
    Route::new(method, path, access, handler).face(Face::Zgw)
}

/// A route whose clients read what another node has just written.
fn current<H, T>(method: Method, path: &'static str, access: Access, handler: H) -> Route<Api>
where
    H: Handler<T, Api>,
    T: 'static,
{
    zgw(method, path, access, handler).role(Role::Beheer).freshness(Freshness::Required)
}
