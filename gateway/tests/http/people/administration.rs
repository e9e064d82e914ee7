//! `/v1/people`: providers, mailings, texts, and what there is of one address.

use http::Method;
use model::Timestamp;
use serde_json::json;

use super::{
    confirmed, gateway,
    mail::{configuration, path, relay, subscribe},
    press,
};
use crate::{
    openapi::check,
    support::{BEHEER, CONSUMER, Gateway, PUBLISHER, eventually},
};

const ADDRESS: &str = "an@burger.example";

#[tokio::test]
async fn providers_outbox_numbers_and_mailings_are_shown_without_an_address_ch_86_ch_129_ch_133() {
    let mut relay = relay(0).await;
    let gateway = Gateway::with(&configuration(relay.port())).await;
    let admin = gateway.client(BEHEER);
    gateway.client(PUBLISHER).post("/v1/kanalen", json!({ "naam": "weg" })).await.expect(201);
    let overview = admin.get("/v1/people").await.expect(200).json();
    check("PeopleOverview", &overview);
    let provider = json!({
        "name": "localhost", "channel": "email", "ratePerMinute": null, "slots": 10, "state": "unknown",
        "failingSince": null, "reason": null,
    });
    assert_eq!((&overview["providers"], &overview["addressees"]), (&json!([provider]), &json!([])));
    subscribe(&gateway, ADDRESS).await;
    let confirmation = relay.line().await.expect("a mail");
    press(&gateway.nobody(), &path(&confirmation), "bevestigen").await.expect(303);
    gateway.client(PUBLISHER).publish("weg", "e1", json!({ "type": "nl.weg" })).await.expect(202);
    relay.line().await.expect("a mail");
    let mailings = eventually("the mailing has ended", || async {
        let list = admin.get("/v1/people/mailings?kanaal=weg").await.expect(200).json();
        (list["results"][0]["state"] == "ended").then_some(list)
    })
    .await;
    check("MailingList", &mailings);
    let own = &mailings["results"][0];
    assert_eq!(
        (&own["event"], &own["counts"]["sent"], &own["counts"]["candidates"]),
        (&json!("e1"), &json!(1), &json!(1))
    );
    let csv =
        admin.send(Method::GET, "/v1/people/mailings?kanaal=weg", &[("accept", "text/csv")], "").await.expect(200);
    let csv = String::from_utf8(csv.body.to_vec()).expect("UTF-8");
    let rows: Vec<&str> = csv.lines().collect();
    assert!(rows[0].starts_with("id,kanaal,channel,source,event,accepted,state,"), "{csv}");
    assert!(rows[1].contains(",weg,email,urn:test,e1,") && rows[1].ends_with(",,1,0,1,0,0,0,0,0,0,0"), "{csv}");
    assert_eq!(rows.len(), 2, "{csv}");
    assert_eq!(admin.get("/v1/people/mailings?kanaal=raad").await.expect(200).json()["results"], json!([]));
    let overview = admin.get("/v1/people").await.expect(200).json();
    check("PeopleOverview", &overview);
    let numbers = json!({ "kanaal": "weg", "channel": "email", "unconfirmed": 0, "confirmed": 1, "ended": 0 });
    assert_eq!(
        (&overview["providers"][0]["state"], &overview["outbox"]["waiting"], &overview["addressees"]),
        (&json!("working"), &json!(0), &json!([numbers]))
    );
    assert!(![overview, mailings].iter().any(|shown| shown.to_string().contains("burger")));
    let found = admin
        .post("/v1/people/search", json!({ "sink": format!("mailto:{ADDRESS}"), "reason": "melding 7" }))
        .await
        .expect(200)
        .json();
    check("AddressFound", &found);
    let sent = &found["evidence"][0];
    assert_eq!((&sent["event"], &sent["outcome"], &sent["kanaal"]), (&json!("e1"), &json!("sent"), &json!("weg")));
    gateway.stop().await;
}

