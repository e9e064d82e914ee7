//! The forms of the portal: recovery after an outage, a new subscription, its credential, and tests of its receiver.

use http::Method;
use model::Role;
use serde_json::json;

use super::{
    Browser, made_of,
    portal::{acting, gateway_with_portal, subscriber},
    text, two_versions,
};
use crate::support::{BEHEER, CONSUMER, PUBLISHER, eventually};

const RECOVER: &str = "/portaal/herstellen";
const NEW: &str = "/portaal/abonnementen/nieuw";

/// The value of a hidden field.
fn field<'a>(page: &'a str, name: &str) -> &'a str {
    let (_, rest) = page.split_once(&format!("type=\"hidden\" name=\"{name}\" value=\"")).expect("a hidden field");
    rest.split('"').next().unwrap_or_default()
}

fn encoded(text: &str) -> String {
    text.replace('%', "%25").replace(':', "%3A").replace('/', "%2F").replace('+', "%2B")
}

#[tokio::test]
async fn a_subscriber_recovers_what_failed_after_an_outage() {
    let (gateway, sink, id) = gateway_with_portal().await;
    sink.answers(&[422]);
    for event in ["1", "2"] {
        gateway.client(PUBLISHER).publish("zaken", event, json!({})).await.expect(202);
    }
    let client = gateway.client(CONSUMER);
    eventually("dead letters", || async {
        let list = client.get("/v1/dead-letters").await.expect(200).json();
        (list["count"] == 2).then_some(())
    })
    .await;
    sink.answers(&[204]);
    let browser = subscriber(&gateway, CONSUMER).await;
    assert!(text(&browser.get("/portaal").await.expect(200)).contains("maar 2 bezorgingen mislukten"));
    browser.post(&format!("/portaal/abonnementen/{id}/pauzeren"), "").await.expect(303);
    let form = text(&browser.get(&format!("{RECOVER}?abonnement={id}")).await.expect(200));
    assert!(form.contains(&format!("value=\"{id}\" selected")), "{form}");
    let query = format!("stap=tellen&abonnement={id}&van=2000-01-01&wat=mislukt");
    let page = text(&browser.get(&format!("{RECOVER}?{query}")).await.expect(200));
    assert!(page.contains(">2</dd>") && page.contains("name=\"hervatten\"") && !page.contains("hush"), "{page}");
    assert_eq!(sink.seen(&Method::POST).len(), 2, "the count delivers nothing");
    let (from, until) = (encoded(field(&page, "van")), encoded(field(&page, "tot")));
    let fields = format!("abonnement={id}&wat=mislukt&van={from}&tot={until}&hervatten=ja");
    let answer = browser.post(RECOVER, &fields).await.expect(303);
    assert_eq!(answer.header("location"), Some("/portaal/runs?gedaan=run-gestart"));
    let seen = sink.wait(Method::POST, 4).await;
    let mut again: Vec<_> = seen[2..].iter().map(|request| request.json()["id"].to_string()).collect();
    again.sort();
    assert_eq!(again, ["\"1\"", "\"2\""]);
    let page = text(&browser.get("/portaal/runs?gedaan=run-gestart").await.expect(200));
    assert!(page.contains("De events worden opnieuw bezorgd.") && page.contains("Gekozen events"), "{page}");
    // Everything again counts what was delivered as well.
    let page = text(&browser.get(&format!("{RECOVER}?{}", query.replace("mislukt", "alles"))).await.expect(200));
    assert!(page.contains(">2</dd>") && page.contains("nog een keer"), "{page}");
}

#[tokio::test]
async fn a_wrong_moment_or_no_subscription_is_explained() {
    let (gateway, _sink, id) = gateway_with_portal().await;
    let browser = subscriber(&gateway, CONSUMER).await;
    for (fields, part) in [
        (format!("abonnement={id}&van=gisteren"), "value=\"gisteren\""),
        (format!("abonnement={id}&van=2999-01-01"), "Kies een moment in het verleden."),
        ("van=2020-01-01".to_owned(), "Kies een abonnement."),
    ] {
        let counted = browser.get(&format!("{RECOVER}?stap=tellen&{fields}")).await;
        for answer in [counted, browser.post(RECOVER, &fields).await] {
            let page = text(&answer.expect(422));
            assert!(page.contains(part) && page.contains("<title>Fout:"), "{fields}: {page}");
        }
    }
    let page = text(&browser.get(&format!("{RECOVER}?stap=tellen&abonnement={id}&van=2020-01-01")).await.expect(200));
    assert!(page.contains("Er is niets om opnieuw te bezorgen."), "{page}");
}

