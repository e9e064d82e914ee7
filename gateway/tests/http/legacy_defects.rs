//! Defects of Open Notificaties 1.16 that this gateway does not have, one test each. Behaviour that it copies on purpose is in
//! the other modules.

use http::Method;
use serde_json::{Value, json};

use crate::{
    legacy_kanaal::invalid_params,
    support::{Answer, CONSUMER, Client, Gateway, PUBLISHER, ReceivedRequest, Sink, eventually},
};

const ABONNEMENT: &str = "/api/v1/abonnement";

/// A gateway with the kanaal `zaken`, and clients to publish and subscribe.
async fn start(filters: &[&str]) -> (Gateway, Client, Client) {
    let gateway = Gateway::start().await;
    let (publisher, consumer) = (gateway.client(PUBLISHER), gateway.client(CONSUMER));
    publisher.post("/api/v1/kanaal", json!({"naam": "zaken", "filters": filters})).await.expect(201);
    (gateway, publisher, consumer)
}

/// An abonnement on `zaken` at a sink of its own that passed the probes, with these members besides.
async fn subscribe(consumer: &Client, more: Value) -> (Sink, String) {
    let sink = Sink::start().await;
    sink.answers(&[401, 204]);
    let mut body = json!({"callbackUrl": sink.url("/callbacks"), "auth": "Token abc", "kanalen": [{"naam": "zaken"}]});
    for (name, value) in more.as_object().expect("members") {
        body[name] = value.clone();
    }
    let made = consumer.post(ABONNEMENT, body).await.expect(201).json();
    (sink, made["url"].as_str().expect("a URL").to_owned())
}

fn notificatie() -> Value {
    json!({
        "kanaal": "zaken", "hoofdObject": "https://z.nl/zaken/1", "resource": "status",
        "resourceUrl": "https://z.nl/statussen/2", "actie": "create", "aanmaakdatum": "2025-01-01T12:00:00.123456Z",
        "kenmerken": {},
    })
}

async fn publish_event(publisher: &Client, event: &Value) -> Answer {
    let headers = [("content-type", "application/cloudevents+json")];
    publisher.send(Method::POST, "/api/v1/cloudevents", &headers, event.to_string()).await
}

/// What a sink got after the two probes.
async fn delivered(sink: &Sink, count: usize) -> Vec<ReceivedRequest> {
    sink.wait(Method::POST, count + 2).await.split_off(2)
}

fn event(id: &str, more: Value) -> Value {
    let mut event =
        json!({"specversion": "1.0", "id": id, "source": "urn:test", "type": "nl.overheid.zaken.zaak-geopend"});
    for (name, value) in more.as_object().expect("members") {
        event[name] = value.clone();
    }
    event
}

#[tokio::test]
async fn kenmerken_that_are_null_or_absent_are_no_kenmerken() {
    let (_gateway, publisher, consumer) = start(&[]).await;
    let (sink, _) = subscribe(&consumer, json!({})).await;
    let mut without = notificatie();
    without.as_object_mut().expect("an object").remove("kenmerken");
    let mut null = notificatie();
    null["kenmerken"] = Value::Null;
    for body in [without, null] {
        assert_eq!(publisher.post("/api/v1/notificaties", body).await.expect(201).json()["kenmerken"], json!({}));
    }
    for seen in delivered(&sink, 2).await {
        assert_eq!(seen.json()["kenmerken"], json!({}));
    }
}

#[tokio::test]
async fn a_callback_that_cannot_be_reached_is_the_clients_mistake() {
    let (_gateway, _, consumer) = start(&[]).await;
    for (url, name, code) in [
        ("http://127.0.0.1:9/", "nonFieldErrors", "invalid-callback-url"),
        ("https://does-not-exist.invalid/", "nonFieldErrors", "invalid-callback-url"),
        ("geen url", "callbackUrl", "invalid"),
        ("http://[", "callbackUrl", "invalid"),
    ] {
        let found = invalid_params(consumer.post(ABONNEMENT, json!({"callbackUrl": url, "auth": "x"})).await);
        assert_eq!(found, [(name.to_owned(), code.to_owned())], "{url}");
    }
}

