//! `/api/v1/abonnement`: made after two probes, changed by its owner only, and delivered to.

use http::Method;
use serde_json::{Value, json};

use crate::{
    legacy_kanaal::invalid_params,
    support::{BEHEER, CONSUMER, Client, Gateway, OTHER, PUBLISHER, Sink},
};

/// A receiver that refuses the first request and accepts all others.
async fn guarded() -> Sink {
    let sink = Sink::start().await;
    sink.answers(&[401, 204]);
    sink
}

async fn kanaal(gateway: &Gateway, filters: &[&str]) {
    let body = json!({"naam": "zaken", "filters": filters});
    gateway.client(PUBLISHER).post("/api/v1/kanaal", body).await.expect(201);
}

fn notificatie(zaaktype: &str) -> Value {
    json!({
        "kanaal": "zaken", "hoofdObject": "https://z.nl/zaken/1", "resource": "status",
        "resourceUrl": "https://z.nl/statussen/1", "actie": "create", "aanmaakdatum": "2025-01-01T12:00:00.123456Z",
        "kenmerken": {"objectType": zaaktype},
    })
}

async fn notify(client: &Client, body: &str) {
    let headers = [("content-type", "application/json")];
    client.send(Method::POST, "/api/v1/notificaties", &headers, body.to_owned()).await.expect(201);
}

#[tokio::test]
async fn a_notification_arrives_as_it_was_posted_map_20_map_24() {
    let (gateway, sink) = (Gateway::start().await, guarded().await);
    kanaal(&gateway, &["object_type"]).await;
    let body = json!({
        "callbackUrl": sink.url("/callbacks"), "auth": "Token abc",
        "kanalen": [{"naam": "zaken", "filters": {"object_type": "A"}}],
    });
    let made = gateway.client(CONSUMER).post("/api/v1/abonnement", body).await.expect(201);
    let abonnement = made.json();
    assert_eq!(made.header("location"), abonnement["url"].as_str());
    assert_eq!(abonnement["kanalen"], json!([{"naam": "zaken", "filters": {"objectType": "A"}}]));
    assert!(!String::from_utf8_lossy(&made.body).contains("Token abc"));
    let probes = sink.seen(&Method::POST);
    assert_eq!((probes[0].header("authorization"), probes[1].header("authorization")), (None, Some("Token abc")));
    assert_eq!(probes[0].json()["kanaal"], "test");

    let publisher = gateway.client(PUBLISHER);
    notify(&publisher, &notificatie("B").to_string()).await;
    let posted = format!(" {} ", notificatie("A"));
    notify(&publisher, &posted).await;
    let arrived = sink.wait(Method::POST, 3).await.remove(2);
    assert_eq!(arrived.body, posted.as_bytes());
    assert_eq!(arrived.header("authorization"), Some("Token abc"));
    assert_eq!(arrived.header("content-type"), Some("application/json"));
}

#[tokio::test]
async fn a_subscriber_to_cloudevents_gets_the_eight_members_map_16() {
    let (gateway, sink) = (Gateway::start().await, guarded().await);
    kanaal(&gateway, &[]).await;
    let body = json!({
        "callbackUrl": sink.url("/"), "auth": "x", "sendCloudevents": true, "kanalen": [{"naam": "zaken"}],
        "cloudeventFilters": [{"typeSubstring": "zaken.zaak-"}],
    });
    let abonnement = gateway.client(CONSUMER).post("/api/v1/abonnement", body).await.expect(201).json();
    assert_eq!(abonnement["cloudeventFilters"], json!([{"typeSubstring": "zaken.zaak-", "filters": {}}]));
    let publisher = gateway.client(PUBLISHER);
    notify(&publisher, &notificatie("A").to_string()).await;
    let arrived = sink.wait(Method::POST, 3).await.remove(2);
    assert_eq!(arrived.header("content-type"), Some("application/cloudevents+json"));
    assert_eq!(arrived.json()["type"], "nl.overheid.zaken.status.create");
    publisher.publish("zaken", "1", json!({"type": "nl.overheid.zaken.zaak-geopend"})).await.expect(202);
    assert_eq!(sink.wait(Method::POST, 4).await[3].json()["id"], "1");
}

