//! The table of routes of the portal.
//!
//! Most of its pages are also in the console: their handlers, links and forms work in both areas (see [`crate::Area`]).

use management::Right;

use crate::{
    FormPage, Needs, PageRoute,
    pages::{
        about, applicaties, approvals, assets, audit, dead_letters, events, kanalen, log_in, log_out, login_link,
        portal::{catalogue, create, credential, home, own_kanalen, recover, test},
        provider, publish, runs, search, subscriptions, types,
    },
};

/// The path of a delivery.
const DELIVERY: &str = "/portaal/bezorgingen/{subscription}/{kanaal}/{partitie}/{positie}";

/// Every route of the portal.
pub fn portal_routes() -> Vec<PageRoute> {
    [entrance(), own_pages(), shared_pages(), publisher_pages()].into_iter().flatten().collect()
}

/// Log-in, log-out, style sheets, and what is said about the gateway.
fn entrance() -> Vec<PageRoute> {
    use Needs::{Nothing, Provider, Right as Grant, Session};
    vec![
        PageRoute::get("/portaal/assets/{file}", Nothing, assets::read),
        PageRoute::get("/portaal/inloggen", Nothing, log_in::handler),
        PageRoute::get("/portaal/inloglink", Nothing, login_link::handler),
        PageRoute::post_repeatable("/portaal/inloglink", Nothing, login_link::post),
        PageRoute::get("/portaal/oidc/start", Nothing, provider::begin).with_own_bound(),
        PageRoute::get("/portaal/oidc/terug", Nothing, provider::back).with_own_bound(),
        PageRoute::post_repeatable("/portaal/oidc/backchannel", Provider, provider::back_channel),
        PageRoute::post_repeatable("/portaal/uitloggen", Session, log_out::post),
        PageRoute::get("/portaal/uitgelogd", Nothing, log_out::handler),
        PageRoute::get("/portaal/over", Grant(Right::UsePortal), about::handler),
    ]
}

/// The pages that only the portal has.
fn own_pages() -> Vec<PageRoute> {
    use Needs::Right as Grant;
    vec![
        PageRoute::get("/portaal", Grant(Right::UsePortal), home::handler),
        PageRoute::get(catalogue::PATH, Grant(Right::UsePortal), catalogue::handler),
        PageRoute::get(create::PATH, Grant(Right::ManageSubscriptions), create::handler),
        PageRoute::post_repeatable(create::PATH, Grant(Right::ManageSubscriptions), create::post)
            .keeping(FormPage::Same),
        // Pages that a form was answered with are requested again in the other language.
        PageRoute::get(create::MAKE, Grant(Right::ManageSubscriptions), create::handler),
        PageRoute::post(create::MAKE, Grant(Right::ManageSubscriptions), create::make).keeping(FormPage::Above),
        PageRoute::get(recover::PATH, Grant(Right::Resend), recover::handler),
        PageRoute::post(recover::PATH, Grant(Right::Resend), recover::post),
        PageRoute::get("/portaal/abonnementen/{id}/testen", Grant(Right::ManageSubscriptions), test::handler),
        PageRoute::get("/portaal/abonnementen/{id}/testen/event", Grant(Right::ManageSubscriptions), test::handler),
        PageRoute::post("/portaal/abonnementen/{id}/testen/event", Grant(Right::ManageSubscriptions), test::send),
        PageRoute::get("/portaal/abonnementen/{id}/testen/controle", Grant(Right::ManageSubscriptions), test::handler),
        PageRoute::post("/portaal/abonnementen/{id}/testen/controle", Grant(Right::ManageSubscriptions), test::check),
        PageRoute::get(
            "/portaal/abonnementen/{id}/inloggegevens",
            Grant(Right::ManageSubscriptions),
            credential::handler,
        ),
        PageRoute::post(
            "/portaal/abonnementen/{id}/inloggegevens",
            Grant(Right::ManageSubscriptions),
            credential::post,
        ),
    ]
}

