//! Messages that must be sent, and notifications under the Wmebv, from the configuration to the mail, through a real relay.

use std::path::Path;

use model::{Role, addressee::AddresseeId};
use serde_json::{Value, json};
use test_relay::Relay;

use super::{
    mail::{self, configuration},
    path, press, text,
};
use crate::{
    console::{Browser, CONSOLE, text as page},
    openapi::check,
    support::{BEHEER, CONSUMER, Gateway, PUBLISHER, eventually},
};

const ADDRESS: &str = "an@burger.example";

/// Texts of kanaal `besluiten` in Dutch, with these keys besides.
fn template(directory: &Path, more: &str) -> String {
    let (text, html) = (directory.join("besluiten.txt"), directory.join("besluiten.html"));
    std::fs::write(&text, "Beste lezer,\n\nEr is een bericht over uw aanvraag {zaak}.\n").expect("written");
    std::fs::write(&html, "<html><body><p>Uw aanvraag {zaak}</p></body></html>").expect("written");
    let (text, html) = (text.display().to_string(), html.display().to_string());
    format!(
        "[[people.template]]\nkanaal = \"besluiten\"\nsubject = \"Bericht over {{zaak}}\"\ntext_file = {text:?}\n\
         html_file = {html:?}\nreason = \"U hebt {{zaak}} aangevraagd.\"\n{more}\n"
    )
}

const WMEBV: &str = "class = \"wmebv\"\n[people.template.wmebv]\nnature = \"{notification::besluit.aard}\"\n\
                     effect = \"{besluit.gevolg}\"\nanswer = \"{antwoord}\"\nterm = \"{termijn}\"\n";

/// A gateway with two kanalen, of which `besluiten` has these texts.
async fn gateway(relay: &Relay, template: &str) -> Gateway {
    let gateway = Gateway::with(&format!("{}{template}{CONSOLE}", configuration(relay.port()))).await;
    for naam in ["weg", "besluiten"] {
        gateway.client(PUBLISHER).post("/v1/kanalen", json!({ "naam": naam })).await.expect(201);
    }
    gateway
}

async fn confirmed(gateway: &Gateway, relay: &mut Relay, naam: &str) -> AddresseeId {
    let id = super::subscribe(gateway, CONSUMER, ADDRESS, naam).await;
    let confirmation = relay.line().await.expect("a mail");
    press(&gateway.nobody(), &mail::path(&confirmation), "bevestigen").await.expect(303);
    id
}

/// Leaves by the page of the link; returns the text of the page before and of the acknowledgement.
async fn leave(gateway: &Gateway, relay: &mut Relay, id: AddresseeId) -> [String; 2] {
    let leave = path(&gateway.people().links().leave(id));
    let before = text(&gateway.nobody().get(&leave).await.expect(200));
    press(&gateway.nobody(), &leave, "afmelden").await.expect(303);
    let acknowledgement = relay.line().await.expect("a mail");
    assert_eq!(acknowledgement["fields"]["subject"], "U bent afgemeld");
    [before, acknowledgement["text"].as_str().expect("a text").to_owned()]
}

async fn publish(gateway: &Gateway, naam: &str, id: &str, data: Value) {
    gateway.client(PUBLISHER).publish(naam, id, json!({ "type": "nl.bericht", "data": data })).await.expect(202);
}

/// The counts of the mailing of an event that has ended.
async fn counts(gateway: &Gateway, naam: &str, event: &str) -> Value {
    eventually(&format!("the mailing of {event} has ended"), || async {
        let url = format!("/v1/people/mailings?kanaal={naam}");
        let list = gateway.client(BEHEER).get(&url).await.expect(200).json();
        let all = list["results"].as_array().expect("a list").clone();
        all.into_iter().find(|one| one["event"] == event && one["state"] == "ended").map(|one| one["counts"].clone())
    })
    .await
}

