//! The form of a subscription: a new one, a change, and what is refused.

use http::Method;
use model::{Grants, Role};
use serde_json::{Value, json};

use super::{Browser, CONSOLE, subscriptions::gateway_with_subscription, text};
use crate::{
    subscriptions::granted,
    support::{BEHEER, CONSUMER, Gateway, OTHER, PUBLISHER, Sink, eventually},
};

const NEW: &str = "/beheer/abonnementen/nieuw";

/// The fields that a form always has.
const REST: &str = "&vorm=structured&volgorde=none&toestemming=handshake&begin=nu";

fn afnemer(client: &str) -> Grants {
    Grants { client_ids: vec![client.to_owned()], ..Grants::of(Role::Afnemer) }
}

async fn shown(gateway: &Gateway, id: &str) -> Value {
    gateway.client(BEHEER).get(&format!("/v1/subscriptions/{id}")).await.expect(200).json()
}

/// The value of a hidden field.
fn hidden<'a>(page: &'a str, name: &str) -> &'a str {
    let (_, rest) = page.split_once(&format!("type=\"hidden\" name=\"{name}\" value=\"")).expect("a hidden field");
    rest.split('"').next().unwrap_or_default()
}

/// Creates a subscription with the form; returns its id.
async fn create(browser: &Browser, fields: &str) -> String {
    let answer = browser.post(NEW, &format!("{fields}{REST}")).await.expect(303);
    let location = answer.header("location").expect("a page").to_owned();
    let id = location
        .strip_prefix("/beheer/abonnementen/")
        .and_then(|rest| rest.strip_suffix("?gedaan=abonnement-aangemaakt"));
    id.unwrap_or_else(|| panic!("{location}")).to_owned()
}

