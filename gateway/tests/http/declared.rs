//! Subscriptions that configuration declares: made once, brought in line, left alone.

use http::Method;
use serde_json::{Value, json};

use crate::support::{BEHEER, CONSUMER, Gateway, OTHER, PUBLISHER, Sink, eventually};

const UUID: &str = "4aa9b3a6-2c31-4b0a-9e4e-0a6f2c1a7d01";

fn declared(more: &str) -> String {
    format!(
        "[[kanaal]]\nnaam = \"zaken\"\nfilters = [\"zaaktype\"]\n[[subscription]]\nid = \"{UUID}\"\nowner = \"{CONSUMER}\"\n{more}\n"
    )
}

/// An abonnement of the Notificaties API, by its file.
fn abonnement(sink: &Sink, path: &str, zaaktype: &str) -> String {
    declared(&format!(
        "sink = \"{}\"\nabonnement.kanalen = [{{ naam = \"zaken\", filters = {{ zaaktype = \"{zaaktype}\" }} }}]\n\
         credential = {{ kind = \"authorization\", authorization = \"Token abc\" }}",
        sink.url(path)
    ))
}

async fn publish(gateway: &Gateway, zaaktype: &str) {
    let body = json!({
        "kanaal": "zaken", "hoofdObject": "https://z.nl/zaken/1", "resource": "status",
        "resourceUrl": "https://z.nl/statussen/1", "actie": "create", "aanmaakdatum": "2025-01-01T12:00:00Z",
        "kenmerken": {"zaaktype": zaaktype},
    });
    gateway.client(PUBLISHER).post("/api/v1/notificaties", body).await.expect(201);
}

async fn shown(gateway: &Gateway) -> Value {
    gateway.client(BEHEER).get(&format!("/v1/subscriptions/{UUID}")).await.expect(200).json()
}

async fn granted(gateway: &Gateway) -> Value {
    eventually("consent", || async {
        let shown = shown(gateway).await;
        (shown["status"]["state"] == "granted").then_some(shown)
    })
    .await
}

#[tokio::test]
async fn a_declared_abonnement_is_probed_once_delivers_and_goes_on_where_it_was() {
    let sink = Sink::start().await;
    sink.answers(&[401, 204]);
    let gateway = Gateway::with(&abonnement(&sink, "/hook", "A")).await;
    let first = granted(&gateway).await;
    publish(&gateway, "B").await;
    publish(&gateway, "A").await;
    let came = sink.wait(Method::POST, 3).await;
    assert_eq!((came[0].header("authorization"), came[1].header("authorization")), (None, Some("Token abc")));
    assert_eq!(
        (came[2].header("authorization"), &came[2].json()["kenmerken"]["zaaktype"]),
        (Some("Token abc"), &json!("A"))
    );
    let path = format!("/api/v1/abonnement/{UUID}");
    assert_eq!(gateway.client(CONSUMER).get(&path).await.expect(200).json()["kanalen"][0]["naam"], "zaken");
    assert!(gateway.files().iter().all(|bytes| !bytes.windows(9).any(|part| part == b"Token abc")));

    let gateway = gateway.restart().await;
    assert_eq!(shown(&gateway).await["changed"], first["changed"], "the same file changes nothing");
    publish(&gateway, "A").await;
    assert_eq!(sink.wait(Method::POST, 4).await.len(), 4, "it was neither asked again nor delivered twice");
}

#[tokio::test]
async fn what_changes_in_the_file_is_brought_in_line_and_only_another_sink_is_asked_anew() {
    let sink = Sink::start().await;
    sink.answers(&[401, 204]);
    let gateway = Gateway::with(&abonnement(&sink, "/hook", "A")).await;
    granted(&gateway).await;
    gateway.client(CONSUMER).post(&format!("/v1/subscriptions/{UUID}/pause"), json!({})).await;
    publish(&gateway, "A").await;

    let more = abonnement(&sink, "/hook", "A").replace("Token abc", "Token def");
    let gateway = gateway.restart_with(&format!("{more}retry.max_retries = 2")).await;
    let now = shown(&gateway).await;
    assert_eq!((&now["config"]["retry"]["maxRetries"], &now["status"]["state"]), (&json!(2), &json!("paused")));
    gateway.client(CONSUMER).post(&format!("/v1/subscriptions/{UUID}/resume"), json!({})).await;
    let came = sink.wait(Method::POST, 3).await;
    assert_eq!(came[2].header("authorization"), Some("Token def"), "what waited comes with the new credential");
    assert_eq!(came.len(), 3, "nobody was asked again");

    sink.answers(&[401, 204]);
    let gateway = gateway.restart_with(&abonnement(&sink, "/elsewhere", "A")).await;
    granted(&gateway).await;
    publish(&gateway, "A").await;
    let came = sink.wait(Method::POST, 6).await;
    let paths: Vec<&str> = came[3..].iter().map(|seen| seen.uri.path()).collect();
    assert_eq!(paths, ["/elsewhere"; 3], "two probes and one notification");
    assert_eq!(came[3].header("authorization"), None);
}