#[tokio::test]
async fn who_unsubscribed_gets_an_obligatory_message_and_no_normal_one_i9_ch_21_ch_65() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut relay = mail::relay(0).await;
    let gateway = gateway(&relay, &template(directory.path(), "class = \"obligatory\"")).await;
    let weg = confirmed(&gateway, &mut relay, "weg").await;
    let besluiten = confirmed(&gateway, &mut relay, "besluiten").await;
    // Who is not confirmed never gets anything.
    let request = super::request("bo@burger.example", "besluiten");
    gateway.client(CONSUMER).post("/v1/subscriptions", request).await.expect(202);
    assert_eq!(relay.line().await.expect("a mail")["to"], "bo@burger.example");

    // The page to leave names the messages that still come, and so does the page of the data.
    let generation = gateway.audience().get(weg).await.expect("read").expect("there").addressee.generation;
    let data = gateway.people().links().data(weg, generation, gateway.now() + people::DATA_LINK_VALID);
    let data = text(&gateway.nobody().get(&path(&data)).await.expect(200));
    assert!(data.contains("Dat krijgt u ook als u bent gestopt"), "{data}");
    let [leaving, left] = leave(&gateway, &mut relay, weg).await;
    assert!(leaving.contains("Dat krijgt u ook als u bent gestopt"), "the other is on the page too: {leaving}");
    assert!(!left.contains("moeten sturen"), "{left}");
    let [leaving, left] = leave(&gateway, &mut relay, besluiten).await;
    assert!(leaving.contains("Dat krijgt u ook als u bent gestopt"), "{leaving}");
    assert!(left.contains("Berichten die wij u moeten sturen, krijgt u nog wel."), "{left}");

    publish(&gateway, "weg", "normal", json!({ "zaak": "Z-0" })).await;
    publish(&gateway, "besluiten", "e1", json!({ "zaak": "Z-1" })).await;
    let mail = relay.line().await.expect("a mail");
    assert_eq!((&mail["to"], &mail["fields"]["subject"]), (&json!(ADDRESS), &json!("Bericht over Z-1")));
    let fields: Vec<_> = mail["fields"].as_object().expect("fields").keys().collect();
    assert!(!fields.iter().any(|name| name.starts_with("list-")), "{fields:?}");
    for part in ["text", "html"] {
        let text = mail[part].as_str().expect("a part");
        assert!(text.contains("Waarom u dit bericht krijgt: U hebt Z-1 aangevraagd."), "{text}");
        assert!(text.contains("kunt u zich niet afmelden") && !text.contains("/a/"), "{text}");
    }
    let own = counts(&gateway, "besluiten", "e1").await;
    assert_eq!((&own["candidates"], &own["sent"]), (&json!(1), &json!(1)));
    assert_eq!(counts(&gateway, "weg", "normal").await["candidates"], 0);

    // Nobody of the kanaal is confirmed any more, and it is followed after a restart nevertheless.
    let gateway = gateway.restart().await;
    publish(&gateway, "besluiten", "e2", json!({ "zaak": "Z-2" })).await;
    assert_eq!(relay.line().await.expect("a mail")["fields"]["subject"], "Bericht over Z-2");
    // Who is erased gets nothing.
    let digest = gateway.audience().get(besluiten).await.expect("read").expect("there").addressee.digest;
    gateway.audience().erase(digest, gateway.now()).await.expect("erased");
    publish(&gateway, "besluiten", "e3", json!({ "zaak": "Z-3" })).await;
    assert_eq!(counts(&gateway, "besluiten", "e3").await["candidates"], 0);
    gateway.stop().await;
    assert_eq!(relay.accepted().await.expect("mails").len(), 0);
}

#[tokio::test]
async fn a_notification_has_its_fields_and_an_event_without_them_is_not_sent_ch_85() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut relay = mail::relay(0).await;
    let gateway = gateway(&relay, &template(directory.path(), WMEBV)).await;
    confirmed(&gateway, &mut relay, "besluiten").await;
    let data = |term: Option<&str>| {
        let besluit = json!({ "aard": "Besluit", "gevolg": "Uw vergunning is verleend" });
        json!({ "zaak": "Z-1", "besluit": besluit, "antwoord": true, "termijn": term })
    };
    publish(&gateway, "besluiten", "without", data(None)).await;
    let own = counts(&gateway, "besluiten", "without").await;
    assert_eq!((&own["sent"], &own["failed"]), (&json!(0), &json!(1)));
    publish(&gateway, "besluiten", "with", data(Some("2027-01-15"))).await;
    let mail = relay.line().await.expect("a mail");
    let text = mail["text"].as_str().expect("a text").replace("\r\n", "\n");
    let fields = "Aard van het bericht: Besluit\nRechtsgevolg: Uw vergunning is verleend\nAntwoord nodig: ja\n\
                  Termijn: 15 januari 2027\n\nWaarom u dit bericht krijgt: U hebt Z-1 aangevraagd.\n";
    assert!(text.contains(fields), "{text}");
    let html = mail["html"].as_str().expect("HTML");
    assert!(html.contains("Termijn: 15 januari 2027</p>") && html.contains("niet afmelden"), "{html}");
    assert_eq!(counts(&gateway, "besluiten", "with").await["sent"], 1);

    // Administrators see the class, and what every event must have.
    let admin = gateway.client(BEHEER);
    let list = admin.get("/v1/people/texts").await.expect(200).json();
    check("List_MailingTexts", &list);
    let kanalen = list["results"].as_array().expect("kanalen");
    let class = |naam| kanalen.iter().find(|one| one["kanaal"] == naam).map(|one| &one["class"]);
    assert_eq!((class("besluiten"), class("weg")), (Some(&json!("wmebv")), Some(&json!("normal"))));
    let preview = admin.get("/v1/people/texts/besluiten").await.expect(200).json();
    check("MailingPreview", &preview);
    assert_eq!(preview["class"], "wmebv");
    let remarks: Vec<_> = preview["remarks"].as_array().expect("remarks").iter().map(|one| &one["token"]).collect();
    for key in ["wmebv.nature", "wmebv.effect", "wmebv.answer", "wmebv.term"] {
        assert!(remarks.iter().any(|remark| **remark == key), "{key}: {remarks:?}");
    }
    assert!(preview["text"].as_str().expect("a text").contains("Termijn: {termijn}"), "{preview}");
    let browser = Browser::with_role(&gateway, Role::Platform).await;
    let shown = page(&browser.get("/beheer/mensen/teksten").await.expect(200));
    assert!(shown.contains("Ja, volgens de Wmebv") && shown.contains("Nee"), "{shown}");
    let shown = page(&browser.get("/beheer/mensen/teksten/besluiten").await.expect(200));
    assert!(shown.contains("Ja, volgens de Wmebv") && shown.contains("of een antwoord nodig is"), "{shown}");
    gateway.stop().await;
}