#[tokio::test]
async fn a_subscription_with_everything_is_created_and_its_secrets_are_shown_nowhere() {
    let gateway = Gateway::with(CONSOLE).await;
    for naam in ["zaken", "besluiten"] {
        gateway.client(PUBLISHER).post("/v1/kanalen", json!({ "naam": naam })).await.expect(201);
    }
    let browser = Browser::with_role(&gateway, Role::Beheerder).await;
    let page = text(&browser.get(NEW).await.expect(200));
    for part in [
        "Nieuw abonnement",
        "value=\"zaken\"",
        "Nog een rij",
        "name=\"omschrijving\"",
        &format!("value=\"{CONSUMER}\""),
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
    let fields = format!(
        "eigenaar={CONSUMER}&ontvanger=http://127.0.0.1:9/hook%3Ftoken%3Dplanted-1&soort=oauth2&token-adres=http://127.0.0.1:9/token\
         &client=us&client-geheim=planted-2&client-wijze=post&scope=a+b&kop=X-Key&kop-waarde=planted-3&kop=&kop-waarde=\
         &kanaal=zaken&kanaal=besluiten&gepubliceerd=cloudevent&typen=a.b%0D%0Ac.d&bron=urn:x&kenmerk=zaaktype.catalogus\
         &kenmerk-waarde=x&kenmerk=&kenmerk-waarde=&filter-attribuut=type&filter-wijze=prefix&filter-waarde=nl.\
         &filter-attribuut=&filter-wijze=sql&filter-waarde=EXISTS+subject&filter-attribuut=subject&filter-wijze=not&filter-waarde=9\
         &groep-grootte=5&tempo=60&gelijktijdig=3&pogingen=7&factor=2,5&basis=2&langste-wacht=60&spreiding=0,25\
         &grant-hash=%241%244%24abc&naam=Zaken&contact=a@b.example&omschrijving=Twee%0D%0Aregels&einde=2099-01-01+12:00"
    );
    let id = create(&browser, &fields).await;
    let own = shown(&gateway, &id).await;
    let config = &own["config"];
    assert_eq!((&own["owner"], &own["sink"]), (&json!(CONSUMER), &json!("http://127.0.0.1:9/hook?token=planted-1")));
    assert_eq!((&own["types"], &own["source"]), (&json!(["a.b", "c.d"]), &json!("urn:x")));
    let filters = json!([{"prefix": {"type": "nl."}}, {"sql": "EXISTS subject"}, {"not": {"exact": {"subject": "9"}}}]);
    assert_eq!(own["filters"], filters);
    assert_eq!(own["protocolsettings"]["headers"]["X-Key"], "***");
    assert_eq!(own["expires"], "2099-01-01T11:00:00Z");
    for (member, value) in [
        ("kanalen", json!(["zaken", "besluiten"])),
        ("kenmerken", json!({"zaaktype.catalogus": "x"})),
        ("born", json!("cloudevent")),
        ("rate", json!(60)),
        ("maxInFlight", json!(3)),
        ("name", json!("Zaken")),
        ("contact", json!("a@b.example")),
        ("description", json!("Twee\nregels")),
    ] {
        assert_eq!(config[member], value, "{member}");
    }
    assert_eq!(config["fsc"]["grantHash"], "$1$4$abc");
    let retry = &config["retry"];
    assert_eq!((&retry["maxRetries"], &retry["factor"], &retry["jitter"]), (&json!(7), &json!(2.5), &json!(0.25)));
    // The form that changes it shows the same, and no secret.
    let path = format!("/beheer/abonnementen/{id}");
    let page = text(&browser.get(&format!("{path}/wijzigen")).await.expect(200));
    for part in [
        "value=\"http://127.0.0.1:9/hook?…\"",
        "value=\"houden\" selected",
        "value=\"X-Key\"",
        "Laat leeg om de waarde te houden.",
        "value=\"zaaktype.catalogus\"",
        "EXISTS subject",
        "value=\"2,5\"",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
    for path in
        [path.clone(), format!("{path}/wijzigen"), "/beheer/abonnementen".to_owned(), "/beheer/logboek".to_owned()]
    {
        assert!(!text(&browser.get(&path).await.expect(200)).contains("planted-"), "{path}");
    }
}

#[tokio::test]
async fn every_fault_is_beside_its_field_and_above_and_secrets_are_not_kept() {
    let gateway = Gateway::with(CONSOLE).await;
    gateway.client(PUBLISHER).post("/v1/kanalen", json!({"naam": "zaken", "filters": ["zaaktype"]})).await.expect(201);
    let browser = Browser::with_role(&gateway, Role::Beheerder).await;
    let good = format!("ontvanger=http://127.0.0.1:9/&soort=geen{REST}");
    for (fields, id) in [
        ("ontvanger=geen+adres", "ontvanger"),
        ("ontvanger=https://10.0.0.1/", "ontvanger"),
        ("soort=anders", "soort"),
        ("soort=authorization", "authorization"),
        ("soort=authorization&authorization=%C3%A9", "authorization"),
        ("soort=basic&gebruiker=a:b&wachtwoord=x", "gebruiker"),
        ("soort=token", "toegangstoken"),
        ("soort=token&toegangstoken=x&token-tot=ooit", "token-tot"),
        ("soort=refresh&toegangstoken=x&refresh-token=y&token-adres=http://127.0.0.1:9/", "token-tot"),
        ("soort=zgw&client=us", "client-geheim"),
        ("soort=oauth2&client=us&token-adres=https://10.0.0.1/", "token-adres"),
        ("soort=oauth2&token-adres=http://127.0.0.1:9/", "client"),
        ("kop=Host&kop-waarde=x", "kop-1"),
        ("kop=&kop-waarde=x", "kop-1"),
        ("kop=X-A&kop-waarde=%C3%A9", "kop-waarde-1"),
        ("tls=onbekend", "tls"),
        ("grant-hash=a+b", "grant-hash"),
        ("kanaal=onbekend", "kanaal"),
        ("gepubliceerd=anders", "gepubliceerd"),
        ("kanaal=zaken&gepubliceerd=notificatie&kenmerk=anders&kenmerk-waarde=1", "kenmerk-1"),
        ("kenmerk=&kenmerk-waarde=1", "kenmerk-1"),
        ("kenmerk=a&kenmerk-waarde=", "kenmerk-waarde-1"),
        ("filter-attribuut=Type&filter-wijze=exact&filter-waarde=a", "filter-attribuut-1"),
        ("filter-attribuut=type&filter-wijze=anders&filter-waarde=a", "filter-wijze-1"),
        ("filter-attribuut=type&filter-wijze=exact&filter-waarde=", "filter-waarde-1"),
        ("filter-attribuut=&filter-wijze=sql&filter-waarde=ABC(", "filter-waarde-1"),
        ("vorm=xml", "vorm"),
        ("vorm=batch&groep-grootte=0", "groep-grootte"),
        ("vorm=batch&groep-wacht=60001", "groep-wacht"),
        ("volgorde=anders", "volgorde"),
        ("tempo=0", "tempo"),
        ("gelijktijdig=10001", "gelijktijdig"),
        ("pogingen=101", "pogingen"),
        ("factor=x", "factor"),
        ("basis=0,5", "basis"),
        ("langste-wacht=0", "langste-wacht"),
        ("spreiding=2", "spreiding"),
        ("toestemming=anders", "toestemming"),
        ("toestemming=manual", "afspraak"),
        ("einde=ooit", "einde"),
        ("einde=2000-01-01", "einde"),
        ("naam=%07", "naam"),
        ("contact=iemand", "contact"),
        ("begin=anders", "begin"),
        ("begin=moment", "begin-moment"),
        ("eigenaar=niemand", "eigenaar"),
    ] {
        // The first value of a field counts.
        let answer = browser.post(NEW, &format!("{fields}&{good}")).await.expect(422);
        let page = text(&answer);
        for part in
            [format!("href=\"#{id}\""), format!("id=\"{id}-fout\""), format!(" id=\"{id}\""), "<title>Fout:".to_owned()]
        {
            assert!(page.contains(&part), "{part} after {fields} in {page}");
        }
    }
    let fields =
        "ontvanger=x&soort=basic&gebruiker=%3Cik%3E&wachtwoord=planted-1&kop=X-A&kop-waarde=planted-2&naam=Zaken";
    let page = text(&browser.post(NEW, &format!("{fields}{REST}")).await.expect(422));
    assert!(page.contains("value=\"&#60;ik&#62;\"") && page.contains("value=\"Zaken\""), "{page}");
    assert!(page.contains("Geheime waarden blijven niet staan") && !page.contains("planted-"), "{page}");
    assert!(gateway.client(BEHEER).get("/v1/subscriptions").await.expect(200).json()["results"] == json!([]));
}

#[tokio::test]
async fn buttons_add_rows_show_fields_and_preview_without_storing() {
    let gateway = Gateway::with(CONSOLE).await;
    gateway.client(PUBLISHER).post("/v1/kanalen", json!({"naam": "zaken"})).await.expect(201);
    for (id, kind) in [("1", "a.b"), ("2", "c.d")] {
        gateway.client(PUBLISHER).publish("zaken", id, json!({ "type": kind })).await.expect(202);
    }
    let browser = Browser::with_role(&gateway, Role::Beheerder).await;
    let again = format!("{NEW}/formulier");
    let fields = format!("ontvanger=http://127.0.0.1:9/&soort=zgw&naam=Half&kenmerk=a&kenmerk-waarde=1{REST}");
    let page = text(&browser.post(&again, &format!("{fields}&knop=kenmerken")).await.expect(200));
    assert!(page.contains("id=\"kenmerk-3\" name=\"kenmerk\" autofocus"), "{page}");
    assert!(page.contains("name=\"client-geheim\"") && page.contains("value=\"Half\""), "{page}");
    assert!(!page.contains("-fout\""), "an unfinished form has no faults: {page}");
    for part in ["Hoe schrijft u een filter?", "begint met", "type LIKE &#39;nl.overheid.%&#39;"] {
        assert!(page.contains(part), "{part} in {page}");
    }
    let page = text(&browser.post(&again, "soort=geen&kanaal=zaken&typen=a.b&knop=voorbeeld").await.expect(200));
    for part in ["1 van de laatste 2 events", "id=\"voorbeeld\""] {
        assert!(page.contains(part), "{part} in {page}");
    }
    let page = text(&browser.post(&again, "kanaal=niets&knop=voorbeeld").await.expect(422));
    assert!(page.contains("href=\"#kanaal\""), "{page}");
    assert!(gateway.client(BEHEER).get("/v1/subscriptions").await.expect(200).json()["results"] == json!([]));
}

#[tokio::test]
async fn a_selection_is_tested_on_one_event_without_storing() {
    let (gateway, _sink, id) = gateway_with_subscription().await;
    for (event, kind) in [("een", "a.b"), ("twee", "c.d")] {
        gateway.client(PUBLISHER).publish("zaken", event, json!({ "type": kind })).await.expect(202);
    }
    let browser = Browser::with_role(&gateway, Role::Beheerder).await;
    let test = async |path: &str, fields: &str| {
        text(&browser.post(path, &format!("soort=geen&kanaal=zaken&knop=proef&{fields}")).await.expect(200))
    };
    let new = format!("{NEW}/formulier");
    let matching = eventually("the event is known", || async {
        let page = test(&new, "typen=a.b&proef=een").await;
        (!page.contains("Er is geen event met dit id")).then_some(page)
    })
    .await;
    assert!(matching.contains("Het event past bij deze keuze. Na het opslaan"), "{matching}");
    assert!(matching.contains("id=\"proef-uitkomst\"") && matching.contains("value=\"een\""), "{matching}");
    for (fields, verdict) in [
        ("typen=c.d&proef=een", "Het past niet bij: de typen."),
        ("bron=urn:x&proef=een", "Het past niet bij: bron."),
        ("filter-attribuut=type&filter-wijze=prefix&filter-waarde=x&proef=een", "Het past niet bij: filter 1."),
        ("proef=nergens", "Er is geen event met dit id"),
    ] {
        let page = eventually("the event is known", || async {
            let page = test(&new, fields).await;
            page.contains(verdict).then_some(page)
        })
        .await;
        assert!(page.contains("utrecht-alert--warning"), "{page}");
    }
    let without = text(&browser.post(&new, "soort=geen&kanaal=zaken&knop=proef&proef=").await.expect(422));
    assert!(without.contains("href=\"#proef\"") && without.contains("Vul het id van een event in."), "{without}");

    let own = format!("/beheer/abonnementen/{id}/wijzigen");
    let page = text(&browser.get(&own).await.expect(200));
    let version = format!("versie={}", hidden(&page, "versie"));
    let again = format!("{own}/formulier");
    assert!(test(&again, &format!("{version}&proef=een")).await.contains("Het abonnement krijgt dit event."));
    gateway.client(CONSUMER).post(&format!("/v1/subscriptions/{id}/pause"), json!({})).await.expect(200);
    let paused = test(&again, &format!("{version}&proef=een")).await;
    assert!(paused.contains("wordt nu niet verstuurd") && paused.contains("Het abonnement is gepauzeerd"), "{paused}");
    assert_eq!(shown(&gateway, &id).await["config"]["kanalen"], json!(["zaken"]), "nothing was stored");
}

#[tokio::test]
async fn a_change_keeps_what_is_hidden_and_asks_for_it_again_for_another_receiver() {
    let (gateway, sink) = (Gateway::with(CONSOLE).await, Sink::start().await);
    gateway.client(PUBLISHER).post("/v1/kanalen", json!({"naam": "zaken"})).await.expect(201);
    let other_filters = json!([{"any": [{"exact": {"type": "x"}}, {"suffix": {"type": "y"}}]}]);
    let body = json!({
        "sink": sink.url("/ontvanger?token=hush"), "config": {"kanalen": ["zaken"]}, "filters": other_filters,
        "sinkcredential": {"credentialtype": "AUTHORIZATION", "authorization": "Token planted-1"},
        "protocolsettings": {"headers": {"X-Key": "planted-2"}},
    });
    let id = granted(&gateway.client(CONSUMER), body).await;
    let browser = Browser::log_in(&gateway, afnemer(CONSUMER)).await;
    let path = format!("/beheer/abonnementen/{id}/wijzigen");
    let page = text(&browser.get(&path).await.expect(200));
    assert!(page.contains("(type is ‘x’) of (type eindigt op ‘y’)"), "{page}");
    let (version, kept) =
        (hidden(&page, "versie").to_owned(), page.split("name=\"filter-blijft\"").nth(1).expect("a filter"));
    let kept = kept.split("value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("an id").to_owned();
    let shown_sink = sink.url("/ontvanger?…");
    let fields = format!(
        "versie={version}&soort=houden&kanaal=zaken&kop=X-Key&kop-waarde=&filter-blijft={kept}&naam=Nieuw{REST}"
    );
    let elsewhere = format!("{fields}&ontvanger=http://127.0.0.1:9/");
    let page = text(&browser.post(&path, &elsewhere).await.expect(422));
    for part in ["href=\"#soort\"", "href=\"#kop-waarde-1\"", "andere ontvanger"] {
        assert!(page.contains(part), "{part} in {page}");
    }
    let answer = browser.post(&path, &format!("{fields}&ontvanger={shown_sink}")).await.expect(303);
    let location = format!("/beheer/abonnementen/{id}?gedaan=abonnement-gewijzigd");
    assert_eq!(answer.header("location"), Some(location.as_str()));
    let own = shown(&gateway, &id).await;
    assert_eq!((&own["config"]["name"], &own["filters"]), (&json!("Nieuw"), &other_filters));
    assert_eq!(own["sink"], json!(sink.url("/ontvanger?token=hush")));
    gateway.client(PUBLISHER).publish("zaken", "1", json!({"type": "x"})).await.expect(202);
    let came = sink.wait(Method::POST, 1).await;
    let sent = (came[0].header("authorization"), came[0].header("x-key"));
    assert_eq!(sent, (Some("Token planted-1"), Some("planted-2")));
    assert_eq!(sink.seen(&Method::OPTIONS).len(), 1, "the same receiver is not asked again");
}

#[tokio::test]
async fn a_change_meanwhile_shows_both_versions_and_the_choice() {
    let (gateway, sink, id) = gateway_with_subscription().await;
    let browser = Browser::with_role(&gateway, Role::Beheerder).await;
    let path = format!("/beheer/abonnementen/{id}/wijzigen");
    let version = hidden(&text(&browser.get(&path).await.expect(200)), "versie").to_owned();
    let change = json!({"config": {"name": "Van een ander", "maxInFlight": 3}});
    gateway.client(CONSUMER).patch(&format!("/v1/subscriptions/{id}"), change).await.expect(200);
    let fields = format!(
        "ontvanger={}&soort=geen&kanaal=zaken&naam=%3CMijn%3E&gelijktijdig=3&pogingen=5&factor=3&basis=2&langste-wacht=48\
         &spreiding=0{REST}",
        sink.url("/ontvanger?…")
    );
    let page = text(&browser.post(&path, &format!("versie={version}&{fields}")).await.expect(412));
    let (_, table) = page.split_once("id=\"versies\"").expect("both versions");
    let table = table.split("</table>").next().unwrap_or_default();
    for part in ["Naam van het abonnement", "Van een ander", "&#60;Mijn&#62;"] {
        assert!(table.contains(part), "{part} in {table}");
    }
    assert!(!table.contains("Verzoeken tegelijk") && !table.contains("Kanalen"), "only what differs: {table}");
    assert!(
        page.contains("Overschrijf met mijn versie") && page.contains("Ga verder met de opgeslagen versie"),
        "{page}"
    );
    // The page names who it was.
    let by = format!("Gewijzigd door: Applicatie <span class=\"utrecht-url-data\" translate=\"no\">{CONSUMER}</span>");
    assert!(page.contains("Laatste wijziging: <time") && page.contains(&by), "{page}");
    let history = format!("/beheer/logboek?object={id}");
    assert!(page.contains(&format!("href=\"{history}\"")), "{page}");
    let who = text(&browser.get(&history).await.expect(200));
    assert!(who.contains("subscription.change") && who.contains(CONSUMER), "{who}");
    assert_eq!(shown(&gateway, &id).await["config"]["name"], "Van een ander");
    // The page is about the stored version, so the next post overwrites it.
    let version = hidden(&page, "versie").to_owned();
    browser.post(&path, &format!("versie={version}&{fields}")).await.expect(303);
    assert_eq!(shown(&gateway, &id).await["config"]["name"], "<Mijn>");
    browser.post(&path, &fields).await.expect(412);
    let page = text(&browser.post(&path, &format!("versie={version}&{fields}")).await.expect(412));
    assert!(page.contains("Gewijzigd door: uzelf, in een ander venster"), "{page}");
    // A subscriber is not told who others are.
    let subscriber = Browser::log_in(&gateway, afnemer(CONSUMER)).await;
    let page = text(&subscriber.post(&path, &format!("versie={version}&{fields}")).await.expect(412));
    assert!(page.contains("Gewijzigd door: Persoon</p>"), "{page}");
}

#[tokio::test]
async fn only_who_manages_a_subscription_gets_its_form() {
    let (gateway, _sink, id) = gateway_with_subscription().await;
    let path = format!("/beheer/abonnementen/{id}");
    let actions = ["wijzigen", "testen", "controleren", "verwijderen"];
    for role in [Role::Lezer, Role::Auditor, Role::Platform] {
        let browser = Browser::with_role(&gateway, role).await;
        let pages =
            text(&browser.get(&path).await.expect(200)) + &text(&browser.get("/beheer/abonnementen").await.expect(200));
        for part in ["/nieuw\"", "/wijzigen\"", "/testen\"", "/controleren\"", "name=\"kies\""] {
            assert!(!pages.contains(part), "{part} for {role:?}");
        }
        browser.get(NEW).await.expect(403);
        for action in actions {
            browser.post(&format!("{path}/{action}"), "").await.expect(403);
        }
    }
    let other = Browser::log_in(&gateway, afnemer(OTHER)).await;
    other.get(&format!("{path}/wijzigen")).await.expect(404);
    for action in actions {
        other.post(&format!("{path}/{action}"), "versie=1").await.expect(404);
    }
    other.post(&format!("{path}/wijzigen/formulier"), "versie=1").await.expect(404);
    // An afnemer owns what it makes, and makes nothing for another.
    let page = text(&other.get(NEW).await.expect(200));
    assert!(
        page.contains(&format!("value=\"{OTHER}\" selected")) && !page.contains(&format!("value=\"{CONSUMER}\"")),
        "{page}"
    );
    let fields = "ontvanger=http://127.0.0.1:9/&soort=geen";
    let made = create(&other, &format!("{fields}&eigenaar={OTHER}")).await;
    assert_eq!(shown(&gateway, &made).await["owner"], OTHER);
    for owner in ["", CONSUMER] {
        let page = text(&other.post(NEW, &format!("{fields}&eigenaar={owner}{REST}")).await.expect(422));
        assert!(page.contains("href=\"#eigenaar\""), "{owner} {page}");
    }
    let page = text(
        &other.post(NEW, &format!("{fields}&toestemming=manual&afspraak=x&eigenaar={OTHER}{REST}")).await.expect(422),
    );
    assert!(page.contains("href=\"#toestemming\""), "{page}");
}

#[tokio::test]
async fn a_declared_subscription_is_read_only_and_names_its_place() {
    let sink = Sink::start().await;
    let declared = format!(
        "{CONSOLE}[[kanaal]]\nnaam = \"zaken\"\n[[subscription]]\nid = \"portaal\"\nsink = \"{}\"\n",
        sink.url("/")
    );
    let gateway = Gateway::with(&declared).await;
    let browser = Browser::with_role(&gateway, Role::Beheerder).await;
    let id = eventually("the declared subscription", || async {
        let list = gateway.client(BEHEER).get("/v1/subscriptions").await.expect(200).json();
        list["results"][0]["id"].as_str().map(str::to_owned)
    })
    .await;
    let path = format!("/beheer/abonnementen/{id}");
    let page = text(&browser.get(&path).await.expect(200));
    assert!(page.contains("id = &#34;portaal&#34; onder [[subscription]]"), "{page}");
    for (part, is_there) in
        [("/wijzigen\"", false), ("/verwijderen\"", false), ("/pauzeren\"", true), ("/testen\"", true)]
    {
        assert_eq!(page.contains(part), is_there, "{part}");
    }
    let page = text(&browser.get(&format!("{path}/wijzigen")).await.expect(200));
    assert!(page.contains("portaal") && !page.contains("name=\"ontvanger\""), "{page}");
    browser.post(&format!("{path}/wijzigen"), "versie=1").await.expect(409);
    browser.get(&format!("{path}/verwijderen")).await.expect(409);
    browser.post(&format!("{path}/verwijderen"), &format!("versie=1&bevestiging={}", &id[..8])).await.expect(409);
    assert!(gateway.client(BEHEER).get(&format!("/v1/subscriptions/{id}")).await.status.is_success());
}

#[tokio::test]
async fn a_test_event_and_a_check_show_the_answer_and_are_in_the_trail() {
    let (gateway, sink, id) = gateway_with_subscription().await;
    let browser = Browser::with_role(&gateway, Role::Beheerder).await;
    let path = format!("/beheer/abonnementen/{id}");
    let page = text(&browser.post(&format!("{path}/testen"), "").await.expect(200));
    assert!(page.contains("heeft de testgebeurtenis aangenomen (20") && !page.contains("hush"), "{page}");
    assert_eq!(sink.seen(&Method::POST).len(), 1);
    let page = text(&browser.post(&format!("{path}/controleren"), "").await.expect(200));
    assert!(page.contains("id=\"bevindingen\"") && page.contains("Controle van de ontvanger"), "{page}");
    for action in ["subscription.test", "subscription.check"] {
        let path = format!("/v1/audit?pageSize=500&action={action}");
        let lines = gateway.client(BEHEER).get(&path).await.expect(200).json();
        assert_eq!(lines["results"].as_array().map(Vec::len), Some(1), "{lines}");
    }
}

#[tokio::test]
async fn the_receiver_of_a_new_subscription_is_checked_before_it_is_saved() {
    let (gateway, sink) = (Gateway::with(CONSOLE).await, Sink::start().await);
    let browser = Browser::with_role(&gateway, Role::Beheerder).await;
    assert!(text(&browser.get(NEW).await.expect(200)).contains("value=\"controleren\""));
    let again = format!("{NEW}/formulier");
    let fields = format!("soort=geen&naam=Half{REST}&knop=controleren");
    let wrong = text(&browser.post(&again, &format!("{fields}&ontvanger=geen+adres")).await.expect(422));
    assert!(wrong.contains("href=\"#ontvanger\"") && !wrong.contains("id=\"controle\""), "{wrong}");
    let page = text(&browser.post(&again, &format!("{fields}&ontvanger={}", sink.url("/hook"))).await.expect(200));
    for part in ["id=\"controle\"", "id=\"bevindingen\"", "value=\"Half\"", "Controle van de ontvanger"] {
        assert!(page.contains(part), "{part} in {page}");
    }
    assert!(!sink.seen(&Method::OPTIONS).is_empty() && sink.seen(&Method::POST).is_empty(), "no event is sent");
    assert!(gateway.client(BEHEER).get("/v1/subscriptions").await.expect(200).json()["results"] == json!([]));
    // A subscription that exists is checked on its own page.
    let id = granted(&gateway.client(CONSUMER), json!({"sink": sink.url("/hook"), "config": {}})).await;
    let path = format!("/beheer/abonnementen/{id}/wijzigen");
    assert!(!text(&browser.get(&path).await.expect(200)).contains("value=\"controleren\""));
}
