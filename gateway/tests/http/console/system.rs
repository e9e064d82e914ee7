//! The page of the nodes.

use model::Role;
use serde_json::json;

use super::{Browser, CONSOLE, text};
use crate::{
    subscriptions::granted,
    support::{CONSUMER, Gateway, PUBLISHER, Sink, eventually},
};

const PATH: &str = "/beheer/systeem";

#[tokio::test]
async fn the_node_is_shown_with_its_disk_and_memory_in_both_languages() {
    let gateway = Gateway::with(CONSOLE).await;
    let browser = Browser::with_role(&gateway, Role::Platform).await;
    let dutch = text(&browser.get(PATH).await.expect(200));
    let port = gateway.base.rsplit(':').next().unwrap();
    for part in [
        "Systeem",
        &format!(":{port}</dd>"),
        "ingest, deliver, beheer",
        "Ingebouwd bestand (SQLite)",
        env!("CARGO_PKG_VERSION"),
        " vrij van ",
        "Er zijn geen andere nodes.",
        "Regels van het journaal die sinds de start verloren gingen</dt><dd class=\"utrecht-data-list__item-value\">0</dd>",
    ] {
        assert!(dutch.contains(part), "{part} in {dutch}");
    }
    assert!(!dutch.contains("Niet bekend"), "disk and memory are known: {dutch}");
    let english = text(&browser.get(&format!("{PATH}?taal=en")).await.expect(200));
    assert!(english.contains("Memory in use") && english.contains(" free of "), "{english}");
}

#[tokio::test]
async fn deliveries_that_wait_are_counted() {
    let (gateway, sink) = (Gateway::with(CONSOLE).await, Sink::start().await);
    gateway.client(PUBLISHER).post("/v1/kanalen", json!({"naam": "zaken"})).await.expect(201);
    let config = json!({"kanalen": ["zaken"], "retry": {"maxRetries": 5, "factor": 600}});
    granted(&gateway.client(CONSUMER), json!({"sink": sink.url("/x"), "config": config})).await;
    sink.answers(&[503]);
    gateway.client(PUBLISHER).publish("zaken", "1", json!({})).await.expect(202);
    let browser = Browser::with_role(&gateway, Role::Lezer).await;
    let waiting = "Bezorgingen die nog niet klaar zijn</dt><dd class=\"utrecht-data-list__item-value\">1</dd>";
    eventually("a delivery that waits", || async {
        text(&browser.get(PATH).await.expect(200)).contains(waiting).then_some(())
    })
    .await;
}
