//! `GET /v1/applicaties`: the clients of the gateway, without secrets. What comes from an Autorisaties API is in `autorisaties`.

use serde_json::{Value, json};
use web::auth::jwt;

use crate::support::{BEHEER, CONSUMER, Client, Gateway, OTHER, PUBLISHER};

const PATH: &str = "/v1/applicaties";

async fn applicatie(client: &Client, client_id: &str) -> Value {
    let list = client.get(PATH).await.expect(200).json();
    let found = list["results"].as_array().and_then(|all| all.iter().find(|own| own["clientId"] == client_id));
    found.unwrap_or_else(|| panic!("{client_id}: {list}")).clone()
}

#[tokio::test]
async fn an_administrator_sees_scopes_use_and_refused_tokens_and_no_secret() {
    let more = "[[applicatie]]\nclient_id = \"two\"\nsecrets = [\"the long enough secret of two\", \"another long secret\"]\nscopes = []\nsource = \"urn:two\"";
    let gateway = Gateway::with(more).await;
    let beheer = gateway.client(BEHEER);
    let list = beheer.get(PATH).await.expect(200).json();
    let ids: Vec<&str> =
        list["results"].as_array().unwrap().iter().filter_map(|own| own["clientId"].as_str()).collect();
    assert_eq!((ids, &list["count"]), (vec![BEHEER, CONSUMER, OTHER, PUBLISHER, "two"], &json!(5)));
    let two = applicatie(&beheer, "two").await;
    let expected = json!({
        "clientId": "two", "rightsFrom": "configuration", "scopes": [], "rightsAgeSeconds": null, "rightsError": null,
        "source": "urn:two", "secrets": 2, "lastUsed": null, "refusedTokens24h": 0,
    });
    assert_eq!(two, expected);
    assert!(!list.to_string().contains("secret of") && !list.to_string().contains("another long"), "{list}");
    assert!(applicatie(&beheer, BEHEER).await["lastUsed"].is_string());

    gateway.client("two").get("/v1/kanalen").await.problem(403);
    assert!(applicatie(&beheer, "two").await["lastUsed"].is_string(), "the token is valid");

    let token = jwt::mint(OTHER, b"a wrong secret of other", model::Timestamp::from_seconds(1_800_000_000));
    let forger = Client::new(gateway.base.clone(), Some(token));
    for _ in 0..2 {
        forger.get("/v1/kanalen").await.problem(401);
    }
    let other = applicatie(&beheer, OTHER).await;
    assert_eq!((&other["refusedTokens24h"], &other["lastUsed"]), (&json!(2), &Value::Null));
    assert_eq!(other["scopes"], json!(["notificaties.consumeren"]));
}

#[tokio::test]
async fn only_administrators_list_applicaties() {
    let gateway = Gateway::start().await;
    for client in [PUBLISHER, CONSUMER] {
        gateway.client(client).get(PATH).await.problem(403);
    }
    gateway.nobody().get(PATH).await.problem(401);
    let beheer = gateway.client(BEHEER);
    assert_eq!(beheer.get(&format!("{PATH}?client=x")).await.problem(400).1.as_deref(), Some("client"));
    let page = beheer.get(&format!("{PATH}?pageSize=3&page=2")).await.expect(200).json();
    assert_eq!(
        (page["results"].as_array().unwrap().len(), &page["count"], &page["next"]),
        (1, &json!(4), &Value::Null)
    );
}