#[tokio::test]
async fn an_address_is_looked_up_with_a_reason_and_neither_trail_nor_error_has_it_ch_137_ch_141() {
    let gateway = gateway().await;
    let id = confirmed(&gateway, CONSUMER, ADDRESS, "weg").await;
    let admin = gateway.client(BEHEER);
    let search = |sink: &str, reason: &str| json!({ "sink": sink, "reason": reason });
    let good = search("mailto:AN@burger.example", "melding 7");
    let found = admin.post("/v1/people/search", good.clone()).await.expect(200).json();
    check("AddressSearch", &good);
    check("AddressFound", &found);
    assert_eq!(
        (&found["sink"], &found["complete"], &found["evidence"]),
        (&json!("mailto:a…@b…"), &json!(true), &json!([]))
    );
    let own = &found["subscriptions"][0];
    assert_eq!(
        (&own["id"], &own["state"], &own["owner"], &own["bounces"]),
        (&json!(id.to_string()), &json!("confirmed"), &json!(CONSUMER), &json!(0))
    );
    let nobody = admin.post("/v1/people/search", search("mailto:bo@burger.example", "melding 8")).await.expect(200);
    assert_eq!(nobody.json()["subscriptions"], json!([]));
    for (body, member) in [
        (search("mailto:burger", "x"), "sink"),
        (search("sms:+31612345678", "x"), "sink"),
        (search("mailto:an@burger.example", " "), "reason"),
        (search("mailto:an@burger.example", &"x".repeat(501)), "reason"),
        (json!({ "sink": "mailto:an@burger.example" }), "reason"),
        (json!({ "reason": "x" }), "sink"),
        (json!({ "sink": "mailto:an@burger.example", "reason": "x", "naam": "y" }), "naam"),
    ] {
        let document = admin.post("/v1/people/search", body.clone()).await.expect(400).json();
        let members: Vec<_> = document["errors"].as_array().expect("errors").iter().map(|own| &own["member"]).collect();
        assert!(members.contains(&&json!(member)) && !document.to_string().contains("burger"), "{body}: {document}");
    }
    gateway.client(CONSUMER).post("/v1/people/search", search("mailto:an@burger.example", "x")).await.expect(403);
    let trail = admin.get("/v1/audit?action=addressee.search").await.expect(200).json();
    let entries = trail["results"].as_array().expect("entries");
    let reasons: Vec<_> =
        entries.iter().filter(|entry| entry["result"] == "accepted").filter_map(crate::console::reason).collect();
    assert_eq!(reasons, ["melding 8", "melding 7"]);
    assert!(entries.iter().any(|entry| entry["result"] == "refused"), "{trail}");
    assert!(!trail.to_string().contains("burger"), "{trail}");
}

#[tokio::test]
async fn texts_have_a_preview_of_a_sample_event_with_its_values_escaped_ch_80_ch_82_ch_84() {
    let directory = tempfile::tempdir().expect("a directory");
    let (text, html) = (directory.path().join("weg.txt"), directory.path().join("weg.html"));
    std::fs::write(&text, "Onderwerp: {event::subject}. {onbekend} {unsubscription_url}").expect("written");
    std::fs::write(&html, "<p title=\"{event::subject}\">{onderwerp}</p>").expect("written");
    let template = format!(
        "[[people.template]]\nkanaal = \"weg\"\nlanguage = \"nl\"\nsubject = \"Nieuws van {{service_name}}\"\n\
         text_file = {text:?}\nhtml_file = {html:?}\n"
    );
    let relay = relay(0).await;
    let gateway = Gateway::with(&format!("{}{template}", configuration(relay.port()))).await;
    for naam in ["weg", "raad"] {
        gateway.client(PUBLISHER).post("/v1/kanalen", json!({ "naam": naam })).await.expect(201);
    }
    let admin = gateway.client(BEHEER);
    let list = admin.get("/v1/people/texts").await.expect(200).json();
    check("List_MailingTexts", &list);
    // The default kanaal comes first.
    let texts =
        |kanaal: &str, languages: &[&str]| json!({ "kanaal": kanaal, "languages": languages, "class": "normal" });
    let own = [texts("raad", &[]), texts("weg", &["nl"])];
    assert_eq!(list["results"].as_array().expect("kanalen")[1..], own);
    let preview = admin.get("/v1/people/texts/weg").await.expect(200).json();
    check("MailingPreview", &preview);
    assert_eq!(preview["subject"], "Nieuws van weg");
    let text = preview["text"].as_str().expect("a text");
    assert!(
        text.starts_with("Onderwerp: Dorpsstraat <1> & \"2\". {onbekend} https://berichten.example.nl/a/"),
        "{text}"
    );
    let html = preview["html"].as_str().expect("HTML");
    assert!(html.contains("Dorpsstraat &lt;1&gt; &amp; ") && !html.contains("<1>"), "{html}");
    assert_eq!(preview["remarks"][0]["token"], "onbekend");
    let built_in = admin.get("/v1/people/texts/raad?language=en").await.expect(200).json();
    check("MailingPreview", &built_in);
    assert_eq!((&built_in["language"], &built_in["html"]), (&json!("en"), &json!(null)));
    assert!(built_in["subject"].as_str().expect("a subject").contains("raad"), "{built_in}");
    admin.get("/v1/people/texts/nergens").await.expect(404);
    admin.get("/v1/people/texts/weg?language=de").await.expect(400);
}