#[tokio::test]
async fn only_its_owner_changes_an_abonnement_and_everybody_reads_it() {
    let (gateway, sink) = (Gateway::start().await, guarded().await);
    kanaal(&gateway, &["a"]).await;
    let owner = gateway.client(CONSUMER);
    let body = json!({"callbackUrl": sink.url("/"), "auth": "x", "kanalen": [{"naam": "zaken"}]});
    let made = owner.post("/api/v1/abonnement", body.clone()).await.expect(201).json();
    let url = made["url"].as_str().unwrap();
    for reader in [OTHER, PUBLISHER] {
        assert_eq!(gateway.client(reader).get(url).await.expect(200).json(), made);
        assert_eq!(gateway.client(reader).get("/api/v1/abonnement").await.expect(200).json(), json!([made]));
    }
    let other = gateway.client(OTHER);
    for refused in [other.put(url, body).await, other.patch(url, json!({})).await, other.delete(url).await] {
        assert_eq!(refused.expect(403).json()["code"], "permission_denied");
    }
    let patched = owner.patch(url, json!({"sendCloudevents": true})).await.expect(200).json();
    assert_eq!(patched["kanalen"], made["kanalen"], "PATCH keeps what it does not mention");
    let before = sink.seen(&Method::POST).len();
    sink.answers(&[403, 200]);
    let replaced = owner.put(url, json!({"callbackUrl": sink.url("/b"), "auth": "y"})).await.expect(200).json();
    assert_eq!((&replaced["kanalen"], &replaced["sendCloudevents"]), (&json!([]), &json!(false)));
    assert_eq!(sink.seen(&Method::POST).len(), before + 2);
    owner.delete(url).await.expect(204);
    owner.delete(url).await.expect(404);
}

#[tokio::test]
async fn refusals_have_their_codes() {
    let (gateway, sink) = (Gateway::start().await, guarded().await);
    kanaal(&gateway, &["a", "b"]).await;
    let owner = gateway.client(CONSUMER);
    let with = |change: Value| {
        let mut body = json!({"callbackUrl": sink.url("/"), "auth": "x"});
        for (name, value) in change.as_object().unwrap() {
            body[name] = value.clone();
        }
        body
    };
    for (change, expected) in [
        (json!({"callbackUrl": "geen url"}), ("callbackUrl", "invalid")),
        (json!({"callbackUrl": "https://10.0.0.1/"}), ("callbackUrl", "invalid")),
        (json!({"auth": null}), ("auth", "null")),
        (json!({"auth": "a\nb"}), ("auth", "invalid")),
        (json!({"kanalen": [{"naam": "nope"}]}), ("naam", "kanaal_naam")),
        (json!({"kanalen": [{"filters": {}}]}), ("kanalen.0.naam", "required")),
        (
            json!({"kanalen": [{"naam": "zaken", "filters": {"a": "x", "c": "x"}}]}),
            ("filters", "inconsistent-abonnement-filters"),
        ),
        (json!({"kanalen": [{"naam": "zaken", "filters": {"a": null}}]}), ("kanalen.0.filters.a", "null")),
        (json!({"cloudeventFilters": [{}]}), ("cloudeventFilters.0.typeSubstring", "required")),
        (json!({"sendCloudevents": 7}), ("sendCloudevents", "invalid")),
    ] {
        let found = invalid_params(owner.post("/api/v1/abonnement", with(change.clone())).await);
        assert_eq!(found, [(expected.0.to_owned(), expected.1.to_owned())], "{change}");
    }
    assert!(sink.seen(&Method::POST).is_empty(), "nothing was probed for a body that is wrong");
    for (answers, expected) in [
        (&[204, 204][..], ("callbackUrl", "no-auth-on-callback-url")),
        (&[404], ("callbackUrl", "no-auth-on-callback-url")),
        (&[401, 210], ("nonFieldErrors", "invalid-callback-url")),
        (&[401, 302], ("nonFieldErrors", "invalid-callback-url")),
    ] {
        sink.answers(answers);
        let found = invalid_params(owner.post("/api/v1/abonnement", with(json!({}))).await);
        assert_eq!(found, [(expected.0.to_owned(), expected.1.to_owned())], "{answers:?}");
    }
    let gone = json!({"callbackUrl": "http://127.0.0.1:9/", "auth": ""});
    let found = invalid_params(owner.post("/api/v1/abonnement", gone).await);
    assert_eq!(found, [("nonFieldErrors".to_owned(), "invalid-callback-url".to_owned())]);
    gateway.client(PUBLISHER).post("/api/v1/abonnement", with(json!({}))).await.expect(403);
}

