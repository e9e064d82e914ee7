//! Name, contact and description of a subscription: given, changed, searched, and kept by the Notificaties API.

use http::Method;
use serde_json::{Value, json};

use crate::support::{BEHEER, CONSUMER, Client, Gateway, OTHER, PUBLISHER, Sink};

async fn made(client: &Client, config: Value) -> Value {
    let body = json!({"sink": "https://sink.example/Events", "protocol": "HTTP", "config": config});
    client.post("/v1/subscriptions", body).await.expect(201).json()
}

fn path(subscription: &Value) -> String {
    format!("/v1/subscriptions/{}", subscription["id"].as_str().expect("an id"))
}

#[tokio::test]
async fn a_subscription_has_a_name_a_contact_and_a_description() {
    let gateway = Gateway::start().await;
    let client = gateway.client(CONSUMER);
    let texts = json!({"name": "Zaken", "contact": "beheer@portaal.example", "description": "Voor\ninwoners"});
    let first = made(&client, texts.clone()).await;
    for member in ["name", "contact", "description"] {
        assert_eq!(first["config"][member], texts[member]);
    }
    let plain = made(&client, json!({})).await;
    assert!(["name", "contact", "description"].iter().all(|member| plain["config"].get(*member).is_none()));

    let patch = json!({"config": {"name": "Zaken en besluiten", "contact": null}});
    let patched = client.patch(&path(&first), patch).await.expect(200);
    let config = &patched.json()["config"];
    assert_eq!(config["name"], "Zaken en besluiten");
    assert_eq!((config.get("contact"), &config["description"]), (None, &texts["description"]));
    let put = json!({"sink": "https://sink.example/Events", "protocol": "HTTP"});
    let put = client.put(&path(&first), put).await.expect(200).json();
    assert!(put["config"].get("name").is_none(), "a PUT replaces everything");
}

#[tokio::test]
async fn texts_that_break_a_rule_are_named_and_change_nothing() {
    let gateway = Gateway::start().await;
    let client = gateway.client(CONSUMER);
    let first = made(&client, json!({"name": "Zaken"})).await;
    for (config, member) in [
        (json!({"name": ""}), "config.name"),
        (json!({"name": "x".repeat(101)}), "config.name"),
        (json!({"name": "two\nlines"}), "config.name"),
        (json!({"name": 1}), "config.name"),
        (json!({"contact": "somebody"}), "config.contact"),
        (json!({"contact": format!("{}@x.example", "x".repeat(254))}), "config.contact"),
        (json!({"description": "x".repeat(1_001)}), "config.description"),
    ] {
        let named = client.patch(&path(&first), json!({"config": config})).await.problem(400);
        assert_eq!(named, ("invalid-request".to_owned(), Some(member.to_owned())));
        let body = json!({"sink": "https://sink.example/", "protocol": "HTTP", "config": config});
        assert_eq!(client.post("/v1/subscriptions", body).await.problem(400).1.as_deref(), Some(member));
    }
    let list = client.get("/v1/subscriptions").await.expect(200).json();
    assert_eq!((&list["count"], &list["results"][0]["config"]["name"]), (&json!(1), &json!("Zaken")));
}

#[tokio::test]
async fn q_finds_by_any_text_of_what_the_client_may_see() {
    let gateway = Gateway::start().await;
    let (client, other, beheer) = (gateway.client(CONSUMER), gateway.client(OTHER), gateway.client(BEHEER));
    let first = made(&client, json!({"name": "Zaken één", "contact": "https://wiki.example/team-A"})).await;
    let second = made(&client, json!({"description": "Besluiten van het college"})).await;
    made(&other, json!({"name": "Zaken twee"})).await;
    let found = async |client: &Client, q: &str| {
        let list = client.get(&format!("/v1/subscriptions?q={q}")).await.expect(200).json();
        let ids = list["results"].as_array().expect("a list").iter().map(|row| row["id"].clone());
        (list["count"].as_u64().expect("a number"), ids.collect::<Vec<_>>())
    };
    assert_eq!(found(&client, "ZAKEN%20%C3%89").await, (1, vec![first["id"].clone()]));
    assert_eq!(found(&client, "TEAM-a").await.0, 1);
    assert_eq!(found(&client, "college").await, (1, vec![second["id"].clone()]));
    assert_eq!(found(&client, "sink.example/events").await.0, 2);
    assert_eq!(found(&client, second["id"].as_str().expect("an id")).await.0, 1);
    assert_eq!(found(&client, "zaken%20twee").await.0, 0, "another client's is not found");
    assert_eq!((found(&beheer, "zaken").await.0, found(&beheer, OTHER).await.0), (2, 1));
    assert_eq!(found(&client, "nowhere").await.0, 0);
    for q in ["", &"x".repeat(201)] {
        let refused = client.get(&format!("/v1/subscriptions?q={q}")).await.problem(400);
        assert_eq!(refused.1.as_deref(), Some("q"));
    }
}

#[tokio::test]
async fn the_notificaties_api_keeps_the_texts_and_does_not_show_them() {
    let (gateway, sink) = (Gateway::start().await, Sink::start().await);
    gateway.client(PUBLISHER).post("/v1/kanalen", json!({"naam": "zaken"})).await.expect(201);
    let client = gateway.client(CONSUMER);
    sink.answers(&[401, 204]);
    let abonnement = json!({"callbackUrl": sink.url("/a"), "auth": "Token a", "kanalen": [{"naam": "zaken"}]});
    let url = client.post("/api/v1/abonnement", abonnement.clone()).await.expect(201).json()["url"].clone();
    let url = url.as_str().expect("a URL");
    let native = format!("/v1/subscriptions/{}", url.rsplit('/').next().expect("an id"));
    client.patch(&native, json!({"config": {"name": "Zaken"}})).await.expect(200);
    sink.answers(&[401, 204]);
    let headers = [("content-type", "application/json")];
    let put = client.send(Method::PUT, url, &headers, abonnement.to_string()).await.expect(200);
    assert!(!String::from_utf8_lossy(&put.body).contains("name"), "{put:?}");
    assert_eq!(client.get(&native).await.expect(200).json()["config"]["name"], "Zaken");
}

#[tokio::test]
async fn texts_survive_a_restart() {
    let gateway = Gateway::start().await;
    let first = made(&gateway.client(CONSUMER), json!({"name": "Zaken", "contact": "a@b.example"})).await;
    let gateway = gateway.restart().await;
    let now = gateway.client(CONSUMER).get(&path(&first)).await.expect(200).json();
    assert_eq!(now["config"], first["config"]);
}
