//! The table of routes of the console.

use management::Right;

use crate::{
    FormPage, Needs, PageRoute,
    login_link::PATH,
    pages::{
        about, applicaties, approvals, assets, audit, configuration, dead_letters, events, kanalen, live, log_in,
        log_out, login_link, overview, portal::own_kanalen, provider, publish, runs, schemas, search, sessions,
        subscriptions, system, to_people, types,
    },
    provider::REDIRECT,
};

/// The path of the page for search engines, which both areas need.
pub const ROBOTS: &str = "/robots.txt";

/// The path of a delivery.
const DELIVERY: &str = "/beheer/bezorgingen/{subscription}/{kanaal}/{partitie}/{positie}";

/// Every route.
pub fn routes() -> Vec<PageRoute> {
    use Needs::{Nothing, Provider, Right as Grant, Session};
    vec![
        PageRoute::get("/beheer", Grant(Right::Read), overview::handler),
        PageRoute::get(search::PATH, Grant(Right::Read), search::handler),
        PageRoute::get(types::PATH, Grant(Right::Read), types::list),
        PageRoute::get(types::ONE, Grant(Right::Read), types::read),
        PageRoute::get(schemas::NEW, Grant(Right::Publish), schemas::new),
        PageRoute::post(schemas::NEW, Grant(Right::Publish), schemas::register).keeping(FormPage::Same),
        PageRoute::get("/beheer/schemas/{naam}/intrekken", Grant(Right::Publish), schemas::ask_withdraw),
        PageRoute::post("/beheer/schemas/{naam}/intrekken", Grant(Right::Publish), schemas::withdraw),
        PageRoute::get(about::PATH, Grant(Right::Read), about::handler),
        PageRoute::get(configuration::PATH, Grant(Right::SeeConfiguration), configuration::handler),
        PageRoute::post_repeatable(configuration::PATH, Grant(Right::Recheck), configuration::post),
        PageRoute::get(system::PATH, Grant(Right::SeeConfiguration), system::handler),
        PageRoute::get(applicaties::PATH, Grant(Right::SeeApplicaties), applicaties::handler),
        PageRoute::post(applicaties::RIGHTS, Grant(Right::Recheck), applicaties::ask_rights),
        PageRoute::get(audit::PATH, Grant(Right::SeeOwnAudit), audit::list),
        PageRoute::get(audit::EXPORT, Grant(Right::ExportAudit), audit::export),
        PageRoute::post(audit::CHAIN, Grant(Right::SeeAudit), audit::verify),
        PageRoute::get(sessions::PATH, Grant(Right::Read), sessions::list),
        PageRoute::get(sessions::ROLES, Grant(Right::SeeSessions), sessions::roles),
        PageRoute::post("/beheer/sessies/{id}/beeindigen", Grant(Right::Read), sessions::end),
        PageRoute::post("/beheer/sessies/{id}/beeindigen-alle", Grant(Right::Read), sessions::end_all),
        PageRoute::get(to_people::PATH, Grant(Right::SeePeople), to_people::overview),
        PageRoute::get(to_people::MAILINGS, Grant(Right::SeePeople), to_people::mailings),
        PageRoute::post(to_people::STOP, Grant(Right::Purge), to_people::stop),
        PageRoute::get(to_people::RESEND, Grant(Right::Purge), to_people::ask_resend),
        PageRoute::post(to_people::RESEND, Grant(Right::Purge), to_people::resend),
        PageRoute::get(to_people::SENDING, Grant(Right::SeePeople), to_people::ask_sending),
        PageRoute::post(to_people::SENDING, Grant(Right::Purge), to_people::sending),
        PageRoute::get(to_people::BOUNCES, Grant(Right::SeePeople), to_people::bounces),
        PageRoute::get(to_people::LOOK_UP, Grant(Right::LookUpAddressee), to_people::ask_look_up),
        PageRoute::post_repeatable(to_people::LOOK_UP, Grant(Right::LookUpAddressee), to_people::look_up),
        PageRoute::get(to_people::TEXTS, Grant(Right::SeePeople), to_people::texts),
        PageRoute::get("/beheer/mensen/teksten/{naam}", Grant(Right::SeePeople), to_people::preview),
        PageRoute::get(live::PATH, Grant(Right::SeeEvents), live::page),
        PageRoute::get(live::STREAM, Grant(Right::SeeEvents), live::stream),
        PageRoute::get(publish::PATH, Grant(Right::PublishByHand), publish::form),
        PageRoute::post(publish::PATH, Grant(Right::PublishByHand), publish::post).keeping(FormPage::Same),
        PageRoute::get("/beheer/events/{source}/{id}/nieuw", Grant(Right::PublishByHand), publish::ask_again),
        PageRoute::post("/beheer/events/{source}/{id}/nieuw", Grant(Right::PublishByHand), publish::again),
        PageRoute::get("/beheer/kanalen", Grant(Right::Read), kanalen::list),
        PageRoute::get("/beheer/kanalen/{naam}", Grant(Right::Read), kanalen::detail),
        PageRoute::get("/beheer/kanalen/{naam}/cijfers", Grant(Right::Approve), own_kanalen::detail),
        PageRoute::get(kanalen::NEW, Grant(Right::ManageKanalen), kanalen::new),
        PageRoute::post(kanalen::NEW, Grant(Right::ManageKanalen), kanalen::create).keeping(FormPage::Same),
        PageRoute::get("/beheer/kanalen/{naam}/wijzigen", Grant(Right::ManageKanalen), kanalen::ask_change),
        PageRoute::post("/beheer/kanalen/{naam}/wijzigen", Grant(Right::ManageKanalen), kanalen::change)
            .keeping(FormPage::Same),
        PageRoute::get("/beheer/kanalen/{naam}/verwijderen", Grant(Right::Purge), kanalen::ask_delete),
        PageRoute::post("/beheer/kanalen/{naam}/verwijderen", Grant(Right::Purge), kanalen::delete),
        PageRoute::get("/beheer/goedkeuringen", Grant(Right::Approve), approvals::list),
        PageRoute::get("/beheer/goedkeuringen/{kanaal}/{subscription}", Grant(Right::Approve), approvals::detail),
        PageRoute::post_repeatable(
            "/beheer/goedkeuringen/{kanaal}/{subscription}/voorbeeld",
            Grant(Right::Approve),
            approvals::try_out,
        )
        .keeping(FormPage::Above),
        PageRoute::post(
            "/beheer/goedkeuringen/{kanaal}/{subscription}/goedkeuren",
            Grant(Right::Approve),
            approvals::approve,
        )
        .keeping(FormPage::Above),
        PageRoute::post(
            "/beheer/goedkeuringen/{kanaal}/{subscription}/afkeuren",
            Grant(Right::Approve),
            approvals::reject,
        )
        .keeping(FormPage::Above),
        PageRoute::get("/beheer/events", Grant(Right::SeeEvents), events::list),
        PageRoute::get("/beheer/events/csv", Grant(Right::SeeEvents), events::export),
        PageRoute::get("/beheer/events/opnieuw", Grant(Right::Resend), events::ask_chosen),
        PageRoute::post("/beheer/events/opnieuw", Grant(Right::Resend), events::redeliver_chosen),
        PageRoute::get("/beheer/events/{source}/{id}", Grant(Right::SeeEvents), events::detail),
        PageRoute::get("/beheer/events/{source}/{id}/opnieuw", Grant(Right::Resend), events::ask_redeliver),
        PageRoute::post("/beheer/events/{source}/{id}/opnieuw", Grant(Right::Resend), events::redeliver),
        PageRoute::get("/beheer/events/{source}/{id}/inhoud", Grant(Right::SeeContent), events::ask_content),
        PageRoute::post_repeatable("/beheer/events/{source}/{id}/inhoud", Grant(Right::SeeContent), events::content)
            .keeping(FormPage::Same),
        PageRoute::get("/beheer/assets/{file}", Nothing, assets::read),
        PageRoute::get(ROBOTS, Nothing, assets::robots),
        PageRoute::get("/beheer/inloggen", Nothing, log_in::handler),
        PageRoute::get(PATH, Nothing, login_link::handler),
        PageRoute::post_repeatable(PATH, Nothing, login_link::post),
        PageRoute::get("/beheer/oidc/start", Nothing, provider::begin).with_own_bound(),
        PageRoute::get(REDIRECT, Nothing, provider::back).with_own_bound(),
        PageRoute::post_repeatable("/beheer/oidc/backchannel", Provider, provider::back_channel),
        PageRoute::post_repeatable("/beheer/uitloggen", Session, log_out::post),
        PageRoute::get("/beheer/uitgelogd", Nothing, log_out::handler),
        PageRoute::get("/beheer/abonnementen", Grant(Right::SeeSubscriptions), subscriptions::list),
        PageRoute::get("/beheer/abonnementen/csv", Grant(Right::SeeSubscriptions), subscriptions::export),
        PageRoute::get("/beheer/abonnementen/nieuw", Grant(Right::ManageSubscriptions), subscriptions::new),
        PageRoute::post("/beheer/abonnementen/nieuw", Grant(Right::ManageSubscriptions), subscriptions::create)
            .keeping(FormPage::Same),
        PageRoute::post_repeatable(
            "/beheer/abonnementen/nieuw/formulier",
            Grant(Right::ManageSubscriptions),
            subscriptions::redraw_new,
        )
        .keeping(FormPage::Above),
        PageRoute::get("/beheer/abonnementen/samen", Grant(Right::ManageSubscriptions), subscriptions::ask_bulk),
        PageRoute::post("/beheer/abonnementen/samen", Grant(Right::ManageSubscriptions), subscriptions::bulk),
        PageRoute::get("/beheer/abonnementen/{id}", Grant(Right::SeeSubscriptions), subscriptions::detail),
        PageRoute::get(
            "/beheer/abonnementen/{id}/wijzigen",
            Grant(Right::ManageSubscriptions),
            subscriptions::ask_change,
        ),
        PageRoute::post("/beheer/abonnementen/{id}/wijzigen", Grant(Right::ManageSubscriptions), subscriptions::change)
            .keeping(FormPage::Same),
        PageRoute::post_repeatable(
            "/beheer/abonnementen/{id}/wijzigen/formulier",
            Grant(Right::ManageSubscriptions),
            subscriptions::redraw_change,
        )
        .keeping(FormPage::Above),
        PageRoute::post("/beheer/abonnementen/{id}/testen", Grant(Right::ManageSubscriptions), subscriptions::test),
        PageRoute::post(
            "/beheer/abonnementen/{id}/controleren",
            Grant(Right::ManageSubscriptions),
            subscriptions::check,
        ),
        PageRoute::post("/beheer/abonnementen/{id}/pauzeren", Grant(Right::ManageSubscriptions), subscriptions::pause),
        PageRoute::post(
            "/beheer/abonnementen/{id}/hervatten",
            Grant(Right::ManageSubscriptions),
            subscriptions::resume,
        ),
        PageRoute::post(
            "/beheer/abonnementen/{id}/toestemming",
            Grant(Right::ManageSubscriptions),
            subscriptions::revalidate,
        ),
        PageRoute::get(
            "/beheer/abonnementen/{id}/verwijderen",
            Grant(Right::ManageSubscriptions),
            subscriptions::ask_delete,
        ),
        PageRoute::post(
            "/beheer/abonnementen/{id}/verwijderen",
            Grant(Right::ManageSubscriptions),
            subscriptions::delete,
        ),
        PageRoute::get(
            "/beheer/abonnementen/{id}/bezorgingen",
            Grant(Right::SeeSubscriptions),
            subscriptions::deliveries,
        ),
        PageRoute::get(
            "/beheer/abonnementen/{id}/bezorgingen/opnieuw",
            Grant(Right::Resend),
            events::ask_chosen_deliveries,
        ),
        PageRoute::post(
            "/beheer/abonnementen/{id}/bezorgingen/opnieuw",
            Grant(Right::Resend),
            events::redeliver_chosen_deliveries,
        ),
        PageRoute::get("/beheer/abonnementen/{id}/herhalen", Grant(Right::Resend), subscriptions::ask_replay)
            .with_own_bound(),
        PageRoute::post("/beheer/abonnementen/{id}/herhalen", Grant(Right::Resend), subscriptions::replay),
        PageRoute::get(DELIVERY, Grant(Right::SeeSubscriptions), subscriptions::delivery),
        PageRoute::post(DELIVERY, Grant(Right::Resend), subscriptions::redeliver),
        PageRoute::get("/beheer/runs", Grant(Right::SeeSubscriptions), runs::handler),
        PageRoute::post("/beheer/runs/{id}/stoppen", Grant(Right::Resend), runs::stop),
        PageRoute::get("/beheer/dead-letters", Grant(Right::SeeEvents), dead_letters::list),
        PageRoute::get("/beheer/dead-letters/csv", Grant(Right::SeeEvents), dead_letters::export),
        PageRoute::get("/beheer/dead-letters/opnieuw", Grant(Right::Resend), dead_letters::ask_redrive),
        PageRoute::post("/beheer/dead-letters/opnieuw", Grant(Right::Resend), dead_letters::redrive),
        PageRoute::get("/beheer/dead-letters/verwijderen", Grant(Right::Resend), dead_letters::ask_delete),
        PageRoute::post("/beheer/dead-letters/verwijderen", Grant(Right::Resend), dead_letters::delete),
    ]
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::*;

    #[test]
    fn a_form_that_is_kept_has_its_page_in_the_table() {
        let mut seen = 0;
        for table in [routes(), crate::portal_routes()] {
            for route in &table {
                let Some(page) = route.keeps.map(|keeps| keeps.of(route.path)) else { continue };
                let is_page = |other: &&PageRoute| other.method == Method::GET && other.path == page;
                let found = table.iter().find(is_page);
                assert_eq!(found.map(|found| found.needs), Some(route.needs), "{}", route.path);
                seen += 1;
            }
        }
        assert!(seen > 15, "{seen}");
    }
}
