//! A gateway never delivers to itself: its own addresses are refused wherever a sink enters, and what came back is refused.

use http::Method;
use serde_json::json;

use crate::{
    legacy_kanaal::invalid_params,
    support::{BEHEER, CONSUMER, Gateway, PUBLISHER, Sink},
};

const OWN: &str = "public_url = \"https://gateway.example/events\"\nown_urls = [\"https://inside.example\"]\n";

#[tokio::test]
async fn d4_own_urls_are_no_sinks() {
    let (gateway, sink) = (Gateway::with(OWN).await, Sink::start().await);
    let (beheer, consumer) = (gateway.client(BEHEER), gateway.client(CONSUMER));
    gateway.client(PUBLISHER).post("/api/v1/kanaal", json!({"naam": "zaken"})).await.expect(201);
    let made = json!({"sink": sink.url("/"), "protocol": "HTTP"});
    let made = consumer.post("/v1/subscriptions", made).await.expect(201).json();
    let path = format!("/v1/subscriptions/{}", made["id"].as_str().unwrap());
    sink.answers(&[401, 204]);
    let abonnement = json!({"callbackUrl": sink.url("/a"), "auth": "Token a", "kanalen": [{"naam": "zaken"}]});
    let abonnement = consumer.post("/api/v1/abonnement", abonnement).await.expect(201).json();
    let localhost = gateway.base.replace("127.0.0.1", "localhost");
    for own in [
        format!("{}/api/v1/notificaties", gateway.base),
        format!("{localhost}/v1/events"),
        "https://gateway.example/events/v1/events".to_owned(),
        "https://INSIDE.example/x".to_owned(),
    ] {
        let body = json!({"sink": own, "protocol": "HTTP"});
        assert_eq!(
            beheer.post("/v1/subscriptions", body.clone()).await.problem(400).1.as_deref(),
            Some("sink"),
            "{own}"
        );
        assert_eq!(consumer.put(&path, body).await.problem(400).1.as_deref(), Some("sink"), "{own}");
        assert_eq!(consumer.patch(&path, json!({"sink": own})).await.problem(400).1.as_deref(), Some("sink"), "{own}");
        let body = json!({"callbackUrl": own, "auth": "Token a"});
        let refused = consumer.post("/api/v1/abonnement", body.clone()).await;
        assert_eq!(invalid_params(refused), [("callbackUrl".into(), "invalid".into())], "{own}");
        let url = abonnement["url"].as_str().unwrap().replace("https://gateway.example/events", "");
        consumer.put(&url, body).await.expect(400);
        consumer.patch(&url, json!({"callbackUrl": own})).await.expect(400);
    }
    let elsewhere = json!({"sink": "https://gateway.example/other", "protocol": "HTTP"});
    consumer.post("/v1/subscriptions", elsewhere).await.expect(201);
}

#[tokio::test]
async fn d4_what_came_back_is_refused_and_what_goes_out_names_its_way() {
    let (gateway, sink) = (Gateway::start().await, Sink::start().await);
    let (publisher, beheer) = (gateway.client(PUBLISHER), gateway.client(BEHEER));
    publisher.post("/v1/kanalen", json!({"naam": "zaken"})).await.expect(201);
    let config = json!({"kanalen": ["zaken"], "validation": "manual", "agreement": "x"});
    let subscription = json!({"sink": sink.url("/"), "protocol": "HTTP", "config": config});
    beheer.post("/v1/subscriptions", subscription).await.expect(201);
    let event = |id: &str| json!({"specversion": "1.0", "id": id, "source": "urn:x", "type": "nl.x"}).to_string();
    let send = async |id: &str, via: &str| {
        let headers = [("content-type", "application/cloudevents+json"), ("gateway-via", via)];
        publisher.send(Method::POST, "/v1/events?kanaal=zaken", &headers, event(id)).await
    };
    send("1", "first, second").await.expect(202);
    let came = sink.wait(Method::POST, 1).await;
    let via = came[0].header("gateway-via").expect("the header").to_owned();
    let own = via.strip_prefix("first, second, ").expect("its way").to_owned();
    assert_eq!(own.len(), 16, "{own}");

    assert_eq!(send("2", &via).await.problem(400), ("loop".into(), Some("Gateway-Via".into())));
    assert_eq!(send("3", &own).await.problem(400).0, "loop");
    assert_eq!(send("4", "a b").await.problem(400).0, "loop");
    let notificatie = json!({
        "kanaal": "zaken", "hoofdObject": "https://z.nl/1", "resource": "zaak", "resourceUrl": "https://z.nl/1",
        "actie": "create", "aanmaakdatum": "2025-01-01T00:00:00Z", "kenmerken": {},
    });
    let headers = [("content-type", "application/json"), ("gateway-via", own.as_str())];
    let refused =
        publisher.send(Method::POST, "/api/v1/notificaties", &headers, notificatie.to_string()).await.expect(400);
    assert!(refused.json()["detail"].as_str().unwrap().contains("(lus)"));
    let headers = [("content-type", "application/cloudevents+json"), ("gateway-via", own.as_str())];
    publisher.send(Method::POST, "/api/v1/cloudevents?kanaal=zaken", &headers, event("5")).await.expect(400);

    let gateway = gateway.restart().await;
    let headers = [("content-type", "application/cloudevents+json")];
    gateway.client(PUBLISHER).send(Method::POST, "/v1/events?kanaal=zaken", &headers, event("6")).await.expect(202);
    assert_eq!(sink.wait(Method::POST, 2).await[1].header("gateway-via"), Some(own.as_str()), "the id stays");
}
