//! Profiles per gateway, path and kanaal; findings on request; dry runs.

use http::Method;
use serde_json::{Value, json};

use crate::{
    subscriptions::granted,
    support::{Answer, BEHEER, CONSUMER, Client, Gateway, OTHER, PUBLISHER, Sink, eventually},
};

const STRUCTURED: (&str, &str) = ("content-type", "application/cloudevents+json");
const BATCH: (&str, &str) = ("content-type", "application/cloudevents-batch+json");
const SOURCE: &str = "urn:nld:oin:00000001823288444000:systeem:zaken";

/// An event without findings of the profile, with these members merged into it.
fn event(members: Value) -> Value {
    let mut event = json!({"specversion": "1.0", "id": "1", "source": SOURCE, "type": "nl.overheid.zaken.iets"});
    for (name, value) in members.as_object().expect("members") {
        event[name] = value.clone();
    }
    event
}

async fn post(client: &Client, query: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
    client.send(Method::POST, &format!("/v1/events{query}"), headers, body.to_string()).await
}

#[tokio::test]
async fn a_kanaal_is_asked_before_the_path_and_the_gateway_gw_03() {
    let gateway = Gateway::with(
        "[ingest]\nstrictness = \"strict\"\n[ingest.cloudevents]\nstrictness = \"lenient\"\n\
         [[kanaal]]\nnaam = \"mild\"\nstrictness = \"lenient\"\n[[kanaal]]\nnaam = \"kaal\"\nprofile = \"cloudevents\"\n",
    )
    .await;
    let publisher = gateway.client(PUBLISHER);
    let bad = event(json!({"type": "nodots"}));
    for (path, status, profile) in [
        ("/v1/events", 400, None),
        ("/v1/events?kanaal=mild", 202, Some("nlgov; mode=lenient")),
        ("/v1/events?kanaal=kaal", 202, Some("cloudevents; mode=strict")),
        ("/api/v1/cloudevents", 201, None),
    ] {
        let answer = publisher.send(Method::POST, path, &[STRUCTURED], bad.to_string()).await.expect(status);
        if let Some(profile) = profile {
            assert_eq!(answer.header("gateway-profile"), Some(profile), "{path}");
        }
    }
}

#[tokio::test]
async fn a_kanaal_of_the_api_is_strict_by_rule_and_member_nlg_ctx_08_nlg_ctx_11_nlg_ctx_13_nlg_ctx_26() {
    let gateway = Gateway::start().await;
    let publisher = gateway.client(PUBLISHER);
    let strict = json!({"naam": "streng", "strictness": "strict"});
    let made = publisher.post("/v1/kanalen", strict).await.expect(201).json();
    let shown = (&made["strictness"], &made["profile"], &made["privacy"], &made["payloadSchemas"]);
    assert_eq!(shown, (&json!("strict"), &Value::Null, &Value::Null, &json!("off")));
    for (members, rule, member) in [
        (json!({"type": "Zaak aangemaakt"}), "type-not-reverse-domain", "type"),
        (json!({"type": "nl.x.v1.y.v2"}), "type-version", "type"),
        (json!({"source": "https://h.nl/z/1", "dataref": "https://h.nl/z/1"}), "source-is-location", "source"),
        (json!({"sequence": "12a", "sequencetype": "Integer"}), "sequence-integer", "sequence"),
    ] {
        let body = event(members);
        let refused = post(&publisher, "?kanaal=streng", &[STRUCTURED], &body).await.expect(400).json();
        let error = &refused["errors"][0];
        assert_eq!((&error["rule"], &error["member"]), (&json!(rule), &json!(member)), "{refused}");
        post(&publisher, "", &[STRUCTURED], &body).await.expect(202);
    }
    let example = event(json!({"subject": "999990342", "sequence": "1", "sequencetype": "integer"}));
    post(&publisher, "?kanaal=streng", &[STRUCTURED], &example).await.expect(202);
}

