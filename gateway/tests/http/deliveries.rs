//! What a subscription asks for is what arrives: filters, formats, headers, credentials.

use http::Method;
use serde_json::{Value, json};

use crate::{
    subscriptions::granted,
    support::{CONSUMER, Client, Gateway, PUBLISHER, ReceivedRequest, Sink},
};

async fn stage() -> (Gateway, Sink, Client, Client) {
    let (gateway, sink) = (Gateway::start().await, Sink::start().await);
    let (publisher, client) = (gateway.client(PUBLISHER), gateway.client(CONSUMER));
    publisher.post("/v1/kanalen", json!({"naam": "zaken", "filters": ["zaaktype"]})).await.expect(201);
    (gateway, sink, publisher, client)
}

fn at<'a>(seen: &'a [ReceivedRequest], path: &str) -> Vec<&'a ReceivedRequest> {
    seen.iter().filter(|seen| seen.uri.path() == path).collect()
}

#[tokio::test]
async fn each_gets_the_shape_it_asked_for() {
    let (_gateway, sink, publisher, client) = stage().await;
    for (path, config) in [
        ("/structured", json!({"format": "structured"})),
        ("/binary", json!({"format": "binary"})),
        ("/batch", json!({"format": "batch", "batch": {"maxEvents": 10, "lingerMs": 10}})),
        ("/legacy", json!({"format": "legacy"})),
        ("/on116", json!({"format": "structured", "rendering": "on116"})),
    ] {
        let mut config = config;
        config["kanalen"] = json!(["zaken"]);
        config["born"] = json!("notificatie");
        granted(&client, json!({"sink": sink.url(path), "config": config})).await;
    }
    let notification = json!({
        "kanaal": "zaken", "hoofdObject": "https://zaken.example.nl/zaken/1", "resource": "status",
        "resourceUrl": "https://zaken.example.nl/statussen/2", "actie": "create",
        "aanmaakdatum": "2025-01-01T12:00:00Z", "kenmerken": {"zaaktype": "x"},
    });
    publisher.post("/api/v1/notificaties", notification.clone()).await.expect(201);
    let seen = sink.wait(Method::POST, 5).await;
    let ids: Vec<Value> = [
        at(&seen, "/structured")[0].json()["id"].clone(),
        json!(at(&seen, "/binary")[0].header("ce-id").unwrap()),
        at(&seen, "/batch")[0].json()[0]["id"].clone(),
        at(&seen, "/on116")[0].json()["id"].clone(),
    ]
    .into();
    assert!(ids.iter().all(|id| id.is_string() && *id == ids[0]), "one id for everybody: {ids:?}");
    assert_eq!(at(&seen, "/binary")[0].json(), notification);
    assert_eq!(at(&seen, "/legacy")[0].json(), notification);
    assert_eq!(at(&seen, "/structured")[0].json()["zaaktype"], "x");
    for (path, kind) in [
        ("/structured", "application/cloudevents+json"),
        ("/batch", "application/cloudevents-batch+json"),
        ("/binary", "application/json"),
        ("/legacy", "application/json"),
    ] {
        assert_eq!(at(&seen, path)[0].header("content-type"), Some(kind), "{path}");
    }
}

