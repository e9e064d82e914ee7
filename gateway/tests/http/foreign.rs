//! Records that other programs write to the topic of a kanaal on Apache Kafka: delivered like posted events, or set aside when
//! they cannot be read. The other program is kcat.

use std::{
    ffi::OsStr,
    io::Write,
    os::unix::ffi::OsStrExt,
    process::{Command, Stdio},
};

use http::Method;
use model::{Random, clock::SystemRandom};
use serde_json::{Value, json};
use storage::kafka::broker::Broker;

use crate::{
    subscriptions::granted,
    support::{BEHEER, CONSUMER, Gateway, PUBLISHER, ReceivedRequest, Sink, eventually},
};

/// What kcat makes a record of: headers and a value, which is null when it is empty.
type Foreign = (&'static [&'static [u8]], &'static str);

const WHOLE: &[&[u8]] = &[b"ce_specversion=1.0", b"ce_id=binair", b"ce_source=/s", b"ce_type=t"];
const FORMAT: &[&[u8]] = &[b"content-type=application/cloudevents+json"];

fn write(topic: &str, (headers, value): Foreign) {
    let broker = Broker::shared().expect("a broker");
    let mut kcat = Command::new("kcat");
    kcat.args(["-P", "-Z", "-K=", "-p", "0", "-b", broker.address(), "-t", topic]);
    for header in headers {
        kcat.arg("-H").arg(OsStr::from_bytes(header));
    }
    let mut kcat = kcat.stdin(Stdio::piped()).spawn().expect("kcat is there: see .ci/need.sh");
    let mut stdin = kcat.stdin.take().expect("its input");
    stdin.write_all(format!("key={value}\n").as_bytes()).expect("told");
    drop(stdin);
    assert!(kcat.wait().expect("it ends").success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_others_write_arrives_and_what_nobody_can_read_is_kept_aside_ce_kafka_14_ce_kafka_16() {
    let broker = tokio::task::spawn_blocking(Broker::shared).await.expect("a task").expect("a broker");
    let (prefix, keys) = (format!("t{}", SystemRandom.uuid().simple()), tempfile::tempdir().expect("a directory"));
    let key = keys.path().join("key");
    std::fs::write(&key, "5e".repeat(32)).expect("written");
    let kafka = format!(
        "[secrets]\nkey_file = {:?}\n[kafka]\nbrokers = {:?}\nprefix = {prefix:?}\npartitions = 1\nreplication = 1\n\
         min_insync_replicas = 1\nshards = 2\ntimeout_seconds = 60\n\
         session_timeout_ms = 45000\n",
        key.display().to_string(),
        broker.address()
    );
    let (gateway, sink) = (Gateway::with(&kafka).await, Sink::start().await);
    let (publisher, mine, beheer) = (gateway.client(PUBLISHER), gateway.client(CONSUMER), gateway.client(BEHEER));
    publisher.post("/v1/kanalen", json!({"naam": "zaken"})).await.expect(201);
    granted(&mine, json!({"sink": sink.url("/x"), "config": {"kanalen": ["zaken"]}})).await;
    publisher.publish("zaken", "eerst", json!({})).await.expect(202);
    sink.wait(Method::POST, 1).await;

    let topic = format!("{prefix}.kanaal.zaken");
    let foreign: [Foreign; 8] = [
        (WHOLE, ""),
        (&[], ""),
        (&[], "not an event"),
        (&[b"ce_specversion=1.0", b"ce_id=1", b"ce_source=/s"], "x"),
        (FORMAT, "{"),
        (&[b"content-type=application/cloudevents-batch+json"], "[]"),
        (&[b"ce_specversion=1.0", b"ce_id=1", b"ce_source=/s", b"ce_type=t", b"\xff\xfe=x"], "x"),
        (FORMAT, r#"{"specversion":"1.0","type":"t","source":"/s","id":"structureel","n":5,"data":{"a":1.10}}"#),
    ];
    let write_all = move || foreign.into_iter().for_each(|record| write(&topic, record));
    tokio::task::spawn_blocking(write_all).await.expect("written");
    publisher.publish("zaken", "laatst", json!({})).await.expect(202);

    let mut seen: Vec<Value> = sink.wait(Method::POST, 4).await.iter().map(ReceivedRequest::json).collect();
    seen.sort_by_key(|event| event["id"].to_string());
    let ids: Vec<&Value> = seen.iter().map(|event| &event["id"]).collect();
    assert_eq!(ids, ["binair", "eerst", "laatst", "structureel"]);
    assert_eq!((&seen[3]["n"], &seen[3]["data"]), (&json!(5), &json!({"a": 1.10})));

    let letters = eventually("six records kept aside", || async {
        let list = beheer.get("/v1/dead-letters?unreadable=true").await.expect(200).json();
        (list["count"] == 6).then(|| list["results"].as_array().cloned().unwrap_or_default())
    })
    .await;
    let mut found: Vec<(u64, &str)> = letters
        .iter()
        .map(|letter| (letter["event"]["position"].as_u64().expect("a place"), letter["reason"].as_str().expect("why")))
        .collect();
    found.sort_unstable();
    let reasons = [
        "no CloudEvent",
        "no CloudEvent",
        "type: is required",
        "no valid CloudEvent",
        "not supported",
        "no CloudEvent",
    ];
    for ((position, reason), (at, why)) in found.iter().zip((2..).zip(reasons)) {
        assert_eq!(*position, at, "{letters:#?}");
        assert!(reason.contains(why), "{why} is not in: {reason}");
    }
    let metrics = gateway.nobody().get("/metrics").await.expect(200);
    let metrics = String::from_utf8_lossy(&metrics.body).into_owned();
    let counted = metrics.lines().find(|line| line.starts_with("gateway_unreadable_records_total"));
    let counted = counted.and_then(|line| line.rsplit(' ').next()?.parse::<u64>().ok());
    assert!(counted >= Some(6), "{counted:?}");
    gateway.stop().await;
}