#[tokio::test]
async fn filters_that_are_too_long_or_null_are_refused() {
    let (_gateway, _, consumer) = start(&[]).await;
    for (key, value, code) in [
        ("k".repeat(101), json!("x"), "max_length"),
        ("k".to_owned(), json!("x".repeat(1_001)), "max_length"),
        ("k".to_owned(), Value::Null, "null"),
        ("k".to_owned(), json!(["x"]), "invalid"),
        ("k".to_owned(), json!("\0"), "null_characters_not_allowed"),
    ] {
        let filters = json!({key.clone(): value});
        let body = json!({"callbackUrl": "http://127.0.0.1:9/", "auth": "", "kanalen": [{"naam": "zaken", "filters": filters}]});
        let found = invalid_params(consumer.post(ABONNEMENT, body).await);
        assert_eq!(found, [(format!("kanalen.0.filters.{key}"), code.to_owned())]);
        let filters = json!([{"typeSubstring": "x", "filters": filters}]);
        let body = json!({"callbackUrl": "http://127.0.0.1:9/", "auth": "", "cloudeventFilters": filters});
        let found = invalid_params(consumer.post(ABONNEMENT, body).await);
        assert_eq!(found, [(format!("cloudeventFilters.0.filters.{key}"), code.to_owned())]);
    }
}

#[tokio::test]
async fn patch_keeps_what_it_does_not_mention_and_probes_with_the_stored_auth() {
    let (_gateway, _, consumer) = start(&["a"]).await;
    let (sink, url) = subscribe(&consumer, json!({"kanalen": [{"naam": "zaken", "filters": {"a": "1"}}]})).await;
    sink.answers(&[403, 200]);
    let patched = consumer.patch(&url, json!({"callbackUrl": sink.url("/elders")})).await.expect(200).json();
    assert_eq!(patched["kanalen"], json!([{"naam": "zaken", "filters": {"a": "1"}}]));
    let probes = sink.seen(&Method::POST).split_off(2);
    let sent: Vec<_> = probes.iter().map(|seen| (seen.uri.path(), seen.header("authorization"))).collect();
    assert_eq!(sent, [("/elders", None), ("/elders", Some("Token abc"))]);
}

#[tokio::test]
async fn any_data_of_a_cloudevent_arrives_whatever_filters_there_are() {
    let (_gateway, publisher, consumer) = start(&[]).await;
    let filters = json!([{"typeSubstring": "zaak-", "filters": {"zaaktype": "A", "a_b": "c"}}]);
    let (sink, _) = subscribe(&consumer, json!({"sendCloudevents": true, "cloudeventFilters": filters})).await;
    let wanted = [
        json!({"data": null}),
        json!({"data": "a text with zaaktype"}),
        json!({"data": 5}),
        json!({"data": ["zaaktype"]}),
        json!({}),
        json!({"data": {"zaaktype": "A"}}),
        json!({"data": {"zaaktype": "A", "a_b": "c"}}),
    ];
    for unwanted in [json!({"data": {"zaaktype": "B"}}), json!({"data": {"a_b": "d"}})] {
        publish_event(&publisher, &event("x", unwanted)).await.expect(201);
    }
    for (at, more) in wanted.iter().enumerate() {
        publish_event(&publisher, &event(&at.to_string(), more.clone())).await.expect(201);
    }
    let mut found: Vec<Value> = delivered(&sink, wanted.len()).await.iter().map(ReceivedRequest::json).collect();
    found.sort_by_key(|event| event["id"].to_string());
    for (at, more) in wanted.iter().enumerate() {
        assert_eq!(found[at], event(&at.to_string(), more.clone()));
    }
    publish_event(&publisher, &event("0", json!({"data": null}))).await.expect(201);
}

