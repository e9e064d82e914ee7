//! The routes of the native API: method, path, right, and handler.

use axum::{
    extract::{Request, State},
    handler::Handler,
};
use http::Method;
use management::Right;
use model::audit::{Action as A, ObjectKind as O};
use web::{
    Freshness, Produces, Role, Route,
    audit::Recording::{Change, Search, View},
    auth::Access::{self, Public},
};

use crate::{
    Api, audit, consent, dead_letters, events, inbox, kanalen, openapi, operations, receipts, runs, schemas,
    subscriptions, to_people, types,
};

const READ: Access = Access::Right(Right::Read);
const PUBLISH: Access = Access::Right(Right::Publish);
const SUBSCRIBE: Access = Access::Right(Right::Subscribe);
const SEE_PEOPLE: Access = Access::Right(Right::SeePeople);
const LOOK_UP_ADDRESSEE: Access = Access::Right(Right::LookUpAddressee);
const SEE_INBOX_TOTALS: Access = Access::Right(Right::SeeInboxTotals);
const OWN_INBOX: Access = Access::Person(Right::OwnInbox);
const ADMINISTER: Access = Access::Right(Right::Administer);
const RECHECK: Access = Access::Right(Right::Recheck);

/// Every route of this API.
pub fn routes() -> Vec<Route<Api>> {
    use Method as M;
    vec![
        ingest(M::POST, "/v1/events", PUBLISH, events::publish::publish),
        ingest(M::OPTIONS, "/v1/events", Public, events::options::options),
        list(M::GET, "/v1/schemas", READ, schemas::list::handler),
        beheer(M::POST, "/v1/schemas", PUBLISH, schemas::create::handler)
            .recording(Change(A::SchemaRegister, O::Schema)),
        Route::new(M::GET, "/v1/schemas/{name}", Public, schemas::read::read),
        beheer(M::DELETE, "/v1/schemas/{name}", PUBLISH, schemas::delete::handler)
            .recording(Change(A::SchemaDelete, O::Schema)),
        list(M::GET, "/v1/audit", ADMINISTER, audit::list::handler).recording(View(A::AuditView, O::Audit)),
        list(M::GET, "/v1/types", READ, types::list::handler),
        beheer(M::GET, "/v1/types/{type}", READ, types::read::handler),
        list(M::GET, "/v1/events", SUBSCRIBE, events::list::handler).recording(Search(
            A::EventSearch,
            O::Route,
            "subject",
        )),
        beheer(M::GET, "/v1/events/{id}", SUBSCRIBE, events::read::handler).recording(View(A::EventView, O::Event)),
        list(M::GET, "/v1/events/{id}/deliveries", SUBSCRIBE, events::deliveries::handler),
        list(M::GET, "/v1/events/{id}/receivers", SUBSCRIBE, events::receivers::handler),
        beheer(M::POST, "/v1/events/{id}/redeliver", SUBSCRIBE, events::redeliver::handler)
            .recording(Change(A::EventRedeliver, O::Event)),
        beheer(M::DELETE, "/v1/events/{id}/mailings", PUBLISH, events::cancel::handler)
            .recording(Change(A::MailingStop, O::Event)),
        beheer(M::PUT, "/v1/events/{id}/mailings", PUBLISH, events::replace::handler)
            .recording(Change(A::EventReplace, O::Event)),
        beheer(M::POST, "/v1/events/redeliver", SUBSCRIBE, events::redeliver_many::handler)
            .recording(Change(A::EventRedeliver, O::Event)),
        list(M::GET, "/v1/kanalen", READ, kanalen::list::handler),
        beheer(M::POST, "/v1/kanalen", PUBLISH, kanalen::create::handler).recording(Change(A::KanaalCreate, O::Kanaal)),
        beheer(M::GET, "/v1/kanalen/{naam}", READ, kanalen::read::handler),
        beheer(M::PUT, "/v1/kanalen/{naam}", PUBLISH, kanalen::replace::handler)
            .recording(Change(A::KanaalChange, O::Kanaal)),
        beheer(M::DELETE, "/v1/kanalen/{naam}", ADMINISTER, kanalen::delete::handler)
            .recording(Change(A::KanaalDelete, O::Kanaal)),
        list(M::GET, "/v1/kanalen/{naam}/subscriptions", READ, kanalen::subscriptions::handler),
        in_turn(M::GET, "/v1/kanalen/{naam}/statistics", READ, kanalen::statistics::handler),
        beheer(M::POST, "/v1/kanalen/{naam}/subscriptions/{id}/approve", READ, kanalen::approve::handler)
            .recording(Change(A::SubscriptionApprove, O::Subscription)),
        beheer(M::POST, "/v1/kanalen/{naam}/subscriptions/{id}/reject", READ, kanalen::reject::handler)
            .recording(Change(A::SubscriptionReject, O::Subscription)),
        list(M::GET, "/v1/subscriptions", SUBSCRIBE, subscriptions::list::handler),
        beheer(M::POST, "/v1/subscriptions", SUBSCRIBE, subscriptions::create::handler)
            .recording(Change(A::SubscriptionCreate, O::Subscription)),
        beheer(M::POST, "/v1/subscriptions/preview", SUBSCRIBE, subscriptions::preview::handler)
            .recording(View(A::EventSearch, O::Route)),
        beheer(M::GET, "/v1/subscriptions/{id}", SUBSCRIBE, subscriptions::read::handler),
        beheer(M::PUT, "/v1/subscriptions/{id}", SUBSCRIBE, subscriptions::change::put)
            .recording(Change(A::SubscriptionChange, O::Subscription)),
        beheer(M::PATCH, "/v1/subscriptions/{id}", SUBSCRIBE, subscriptions::change::patch)
            .recording(Change(A::SubscriptionChange, O::Subscription)),
        beheer(M::DELETE, "/v1/subscriptions/{id}", SUBSCRIBE, subscriptions::delete::handler)
            .recording(Change(A::SubscriptionDelete, O::Subscription)),
        beheer(M::POST, "/v1/subscriptions/{id}/confirm", SUBSCRIBE, subscriptions::light::confirm::handler)
            .recording(Change(A::AddresseeConfirm, O::Addressee)),
        in_turn(M::GET, "/v1/subscriptions/{id}/export", SUBSCRIBE, subscriptions::light::export::handler)
            .recording(View(A::AddresseeExport, O::Addressee)),
        beheer(M::POST, "/v1/subscriptions/{id}/erase", SUBSCRIBE, subscriptions::light::erase::handler)
            .recording(Change(A::AddresseeErase, O::Addressee)),
        beheer(M::POST, "/v1/subscriptions/{id}/pause", SUBSCRIBE, subscriptions::pause::handler)
            .recording(Change(A::SubscriptionPause, O::Subscription)),
        beheer(M::POST, "/v1/subscriptions/{id}/resume", SUBSCRIBE, subscriptions::resume::handler)
            .recording(Change(A::SubscriptionResume, O::Subscription)),
        beheer(M::POST, "/v1/subscriptions/{id}/revalidate", SUBSCRIBE, subscriptions::revalidate::handler)
            .recording(Change(A::SubscriptionRevalidate, O::Subscription)),
        beheer(M::POST, "/v1/subscriptions/{id}/test", SUBSCRIBE, subscriptions::test::handler)
            .recording(Change(A::SubscriptionTest, O::Subscription)),
        beheer(M::POST, "/v1/subscriptions/{id}/check", SUBSCRIBE, subscriptions::check::handler)
            .recording(Change(A::SubscriptionCheck, O::Subscription)),
        beheer(M::POST, "/v1/subscriptions/{id}/replay", SUBSCRIBE, subscriptions::replay::handler)
            .recording(Change(A::SubscriptionReplay, O::Subscription)),
        list(M::GET, "/v1/subscriptions/{id}/deliveries", SUBSCRIBE, subscriptions::deliveries::handler),
        list(M::GET, "/v1/subscriptions/{id}/dead-letters", SUBSCRIBE, subscriptions::dead_letters::handler),
        in_turn(M::GET, "/v1/subscriptions/{id}/statistics", SUBSCRIBE, subscriptions::statistics::handler),
        list(M::GET, "/v1/dead-letters", SUBSCRIBE, dead_letters::list::handler),
        beheer(M::POST, "/v1/dead-letters/redrive", SUBSCRIBE, dead_letters::redrive::handler)
            .recording(Change(A::DeadLetterRedrive, O::DeadLetter)),
        beheer(M::GET, "/v1/dead-letters/{id}", SUBSCRIBE, dead_letters::read::handler)
            .recording(View(A::DeadLetterView, O::DeadLetter)),
        beheer(M::DELETE, "/v1/dead-letters/{id}", SUBSCRIBE, dead_letters::delete::handler)
            .recording(Change(A::DeadLetterDelete, O::DeadLetter)),
        beheer(M::POST, "/v1/dead-letters/{id}/redrive", SUBSCRIBE, dead_letters::redrive_one::handler)
            .recording(Change(A::DeadLetterRedrive, O::DeadLetter)),
        list(M::GET, "/v1/runs", SUBSCRIBE, runs::list::handler),
        beheer(M::GET, "/v1/runs/{id}", SUBSCRIBE, runs::read::handler),
        beheer(M::DELETE, "/v1/runs/{id}", SUBSCRIBE, runs::stop::handler).recording(Change(A::RunEnd, O::Run)),
        list(M::GET, "/v1/applicaties", ADMINISTER, operations::applicaties::handler),
        beheer(M::POST, "/v1/applicaties/{id}/refresh-rights", RECHECK, operations::refresh_rights::handler)
            .recording(Change(A::ApplicatieAsk, O::Applicatie)),
        list(M::GET, "/v1/configuration/checks", ADMINISTER, operations::checks::handler),
        list(M::GET, "/v1/nodes", ADMINISTER, operations::nodes::handler),
        list(M::GET, "/v1/partitions", ADMINISTER, operations::partitions::handler),
        list(M::GET, "/v1/statistics", READ, operations::statistics::handler),
        beheer(M::GET, "/v1/stream", SUBSCRIBE, operations::stream::handler).produces(Produces::Any),
        beheer(M::GET, "/v1/people", SEE_PEOPLE, to_people::overview::handler),
        list(M::GET, "/v1/people/bounces", SEE_PEOPLE, to_people::bounces::handler),
        list(M::GET, "/v1/people/mailings", SEE_PEOPLE, to_people::mailings::handler),
        beheer(M::DELETE, "/v1/people/mailings/{id}", ADMINISTER, to_people::stop::handler)
            .recording(Change(A::MailingStop, O::Mailing)),
        beheer(M::POST, "/v1/people/mailings/{id}/resends", ADMINISTER, to_people::resend::handler)
            .recording(Change(A::MailingResend, O::Mailing)),
        beheer(M::GET, "/v1/people/kanalen/{naam}/sending", SEE_PEOPLE, to_people::sending::read),
        beheer(M::PUT, "/v1/people/kanalen/{naam}/sending", ADMINISTER, to_people::sending::set)
            .recording(Change(A::KanaalSending, O::Kanaal)),
        in_turn(M::POST, "/v1/people/search", LOOK_UP_ADDRESSEE, to_people::look_up::handler)
            .recording(View(A::AddresseeSearch, O::Addressee)),
        list(M::GET, "/v1/people/texts", SEE_PEOPLE, to_people::texts::list),
        beheer(M::GET, "/v1/people/texts/{naam}", SEE_PEOPLE, to_people::texts::preview),
        in_turn(M::GET, "/v1/inbox", OWN_INBOX, inbox::list::handler),
        beheer(M::DELETE, "/v1/inbox", OWN_INBOX, inbox::erase::handler),
        in_turn(M::GET, "/v1/inbox/count", OWN_INBOX, inbox::count::handler),
        beheer(M::GET, "/v1/inbox/stream", OWN_INBOX, inbox::stream::handler).produces(Produces::Any),
        beheer(M::GET, "/v1/inbox/{id}", OWN_INBOX, inbox::read::handler),
        beheer(M::PATCH, "/v1/inbox/{id}", OWN_INBOX, inbox::change::handler),
        beheer(M::POST, "/v1/inbox/{id}/undo", OWN_INBOX, inbox::undo::handler),
        beheer(M::GET, "/v1/kanalen/{naam}/inbox", SEE_INBOX_TOTALS, inbox::totals::handler),
        beheer(M::POST, "/v1/receipts/{provider}", Public, receipts::by_token),
        beheer(M::POST, "/v1/receipts/{provider}/{secret}", Public, receipts::by_secret),
        Route::new(M::GET, "/v1/openapi.json", Public, openapi::read),
        beheer(M::GET, "/consent/{id}/{secret}", Public, consent::get).produces(Produces::Any),
        beheer(M::POST, "/consent/{id}/{secret}", Public, consent::post).produces(Produces::Any),
    ]
}