#[tokio::test]
async fn a_subscription_is_made_in_four_steps() {
    let (gateway, sink, _) = gateway_with_portal().await;
    for event in ["1", "2"] {
        gateway.client(PUBLISHER).publish("zaken", event, json!({"type": format!("t.{event}")})).await.expect(202);
    }
    sink.wait(Method::POST, 2).await;
    let browser = subscriber(&gateway, CONSUMER).await;
    let first = text(&browser.get(&format!("{NEW}?kanaal=zaken&type=t.1")).await.expect(200));
    assert!(first.contains("Stap 1 van 4: Waar") && field(&first, "typen") == "t.1", "{first}");
    let address = encoded(&sink.url("/nieuw"));
    for (fields, part) in [
        ("stap=1&eigenaar=consumer&ontvanger=ftp%3A%2F%2Fx", "href=\"#ontvanger\""),
        ("stap=1&eigenaar=iemand-anders&ontvanger=x", "Kies een van uw applicaties."),
        ("stap=1&eigenaar=consumer&naam=%0A%07&ontvanger=x", "Fout:"),
        ("stap=1&eigenaar=consumer&contact=x&ontvanger=x", "Vul een mailadres of een webadres in."),
    ] {
        let page = text(&browser.post(NEW, &fields.replace("consumer", CONSUMER)).await.expect(422));
        assert!(page.contains(part) && page.contains("Stap 1 van 4"), "{fields}: {page}");
    }
    let where_ = format!("eigenaar={CONSUMER}&naam=Mijn+zaken&ontvanger={address}");
    let second = text(&browser.post(NEW, &format!("stap=1&{where_}&kanaal=zaken&typen=t.1")).await.expect(200));
    assert!(second.contains("Stap 2 van 4: Wat") && second.contains("value=\"zaken\" checked"), "{second}");
    for (fields, part) in [
        ("kanaal=anders", "Een gekozen kanaal bestaat niet meer."),
        ("", "Kies minstens één kanaal."),
        ("kanaal=zaken&kenmerken=bron", "naam=waarde"),
    ] {
        let page = text(&browser.post(NEW, &format!("stap=2&{where_}&{fields}")).await.expect(422));
        assert!(page.contains(part) && page.contains("Stap 2 van 4"), "{fields}: {page}");
    }
    let what = format!("{where_}&kanaal=zaken&typen=t.1");
    let third = text(&browser.post(NEW, &format!("stap=2&{what}")).await.expect(200));
    assert!(third.contains("Stap 3 van 4: Hoe"), "{third}");
    for (fields, part) in
        [("start=moment&moment=x", "href=\"#moment\""), ("tempo=0", "Vul een geheel getal vanaf 1 in.")]
    {
        let page = text(&browser.post(NEW, &format!("stap=3&{what}&{fields}")).await.expect(422));
        assert!(page.contains(part) && page.contains("Stap 3 van 4"), "{fields}: {page}");
    }
    let all = format!("{what}&vorm=cloudevent&start=nu");
    let last = text(&browser.post(NEW, &format!("stap=3&{all}")).await.expect(200));
    assert!(last.contains("Stap 4 van 4") && last.contains("1 van de laatste 2 events"), "{last}");
    let back = text(&browser.post(NEW, &format!("stap=4&naar=terug&{all}")).await.expect(200));
    assert!(back.contains("Stap 3 van 4"), "{back}");
    let checked =
        text(&browser.post(NEW, &format!("stap=4&naar=controleren&{all}&geheim=nooit-te-zien")).await.expect(200));
    assert!(checked.contains("Bevindingen per regel") && !checked.contains("nooit-te-zien"), "{checked}");
    assert_eq!(sink.seen(&Method::POST).len(), 2, "the check of a new receiver sends no event");
    let wrong = text(&browser.post(&format!("{NEW}/maken"), &format!("{all}&soort=zgw&client=ik")).await.expect(422));
    assert!(wrong.contains("href=\"#geheim\"") && wrong.contains("value=\"ik\""), "{wrong}");
    let stolen = all.replace(CONSUMER, BEHEER);
    browser.post(&format!("{NEW}/maken"), &stolen).await.expect(422);
    let answer =
        browser.post(&format!("{NEW}/maken"), &format!("{all}&soort=kopregel&geheim=Token+abc")).await.expect(303);
    let location = answer.header("location").expect("a page").to_owned();
    let page = text(&browser.get(&location).await.expect(200));
    assert!(page.contains("Het abonnement is gemaakt.") && page.contains("Mijn zaken"), "{page}");
    assert!(!page.contains("Token abc"), "{page}");
    let id = location.trim_start_matches("/portaal/abonnementen/").split('?').next().unwrap_or_default();
    let client = gateway.client(CONSUMER);
    eventually("consent", || async {
        let one = client.get(&format!("/v1/subscriptions/{id}")).await.expect(200).json();
        (one["status"]["state"] == "granted").then_some(())
    })
    .await;
    gateway.client(PUBLISHER).publish("zaken", "3", json!({"type": "t.1"})).await.expect(202);
    let seen = sink.wait(Method::POST, 4).await;
    let own = seen.iter().find(|request| request.uri.path() == "/nieuw").expect("a delivery");
    assert_eq!(own.header("authorization"), Some("Token abc"));
}