#[tokio::test]
async fn a_strict_kanaal_reads_headers_strictly_ce_http_28() {
    let gateway = Gateway::start().await;
    let publisher = gateway.client(PUBLISHER);
    publisher.post("/v1/kanalen", json!({"naam": "streng", "strictness": "strict"})).await.expect(201);
    let headers = [
        ("ce-specversion", "1.0"),
        ("ce-id", "1"),
        ("ce-source", SOURCE),
        ("ce-type", "nl.x.y"),
        ("ce-subject", "100%"),
        ("content-type", "application/json"),
    ];
    for (query, status) in [("", 202), ("?kanaal=streng", 400)] {
        let answer = publisher.send(Method::POST, &format!("/v1/events{query}"), &headers, "{}").await.expect(status);
        if status == 400 {
            assert_eq!(answer.problem(400).1.as_deref(), Some("subject"));
        }
    }
    let event = |kanaal: &str| {
        json!({"specversion": "1.0", "id": "1", "source": SOURCE, "type": "nl.x.y", "kanaal": kanaal,
            "datacontenttype": "text/plain", "data": {"a": 1}})
    };
    let batch = json!([event("geen"), event("streng")]);
    let refused = post(&publisher, "", &[BATCH], &batch).await.expect(400).json();
    assert_eq!((&refused["verdicts"][0]["valid"], &refused["verdicts"][1]["valid"]), (&json!(true), &json!(false)));
    post(&publisher, "", &[BATCH], &json!([event("geen")])).await.expect(202);
}

#[tokio::test]
async fn strict_privacy_refuses_a_possible_bsn_without_showing_it_nlg_sec_01() {
    let gateway = Gateway::start().await;
    let publisher = gateway.client(PUBLISHER);
    publisher.post("/v1/kanalen", json!({"naam": "privaat", "privacy": "strict"})).await.expect(201);
    for (members, refused) in [
        (json!({"subject": "999990342"}), Some("subject")),
        (json!({"persoon": "999990342"}), Some("persoon")),
        (json!({"bronorganisatie": "999990342"}), None),
        (json!({"data": {"bsn": "999990342"}}), None),
    ] {
        let answer = post(&publisher, "?kanaal=privaat", &[STRUCTURED], &event(members.clone())).await;
        assert_eq!(answer.status == 400, refused.is_some(), "{members}");
        if let Some(member) = refused {
            let text = String::from_utf8_lossy(&answer.body).into_owned();
            assert!(!text.contains("999990342"), "{text}");
            assert_eq!(answer.problem(400).1.as_deref(), Some(member));
        }
    }
    let metrics = gateway.nobody().get("/metrics").await.expect(200);
    assert!(!String::from_utf8_lossy(&metrics.body).contains("999990342"));
}

#[tokio::test]
async fn strict_privacy_refuses_a_possible_address_without_showing_it_ch_138() {
    let gateway = Gateway::start().await;
    let publisher = gateway.client(PUBLISHER);
    publisher.post("/v1/kanalen", json!({"naam": "privaat", "privacy": "strict"})).await.expect(201);
    for (members, member) in [
        (json!({"subject": "an@burger.example"}), Some("subject")),
        (json!({"source": "mailto:an@burger.example"}), Some("source")),
        (json!({"persoon": "an%40burger.example"}), Some("persoon")),
        (json!({"data": {"email": "an@burger.example"}}), None),
    ] {
        let answer = post(&publisher, "?kanaal=privaat", &[STRUCTURED], &event(members.clone())).await;
        assert_eq!(answer.status == 400, member.is_some(), "{members}");
        if let Some(member) = member {
            assert!(!String::from_utf8_lossy(&answer.body).contains("burger.example"), "{members}");
            assert_eq!(answer.problem(400).1.as_deref(), Some(member));
            let lenient = post(&publisher, "?findings=true", &[STRUCTURED], &event(members.clone())).await.expect(202);
            let findings = lenient.json()["events"][0]["findings"].clone();
            let of_rule = |finding: &&Value| finding["rule"] == "possible-email";
            let found: Vec<_> = findings.as_array().unwrap().iter().filter(of_rule).collect();
            assert_eq!(found.len(), 1, "{members}");
            assert_eq!(found[0]["member"], member);
            assert!(!findings.to_string().contains("burger.example"), "{members}");
        }
    }
    let metrics = gateway.nobody().get("/metrics").await.expect(200);
    assert!(!String::from_utf8_lossy(&metrics.body).contains("burger.example"));
}

