//! The pages of requests for approval.

use model::{Grants, Role};
use serde_json::json;

use super::{Browser, CONSOLE, made_of, text, two_versions};
use crate::support::{BEHEER, CONSUMER, Gateway, OTHER, PUBLISHER, eventually};

const LIST: &str = "/beheer/goedkeuringen";

fn acting(role: Role, client: &str) -> Grants {
    Grants { client_ids: vec![client.to_owned()], ..Grants::of(role) }
}

/// A gateway with a kanaal of `PUBLISHER` that asks for approval, and a subscription that waits for it.
async fn waiting() -> (Gateway, String) {
    let gateway = Gateway::with(CONSOLE).await;
    let kanaal = json!({"naam": "zaken", "approval": "required"});
    gateway.client(PUBLISHER).post("/v1/kanalen", kanaal).await.expect(201);
    let body = json!({
        "sink": "http://127.0.0.1:9/wacht?token=hush", "protocol": "HTTP", "types": ["a.b"],
        "config": {"kanalen": ["zaken"], "name": "<b>Zaaksysteem"},
    });
    let id = gateway.client(CONSUMER).post("/v1/subscriptions", body).await.expect(201).json()["id"].clone();
    (gateway, id.as_str().expect("an id").to_owned())
}

/// The version that the form of a request contains.
fn version(page: &str) -> String {
    let (_, rest) = page.split_once("name=\"versie\" value=\"").expect("a version");
    rest.split('"').next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn requests_are_listed_for_who_answers_for_the_kanaal() {
    let (gateway, id) = waiting().await;
    let path = format!("{LIST}/zaken/{id}");
    for (grants, status, sees) in [
        (Grants::of(Role::Beheerder), 200, true),
        (acting(Role::Kanaaleigenaar, PUBLISHER), 200, true),
        (acting(Role::Kanaaleigenaar, OTHER), 200, false),
        (Grants::of(Role::Lezer), 403, false),
    ] {
        let browser = Browser::log_in(&gateway, grants.clone()).await;
        let page = text(&browser.get(LIST).await.expect(status));
        assert_eq!(page.contains("&#60;b&#62;Zaaksysteem"), sees, "{grants:?}");
        assert_eq!(page.contains("Er wacht geen abonnement op uw goedkeuring."), status == 200 && !sees, "{grants:?}");
        assert!(!page.contains("hush"), "{grants:?}");
        let found = if sees {
            200
        } else if status == 403 {
            403
        } else {
            404
        };
        let page = text(&browser.get(&path).await.expect(found));
        assert_eq!(page.contains("typen: a.b"), sees, "{grants:?}");
    }
    let other = Browser::log_in(&gateway, acting(Role::Kanaaleigenaar, OTHER)).await;
    for action in ["voorbeeld", "goedkeuren", "afkeuren"] {
        other.post(&format!("{path}/{action}"), "versie=1&reden=x").await.expect(404);
    }
    let english = Browser::with_role(&gateway, Role::Beheerder).await.get(&format!("{path}?taal=en")).await.expect(200);
    assert!(text(&english).contains("Your decision"));
}

#[tokio::test]
async fn a_request_is_approved_and_is_no_longer_listed() {
    let (gateway, id) = waiting().await;
    let path = format!("{LIST}/zaken/{id}");
    let browser = Browser::log_in(&gateway, acting(Role::Kanaaleigenaar, PUBLISHER)).await;
    let version = version(&text(&browser.get(&path).await.expect(200)));
    browser.post(&format!("{path}/goedkeuren"), "versie=1").await.expect(412);
    let answer = browser.post(&format!("{path}/goedkeuren"), &format!("versie={version}")).await.expect(303);
    assert_eq!(answer.header("location"), Some("/beheer/goedkeuringen?gedaan=goedgekeurd"));
    let page = text(&browser.get(&format!("{LIST}?gedaan=goedgekeurd")).await.expect(200));
    assert!(page.contains("Het abonnement is goedgekeurd.") && !page.contains("Zaaksysteem"), "{page}");
    let page = text(&browser.get(&path).await.expect(200));
    assert!(page.contains("Goedgekeurd") && page.contains("Beslist door"), "{page}");
}

#[tokio::test]
async fn a_decision_about_what_somebody_changed_meanwhile_shows_both_versions_and_who_it_was() {
    let (gateway, id) = waiting().await;
    let (path, api) = (format!("{LIST}/zaken/{id}"), format!("/v1/subscriptions/{id}"));
    let browser = Browser::with_role(&gateway, Role::Beheerder).await;
    let owner = Browser::log_in(&gateway, acting(Role::Kanaaleigenaar, PUBLISHER)).await;
    let form = made_of(&text(&browser.get(&path).await.expect(200)));
    let own_form = made_of(&text(&owner.get(&path).await.expect(200)));
    let change = json!({"types": ["a.b", "c.d"], "config": {"contact": "beheer@voorbeeld.example"}});
    gateway.client(CONSUMER).patch(&api, change).await.expect(200);
    for (action, fields) in [("goedkeuren", "onthulling=zonder-inhoud&reden=Akkoord"), ("afkeuren", "reden=Akkoord")] {
        let (fields, own_fields) = (format!("{form}&{fields}"), format!("{own_form}&{fields}"));
        let page = text(&browser.post(&format!("{path}/{action}"), &fields).await.expect(412));
        let table = two_versions(&page);
        for part in ["Contact", "beheer@voorbeeld.example", "typen: a.b</td>", "c.d", "Toen u de pagina opende", "Nu"] {
            assert!(table.contains(part), "{part} in {table}");
        }
        assert!(!table.contains("Zaaksysteem") && !page.contains("hush"), "only what differs: {page}");
        let by =
            format!("Gewijzigd door: Applicatie <span class=\"utrecht-url-data\" translate=\"no\">{CONSUMER}</span>");
        assert!(page.contains("Laatste wijziging: <time") && page.contains(&by), "{page}");
        assert!(page.contains("value=\"Akkoord\"") && page.contains("<title>Fout:"), "{page}");
        // The owner of the kanaal is not told who it was.
        let page = text(&owner.post(&format!("{path}/{action}"), &own_fields).await.expect(412));
        assert!(page.contains("Gewijzigd door: Applicatie</p>") && two_versions(&page).contains("c.d"), "{page}");
    }
    let state = gateway.client(BEHEER).get(&api).await.expect(200).json()["status"]["state"].clone();
    assert_eq!(state, "awaiting-approval", "nothing is stored");

    // Another decision meanwhile is not overwritten either.
    let form = made_of(&text(&browser.get(&path).await.expect(200)));
    let own_form = made_of(&text(&owner.get(&path).await.expect(200)));
    browser.post(&format!("{path}/goedkeuren"), &form).await.expect(303);
    let late = format!("{form}&reden=Nee");
    let page = text(&browser.post(&format!("{path}/afkeuren"), &late).await.expect(412));
    let table = two_versions(&page);
    assert!(table.contains("Wacht") && table.contains("Goedgekeurd") && !table.contains("c.d"), "{table}");
    assert!(page.contains("Gewijzigd door: uzelf, in een ander venster"), "{page}");
    let late = format!("{own_form}&reden=Nee");
    let page = text(&owner.post(&format!("{path}/afkeuren"), &late).await.expect(412));
    assert!(page.contains("Gewijzigd door: Persoon</p>"), "{page}");
    // The page is about the present decision, so the next form changes it.
    let form = format!("{}&reden=Nee", made_of(&page));
    owner.post(&format!("{path}/afkeuren"), &form).await.expect(303);
}

#[tokio::test]
async fn a_request_is_rejected_with_a_reason() {
    let (gateway, id) = waiting().await;
    let path = format!("{LIST}/zaken/{id}");
    let browser = Browser::with_role(&gateway, Role::Beheerder).await;
    let version = version(&text(&browser.get(&path).await.expect(200)));
    let page = text(&browser.post(&format!("{path}/afkeuren"), &format!("versie={version}")).await.expect(422));
    assert!(page.contains("Fout:") && page.contains("href=\"#reden\""), "{page}");
    assert!(page.contains(&format!("href=\"{path}?taal=en\"")), "the action has no page in the other language: {page}");
    let long = "x".repeat(1_001);
    let fields = format!("versie={version}&reden={long}");
    let page = text(&browser.post(&format!("{path}/goedkeuren"), &fields).await.expect(422));
    assert!(page.contains(&long), "the typed text is kept");
    let fields = format!("versie={version}&reden=Geen+%3Cb%3Edoel");
    browser.post(&format!("{path}/afkeuren"), &fields).await.expect(303);
    let page = text(&browser.get(&path).await.expect(200));
    assert!(page.contains("Afgekeurd") && page.contains("Geen &#60;b&#62;doel"), "{page}");
}

#[tokio::test]
async fn what_is_disclosed_is_tried_on_the_newest_event_and_approved() {
    let (gateway, id) = waiting().await;
    let (path, api) = (format!("{LIST}/zaken/{id}"), format!("/v1/subscriptions/{id}"));
    let browser = Browser::log_in(&gateway, acting(Role::Kanaaleigenaar, PUBLISHER)).await;
    let page = text(&browser.get(&path).await.expect(200));
    assert!(page.contains("Dit kanaal heeft nog geen event") && page.contains("value=\"alles\" selected"), "{page}");
    let more = json!({"subject": "zaak-<1>", "data": {"geheim": "inhoud-1"}});
    gateway.client(PUBLISHER).publish("zaken", "nieuwste", more).await.expect(202);
    eventually("the event", || async {
        let list = gateway.client(BEHEER).get("/v1/events").await.expect(200).json();
        (list["results"].as_array()?.len() == 1).then_some(())
    })
    .await;
    let version = version(&text(&browser.get(&path).await.expect(200)));
    let row = |page: &str, name: &str| {
        let (_, rest) = page.split_once(&format!("translate=\"no\">{name}</td>")).expect("a row");
        rest.split("</tr>").next().unwrap_or_default().to_owned()
    };
    let named = format!("versie={version}&onthulling=genoemde&kenmerken=time");
    let page = text(&browser.post(&format!("{path}/voorbeeld"), &named).await.expect(200));
    assert!(
        row(&page, "subject").contains("zaak-&#60;1&#62;") && row(&page, "subject").ends_with("Nee</td>"),
        "{page}"
    );
    assert!(row(&page, "type").ends_with("Ja</td>") && page.contains("Wordt hier niet getoond"), "{page}");
    assert!(page.contains("value=\"time\"") && page.contains("value=\"genoemde\" selected"), "{page}");
    assert!(!page.contains("inhoud-1"), "{page}");
    let found = gateway.client(BEHEER).get(&api).await.expect(200).json();
    assert_eq!(found["status"]["state"], "awaiting-approval", "nothing is stored: {found}");

    let wrong = format!("versie={version}&onthulling=genoemde&kenmerken=time,+Zaaktype");
    for action in ["voorbeeld", "goedkeuren"] {
        let page = text(&browser.post(&format!("{path}/{action}"), &wrong).await.expect(422));
        assert!(page.contains("href=\"#kenmerken\"") && page.contains("Zaaktype is geen naam"), "{page}");
    }
    browser.post(&format!("{path}/goedkeuren"), &named).await.expect(303);
    let page = text(&browser.get(&path).await.expect(200));
    assert!(page.contains("Id, bron, type en deze kenmerken: time. Zonder inhoud"), "{page}");
    let found = gateway.client(BEHEER).get(&api).await.expect(200).json();
    assert!(found.to_string().contains("{\"attributes\":[\"time\"],\"data\":false}"), "{found}");
}