#[tokio::test]
async fn everything_a_cloudevent_says_survives() {
    let (_gateway, publisher, consumer) = start(&[]).await;
    let (sink, _) =
        subscribe(&consumer, json!({"sendCloudevents": true, "cloudeventFilters": [{"typeSubstring": "zaak"}]})).await;
    let full = event(
        "1",
        json!({
            "time": "2025-01-01T12:00:00.123456+01:00", "dataref": "/zaken/1", "sequence": "0007", "nlgovx": true, "n": 5,
            "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "data_base64": "AAEC/w==",
        }),
    );
    assert_eq!(publish_event(&publisher, &full).await.expect(201).json(), full);
    let nulls = event("2", json!({"subject": null, "dataref": null, "data": null, "time": "2025-01-01T12:00:00Z"}));
    publish_event(&publisher, &nulls).await.expect(201);
    let arrived = delivered(&sink, 2).await;
    for seen in &arrived {
        assert_eq!(seen.header("content-type"), Some("application/cloudevents+json"));
        let expected = match seen.json()["id"].as_str() {
            Some("1") => full.clone(),
            _ => event("2", json!({"data": null, "time": "2025-01-01T12:00:00Z"})),
        };
        assert_eq!(seen.json(), expected);
    }
    let headers = [
        ("content-type", "text/plain"),
        ("ce-specversion", "1.0"),
        ("ce-id", "3"),
        ("ce-source", "urn:test"),
        ("ce-type", "nl.overheid.zaken.zaak-geopend"),
    ];
    publisher.send(Method::POST, "/api/v1/cloudevents", &headers, "hallo").await.expect(201);
    assert_eq!(delivered(&sink, 3).await[2].json()["data"], "hallo");
}

#[tokio::test]
async fn a_notification_is_one_event_for_all_its_subscribers() {
    let (_gateway, publisher, consumer) = start(&[]).await;
    let cloudevents = |rendering: &str| json!({"sendCloudevents": true, "rendering": rendering});
    let (first, _) = subscribe(&consumer, cloudevents("on116")).await;
    let (second, url) = subscribe(&consumer, cloudevents("canonical")).await;
    let (legacy, _) = subscribe(&consumer, json!({})).await;
    assert_eq!(consumer.get(&url).await.expect(200).json()["rendering"], "canonical");
    second.answers(&[500, 204]);
    // It has no source, which is no error: the gateway has one configured.
    publisher.post("/api/v1/notificaties", notificatie()).await.expect(201);
    let one = delivered(&first, 1).await[0].json();
    let id = one["id"].clone();
    let expected = json!({
        "id": id, "source": "urn:nld:oin:00000001823288444000:systeem:test", "specversion": "1.0",
        "type": "nl.overheid.zaken.status.create", "datacontenttype": "application/json", "subject": "2",
        "time": "2025-01-01T12:00:00Z", "data": {"hoofdObject": "https://z.nl/zaken/1"},
    });
    assert_eq!(one, expected, "the eight members");
    for seen in delivered(&second, 2).await {
        let event = seen.json();
        assert_eq!((&event["id"], &event["data"]), (&id, &notificatie()), "also when it is sent again");
        assert_eq!((&event["dataref"], &event["actie"]), (&json!("https://z.nl/statussen/2"), &json!("create")));
    }
    assert_eq!(delivered(&legacy, 1).await[0].json(), notificatie());
}

#[tokio::test]
async fn a_redirect_is_no_delivery_and_is_not_followed() {
    let (_gateway, publisher, consumer) = start(&[]).await;
    let (sink, _) = subscribe(&consumer, json!({})).await;
    let elsewhere = Sink::start().await;
    sink.redirects(302, &elsewhere.url("/"));
    publisher.post("/api/v1/notificaties", notificatie()).await.expect(201);
    delivered(&sink, 1).await;
    sink.answers(&[204]);
    assert_eq!(delivered(&sink, 2).await[1].json(), notificatie(), "sent again where it was meant to go");
    assert!(elsewhere.seen(&Method::GET).is_empty() && elsewhere.seen(&Method::POST).is_empty());
}

#[tokio::test]
async fn what_cannot_be_delivered_is_kept() {
    let (_gateway, publisher, consumer) = start(&[]).await;
    let (sink, url) = subscribe(&consumer, json!({})).await;
    sink.answers(&[422]);
    publisher.post("/api/v1/notificaties", notificatie()).await.expect(201);
    let id = url.rsplit('/').next().expect("an id").to_owned();
    let path = format!("/v1/subscriptions/{id}/dead-letters");
    eventually("a dead letter", || async {
        let letters = consumer.get(&path).await.expect(200).json();
        (letters["results"].as_array().map(Vec::len) == Some(1)).then_some(())
    })
    .await;
}

#[tokio::test]
async fn secrets_are_not_kept_in_clear_text() {
    let (gateway, _, consumer) = start(&[]).await;
    let (_sink, _) = subscribe(&consumer, json!({"auth": "Token zeer-geheim-abc"})).await;
    let found = |needle: &str| {
        let files = gateway.files();
        assert!(files.len() > 1);
        files.iter().any(|bytes| bytes.windows(needle.len()).any(|window| window == needle.as_bytes()))
    };
    assert!(found("/callbacks"), "the abonnement is in these files");
    assert!(!found("zeer-geheim-abc") && !found("the long enough secret"));
}