#[tokio::test]
async fn problems_are_in_dutch_for_who_asks_nlg_ctx_10() {
    let gateway = Gateway::with("default_kanaal = \"\"").await;
    let publisher = gateway.client(PUBLISHER);
    for (body, dutch, english) in [
        (event(json!({"specversion": "0.3"})), "specversion: moet", "must be \"1.0\""),
        (event(json!({})), "geen kanaal", "no kanaal"),
        (json!([event(json!({}))]), "1 van 1 events", "1 of 1 events"),
    ] {
        let kind = if body.is_array() { BATCH } else { STRUCTURED };
        let answer = post(&publisher, "", &[kind, ("accept-language", "nl-NL")], &body).await.expect(400);
        assert_eq!(answer.header("content-language"), Some("nl"));
        assert!(answer.json()["detail"].as_str().unwrap().contains(dutch), "{}", answer.json());
        let answer = post(&publisher, "", &[kind], &body).await.expect(400);
        assert!(answer.json()["detail"].as_str().unwrap().contains(english), "{}", answer.json());
    }
}

#[tokio::test]
async fn findings_are_given_to_who_asks() {
    let gateway = Gateway::start().await;
    let (publisher, beheer) = (gateway.client(PUBLISHER), gateway.client(BEHEER));
    let body = event(json!({"source": "https://x.nl/y", "subject": "999990342"}));
    let plain = post(&publisher, "", &[STRUCTURED], &body).await.expect(202);
    assert!(plain.body.is_empty() && plain.header("preference-applied").is_none());
    for (query, headers, applied) in [
        ("?findings=true", &[STRUCTURED][..], None),
        ("", &[STRUCTURED, ("prefer", "return=representation")], Some("return=representation")),
    ] {
        let answer = post(&publisher, query, headers, &body).await.expect(202);
        assert_eq!(answer.header("preference-applied"), applied);
        let report = answer.json();
        assert_eq!(report["dryRun"], false);
        let first = &report["events"][0];
        assert_eq!((&first["id"], &first["kanaal"]), (&json!("1"), &json!("cloudevents")));
        assert_eq!((&first["profile"], &first["strictness"]), (&json!("nlgov"), &json!("lenient")));
        let findings = first["findings"].as_array().unwrap();
        let named: Vec<_> =
            findings.iter().map(|finding| (finding["rule"].as_str(), finding["member"].as_str())).collect();
        let expected = [("source-not-urn-nld", "source"), ("possible-bsn", "subject"), ("default-kanaal", "type")];
        assert_eq!(named, expected.map(|(rule, member)| (Some(rule), Some(member))));
        assert!(findings.iter().all(|finding| finding["text"]["en"] != finding["text"]["nl"]));
        assert!(!findings.iter().any(|finding| finding.to_string().contains("999990342")));
    }
    let path = format!("/v1/events/1?source={}", "https%3A%2F%2Fx.nl%2Fy");
    let read = eventually("the event is indexed", || async {
        let answer = beheer.get(&path).await;
        (answer.status == 200).then_some(answer)
    })
    .await;
    assert_eq!(read.header("gateway-findings"), Some("source-not-urn-nld source, possible-bsn subject"));
    assert_eq!(read.json()["subject"], "999990342", "the event itself is what was published");
    let judged = beheer.get(&format!("{path}&findings=true")).await.expect(200).json();
    assert_eq!((&judged["event"]["id"], &judged["findings"][1]["rule"]), (&json!("1"), &json!("possible-bsn")));
    let metrics = gateway.nobody().get("/metrics").await.expect(200);
    let line = "gateway_findings_total{rule=\"possible-bsn\",kanaal=\"cloudevents\"}";
    assert!(String::from_utf8_lossy(&metrics.body).contains(line));
    assert_eq!(
        post(&publisher, "?findings=ja", &[STRUCTURED], &body).await.problem(400).1.as_deref(),
        Some("findings")
    );
}