/// The pages for subscribers that the console has too.
fn shared_pages() -> Vec<PageRoute> {
    use Needs::Right as Grant;
    vec![
        PageRoute::get("/portaal/abonnementen", Grant(Right::SeeSubscriptions), subscriptions::list),
        PageRoute::get("/portaal/abonnementen/csv", Grant(Right::SeeSubscriptions), subscriptions::export),
        PageRoute::get("/portaal/abonnementen/samen", Grant(Right::ManageSubscriptions), subscriptions::ask_bulk),
        PageRoute::post("/portaal/abonnementen/samen", Grant(Right::ManageSubscriptions), subscriptions::bulk),
        PageRoute::get(
            "/portaal/abonnementen/{id}/wijzigen",
            Grant(Right::ManageSubscriptions),
            subscriptions::ask_change,
        ),
        PageRoute::post(
            "/portaal/abonnementen/{id}/wijzigen",
            Grant(Right::ManageSubscriptions),
            subscriptions::change,
        )
        .keeping(FormPage::Same),
        PageRoute::post_repeatable(
            "/portaal/abonnementen/{id}/wijzigen/formulier",
            Grant(Right::ManageSubscriptions),
            subscriptions::redraw_change,
        )
        .keeping(FormPage::Above),
        PageRoute::get("/portaal/abonnementen/{id}", Grant(Right::SeeSubscriptions), subscriptions::detail),
        PageRoute::post("/portaal/abonnementen/{id}/pauzeren", Grant(Right::ManageSubscriptions), subscriptions::pause),
        PageRoute::post(
            "/portaal/abonnementen/{id}/hervatten",
            Grant(Right::ManageSubscriptions),
            subscriptions::resume,
        ),
        PageRoute::post(
            "/portaal/abonnementen/{id}/toestemming",
            Grant(Right::ManageSubscriptions),
            subscriptions::revalidate,
        ),
        PageRoute::get(
            "/portaal/abonnementen/{id}/verwijderen",
            Grant(Right::ManageSubscriptions),
            subscriptions::ask_delete,
        ),
        PageRoute::post(
            "/portaal/abonnementen/{id}/verwijderen",
            Grant(Right::ManageSubscriptions),
            subscriptions::delete,
        ),
        PageRoute::get(
            "/portaal/abonnementen/{id}/bezorgingen",
            Grant(Right::SeeSubscriptions),
            subscriptions::deliveries,
        ),
        PageRoute::get(
            "/portaal/abonnementen/{id}/bezorgingen/opnieuw",
            Grant(Right::Resend),
            events::ask_chosen_deliveries,
        ),
        PageRoute::post(
            "/portaal/abonnementen/{id}/bezorgingen/opnieuw",
            Grant(Right::Resend),
            events::redeliver_chosen_deliveries,
        ),
        PageRoute::get("/portaal/abonnementen/{id}/herhalen", Grant(Right::Resend), subscriptions::ask_replay)
            .with_own_bound(),
        PageRoute::post("/portaal/abonnementen/{id}/herhalen", Grant(Right::Resend), subscriptions::replay),
        PageRoute::get(DELIVERY, Grant(Right::SeeSubscriptions), subscriptions::delivery),
        PageRoute::post(DELIVERY, Grant(Right::Resend), subscriptions::redeliver),
        PageRoute::get("/portaal/kanalen", Grant(Right::UsePortal), kanalen::list),
        PageRoute::get("/portaal/kanalen/{naam}", Grant(Right::UsePortal), kanalen::detail),
        PageRoute::get("/portaal/typen", Grant(Right::UsePortal), types::list),
        PageRoute::get("/portaal/typen/{type}", Grant(Right::UsePortal), types::read),
        PageRoute::get("/portaal/zoek", Grant(Right::UsePortal), search::handler),
        PageRoute::get("/portaal/events", Grant(Right::SeeEvents), events::list),
        PageRoute::get("/portaal/events/csv", Grant(Right::SeeEvents), events::export),
        PageRoute::get("/portaal/events/opnieuw", Grant(Right::Resend), events::ask_chosen),
        PageRoute::post("/portaal/events/opnieuw", Grant(Right::Resend), events::redeliver_chosen),
        PageRoute::get("/portaal/events/{source}/{id}", Grant(Right::SeeEvents), events::detail),
        PageRoute::get("/portaal/events/{source}/{id}/opnieuw", Grant(Right::Resend), events::ask_redeliver),
        PageRoute::post("/portaal/events/{source}/{id}/opnieuw", Grant(Right::Resend), events::redeliver),
        PageRoute::get("/portaal/events/{source}/{id}/inhoud", Grant(Right::SeeContent), events::ask_content),
        PageRoute::post_repeatable("/portaal/events/{source}/{id}/inhoud", Grant(Right::SeeContent), events::content)
            .keeping(FormPage::Same),
        PageRoute::get("/portaal/dead-letters", Grant(Right::SeeEvents), dead_letters::list),
        PageRoute::get("/portaal/dead-letters/csv", Grant(Right::SeeEvents), dead_letters::export),
        PageRoute::get("/portaal/dead-letters/opnieuw", Grant(Right::Resend), dead_letters::ask_redrive),
        PageRoute::post("/portaal/dead-letters/opnieuw", Grant(Right::Resend), dead_letters::redrive),
        PageRoute::get("/portaal/dead-letters/verwijderen", Grant(Right::Resend), dead_letters::ask_delete),
        PageRoute::post("/portaal/dead-letters/verwijderen", Grant(Right::Resend), dead_letters::delete),
        PageRoute::get("/portaal/runs", Grant(Right::SeeSubscriptions), runs::handler),
        PageRoute::post("/portaal/runs/{id}/stoppen", Grant(Right::Resend), runs::stop),
        PageRoute::get("/portaal/applicaties", Grant(Right::SeeApplicaties), applicaties::handler),
        PageRoute::get("/portaal/logboek", Grant(Right::SeeOwnAudit), audit::list),
    ]
}

