//! Publishing by hand: forms, dry runs, rights, the audit trail, and a stored event as a new one.

use http::Method;
use model::{ExtraRight, Grants, Role};
use serde_json::{Value, json};

use super::{Browser, CONSOLE, subscriptions::gateway_with_subscription, text};
use crate::support::{BEHEER, Gateway, OTHER, PUBLISHER, eventually};

const PATH: &str = "/beheer/publiceren";

fn publisher(role: Role, client: Option<&str>) -> Grants {
    let client_ids = client.into_iter().map(str::to_owned).collect();
    Grants { extra: vec![ExtraRight::Publiceren], client_ids, ..Grants::of(role) }
}

async fn entries(gateway: &Gateway, action: &str) -> Vec<Value> {
    let list = gateway.client(BEHEER).get(&format!("/v1/audit?pageSize=500&action={action}")).await.expect(200).json();
    list["results"].as_array().cloned().expect("rows")
}

fn event(id: &str, kanaal: &str, data: &str, step: &str) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs([
            ("soort", "cloudevent"),
            ("id", id),
            ("source", "urn:hand"),
            ("type", "nl.overheid.zaken.x"),
            ("datacontenttype", "application/json"),
            ("uitbreidingen", "dataref=https://a.example/1"),
            ("kanaal", kanaal),
            ("data", data),
            ("stap", step),
        ])
        .finish()
}

#[tokio::test]
async fn a_cloudevent_is_tried_and_published_with_an_entry_of_the_trail() {
    let (gateway, sink, _id) = gateway_with_subscription().await;
    let example = json!({
        "name": "x", "types": ["nl.overheid.zaken.x"], "description": "Een zaak", "schema": {"type": "object"},
        "example": {"naam": "voorbeeld"},
    });
    gateway.client(PUBLISHER).post("/v1/schemas", example).await.expect(201);
    let browser = Browser::log_in(&gateway, publisher(Role::Beheerder, None)).await;
    let page = text(&browser.get(&format!("{PATH}?voorbeeld=nl.overheid.zaken.x")).await.expect(200));
    for part in ["value=\"nl.overheid.zaken.x\"", "voorbeeld", "name=\"stap\" value=\"proef\""] {
        assert!(page.contains(part), "{part} in {page}");
    }
    assert!(!page.contains("value=\"publiceren\""), "a dry run comes first");
    let tried = text(&browser.post(PATH, &event("h1", "zaken", "{\"a\": 1.0}", "proef")).await.expect(200));
    for part in ["er is niets opgeslagen", "Krijgt het event", "value=\"publiceren\"", "value=\"h1\"", "/ontvanger?…"]
    {
        assert!(tried.contains(part), "{part} in {tried}");
    }
    assert!(entries(&gateway, "event.publish").await.is_empty(), "a dry run publishes nothing");
    let done = browser.post(PATH, &event("h1", "zaken", "{\"a\": 1.0}", "publiceren")).await.expect(303);
    let location = done.header("location").unwrap().to_owned();
    assert!(location.contains("gedaan=gepubliceerd"), "{location}");
    assert!(text(&browser.get(&location).await.expect(200)).contains("/beheer/events/urn%3Ahand/h1"));
    let received = sink.wait(Method::POST, 1).await;
    let body = received[0].json();
    assert_eq!(
        (&body["id"], &body["data"], &body["dataref"]),
        (&json!("h1"), &json!({"a": 1.0}), &json!("https://a.example/1"))
    );
    let found = entries(&gateway, "event.publish").await;
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!((&found[0]["object"]["id"], &found[0]["result"]), (&json!("h1"), &json!("accepted")));
    assert_eq!(found[0]["actor"]["kind"], "person");
}

