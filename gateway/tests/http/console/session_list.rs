//! The page of sessions: who sees which, ending them, and the overview of roles.

use model::{ExtraRight, Grants, Role};

use super::{Browser, CONSOLE, reason, text};
use crate::support::{BEHEER, Gateway};

const PATH: &str = "/beheer/sessies";

fn end(browser: &Browser, what: &str) -> String {
    // The session of a login link has the id of the link.
    format!("{PATH}/{}/{what}", browser.subject)
}

#[tokio::test]
async fn who_is_logged_in_is_seen_by_those_who_may_and_others_see_their_own() {
    let gateway = Gateway::with(CONSOLE).await;
    let grants = Grants { extra: vec![ExtraRight::Inhoud], ..Grants::of(Role::Lezer) };
    let reader = Browser::log_in(&gateway, grants).await;
    let administrator = Browser::with_role(&gateway, Role::Beheerder).await;
    let auditor = Browser::with_role(&gateway, Role::Auditor).await;
    let page = text(&administrator.get(PATH).await.expect(200));
    for part in [
        reader.subject.as_str(),
        &administrator.subject,
        &auditor.subject,
        "3 sessies",
        "lezer, inhoud",
        "Gegeven door een inloglink",
        "session.start",
        "In gebruik",
        "Deze browser",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
    assert_eq!(page.matches("Tester").count(), 1, "names of others are not shown");
    let own = text(&reader.get(PATH).await.expect(200));
    assert!(own.contains(&reader.subject) && own.contains("1 sessie<"), "{own}");
    assert!(!own.contains(&administrator.subject) && !own.contains("rollen.csv"), "{own}");
    let seen = text(&auditor.get(PATH).await.expect(200));
    assert_eq!(seen.matches("beeindigen\"").count(), 1, "an auditor ends only its own: {seen}");
    // The list goes on from what was read before.
    assert!(!page.contains("audit.view"), "{page}");
    auditor.get("/beheer/logboek").await.expect(200);
    assert!(text(&administrator.get(PATH).await.expect(200)).contains("audit.view"));
    // After a log-out a session is no longer there.
    auditor.post("/beheer/uitloggen", "").await.expect(303);
    assert!(!text(&administrator.get(PATH).await.expect(200)).contains(&auditor.subject));
}

#[tokio::test]
async fn a_session_or_all_of_a_person_are_ended_by_those_who_may() {
    let gateway = Gateway::with(CONSOLE).await;
    let reader = Browser::with_role(&gateway, Role::Lezer).await;
    let other = Browser::with_role(&gateway, Role::Lezer).await;
    let auditor = Browser::with_role(&gateway, Role::Auditor).await;
    let platform = Browser::with_role(&gateway, Role::Platform).await;
    for what in ["beeindigen", "beeindigen-alle"] {
        auditor.post(&end(&reader, what), "").await.expect(403);
        other.post(&end(&reader, what), "").await.expect(404);
        platform.post(&format!("{PATH}/x/{what}"), "").await.expect(404);
    }
    reader.get("/beheer").await.expect(200);
    let done = platform.post(&end(&reader, "beeindigen"), "").await.expect(303);
    assert_eq!(done.header("location"), Some("/beheer/sessies?gedaan=sessie-beeindigd"));
    reader.get("/beheer").await.expect(303);
    other.post(&end(&other, "beeindigen-alle"), "").await.expect(303);
    other.get("/beheer").await.expect(303);
    let page = text(&platform.get(PATH).await.expect(200));
    assert!(page.contains("2 sessies") && !page.contains(&reader.subject) && !page.contains(&other.subject), "{page}");
    // On every node, so also after a restart, and the list is still there.
    let gateway = gateway.restart().await;
    let platform = Browser::with_role(&gateway, Role::Platform).await;
    let page = text(&platform.get(PATH).await.expect(200));
    assert!(page.contains("3 sessies") && page.contains("Niet gezien door deze node"), "{page}");
    assert!(!page.contains(&reader.subject), "{page}");
}

#[tokio::test]
async fn the_overview_of_roles_has_a_row_for_each_person_and_is_recorded() {
    let gateway = Gateway::with(CONSOLE).await;
    let reader = Browser::with_role(&gateway, Role::Lezer).await;
    reader.get(&format!("{PATH}/rollen.csv")).await.expect(403);
    let grants = Grants { extra: vec![ExtraRight::Publiceren], ..Grants::of(Role::Beheerder) };
    let administrator = Browser::log_in(&gateway, grants).await;
    let answer = administrator.get(&format!("{PATH}/rollen.csv")).await.expect(200);
    assert_eq!(answer.header("content-disposition"), Some("attachment; filename=\"rollen.csv\""));
    let csv = String::from_utf8(answer.body.to_vec()).unwrap();
    let rows: Vec<&str> = csv.lines().collect();
    assert_eq!((rows.len(), rows[0]), (3, "issuer,subject,roles,grantedBy,lastLogIn,logIns"), "{csv}");
    let own = format!("login-link,{},beheerder publiceren,,", administrator.subject);
    assert!(rows.iter().any(|row| row.starts_with(&own) && row.ends_with(",1")), "{own} in {csv}");
    let list = gateway.client(BEHEER).get("/v1/audit?action=audit.export").await.expect(200).json();
    assert_eq!(reason(&list["results"][0]), Some("roles"), "{list:#}");
}