#[tokio::test]
async fn passing_the_probes_again_revives_an_abonnement_that_was_gone() {
    let (gateway, sink) = (Gateway::start().await, guarded().await);
    kanaal(&gateway, &[]).await;
    let owner = gateway.client(CONSUMER);
    let body = json!({"callbackUrl": sink.url("/"), "auth": "x", "kanalen": [{"naam": "zaken"}]});
    let url = owner.post("/api/v1/abonnement", body.clone()).await.expect(201).json()["url"].clone();
    let id = url.as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    sink.answers(&[410]);
    notify(&gateway.client(PUBLISHER), &notificatie("A").to_string()).await;
    let state = |wanted: &'static str| {
        let (owner, id) = (&owner, &id);
        crate::support::eventually(wanted, move || async move {
            let now = owner.get(&format!("/v1/subscriptions/{id}")).await.json();
            (now["status"]["state"] == wanted).then_some(())
        })
    };
    state("gone").await;
    sink.answers(&[401, 204, 401, 204]);
    owner.put(url.as_str().unwrap(), body).await.expect(200);
    state("granted").await;
}

#[tokio::test]
async fn entries_for_cloudevents_are_kept_and_select_nothing_without_send_cloudevents() {
    let (gateway, sink) = (Gateway::start().await, guarded().await);
    kanaal(&gateway, &[]).await;
    let owner = gateway.client(CONSUMER);
    let filters = json!([{"typeSubstring": "zaak-", "filters": {"zaaktype": "A"}}]);
    let body = json!({
        "callbackUrl": sink.url("/"), "auth": "x", "kanalen": [{"naam": "zaken"}], "cloudeventFilters": filters,
    });
    let made = owner.post("/api/v1/abonnement", body).await.expect(201).json();
    assert_eq!((&made["cloudeventFilters"], &made["sendCloudevents"]), (&filters, &json!(false)));
    let publisher = gateway.client(PUBLISHER);
    let kind = json!({"type": "nl.overheid.zaken.zaak-geopend"});
    publisher.publish("zaken", "1", kind.clone()).await.expect(202);
    notify(&publisher, &notificatie("A").to_string()).await;
    let third = sink.wait(Method::POST, 3).await.remove(2);
    assert_eq!(third.header("content-type"), Some("application/json"), "the CloudEvent was not for it");
    let url = made["url"].as_str().unwrap();
    let patched = owner.patch(url, json!({"send_cloudevents": true})).await.expect(200).json();
    assert_eq!(patched["cloudeventFilters"], filters);
    publisher.publish("zaken", "2", kind).await.expect(202);
    assert_eq!(sink.wait(Method::POST, 4).await[3].json()["id"], "2");
}

#[tokio::test]
async fn reserved_keys_filter_on_actie_resource_and_hoofd_object() {
    let (gateway, sink) = (Gateway::start().await, guarded().await);
    kanaal(&gateway, &["object_type"]).await;
    let body = json!({
        "callbackUrl": sink.url("/"), "auth": "x",
        "kanalen": [
            {"naam": "zaken", "filters": {"#actie": "destroy", "objectType": "A"}},
            {"naam": "zaken", "filters": {"#resource": "resultaat", "#hoofdObject": "https://z.nl/zaken/1"}},
        ],
    });
    let made = gateway.client(CONSUMER).post("/api/v1/abonnement", body).await.expect(201).json();
    assert_eq!(made["kanalen"][0]["filters"], json!({"#actie": "destroy", "objectType": "A"}));
    let publisher = gateway.client(PUBLISHER);
    let send = async |actie: &str, resource: &str, hoofd: &str| {
        let mut body = notificatie("A");
        (body["actie"], body["resource"], body["hoofdObject"]) = (json!(actie), json!(resource), json!(hoofd));
        notify(&publisher, &body.to_string()).await;
    };
    send("create", "status", "https://z.nl/zaken/1").await;
    send("create", "resultaat", "https://z.nl/zaken/2").await;
    send("destroy", "status", "https://z.nl/zaken/3").await;
    send("update", "resultaat", "https://z.nl/zaken/1").await;
    let arrived = sink.wait(Method::POST, 4).await;
    let mut acties: Vec<String> = arrived[2..].iter().map(|seen| seen.json()["actie"].to_string()).collect();
    acties.sort();
    assert_eq!(acties, ["\"destroy\"", "\"update\""]);
}