#[tokio::test]
async fn a_notification_is_judged_and_never_refused() {
    let gateway = Gateway::with("[ingest]\nstrictness = \"strict\"\nprivacy = \"strict\"").await;
    let (publisher, beheer) = (gateway.client(PUBLISHER), gateway.client(BEHEER));
    publisher
        .post("/v1/kanalen", json!({"naam": "zaken", "strictness": "strict", "privacy": "strict"}))
        .await
        .expect(201);
    let notificatie = json!({
        "kanaal": "zaken", "hoofdObject": "https://z.nl/personen/999990342", "resource": "vreemd woord",
        "resourceUrl": "https://z.nl/personen/999990342", "actie": "create", "aanmaakdatum": "2025-01-01T12:00:00Z",
    });
    publisher.post("/api/v1/notificaties", notificatie).await.expect(201);
    let rows = eventually("the event is indexed", || async {
        let rows = beheer.get("/v1/events?kanaal=zaken").await.json()["results"].as_array().cloned()?;
        (!rows.is_empty()).then_some(rows)
    })
    .await;
    let id = rows[0]["id"].as_str().unwrap();
    let findings = beheer.get(&format!("/v1/events/{id}")).await.expect(200);
    assert!(findings.header("gateway-findings").unwrap().contains("possible-bsn subject"));
}