#[tokio::test]
async fn faults_and_refusals_are_explained_and_keep_what_was_typed() {
    let gateway = Gateway::with(CONSOLE).await;
    gateway.client(PUBLISHER).post("/v1/kanalen", json!({"naam": "zaken"})).await.expect(201);
    let browser = Browser::log_in(&gateway, publisher(Role::Beheerder, None)).await;
    for (form, status, parts) in [
        (event("h1", "zaken", "{\"a\":", "publiceren"), 422, ["Fout:", "href=\"#data\""]),
        (event("", "zaken", "1", "publiceren"), 422, ["Vul id in.", "aria-invalid"]),
        (
            event("h1", "zaken", "1", "proef").replace("dataref%3D", "data%3D"),
            422,
            ["href=\"#uitbreidingen\"", "urn:hand"],
        ),
        (event("h1", "bestaat-niet", "1", "publiceren"), 400, ["neemt dit event niet aan", "urn:hand"]),
        (
            event("h1", "zaken", "1", "publiceren").replace("urn%3Ahand", "geen%20uri"),
            400,
            ["source", "value=\"geen uri\""],
        ),
        (
            "soort=notificatie&stap=publiceren&actie=%3Cb%3E".to_owned(),
            422,
            ["Vul kanaal in.", "value=\"&#60;b&#62;\""],
        ),
    ] {
        let page = text(&browser.post(PATH, &form).await.expect(status));
        for part in parts {
            assert!(page.contains(part), "{part} in {page}");
        }
    }
    assert!(entries(&gateway, "event.publish").await.is_empty());
}