#[tokio::test]
async fn administrators_may_keep_clients_to_what_is_their_own() {
    let config =
        "[notificaties]\nown_abonnementen_only = true\nown_kanalen_only = true\ncallback_must_answer_204 = true";
    let (gateway, sink) = (Gateway::with(config).await, guarded().await);
    kanaal(&gateway, &[]).await;
    let owner = gateway.client(CONSUMER);
    let body = json!({"callbackUrl": sink.url("/"), "auth": "x", "kanalen": [{"naam": "zaken"}]});
    let made = owner.post("/api/v1/abonnement", body.clone()).await.expect(201).json();
    let url = made["url"].as_str().unwrap();
    let list = "/api/v1/abonnement";
    for (client, count, status) in [(CONSUMER, 1, 200), (OTHER, 0, 403), (PUBLISHER, 0, 403), (BEHEER, 1, 200)] {
        let client = gateway.client(client);
        assert_eq!(client.get(list).await.expect(200).json().as_array().map(Vec::len), Some(count));
        client.get(url).await.expect(status);
    }
    let kanaal = gateway.client(PUBLISHER).get("/api/v1/kanaal?naam=zaken").await.json()[0]["url"].clone();
    let kanaal = kanaal.as_str().unwrap();
    gateway.client(PUBLISHER).patch(kanaal, json!({"filters": ["a"]})).await.expect(200);
    gateway.client(BEHEER).patch(kanaal, json!({"filters": ["b"]})).await.expect(200);
    let default = gateway.client(PUBLISHER).get("/api/v1/kanaal?naam=cloudevents").await.json()[0]["url"].clone();
    let refused = gateway.client(PUBLISHER).patch(default.as_str().unwrap(), json!({"filters": []})).await;
    assert_eq!(refused.expect(403).json()["code"], "permission_denied");
    gateway.client(PUBLISHER).put("/v1/kanalen/cloudevents", json!({})).await.expect(403);
    sink.answers(&[401, 200]);
    let refused = owner.post(list, body).await.expect(400).json();
    let reason = refused["invalidParams"][0]["reason"].as_str().unwrap();
    assert!(reason.contains("200") && reason.contains("verwacht wordt 204"), "{reason}");
}

#[tokio::test]
async fn d7_another_origin_gets_no_stored_auth() {
    let (gateway, first, second) = (Gateway::start().await, guarded().await, Sink::start().await);
    kanaal(&gateway, &[]).await;
    let client = gateway.client(CONSUMER);
    let body = json!({"callbackUrl": first.url("/"), "auth": "Token abc", "kanalen": [{"naam": "zaken"}]});
    let made = client.post("/api/v1/abonnement", body).await.expect(201).json();
    let url = made["url"].as_str().unwrap();
    second.answers(&[401, 401]);
    let refused = client.patch(url, json!({"callbackUrl": second.url("/")})).await;
    assert_eq!(invalid_params(refused), [("nonFieldErrors".into(), "invalid-callback-url".into())]);
    assert!(second.wait(Method::POST, 2).await.iter().all(|probe| probe.header("authorization").is_none()));
}

#[tokio::test]
async fn d8_others_see_a_callback_without_its_query() {
    let (gateway, sink) = (Gateway::start().await, guarded().await);
    kanaal(&gateway, &[]).await;
    let callback = sink.url("/hook?token=s3cret");
    let body = json!({"callbackUrl": callback, "auth": "Token abc", "kanalen": [{"naam": "zaken"}]});
    let made = gateway.client(CONSUMER).post("/api/v1/abonnement", body).await.expect(201).json();
    assert_eq!(made["callbackUrl"], callback);
    let url = made["url"].as_str().unwrap();
    for (client, shown) in [
        (CONSUMER, callback.clone()),
        (BEHEER, callback.clone()),
        (OTHER, sink.url("/hook")),
        (PUBLISHER, sink.url("/hook")),
    ] {
        let client = gateway.client(client);
        assert_eq!(client.get("/api/v1/abonnement").await.expect(200).json()[0]["callbackUrl"], shown);
        assert_eq!(client.get(url).await.expect(200).json()["callbackUrl"], shown);
    }
}

#[tokio::test]
async fn f9_a_callback_with_a_name_outside_ascii_is_taken() {
    let gateway = Gateway::start().await;
    kanaal(&gateway, &[]).await;
    let client = gateway.client(CONSUMER);
    let body = json!({
        "callbackUrl": "https://bücher.invalid:8443/añadir?q=é", "auth": "Token abc", "validation": "handshake",
        "kanalen": [{"naam": "zaken"}],
    });
    let made = client.post("/api/v1/abonnement", body.clone()).await.expect(201).json();
    assert_eq!(made["callbackUrl"], "https://xn--bcher-kva.invalid:8443/a%C3%B1adir?q=%C3%A9");
    let changed = client.put(made["url"].as_str().unwrap(), body).await.expect(200).json();
    assert_eq!(changed["callbackUrl"], made["callbackUrl"]);
    let link = json!({"naam": "x", "documentatieLink": "https://bücher.invalid/"});
    gateway.client(PUBLISHER).post("/api/v1/kanaal", link).await.expect(201);
}