#[tokio::test]
async fn a_credential_is_replaced_and_never_shown() {
    let (gateway, sink, id) = gateway_with_portal().await;
    let browser = subscriber(&gateway, CONSUMER).await;
    let path = format!("/portaal/abonnementen/{id}/inloggegevens");
    let page = text(&browser.get(&path).await.expect(200));
    assert!(page.contains("Nu ingesteld") && page.contains("type=\"password\""), "{page}");
    let (before, version) = (page.clone(), field(&page, "versie").to_owned());
    for (fields, part) in [
        ("soort=kopregel", "href=\"#geheim\""),
        ("soort=basic&client=a%3Ab&geheim=x", "dubbele punt"),
        ("soort=zgw&geheim=x", "href=\"#client\""),
        ("soort=oauth2&client=a&geheim=x&tokenadres=ftp%3A%2F%2Fx", "href=\"#tokenadres\""),
        ("soort=kopregel&geheim=%C3%A9", "Gebruik alleen letters"),
    ] {
        let page = text(&browser.post(&path, &format!("versie={version}&{fields}")).await.expect(422));
        assert!(page.contains(part) && page.contains("<title>Fout:"), "{fields}: {page}");
    }
    let fields = format!("versie={version}&soort=kopregel&geheim=Token+geheim-1");
    let answer = browser.post(&path, &fields).await.expect(303);
    let page = text(&browser.get(answer.header("location").expect("a page")).await.expect(200));
    assert!(page.contains("De inloggegevens zijn vervangen.") && !page.contains("geheim-1"), "{page}");
    gateway.client(PUBLISHER).publish("zaken", "1", json!({})).await.expect(202);
    assert_eq!(sink.wait(Method::POST, 1).await[0].header("authorization"), Some("Token geheim-1"));
    // A form of before that change.
    let form = made_of(&before);
    let page = text(&browser.post(&path, &format!("{form}&soort=zgw&client=a&geheim=geheim-2")).await.expect(412));
    let table = two_versions(&page);
    for part in ["Soort toegangsgegevens", "Toen u de pagina opende", "Nu"] {
        assert!(table.contains(part), "{part} in {table}");
    }
    assert!(page.contains("De inloggegevens zijn niet vervangen.") && !page.contains("geheim-2"), "{page}");
    assert!(page.contains("Gewijzigd door: uzelf, in een ander venster"), "{page}");
    let form = made_of(&page);
    browser.post(&path, &format!("{form}&soort=zgw&client=a&geheim=geheim-2")).await.expect(303);
}

#[tokio::test]
async fn a_receiver_is_tested_with_an_example_and_checked_by_clause() {
    let (gateway, sink, id) = gateway_with_portal().await;
    let schema = json!({
        "name": "zaak", "types": ["nl.zaken.x"], "kanaal": "zaken", "description": "Een zaak",
        "schema": {"type": "object"}, "example": {"naam": "voorbeeld"},
    });
    gateway.client(PUBLISHER).post("/v1/schemas", schema).await.expect(201);
    let browser = subscriber(&gateway, CONSUMER).await;
    let path = format!("/portaal/abonnementen/{id}/testen");
    let page = text(&browser.get(&path).await.expect(200));
    assert!(page.contains("value=\"nl.zaken.x\"") && page.contains(&format!("{path}/event")), "{page}");
    let page = text(&browser.post(&format!("{path}/event"), "type=nl.zaken.x").await.expect(200));
    assert!(page.contains("Aangenomen") && page.contains(">204</dd>"), "{page}");
    let sent = sink.seen(&Method::POST)[0].json();
    assert_eq!((&sent["type"], &sent["data"]), (&json!("nl.zaken.x"), &json!({"naam": "voorbeeld"})));
    sink.answers(&[500]);
    let page = text(&browser.post(&format!("{path}/event"), "type=").await.expect(200));
    assert!(page.contains("antwoordde met een fout") && page.contains(">500</dd>"), "{page}");
    browser.post(&format!("{path}/event"), "type=onbekend").await.expect(404);
    let page = text(&browser.post(&format!("{path}/controle"), "").await.expect(200));
    assert!(page.contains("Bevindingen per regel") && page.contains("CE-WH"), "{page}");
}

#[tokio::test]
async fn a_publisher_does_not_change_the_subscriptions_to_its_kanaal() {
    let (gateway, _sink, id) = gateway_with_portal().await;
    let both = acting(&[Role::Afnemer, Role::Kanaaleigenaar], PUBLISHER);
    let browser = Browser::log_in_to(&gateway, both, "/portaal").await;
    browser.get(&format!("/portaal/abonnementen/{id}")).await.expect(200);
    assert!(!text(&browser.get("/portaal/abonnementen").await.expect(200)).contains(&id), "the list is of own ones");
    for action in ["inloggegevens", "testen"] {
        browser.get(&format!("/portaal/abonnementen/{id}/{action}")).await.expect(404);
    }
    for action in ["inloggegevens", "testen/event", "testen/controle", "pauzeren"] {
        browser.post(&format!("/portaal/abonnementen/{id}/{action}"), "").await.expect(404);
    }
}
