//! Publishing through the native API: `POST /v1/events` and `OPTIONS /v1/events`.

use std::sync::Arc;

use http::Method;
use model::{Timestamp, clock::ManualClock};
use serde_json::{Value, json};

use crate::{
    subscriptions::granted,
    support::{Answer, BEHEER, CONSUMER, Client, Gateway, PUBLISHER, Sink},
};

const STRUCTURED: (&str, &str) = ("content-type", "application/cloudevents+json");
const BATCH: (&str, &str) = ("content-type", "application/cloudevents-batch+json");

fn event(id: &str) -> Value {
    json!({"specversion": "1.0", "id": id, "source": "urn:test", "type": "nl.overheid.zaken.iets"})
}

async fn post(client: &Client, headers: &[(&str, &str)], body: &str) -> Answer {
    client.send(Method::POST, "/v1/events", headers, body.to_owned()).await
}

#[tokio::test]
async fn three_modes_arrive_in_order_ce_http_01_ce_batch_01() {
    let (gateway, sink) = (Gateway::start().await, Sink::start().await);
    let publisher = gateway.client(PUBLISHER);
    publisher.post("/v1/kanalen", json!({"naam": "zaken"})).await.expect(201);
    granted(&gateway.client(CONSUMER), json!({"sink": sink.url("/"), "config": {"maxInFlight": 1, "order": "key"}}))
        .await;
    let taken = post(&publisher, &[STRUCTURED], &event("1").to_string()).await.expect(202);
    assert!(taken.body.is_empty());
    assert_eq!(taken.header("gateway-profile"), Some("nlgov; mode=lenient"));
    let headers = [
        ("ce-specversion", "1.0"),
        ("CE-ID", "2"),
        ("ce-source", "urn:test"),
        ("ce-type", "nl.overheid.zaken.iets"),
        ("ce-subject", "Euro%20%E2%82%AC"),
        ("content-type", "application/json"),
    ];
    post(&publisher, &headers, r#"{"n": 1.10}"#).await.expect(202);
    post(&publisher, &[BATCH], &json!([event("3"), event("4")]).to_string()).await.expect(202);
    let seen = sink.wait(Method::POST, 4).await;
    let ids: Vec<Value> = seen.iter().map(|seen| seen.json()["id"].clone()).collect();
    assert_eq!(ids, ["1", "2", "3", "4"]);
    assert_eq!(seen[1].json()["subject"], "Euro €");
    assert!(String::from_utf8_lossy(&seen[1].body).contains(r#"{"n": 1.10}"#), "the payload is not rewritten");
}

#[tokio::test]
async fn an_invalid_event_is_named_by_member_and_rule_gw_05() {
    let gateway = Gateway::start().await;
    let publisher = gateway.client(PUBLISHER);
    let with = |change: Value| {
        let mut body = event("1");
        for (name, value) in change.as_object().unwrap() {
            body[name] = value.clone();
        }
        body.to_string()
    };
    let batch = |second: Value| json!([event("1"), second]).to_string();
    for (headers, body, status, name, member) in [
        (STRUCTURED, with(json!({"id": ""})), 400, "invalid-event", Some("id")),
        (STRUCTURED, with(json!({"source": null})), 400, "invalid-event", Some("source")),
        (STRUCTURED, with(json!({"time": "gisteren"})), 400, "invalid-event", Some("time")),
        (STRUCTURED, with(json!({"my-ext": "x"})), 400, "invalid-event", Some("my-ext")),
        (STRUCTURED, with(json!({"data": 1, "data_base64": "AA=="})), 400, "invalid-event", Some("data_base64")),
        (STRUCTURED, with(json!({"specversion": "0.3"})), 400, "unsupported-specversion", Some("specversion")),
        (STRUCTURED, "{".into(), 400, "invalid-event", Some("body")),
        (STRUCTURED, "[]".into(), 400, "invalid-event", Some("body")),
        (STRUCTURED, String::new(), 400, "invalid-event", Some("body")),
        (STRUCTURED, format!("{{\"x\":{}{}}}", "[".repeat(100), "]".repeat(100)), 400, "invalid-event", Some("body")),
        (("content-type", "application/json"), "{}".into(), 400, "invalid-event", Some("specversion")),
        (
            ("content-type", "application/cloudevents"),
            event("1").to_string(),
            415,
            "unsupported-media-type",
            Some("Content-Type"),
        ),
        (
            ("content-type", "application/cloudevents+avro"),
            "x".into(),
            415,
            "unsupported-media-type",
            Some("Content-Type"),
        ),
        (
            ("content-type", "application/cloudevents+json; charset=iso-8859-1"),
            "x".into(),
            415,
            "unsupported-media-type",
            Some("Content-Type"),
        ),
        (("content-encoding", "br"), "x".into(), 415, "unsupported-media-type", Some("Content-Encoding")),
        (BATCH, "{}".into(), 400, "invalid-event", Some("body")),
        (BATCH, batch(json!({"id": "2"})), 400, "invalid-event", Some("specversion")),
    ] {
        let answer = post(&publisher, &[headers], &body).await;
        let text = format!("{headers:?} {body}");
        let (found, at) = answer.problem(status);
        assert_eq!((found.as_str(), at.as_deref()), (name, member), "{text}");
    }
}

#[tokio::test]
async fn an_event_whose_media_type_does_not_say_so_is_told_how() {
    let gateway = Gateway::start().await;
    let publisher = gateway.client(PUBLISHER);
    for (headers, hinted) in [
        (&[("content-type", "application/json")][..], true),
        (&[("content-type", "application/json"), ("ce-id", "1")], false),
    ] {
        let answer = post(&publisher, headers, &event("1").to_string()).await.expect(400);
        let detail = answer.json()["detail"].as_str().unwrap().to_owned();
        assert_eq!(detail.contains("application/cloudevents+json"), hinted, "{detail}");
    }
    let broken = post(&publisher, &[STRUCTURED], "{").await.expect(400).json();
    assert!(!broken["detail"].as_str().unwrap().ends_with("(body)"), "the place is said once: {broken}");
}

#[tokio::test]
async fn what_is_too_large_is_named_with_its_bound() {
    let gateway = Gateway::with("[limits]\nbody_bytes = 65536\nheaders = 100").await;
    let publisher = gateway.client(PUBLISHER);
    let names: Vec<String> = (0..100).map(|at| format!("x-{at}")).collect();
    let many: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "1")).collect();
    for (headers, body, status, member, bound) in
        [(&[STRUCTURED][..], "x".repeat(65_537), 413, "body", "65536"), (&many, String::new(), 431, "headers", "100")]
    {
        let answer = post(&publisher, headers, &body).await.expect(status);
        let error = answer.json()["errors"][0].clone();
        assert_eq!(error["member"], member);
        assert!(error["rule"].as_str().unwrap().contains(bound), "{error}");
    }
}

#[tokio::test]
async fn copies_of_attributes_in_headers_are_remarked_and_not_read_ce_http_09_ce_http_34() {
    let gateway = Gateway::start().await;
    let publisher = gateway.client(PUBLISHER);
    for (copy, remarked) in [(("ce-id", "1"), false), (("ce-id", "2"), true)] {
        let answer = post(&publisher, &[STRUCTURED, copy], &event("1").to_string()).await.expect(202);
        let findings = answer.header("gateway-findings").unwrap_or_default();
        assert_eq!(findings.contains("header-differs id"), remarked, "{findings}");
    }
}

#[tokio::test]
async fn a_payload_needs_a_content_type_ce_wh_21() {
    let gateway = Gateway::start().await;
    let publisher = gateway.client(PUBLISHER);
    let headers = [("ce-specversion", "1.0"), ("ce-id", "1"), ("ce-source", "urn:test"), ("ce-type", "a.b.c")];
    post(&publisher, &headers, "").await.expect(202);
    post(&publisher, &headers, "{}").await.problem(415);
}

#[tokio::test]
async fn a_batch_is_all_or_nothing_ce_batch_03_ce_batch_06() {
    let (gateway, sink) = (Gateway::start().await, Sink::start().await);
    let publisher = gateway.client(PUBLISHER);
    granted(&gateway.client(CONSUMER), json!({"sink": sink.url("/")})).await;
    post(&publisher, &[BATCH], "[]").await.expect(202);
    let refused = post(&publisher, &[BATCH], &json!([event("1"), {"specversion": "1.0", "id": "2"}]).to_string()).await;
    let verdicts = refused.expect(400).json()["verdicts"].clone();
    assert_eq!((&verdicts[0]["valid"], &verdicts[1]["valid"]), (&json!(true), &json!(false)));
    assert_eq!(verdicts[1]["index"], 1);
    post(&publisher, &[BATCH], &json!([event("3")]).to_string()).await.expect(202);
    let seen = sink.wait(Method::POST, 1).await;
    assert_eq!(seen[0].json()["id"], "3", "nothing of the refused batch was stored");
}

#[tokio::test]
async fn the_kanaal_is_asked_for_or_follows_gw_02() {
    let gateway = Gateway::start().await;
    let publisher = gateway.client(PUBLISHER);
    publisher.post("/v1/kanalen", json!({"naam": "zaken"})).await.expect(201);
    let body = event("1").to_string();
    for (query, status, name) in [
        ("", 202, ""),
        ("?kanaal=zaken", 202, ""),
        ("?kanaal=nowhere", 400, "unknown-kanaal"),
        ("?kanaal=", 400, "unknown-kanaal"),
        ("?channel=zaken", 400, "invalid-request"),
    ] {
        let answer = publisher.send(Method::POST, &format!("/v1/events{query}"), &[STRUCTURED], body.clone()).await;
        if status == 202 {
            answer.expect(202);
        } else {
            assert_eq!(answer.problem(status).0, name, "{query}");
        }
    }
    let strict = Gateway::with("default_kanaal = \"\"").await;
    let answer = post(&strict.client(PUBLISHER), &[STRUCTURED], &body).await;
    assert_eq!(answer.problem(400).0, "no-kanaal");
}

#[tokio::test]
async fn strict_mode_refuses_what_lenient_mode_remarks_gw_03() {
    let strict = Gateway::with("[ingest]\nstrictness = \"strict\"").await;
    let bad = json!({"specversion": "1.0", "id": "1", "source": "urn:nld:oin:00000001823288444000:systeem:x", "type": "nodots"});
    let answer = post(&strict.client(PUBLISHER), &[STRUCTURED], &bad.to_string()).await;
    assert_eq!(answer.problem(400), ("invalid-event".to_owned(), Some("type".to_owned())));
    let lenient = Gateway::start().await;
    let answer = post(&lenient.client(PUBLISHER), &[STRUCTURED], &bad.to_string()).await.expect(202);
    assert!(answer.header("gateway-findings").unwrap().contains("type"), "{:?}", answer.headers);
}

#[tokio::test]
async fn a_client_that_is_too_fast_gets_429() {
    // Its clock does not move, so every request comes at once.
    let clock = Arc::new(ManualClock::new(Timestamp::from_seconds(1_800_000_000)));
    let gateway = Gateway::with_clock("[limits]\nrequests_per_second = 2", &clock).await;
    let publisher = gateway.client(PUBLISHER);
    let mut refused = None;
    for at in 0..50 {
        let answer = post(&publisher, &[STRUCTURED], &event(&at.to_string()).to_string()).await;
        if answer.status == 429 {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.expect("fifty requests at once are more than two a second");
    assert_eq!(refused.header("retry-after"), Some("1"));
    assert_eq!(refused.problem(429).0, "too-many-requests");
}

#[tokio::test]
async fn h20_a_client_has_a_rate_by_default_and_the_events_of_a_batch_count() {
    assert_eq!(gateway::config::parse("").expect("defaults").limits.requests_per_second, 1_000);
    let clock = Arc::new(ManualClock::new(Timestamp::from_seconds(1_800_000_000)));
    let gateway = Gateway::with_clock("[limits]\nrequests_per_second = 2", &clock).await;
    let publisher = gateway.client(PUBLISHER);
    let events: Vec<_> = (0..50).map(|at| event(&at.to_string())).collect();
    let batch = [("content-type", "application/cloudevents-batch+json")];
    let body = Value::from(events).to_string();
    publisher.send(Method::POST, "/v1/events", &batch, body).await.expect(202);
    let refused = post(&publisher, &[STRUCTURED], &event("more").to_string()).await;
    let wait: u64 = refused.header("retry-after").expect("how long").parse().expect("seconds");
    assert!(wait > 1, "{wait}");
    refused.problem(429);
}

#[tokio::test]
async fn the_gateway_consents_as_a_target_ce_whv_01_22_23() {
    let gateway = Gateway::with("[target]\nallowed_origins = [\"keten.example\"]\nrate_per_minute = 60").await;
    let nobody = gateway.nobody();
    for (origin, allowed) in [("keten.example", Some("keten.example")), ("vreemd.example", None)] {
        let headers = [("webhook-request-origin", origin), ("webhook-request-rate", "120")];
        let answer = nobody.send(Method::OPTIONS, "/v1/events", &headers, "").await.expect(200);
        assert_eq!(answer.header("allow"), Some("POST, OPTIONS"));
        assert_eq!(answer.header("webhook-allowed-origin"), allowed);
        assert_eq!(answer.header("webhook-allowed-rate"), allowed.map(|_| "60"));
    }
}

#[tokio::test]
async fn g4_the_answer_names_the_kanaal_and_a_finding_the_default_one() {
    let gateway = Gateway::start().await;
    let publisher = gateway.client(PUBLISHER);
    for naam in ["zaken", "zaken & co/ä"] {
        publisher.post("/v1/kanalen", json!({ "naam": naam })).await.expect(201);
    }
    let event = |kind: &str| json!({"specversion": "1.0", "id": "1", "source": "urn:x", "type": kind});
    let one = [("content-type", "application/cloudevents+json")];
    let batch = [("content-type", "application/cloudevents-batch+json")];
    let has_finding = |answer: &Answer| {
        answer.header("gateway-findings").is_some_and(|findings| findings.contains("default-kanaal type"))
    };
    for (path, kind, kanaal, by_default) in [
        ("/v1/events", "nl.overheid.zaken.x", "zaken", false),
        ("/v1/events", "nl.overheid.zaaken.x", "cloudevents", true),
        ("/v1/events?dryRun=true", "nl.overheid.zaaken.x", "cloudevents", true),
        ("/v1/events?kanaal=cloudevents", "nl.overheid.zaaken.x", "cloudevents", false),
        ("/v1/events?kanaal=zaken%20%26%20co%2F%C3%A4", "x", "zaken%20%26%20co%2F%C3%A4", false),
        ("/api/v1/cloudevents", "nl.overheid.zaken.x", "zaken", false),
    ] {
        let answer = publisher.send(Method::POST, path, &one, event(kind).to_string()).await;
        assert!(answer.status.is_success(), "{path}");
        assert_eq!(answer.header("gateway-kanaal"), Some(kanaal), "{path} {kind}");
        assert_eq!(has_finding(&answer), by_default, "{path} {kind}");
    }
    let events = json!([event("nl.overheid.zaken.x"), event("y"), event("nl.overheid.zaken.z")]);
    let answer = publisher.send(Method::POST, "/v1/events?findings=true", &batch, events.to_string()).await.expect(202);
    assert_eq!(answer.header("gateway-kanaal"), Some("zaken, cloudevents"));
    let rules = |at: usize| answer.json()["events"][at]["findings"].to_string();
    assert!(!rules(0).contains("default-kanaal") && rules(1).contains("default-kanaal"));
}

#[tokio::test]
async fn d9_a_long_attribute_is_refused_by_its_name() {
    const ONE: &str = "application/cloudevents+json";
    let gateway = Gateway::with("[limits]\nattribute_bytes = 2000\n").await;
    let publisher = gateway.client(PUBLISHER);
    let send = async |kind: &str, body: Value| {
        let headers = [("content-type", kind), ("accept-language", "nl")];
        publisher.send(Method::POST, "/v1/events", &headers, body.to_string()).await
    };
    let event = |length: usize| json!({"specversion": "1.0", "id": "1", "source": "urn:x", "type": "nl.x", "subject": "x".repeat(length)});
    send(ONE, event(1_993)).await.expect(202);
    let refused = send(ONE, event(1_994)).await;
    assert!(refused.json()["detail"].as_str().unwrap().contains("subject"));
    assert_eq!(refused.problem(400), ("invalid-event".into(), Some("subject".into())));
    let batch = json!([event(1), event(5_000)]);
    let refused = send("application/cloudevents-batch+json", batch).await.expect(400).json();
    assert_eq!(refused["verdicts"][1]["errors"][0]["member"], "subject");
    let long = "x".repeat(3_000);
    let headers = [
        ("ce-specversion", "1.0"),
        ("ce-id", "1"),
        ("ce-source", "urn:x"),
        ("ce-type", "nl.x"),
        ("ce-more", long.as_str()),
    ];
    let refused = publisher.send(Method::POST, "/v1/events", &headers, "").await;
    assert_eq!(refused.problem(400).1.as_deref(), Some("more"));
    let large =
        json!({"specversion": "1.0", "id": "1", "source": "urn:x", "type": "nl.x", "data": "x".repeat(100_000)});
    send(ONE, large).await.expect(202);
}

#[tokio::test]
async fn d6_publishers_keep_to_their_kanalen_and_sources() {
    let gateway = Gateway::with(&format!(
        "[[kanaal]]\nnaam = \"zaken\"\npublishers = [\"{PUBLISHER}\"]\n[[kanaal]]\nnaam = \"open\"\n\
         [[kanaal]]\nnaam = \"beheer\"\npublishers = [\"{BEHEER}\"]\n\
         [[applicatie]]\nclient_id = \"limited\"\nsecret = \"the long enough secret of limited\"\n\
         scopes = [\"notificaties.publiceren\"]\nsources = [\"urn:limited:*\", \"/limited\"]\n"
    ))
    .await;
    let send = async |client: &str, path: &str, kanaal: &str, source: &str| {
        let body =
            json!({"specversion": "1.0", "id": "1", "source": source, "type": format!("nl.overheid.{kanaal}.x")});
        let headers = [("content-type", "application/cloudevents+json")];
        gateway.client(client).send(Method::POST, path, &headers, body.to_string()).await.status.as_u16()
    };
    for (client, kanaal, source, allowed) in [
        (PUBLISHER, "zaken", "urn:any", true),
        (PUBLISHER, "open", "urn:any", true),
        (PUBLISHER, "beheer", "urn:any", false),
        (BEHEER, "zaken", "urn:any", false),
        ("limited", "open", "urn:limited:1", true),
        ("limited", "open", "/limited", true),
        ("limited", "open", "urn:other", false),
        ("limited", "zaken", "urn:limited:1", false),
    ] {
        let expected = if allowed { [202, 200, 201] } else { [403; 3] };
        for (path, status) in ["/v1/events", "/v1/events?dryRun=true", "/api/v1/cloudevents"].into_iter().zip(expected)
        {
            assert_eq!(send(client, path, kanaal, source).await, status, "{client} {path} {kanaal} {source}");
        }
    }
    let notificatie = async |client: &str, kanaal: &str, source: Option<&str>| {
        let mut body = json!({
            "kanaal": kanaal, "hoofdObject": "https://z.nl/1", "resource": "zaak", "resourceUrl": "https://z.nl/1",
            "actie": "create", "aanmaakdatum": "2025-01-01T00:00:00Z", "kenmerken": {},
        });
        if let Some(source) = source {
            body["source"] = source.into();
        }
        gateway.client(client).post("/api/v1/notificaties", body).await.status.as_u16()
    };
    for (client, kanaal, source, status) in [
        (PUBLISHER, "zaken", Some("urn:any"), 201),
        (BEHEER, "zaken", None, 403),
        ("limited", "open", None, 201),
        ("limited", "open", Some("urn:limited:1"), 201),
        ("limited", "open", Some("urn:other"), 403),
    ] {
        assert_eq!(notificatie(client, kanaal, source).await, status, "{client} {kanaal} {source:?}");
    }
}
