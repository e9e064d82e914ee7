//! `GET /v1/configuration/checks`: the verdicts of `gateway check` about the running gateway.

use serde_json::{Value, json};

use crate::{
    subscriptions::granted,
    support::{BEHEER, CONSUMER, Gateway, PUBLISHER, Sink},
};

const PATH: &str = "/v1/configuration/checks";

fn check<'a>(report: &'a Value, item: &str) -> Vec<&'a Value> {
    report["checks"].as_array().expect("checks").iter().filter(|check| check["item"] == item).collect()
}

#[tokio::test]
async fn an_administrator_reads_the_verdicts_of_the_running_gateway() {
    let gateway = Gateway::start().await;
    let report = gateway.client(BEHEER).get(PATH).await.expect(200).json();
    assert!(report["checkedAt"].is_string() && report["verdict"] != "ok", "{report}");
    for (item, verdict, value) in [
        ("data", "ok", None),
        ("listen", "ok", None),
        ("clock", "ok", Some(Value::Null)),
        ("origin", "ok", Some(json!("gateway.test.example"))),
        ("public_url", "warning", Some(Value::Null)),
        ("egress.allow_http", "warning", Some(json!("127.0.0.0/8"))),
        ("auth.query_token", "ok", Some(json!("false"))),
        ("readiness.storage", "ok", Some(Value::Null)),
        ("subscription.sink", "ok", Some(Value::Null)),
        ("egress", "ok", Some(Value::Null)),
    ] {
        let found = check(&report, item);
        assert_eq!(found.len(), 1, "{item}: {report}");
        assert_eq!(found[0]["verdict"], verdict, "{item}");
        assert!(value.is_none_or(|value| found[0]["value"] == value), "{item}: {}", found[0]);
        assert_eq!(found[0]["remedy"].is_string(), verdict != "ok", "{item}: {}", found[0]);
    }
    assert!(!report.to_string().contains("the long enough secret"), "{report}");
    let again = gateway.client(BEHEER).get(PATH).await.expect(200).json();
    assert_eq!(again["checkedAt"], report["checkedAt"], "results are reused");
}

#[tokio::test]
async fn only_administrators_read_the_verdicts_and_parameters_are_refused() {
    let gateway = Gateway::start().await;
    for client in [PUBLISHER, CONSUMER] {
        gateway.client(client).get(PATH).await.problem(403);
    }
    gateway.nobody().get(PATH).await.problem(401);
    assert_eq!(gateway.client(BEHEER).get(&format!("{PATH}?x=1")).await.problem(400).1.as_deref(), Some("x"));
}

#[tokio::test]
async fn g11_stored_sinks_that_egress_no_longer_allows_are_wrong() {
    let (gateway, sink) = (Gateway::start().await, Sink::start().await);
    gateway.client(PUBLISHER).post("/v1/kanalen", json!({"naam": "zaken"})).await.expect(201);
    let body = json!({"sink": sink.url("/x?token=geheim"), "config": {"kanalen": ["zaken"]}});
    let id = granted(&gateway.client(CONSUMER), body).await;
    // It becomes an address of the gateway itself.
    let gateway = gateway.restart_with(&format!("own_urls = [\"{}\"]", sink.base)).await;
    let report = gateway.client(BEHEER).get(PATH).await.expect(200).json();
    let [found] = check(&report, "subscription.sink")[..] else { panic!("{report}") };
    assert_eq!((&found["verdict"], &report["verdict"]), (&json!("wrong"), &json!("wrong")));
    assert!(found["finding"].as_str().unwrap().contains(&id) && found["remedy"].is_string(), "{found}");
    assert!(!report.to_string().contains("geheim"), "{report}");
}

#[tokio::test]
async fn certificates_are_listed_with_their_end() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("ca.pem");
    let mut params = rcgen::CertificateParams::new(["a.example".to_owned()]).unwrap();
    params.not_after = rcgen::date_time_ymd(2020, 1, 2);
    let certificate = params.self_signed(&rcgen::KeyPair::generate().unwrap()).unwrap();
    std::fs::write(&file, certificate.pem()).unwrap();
    let gateway = Gateway::start().await;
    let report = gateway.client(BEHEER).get(PATH).await.expect(200).json();
    assert!(check(&report, "egress.tls.x.ca").is_empty());
    let gateway = gateway.restart_with(&format!("[egress.tls.x]\nca = [{file:?}]")).await;
    let report = gateway.client(BEHEER).get(PATH).await.expect(200).json();
    let [found] = check(&report, "egress.tls.x.ca")[..] else { panic!("{report}") };
    assert_eq!((&found["verdict"], &found["expires"]), (&json!("wrong"), &json!("2020-01-02T00:00:00Z")));
}