/// The pages for publishers.
fn publisher_pages() -> Vec<PageRoute> {
    use Needs::Right as Grant;
    vec![
        PageRoute::get("/portaal/publiceren", Grant(Right::PublishByHand), publish::form),
        PageRoute::post("/portaal/publiceren", Grant(Right::PublishByHand), publish::post).keeping(FormPage::Same),
        PageRoute::get("/portaal/events/{source}/{id}/nieuw", Grant(Right::PublishByHand), publish::ask_again),
        PageRoute::post("/portaal/events/{source}/{id}/nieuw", Grant(Right::PublishByHand), publish::again),
        PageRoute::get(own_kanalen::PATH, Grant(Right::Approve), own_kanalen::list),
        PageRoute::get(own_kanalen::ONE, Grant(Right::Approve), own_kanalen::detail),
        PageRoute::get("/portaal/goedkeuringen", Grant(Right::Approve), approvals::list),
        PageRoute::get("/portaal/goedkeuringen/{kanaal}/{subscription}", Grant(Right::Approve), approvals::detail),
        PageRoute::post_repeatable(
            "/portaal/goedkeuringen/{kanaal}/{subscription}/voorbeeld",
            Grant(Right::Approve),
            approvals::try_out,
        )
        .keeping(FormPage::Above),
        PageRoute::post(
            "/portaal/goedkeuringen/{kanaal}/{subscription}/goedkeuren",
            Grant(Right::Approve),
            approvals::approve,
        )
        .keeping(FormPage::Above),
        PageRoute::post(
            "/portaal/goedkeuringen/{kanaal}/{subscription}/afkeuren",
            Grant(Right::Approve),
            approvals::reject,
        )
        .keeping(FormPage::Above),
    ]
}