#[tokio::test]
async fn headers_and_credentials_go_along_ce_sub_16_ce_wha_03_05_06_07() {
    let (_gateway, sink, publisher, client) = stage().await;
    let token = |place: &str| {
        json!({
            "credentialtype": "ACCESSTOKEN", "accesstoken": "a b&c", "accesstokenexpiresutc": null,
            "accesstokentype": "bearer", "in": place,
        })
    };
    for (path, credential) in [
        ("/none", json!(null)),
        ("/bearer", token("header")),
        ("/query?p=q", token("query")),
        ("/basic", json!({"credentialtype": "PLAIN", "identifier": "me", "secret": "pw"})),
        ("/own", json!({"credentialtype": "AUTHORIZATION", "authorization": "Token abc"})),
    ] {
        let headers = json!({"headers": {"X-Zaaksysteem": "1"}});
        let body = json!({
            "sink": sink.url(path), "sinkcredential": credential, "protocolsettings": headers,
            "config": {"kanalen": ["zaken"]},
        });
        granted(&client, body).await;
    }
    publisher.publish("zaken", "1", json!({})).await.expect(202);
    let seen = sink.wait(Method::POST, 5).await;
    assert!(seen.iter().all(|seen| seen.header("x-zaaksysteem") == Some("1")));
    for (path, authorization) in [
        ("/none", None),
        ("/bearer", Some("Bearer a b&c")),
        ("/query", None),
        ("/basic", Some("Basic bWU6cHc=")),
        ("/own", Some("Token abc")),
    ] {
        assert_eq!(at(&seen, path)[0].header("authorization"), authorization, "{path}");
    }
    let query = at(&seen, "/query")[0];
    assert_eq!(query.uri.query(), Some("p=q&access_token=a%20b%26c"));
    assert_eq!(query.header("cache-control"), Some("no-store"));
    let asked = sink.seen(&Method::OPTIONS);
    assert!(asked.iter().all(|seen| seen.header("authorization").is_none() && !seen.uri.to_string().contains("token")));
}

#[tokio::test]
async fn a_credential_stays_until_it_is_taken_away() {
    let (_gateway, sink, publisher, client) = stage().await;
    let credential = json!({"credentialtype": "AUTHORIZATION", "authorization": "Token abc"});
    let body = json!({"sink": sink.url("/x"), "sinkcredential": credential, "config": {"kanalen": ["zaken"]}});
    let path = format!("/v1/subscriptions/{}", granted(&client, body).await);
    for (count, change, expected) in [
        (1, json!({"types": []}), Some("Token abc")),
        (2, json!({"sinkcredential": {"credentialtype": "AUTHORIZATION", "authorization": "other"}}), Some("other")),
        (3, json!({"sinkcredential": null}), None),
    ] {
        client.patch(&path, change.clone()).await.expect(200);
        publisher.publish("zaken", &count.to_string(), json!({})).await.expect(202);
        let seen = sink.wait(Method::POST, count).await;
        assert_eq!(seen[count - 1].header("authorization"), expected, "{change}");
    }
}

#[tokio::test]
async fn only_what_is_wanted_arrives_ce_sub_08_09_11() {
    let (_gateway, sink, publisher, client) = stage().await;
    for (path, members) in [
        ("/source", json!({"source": "urn:a"})),
        ("/types", json!({"types": ["t.b", "t.c"]})),
        ("/filters", json!({"filters": [{"prefix": {"type": "t."}}, {"not": {"exact": {"subject": "s"}}}]})),
        ("/sql", json!({"filters": [{"sql": "EXISTS subject AND type LIKE 't.%'"}]})),
        ("/kenmerken", json!({"config": {"kanalen": ["zaken"], "kenmerken": {"kleur": "rood"}}})),
    ] {
        let mut body = json!({"sink": sink.url(path), "config": {"kanalen": ["zaken"]}});
        body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        granted(&client, body).await;
    }
    for (id, members) in [
        ("1", json!({"source": "urn:a", "type": "t.a", "data": {"kleur": "rood"}})),
        ("2", json!({"source": "urn:b", "type": "t.b", "subject": "s", "data": {"kleur": "blauw"}})),
        ("3", json!({"source": "urn:b", "type": "t.b.c", "data": {}})),
    ] {
        publisher.publish("zaken", id, members).await.expect(202);
    }
    // The last event, so that nothing can still be on its way when all of them have it.
    publisher
        .publish("zaken", "9", json!({"source": "urn:a", "type": "t.c", "subject": "x", "data": {}}))
        .await
        .expect(202);
    let seen = sink.wait(Method::POST, 12).await;
    for (path, expected) in [
        ("/source", vec!["1", "9"]),
        ("/types", vec!["2", "9"]),
        ("/filters", vec!["1", "3", "9"]),
        ("/sql", vec!["2", "9"]),
        ("/kenmerken", vec!["1", "3", "9"]),
    ] {
        let mut ids: Vec<String> =
            at(&seen, path).iter().map(|seen| seen.json()["id"].as_str().unwrap().to_owned()).collect();
        ids.sort();
        assert_eq!(ids, expected, "{path}");
    }
}