/// A route on nodes with the role beheer.
fn beheer<H, T>(method: Method, path: &'static str, access: Access, handler: H) -> Route<Api>
where
    H: Handler<T, Api>,
    T: 'static,
{
    Route::new(method, path, access, handler).role(Role::Beheer).freshness(Freshness::BestEffort)
}

/// A list on nodes with the role beheer that is also made as CSV.
fn list<H, T>(method: Method, path: &'static str, access: Access, handler: H) -> Route<Api>
where
    H: Handler<T, Api>,
    T: 'static,
{
    in_turn(method, path, access, handler).produces(Produces::List)
}

/// A list on nodes with the role beheer; few are made at the same time.
fn in_turn<H, T>(method: Method, path: &'static str, access: Access, handler: H) -> Route<Api>
where
    H: Handler<T, Api>,
    T: 'static,
{
    let handler = move |State(api): State<Api>, request: Request| {
        let (handler, turns) = (handler.clone(), api.turns());
        async move { turns.take(handler.call(request, api)).await }
    };
    beheer(method, path, access, handler)
}

/// A route on nodes that accept events.
fn ingest<H, T>(method: Method, path: &'static str, access: Access, handler: H) -> Route<Api>
where
    H: Handler<T, Api>,
    T: 'static,
{
    Route::new(method, path, access, handler).role(Role::Ingest)
}