#[tokio::test]
async fn a_dry_run_says_who_would_receive_an_event_and_stores_nothing() {
    let (gateway, sink) = (Gateway::start().await, Sink::start().await);
    let (publisher, mine, other) = (gateway.client(PUBLISHER), gateway.client(CONSUMER), gateway.client(OTHER));
    let beheer = gateway.client(BEHEER);
    for naam in ["proefdraaien", "besluiten"] {
        publisher.post("/v1/kanalen", json!({ "naam": naam })).await.expect(201);
    }
    let wants = granted(&mine, json!({"sink": sink.url("/a"), "config": {"kanalen": ["proefdraaien"]}})).await;
    let paused = granted(&mine, json!({"sink": sink.url("/b")})).await;
    mine.post(&format!("/v1/subscriptions/{paused}/pause"), json!({})).await.expect(200);
    let filter = granted(&mine, json!({"sink": sink.url("/c"), "filters": [{"exact": {"subject": "x"}}]})).await;
    let elsewhere = granted(&other, json!({"sink": sink.url("/d"), "config": {"kanalen": ["besluiten"]}})).await;

    let dry = |body: Value| {
        let (beheer, kind) = (&beheer, if body.is_array() { BATCH } else { STRUCTURED });
        async move { post(beheer, "?kanaal=proefdraaien&dry-run=true", &[kind], &body).await }
    };
    let report = dry(event(json!({"source": "https://x.nl/y"}))).await.expect(200).json();
    assert_eq!(report["dryRun"], true);
    let found = &report["events"][0];
    assert_eq!(
        (&found["kanaal"], &found["findings"][0]["rule"]),
        (&json!("proefdraaien"), &json!("source-not-urn-nld"))
    );
    let mut seen: Vec<(String, bool, Value)> = found["subscriptions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["id"].as_str().unwrap().to_owned(), row["receives"].as_bool().unwrap(), row["reason"].clone()))
        .collect();
    let mut expected = vec![
        (wants, true, Value::Null),
        (paused, true, json!("paused")),
        (filter.clone(), false, json!("filter")),
        (elsewhere, false, json!("kanaal")),
    ];
    assert!(seen[..2].iter().all(|(_, receives, _)| *receives), "those who would receive it come first");
    expected.sort_by(|one, other| one.0.cmp(&other.0));
    seen.sort_by(|one, other| one.0.cmp(&other.0));
    assert_eq!(seen, expected);

    let batch = dry(json!([event(json!({"subject": "x"})), event(json!({"id": "2"}))])).await.expect(200).json();
    let receives = |at: usize| {
        let rows = batch["events"][at]["subscriptions"].as_array().unwrap().clone();
        rows.iter().any(|row| row["id"] == json!(filter) && row["receives"] == true)
    };
    assert_eq!((receives(0), receives(1)), (true, false));

    dry(json!({"specversion": "1.0"})).await.problem(400);
    let answer = post(&publisher, "?kanaal=nope&dryRun=true", &[STRUCTURED], &event(json!({}))).await;
    assert_eq!(answer.problem(400).0, "unknown-kanaal");
    let hidden = post(&publisher, "?kanaal=proefdraaien&dry-run=true&dryRun=false", &[STRUCTURED], &event(json!({})))
        .await
        .expect(200);
    assert_eq!(hidden.json()["events"][0]["subscriptions"], json!([]), "a publisher sees nobody else's");

    post(&publisher, "?kanaal=proefdraaien", &[STRUCTURED], &event(json!({"id": "real"}))).await.expect(202);
    let seen = sink.wait(Method::POST, 1).await;
    assert_eq!(seen[0].json()["id"], "real", "nothing of the dry runs was stored");
    let metrics = String::from_utf8_lossy(&gateway.nobody().get("/metrics").await.body).into_owned();
    assert!(!metrics.contains("source-not-urn-nld\",kanaal=\"proefdraaien\""), "nor counted");
}

#[tokio::test]
async fn a_kanaal_carries_only_the_classes_of_data_it_is_cleared_for_ce_ext_19_21() {
    let gateway = Gateway::with("[[kanaal]]\nnaam = \"open\"\nclearance = { classifications = [\"public\"] }\n").await;
    let (publisher, beheer) = (gateway.client(PUBLISHER), gateway.client(BEHEER));
    let clearance = json!({"classifications": ["public", "internal"], "regulations": ["GDPR"]});
    let made =
        publisher.post("/v1/kanalen", json!({"naam": "intern", "clearance": clearance})).await.expect(201).json();
    assert_eq!(made["clearance"], clearance);
    publisher.put("/v1/kanalen/intern", json!({"source": SOURCE})).await.expect(200);
    assert_eq!(beheer.get("/v1/kanalen/intern").await.json()["clearance"], clearance, "what a PUT does not say stays");
    for (kanaal, members, refused) in [
        ("intern", json!({}), None),
        ("intern", json!({"dataclassification": "internal", "dataregulation": " GDPR "}), None),
        ("intern", json!({"dataclassification": "restricted"}), Some("dataclassification")),
        ("intern", json!({"dataclassification": "public", "dataregulation": "GDPR, HIPAA"}), Some("dataregulation")),
        ("open", json!({"dataclassification": "internal"}), Some("dataclassification")),
        ("open", json!({"dataclassification": "public"}), None),
    ] {
        let good = event(json!({"id": "good", "dataclassification": "public"}));
        for (query, kind, body) in [
            ("", STRUCTURED, event(members.clone())),
            ("&dryRun=true", STRUCTURED, event(members.clone())),
            ("", BATCH, json!([good, event(members.clone())])),
        ] {
            let answer = post(&publisher, &format!("?kanaal={kanaal}{query}"), &[kind], &body).await;
            match refused {
                None => assert!(matches!(answer.status.as_u16(), 200 | 202), "{kanaal} {members} {query}"),
                // In a batch, the other event is not at fault.
                Some(member) => assert_eq!(answer.problem(403), ("not-cleared".into(), Some(member.into()))),
            }
        }
    }
    publisher.put("/v1/kanalen/intern", json!({"clearance": null})).await.expect(200);
    let restricted = event(json!({"dataclassification": "restricted"}));
    post(&publisher, "?kanaal=intern", &[STRUCTURED], &restricted).await.expect(202);
}