#[tokio::test]
async fn the_owner_of_a_kanaal_publishes_on_its_own_only() {
    let gateway = Gateway::with(CONSOLE).await;
    gateway.client(PUBLISHER).post("/v1/kanalen", json!({"naam": "zaken"})).await.expect(201);
    Browser::with_role(&gateway, Role::Beheerder).await.get(PATH).await.expect(403);
    let owner = Browser::log_in(&gateway, publisher(Role::Kanaaleigenaar, Some(PUBLISHER))).await;
    owner.post(PATH, &event("h1", "zaken", "1", "publiceren")).await.expect(303);
    let other = Browser::log_in(&gateway, publisher(Role::Kanaaleigenaar, Some(OTHER))).await;
    for step in ["proef", "publiceren"] {
        other.post(PATH, &event("h2", "zaken", "1", step)).await.expect(403);
    }
    eventually("the refused attempts", || async {
        let found = entries(&gateway, "event.publish").await;
        found.iter().any(|entry| entry["result"] == "refused" && entry["object"]["id"] == "zaken").then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_notificatie_reaches_receivers_and_its_kenmerken_are_offered() {
    let (gateway, sink, _id) = gateway_with_subscription().await;
    let kanaal = json!({"naam": "besluiten", "filters": ["bron"]});
    gateway.client(PUBLISHER).post("/api/v1/kanaal", kanaal).await.expect(201);
    let browser = Browser::log_in(&gateway, publisher(Role::Beheerder, None)).await;
    let page = text(&browser.get(&format!("{PATH}?soort=notificatie&kenmerken-van=besluiten")).await.expect(200));
    assert!(page.contains("bron=") && page.contains("<option value=\"besluiten\" selected>"), "{page}");
    let form = |step: &str| {
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs([
                ("soort", "notificatie"),
                ("kanaal", "zaken"),
                ("hoofdObject", "https://zaken.example/z/1"),
                ("resource", "status"),
                ("resourceUrl", "https://zaken.example/s/2"),
                ("actie", "create"),
                ("kenmerken", ""),
                ("stap", step),
            ])
            .finish()
    };
    let tried = text(&browser.post(PATH, &form("proef")).await.expect(200));
    assert!(tried.contains("nl.overheid.zaken.status.create") && tried.contains("Krijgt het event"), "{tried}");
    browser.post(PATH, &form("publiceren")).await.expect(303);
    let body = sink.wait(Method::POST, 1).await[0].json();
    assert_eq!(
        (&body["type"], &body["hoofdobject"]),
        (&json!("nl.overheid.zaken.status.create"), &json!("https://zaken.example/z/1"))
    );
}

#[tokio::test]
async fn a_stored_event_is_published_as_a_new_one() {
    let (gateway, sink, _id) = gateway_with_subscription().await;
    let more = json!({"subject": "zaak-1", "data": {"geheim": "inhoud-1"}});
    gateway.client(PUBLISHER).publish("zaken", "eerste", more).await.expect(202);
    sink.wait(Method::POST, 1).await;
    let browser = Browser::log_in(&gateway, publisher(Role::Beheerder, None)).await;
    let page = eventually("the event", || async {
        let answer = browser.get("/beheer/events/urn%3Atest/eerste").await;
        (answer.status == 200).then(|| text(&answer))
    })
    .await;
    assert!(page.contains("/beheer/events/urn%3Atest/eerste/nieuw"), "{page}");
    let asked = text(&browser.get("/beheer/events/urn%3Atest/eerste/nieuw").await.expect(200));
    assert!(asked.contains("Krijgt het event") && !asked.contains("inhoud-1"), "{asked}");
    browser.post("/beheer/events/urn%3Atest/eerste/nieuw", "").await.expect(303);
    let received = sink.wait(Method::POST, 2).await;
    let (first, second) = (received[0].json(), received[1].json());
    assert_ne!(first["id"], second["id"]);
    for member in ["source", "type", "subject", "time", "data"] {
        assert_eq!(first[member], second[member], "{member}");
    }
    assert_eq!(entries(&gateway, "event.publish").await[0]["object"]["id"], second["id"]);
    browser.get("/beheer/events/urn%3Atest/geen/nieuw").await.expect(404);
}

#[tokio::test]
async fn a_notificatie_that_is_published_twice_from_one_form_is_one_event() {
    let (gateway, sink, _id) = gateway_with_subscription().await;
    let browser = Browser::log_in(&gateway, publisher(Role::Beheerder, None)).await;
    let hidden = |page: &str, name: &str| {
        let (_, rest) = page.split_once(&format!("type=\"hidden\" name=\"{name}\" value=\"")).expect("a hidden field");
        rest.split('"').next().unwrap_or_default().to_owned()
    };
    let form = |page: &str, step: &str| {
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs([
                ("soort", "notificatie"),
                ("nummer", hidden(page, "nummer").as_str()),
                ("gemaakt", hidden(page, "gemaakt").as_str()),
                ("kanaal", "zaken"),
                ("hoofdObject", "https://zaken.example/z/1"),
                ("resource", "status"),
                ("resourceUrl", "https://zaken.example/s/2"),
                ("actie", "create"),
                ("stap", step),
            ])
            .finish()
    };
    let page = text(&browser.get(&format!("{PATH}?soort=notificatie")).await.expect(200));
    // The dry run is sent twice as well: the form keeps its event, though each answer is a new form.
    let tried = text(&browser.post(PATH, &form(&page, "proef")).await.expect(200));
    let again = text(&browser.post(PATH, &form(&page, "proef")).await.expect(200));
    let first = browser.post(PATH, &form(&tried, "publiceren")).await.expect(303);
    eventually("the event is indexed", || async {
        let list = gateway.client(BEHEER).get("/v1/events").await.expect(200).json();
        (list["results"].as_array()?.len() == 1).then_some(())
    })
    .await;
    let second = browser.post(PATH, &form(&again, "publiceren")).await.expect(303);
    assert_eq!(first.header("location"), second.header("location"));
    assert_eq!(entries(&gateway, "event.publish").await.len(), 1);
    // What is published after it is the next event of the kanaal, and the next delivery.
    let page = text(&browser.get(&format!("{PATH}?soort=notificatie")).await.expect(200));
    browser.post(PATH, &form(&page, "publiceren")).await.expect(303);
    let received = sink.wait(Method::POST, 2).await;
    let id = |at: usize| received[at].json()["id"].as_str().map(str::to_owned).expect("an id");
    assert_eq!((received.len(), id(0)), (2, hidden(&tried, "nummer")));
    assert_eq!(id(1), hidden(&page, "nummer"));
    assert_eq!(received[0].json()["time"], hidden(&tried, "gemaakt"));
}