#[tokio::test]
async fn what_is_no_longer_declared_is_left_and_a_change_over_the_api_lasts_until_the_file_is_read_again() {
    let sink = Sink::start().await;
    let text = declared(&format!("sink = \"{}\"\nkanalen = [\"zaken\"]", sink.url("/hook")));
    let gateway = Gateway::with(&text).await;
    granted(&gateway).await;
    let path = format!("/v1/subscriptions/{UUID}");
    gateway.client(OTHER).get(&path).await.problem(404);
    gateway.client(CONSUMER).patch(&path, json!({"config": {"maxInFlight": 3}})).await.expect(200);
    let gateway = gateway.restart().await;
    assert_eq!(shown(&gateway).await["config"].get("maxInFlight"), None, "the file says nothing of it");

    let gateway = gateway.restart_with("[[kanaal]]\nnaam = \"zaken\"").await;
    gateway.client(PUBLISHER).publish("zaken", "1", json!({})).await.expect(202);
    sink.wait(Method::POST, 1).await;
    gateway.client(CONSUMER).delete(&path).await.expect(204);
    let gateway = gateway.restart().await;
    gateway.client(BEHEER).get(&path).await.problem(404);
}

#[tokio::test]
async fn an_abonnement_made_over_the_api_is_taken_over_under_its_uuid() {
    let sink = Sink::start().await;
    sink.answers(&[401, 204]);
    let gateway = Gateway::with("[[kanaal]]\nnaam = \"zaken\"\nfilters = [\"zaaktype\"]").await;
    let body = json!({
        "callbackUrl": sink.url("/hook"), "auth": "Token abc",
        "kanalen": [{"naam": "zaken", "filters": {"zaaktype": "A"}}],
    });
    let made = gateway.client(CONSUMER).post("/api/v1/abonnement", body).await.expect(201).json();
    let uuid = made["url"].as_str().and_then(|url| url.rsplit('/').next()).expect("a UUID").to_owned();
    let changed = async |gateway: &Gateway| {
        gateway.client(BEHEER).get(&format!("/v1/subscriptions/{uuid}")).await.expect(200).json()["changed"].clone()
    };
    let before = changed(&gateway).await;
    let gateway = gateway.restart_with(&abonnement(&sink, "/hook", "A").replace(UUID, &uuid)).await;
    assert_eq!(changed(&gateway).await, before, "the file says the same");
    assert_eq!(sink.seen(&Method::POST).len(), 2, "and nobody was asked again");
}

#[tokio::test]
async fn an_older_revision_does_not_put_a_subscription_back() {
    let sink = Sink::start().await;
    let text = |revision: u32, rate: u32| {
        format!("revision = {revision}\n{}", declared(&format!("sink = \"{}\"\nrate = {rate}", sink.url("/hook"))))
    };
    let gateway = Gateway::with(&text(2, 20)).await;
    let gateway = gateway.restart_with(&text(1, 10)).await;
    assert_eq!(shown(&gateway).await["config"]["rate"], 20);
}

#[tokio::test]
async fn g12_a_change_that_the_configuration_would_undo_is_refused_and_names_it() {
    let kanaal = "[[kanaal]]\nnaam = \"zaken\"\nfilters = [\"zaaktype\"]\nretention_days = 7\n";
    let gateway = Gateway::with(kanaal).await;
    let beheer = gateway.client(BEHEER);
    let shown = beheer.get("/v1/kanalen/zaken").await.expect(200).json();
    let with = |member: &str, value: Value| {
        let mut changed = json!({"filters": ["zaaktype"], "retentionDays": 7});
        changed[member] = value;
        changed
    };
    for (member, value) in [("filters", json!(["bronorganisatie"])), ("retentionDays", json!(8))] {
        let answer = beheer.put("/v1/kanalen/zaken", with(member, value)).await;
        let detail = answer.json()["detail"].clone();
        assert_eq!(answer.problem(409).0, "kanaal-declared", "{member}");
        assert!(detail.as_str().is_some_and(|detail| detail.contains("[[kanaal]] zaken")), "{detail}");
    }
    assert_eq!(beheer.get("/v1/kanalen/zaken").await.expect(200).json(), shown);
    // What the configuration leaves open may change, and stays over a start.
    beheer.put("/v1/kanalen/zaken", with("owner", json!(PUBLISHER))).await.expect(200);
    let gateway = gateway.restart().await;
    let beheer = gateway.client(BEHEER);
    assert_eq!(beheer.get("/v1/kanalen/zaken").await.expect(200).json()["owner"], PUBLISHER);
    let url = beheer.get("/api/v1/kanaal").await.expect(200).json();
    let url = url
        .as_array()
        .and_then(|all| all.iter().find(|own| own["naam"] == "zaken")?["url"].as_str().map(str::to_owned));
    let answer = beheer.put(&url.unwrap(), json!({"naam": "zaken", "filters": ["anders"]})).await.expect(409);
    assert!(
        answer.json()["detail"].as_str().is_some_and(|detail| detail.contains("configuratie")),
        "{:?}",
        answer.json()
    );
    // A kanaal that is not declared is not concerned.
    beheer.post("/v1/kanalen", json!({"naam": "vrij"})).await.expect(201);
    beheer.put("/v1/kanalen/vrij", json!({"filters": ["x"]})).await.expect(200);
}