/// The event of previews (`people::administration::sample_event`).
fn sample(time: Timestamp) -> serde_json::Value {
    let subject = "Dorpsstraat <1> & \"2\"";
    json!({
        "specversion": "1.0", "id": "voorbeeld-1", "source": "urn:nld:voorbeeld", "type": "nl.overheid.voorbeeld.gewijzigd",
        "subject": subject, "time": time.to_rfc3339(), "datacontenttype": "application/json", "data": { "onderwerp": subject },
    })
}

#[tokio::test]
async fn what_is_sent_equals_its_preview_but_for_the_link_to_leave_ch_84() {
    let directory = tempfile::tempdir().expect("a directory");
    let (text, html) = (directory.path().join("weg.txt"), directory.path().join("weg.html"));
    std::fs::write(&text, "Over {event::subject}: {onderwerp}, {onbekend}.\n\nAfmelden: {unsubscription_url}\n")
        .expect("written");
    std::fs::write(&html, "<p title=\"{event::subject}\">{onderwerp}</p><a href=\"{unsubscription_url}\">x</a>")
        .expect("written");
    let template = format!(
        "[[people.template]]\nkanaal = \"weg\"\nlanguage = \"nl\"\nsubject = \"{{event::subject}} van {{service_name}}\"\n\
         text_file = {text:?}\nhtml_file = {html:?}\n"
    );
    let mut relay = relay(0).await;
    let gateway = Gateway::with(&format!("{}{template}", configuration(relay.port()))).await;
    // One with texts of its own, and one with those that are built in.
    for naam in ["weg", "raad"] {
        gateway.client(PUBLISHER).post("/v1/kanalen", json!({ "naam": naam })).await.expect(201);
        let request = super::request(ADDRESS, naam);
        let id = gateway.client(CONSUMER).post("/v1/subscriptions", request).await.expect(202).json()["id"].clone();
        press(&gateway.nobody(), &path(&relay.line().await.expect("a mail")), "bevestigen").await.expect(303);
        // Both have the same minute, which the texts that are built in show.
        let minute = || gateway.now().as_micros() / 60_000_000;
        let (time, preview) = loop {
            let (time, before) = (gateway.now(), minute());
            let preview = gateway.client(BEHEER).get(&format!("/v1/people/texts/{naam}")).await.expect(200).json();
            if minute() == before {
                break (time, preview);
            }
        };
        let kind = [("content-type", "application/cloudevents+json")];
        let url = format!("/v1/events?kanaal={naam}");
        gateway.client(PUBLISHER).send(Method::POST, &url, &kind, sample(time).to_string()).await.expect(202);
        let mail = relay.line().await.expect("a mail");
        let id = id.as_str().and_then(|id| id.parse().ok()).map(model::addressee::AddresseeId).expect("an id");
        let links = gateway.people().links();
        let (shown, own) = (links.leave(model::addressee::AddresseeId(uuid::Uuid::nil())), links.leave(id));
        assert_eq!(mail["fields"]["subject"], preview["subject"], "{naam}");
        for part in ["text", "html"] {
            let expected = preview[part].as_str().map(|text| text.replace(&shown, &own));
            // Mails have lines with CRLF, and end with one.
            let sent = mail[part].as_str().map(|text| text.replace("\r\n", "\n"));
            assert_eq!(sent.as_deref().map(str::trim_end), expected.as_deref().map(str::trim_end), "{naam} {part}");
        }
    }
    gateway.stop().await;
}

#[tokio::test]
async fn a_gateway_without_people_has_nothing_to_show() {
    let gateway = Gateway::start().await;
    gateway.client(PUBLISHER).post("/v1/kanalen", json!({ "naam": "weg" })).await.expect(201);
    let admin = gateway.client(BEHEER);
    for path in ["/v1/people", "/v1/people/mailings", "/v1/people/texts", "/v1/people/texts/weg"] {
        admin.get(path).await.expect(404);
        gateway.client(CONSUMER).get(path).await.expect(403);
    }
    let search = json!({ "sink": "mailto:an@burger.example", "reason": "x" });
    admin.post("/v1/people/search", search).await.expect(404);
}