#[tokio::test]
async fn addresses_inside_are_out_of_reach() {
    let (_gateway, publisher, consumer) = start(&[]).await;
    for url in [
        "https://169.254.169.254/latest",
        "https://10.0.0.1/",
        "http://192.168.1.1/",
        "https://[::1]/",
        "https://2130706433.1/",
        "https://[::ffff:10.0.0.1]/",
        "file:///etc/passwd",
        "https://user:pass@z.nl/",
    ] {
        let answer = consumer.post(ABONNEMENT, json!({"callbackUrl": url, "auth": "x"})).await.expect(400);
        let name = answer.json()["invalidParams"][0]["name"].clone();
        assert!(name == "callbackUrl" || name == "nonFieldErrors", "{url}: {name}");
    }
    let body = json!({"naam": "x", "documentatieLink": "https://169.254.169.254/latest"});
    publisher.post("/api/v1/kanaal", body).await.expect(201);
}

#[tokio::test]
async fn an_abonnement_may_choose_the_handshake() {
    let (_gateway, publisher, consumer) = start(&[]).await;
    let sink = Sink::start().await;
    let body = json!({
        "callbackUrl": sink.url("/callbacks"), "auth": "Token abc", "kanalen": [{"naam": "zaken"}], "validation": "handshake",
    });
    let made = consumer.post(ABONNEMENT, body).await.expect(201).json();
    assert_eq!(made["validation"], "handshake");
    publisher.post("/api/v1/notificaties", notificatie()).await.expect(201);
    let asked = sink.wait(Method::OPTIONS, 1).await;
    assert_eq!(asked[0].header("webhook-request-origin"), Some("gateway.test.example"));
    let arrived = sink.wait(Method::POST, 1).await;
    assert_eq!((arrived[0].json(), arrived[0].header("authorization")), (notificatie(), Some("Token abc")));
    let url = made["url"].as_str().expect("a URL");
    assert_eq!(consumer.get(url).await.expect(200).json()["consent"], json!({"state": "granted", "reason": null}));
    sink.answers(&[401, 204]);
    let back = consumer.patch(url, json!({"validation": "probe"})).await.expect(200).json();
    assert_eq!((back.get("validation"), back.get("consent")), (None, None));
    assert_eq!(sink.seen(&Method::POST).len(), 3, "the probes of the other way");
    let found = invalid_params(consumer.patch(url, json!({"validation": "manual"})).await);
    assert_eq!(found, [("validation".to_owned(), "invalid_choice".to_owned())]);
}

#[tokio::test]
async fn other_filters_of_a_kanaal_leave_abonnementen_as_they_are() {
    let (_gateway, publisher, consumer) = start(&["a"]).await;
    let (sink, url) = subscribe(&consumer, json!({"kanalen": [{"naam": "zaken", "filters": {"a": "1"}}]})).await;
    let before = consumer.get(&url).await.expect(200).json();
    let kanaal = publisher.get("/api/v1/kanaal?naam=zaken").await.json()[0]["url"].clone();
    publisher.put(kanaal.as_str().expect("a URL"), json!({"naam": "zaken", "filters": ["b"]})).await.expect(200);
    assert_eq!(consumer.get(&url).await.expect(200).json(), before);
    let with = |key: &str, value: &str| {
        let mut body = notificatie();
        body["kenmerken"] = json!({key: value});
        body
    };
    publisher.post("/api/v1/notificaties", with("a", "1")).await.expect(400);
    publisher.post("/api/v1/notificaties", with("b", "1")).await.expect(201);
    assert_eq!(delivered(&sink, 1).await[0].json(), with("b", "1"), "it lacks the kenmerk that is filtered on");
    publisher.post("/api/v1/notificaties", json!({"kenmerken": {"a": "2", "b": "1"}})).await.expect(400);
    let again = json!({"kanalen": before["kanalen"]});
    let found = invalid_params(consumer.patch(&url, again).await);
    assert_eq!(found, [("filters".to_owned(), "inconsistent-abonnement-filters".to_owned())]);
}
